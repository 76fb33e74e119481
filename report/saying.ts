/** How values are said: as the kernel says them, or as those who write JavaScript do. */
import type { Message } from '../explore/system.ts'
import { clip, count, elementName, isVisible, pointerName, value, visible } from './words.ts'

export interface Saying {
  readonly value: (x: unknown) => string
  /** What an element of a list is called. */
  readonly nameOf: (x: unknown) => string | undefined
  /** A record that is one value, like a pointer. */
  readonly isOne: (x: unknown) => boolean
  /** A place in a list that holds nothing. */
  readonly isHole: (x: unknown) => boolean
}

export const inKernel: Saying = {
  value,
  nameOf: elementName,
  isOne: (x) => pointerName(x) !== undefined && Object.keys(x as object).length === 2,
  isHole: (x) => x === null,
}

const longestText = 64
const longestList = 16

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const textOf = (text: string): string => {
  if (text === '') return '""'
  if (text.length <= longestText && isVisible(text)) return text
  const said = clip(JSON.stringify(visible(text)), longestText)
  return text.length > longestText ? `${said} (${count(text.length)} long)` : said
}

const inWords = (x: unknown): string => {
  if (typeof x === 'string') return textOf(x)
  if (typeof x === 'bigint') return `${x}n`
  if (typeof x === 'number') return Object.is(x, -0) ? '-0' : String(x)
  if (Array.isArray(x)) {
    const more = x.length > longestList ? [`… ${count(x.length)} in all`] : []
    return `[${[...x.slice(0, longestList).map(inWords), ...more].join(', ')}]`
  }
  if (!isRecord(x)) return String(x)
  return `{${Object.entries(x)
    .map(([name, field]) => `${name} ${inWords(field)}`)
    .join(', ')}}`
}

export const inScript: Saying = {
  value: inWords,
  nameOf(x) {
    if (!isRecord(x)) return inWords(x)
    const name = x['id'] ?? x['name']
    return typeof name === 'string' || typeof name === 'number' ? String(name) : undefined
  },
  isOne: () => false,
  isHole: () => false,
}

/** What XState's own events bring: there is nothing else in them. */
const brought = new Set(['output', 'error', 'input', 'data'])

/** All that is in an event beside its type; a text has its name before it, what XState's own events bring has none. */
export const eventFields = (message: Message): string => {
  const said = Object.entries(message).filter(([name]) => name !== 'type' && name !== 'from')
  const [first] = said
  if (said.length === 1 && brought.has(first![0])) return inWords(first![1])
  return said.map(([name, x]) => (x === true ? name : `${name} ${inWords(x)}`)).join(' ')
}
