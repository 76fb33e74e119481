/** Values and messages as a person reads them, and the few rules of counting and wrapping text. */
import type { Message, Note } from '../explore/system.ts'
import { doingWord } from './kernel-words.ts'

export const count = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',')
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`
export const seconds = (s: number): string =>
  s < 0.095 ? `${Math.round(s * 1000)} ms` : `${s.toFixed(s < 10 ? 1 : 0)} s`

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const isPointer = (x: unknown): x is { readonly id: string; readonly gen: number } =>
  isRecord(x) && typeof x['id'] === 'string' && typeof x['gen'] === 'number'

/** `dma0#1` for anything that carries an id and a generation. */
export const pointerName = (x: unknown): string | undefined => (isPointer(x) ? `${x.id}#${x.gen}` : undefined)

/** `dev0 pasid 1`: a bond, an entry of a table, a request, something to do; those of one group have its number. */
const pasidName = ({ device, pasid, kind, prgi, last }: Readonly<Record<string, unknown>>): string | undefined => {
  if (typeof pasid !== 'number' || ![device, kind, prgi].some((x) => typeof x === 'string' || typeof x === 'number'))
    return undefined
  const group = typeof prgi === 'number' ? [`group ${prgi}${last === true ? ' last' : ''}`] : []
  return [kind, device, `pasid ${pasid}`, ...group].filter((word) => typeof word === 'string').join(' ')
}

/** What an element of a list is called: a pointer by its name, a mapping or a pin by its iova. */
export const elementName = (x: unknown): string | undefined => {
  if (!isRecord(x)) return value(x)
  if (pointerName(x) !== undefined) return pointerName(x)
  if (pasidName(x) !== undefined) return pasidName(x)
  for (const field of ['ptr', 'id', 'iova', 'nb', 'name', 'task', 'fd', 'vma', 'vaddr', 'item', 'work', 'group']) {
    if (x[field] !== undefined) return value(x[field])
  }
  // Where pages begin is counted in pages.
  return typeof x['at'] === 'number' ? `page 0x${x['at'].toString(16)}` : undefined
}

/** Beyond this, text is contents rather than a name. */
const longestName = 64
/** So many of the same are said once, with how many. */
const manyAlike = 8
const longestList = 16
const longestContents = 40

/** Neighbours that are the same, with how often. */
const runsOf = (list: readonly string[]): readonly (readonly [one: string, times: number])[] => {
  const runs: [string, number][] = []
  for (const one of list) {
    const last = runs.at(-1)
    if (last?.[0] === one) last[1]++
    else runs.push([one, 1])
  }
  return runs.flatMap(([one, times]): [string, number][] =>
    times >= manyAlike ? [[one, times]] : Array.from({ length: times }, () => [one, 1]),
  )
}

const byNumber = (sign: string): string => {
  const code = sign.codePointAt(0)!
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`
}

const escaped = (sign: string): string => {
  if (sign === '"' || sign === '\\') return `\\${sign}`
  return /[\x20-\x7e]/.test(sign) ? sign : byNumber(sign)
}

/** What begins an escape sequence, ends a line, turns round what follows, or cannot be seen. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

export const isVisible = (text: string): boolean => text.search(unseen) < 0

/**
 * Text from elsewhere (a name, a path, a message) as text, whatever is in it: what would do something to a terminal, or to the lines that it
 * stands in, is written as C writes it: `\x1b`, `\x0a`, `\u{202e}`. All that people read goes through here, by `legible` or by itself.
 */
export const visible = (text: string): string => text.replace(unseen, byNumber)

/** What memory holds, as C would write it: `"\x01"×4096`. What is too long is cut, and says how long it was. */
const contents = (text: string): string => {
  const words: string[] = []
  let room = longestContents
  for (const [sign, times] of runsOf([...text].map(escaped))) {
    if (room < sign.length) return `${words.join(' ')}… (${count(text.length)} long)`
    room -= sign.length
    const open = words.at(-1)?.endsWith('"') ? words.at(-1)! : undefined
    if (times > 1) words.push(`"${sign}"×${times}`)
    else if (open === undefined) words.push(`"${sign}"`)
    else words.splice(-1, 1, `${open.slice(0, -1)}${sign}"`)
  }
  return words.join(' ')
}

const isName = (text: string): boolean => text.length <= longestName && isVisible(text)

const listOf = (list: readonly unknown[]): string => {
  const runs = runsOf(list.map(value))
  const words = runs.slice(0, longestList).map(([one, times]) => (times === 1 ? one : `${one}×${times}`))
  return `[${words.join(' ')}${runs.length > longestList ? ` … ${count(list.length)} in all` : ''}]`
}

/** What the kernel passes around in structures is said by what it is: pages of memory, a charge for them, a file, a piece of work. */
const shapeName = (x: Readonly<Record<string, unknown>>): string | undefined => {
  const { pages, in: memory, n, mm, vaddr, file, kind, of, call, args, iova, size } = x
  // What has an address of its own is told by it: the rest can be looked up where it is kept.
  if (isPointer(x['ptr'])) {
    const where = typeof iova === 'bigint' && typeof size === 'bigint' ? ` ${range(iova, size)}` : ''
    return `${pointerName(x['ptr'])}${where}`
  }
  if (typeof iova === 'bigint' && typeof size === 'bigint') return fields({ type: '', from: '', ...x })
  if (typeof memory === 'string' && typeof n === 'number') {
    return typeof pages === 'number' && pages > 1 ? `${memory} pages ${n}–${n + pages - 1}` : `${memory} page ${n}`
  }
  if (typeof pages === 'number' && typeof vaddr === 'bigint') return `${counted(pages, 'page')} at ${value(vaddr)}`
  if (typeof pages === 'number' && typeof mm === 'string') return `${counted(pages, 'page')} of ${mm}`
  if (typeof file === 'string' && typeof kind === 'string') return `${file} (${value(of)})`
  if (typeof call === 'string' && isRecord(args)) return `${call} ${fieldsTo(call, { type: '', from: '', ...args })}`
  return undefined
}

export const value = (x: unknown): string => {
  if (x === null) return 'NULL'
  if (x === undefined) return 'nothing'
  if (typeof x === 'bigint') return `0x${x.toString(16)}`
  if (typeof x === 'string') return isName(x) ? x : contents(x)
  if (Array.isArray(x)) return listOf(x)
  if (x instanceof Uint8Array) return listOf([...x])
  if (x === Number.MAX_SAFE_INTEGER) return 'unlimited'
  if (typeof x === 'number' || typeof x === 'boolean') return `${x}`
  if (!isRecord(x)) return typeof x
  const name = pointerName(x) ?? pasidName(x) ?? shapeName(x)
  if (name !== undefined) return name
  return `{${Object.entries(x)
    .map(([k, v]) => `${k} ${value(v)}`)
    .join(', ')}}`
}

// Who it is for and where it is asked from is in the lanes already; the mm matters in few stories and is in the saved file.
const unsaid = new Set(['type', 'from', 'task', 'mm', 'site', 'caller', 'says', 'quiet', 'in'])

/** What is said where a flag is not set: of a switch, that it is off; where it is about a manner of doing something, that something else is done, or nothing. */
const otherwise: Readonly<Record<string, string>> = { on: 'off', write: 'read', try: '', tries: '', wait: '' }

const everywhere = 1n << 64n

const range = (iova: bigint, size: bigint): string =>
  iova === 0n && size >= everywhere ? 'everything' : `${value(iova)}+${value(size)}`

/** The fields of a message in a few words: `0x0+0x2000 dma0#1 pinned`. */
export const fields = (message: Message): string => {
  const words: string[] = []
  const { iova, size } = message
  if (typeof iova === 'bigint') words.push(typeof size === 'bigint' ? range(iova, size) : value(iova))
  for (const [name, x] of Object.entries(message)) {
    if (unsaid.has(name) || (name === 'iova' && typeof x === 'bigint')) continue
    if (name === 'size' && typeof iova === 'bigint') continue
    // Mostly a device listens for itself.
    if (name === 'nb' && x === message['device']) continue
    if (name === 'size' && x === null) words.push('no size')
    else if (x === true) words.push(name)
    else if (x === false) words.push(otherwise[name] ?? `not ${name}`)
    else if (x === null || name === 'ret' || typeof x === 'object' || typeof x === 'string') words.push(value(x))
    else words.push(`${name} ${value(x)}`)
  }
  return words.filter((word) => word !== '').join(' ')
}

/** The same, where the receiver has words of its own for what it is to do. */
export const fieldsTo = (to: string, message: Message): string => {
  const does = message['do']
  return fields(typeof does === 'string' ? { ...message, do: doingWord(to, does) ?? does } : message)
}

/** An event in an object's life. What the kernel prints begins with a level. */
export const noteWords = ({ object, what }: Note): string =>
  object === 'kmsg' ? `printed "${what.replace(/^<\d>/, '')}"` : `${object} ${what}`

/** An answer in a few words; empty when it says nothing but "done". */
export const answer = (message: Message): string => {
  // A lookup says which object it found; the rest of the answer is that object's fields.
  for (const [name, x] of Object.entries(message)) {
    if (unsaid.has(name)) continue
    if (pointerName(x) !== undefined)
      return value(x) + (typeof message['pinned'] === 'boolean' && message['pinned'] ? ' pinned' : '')
  }
  if (message['dma'] === null) return 'NULL'
  const words = fields(message)
  return words === '0' ? '' : words
}

export const wrap = (text: string, width: number, indent = ''): string[] => {
  const lines: string[] = []
  let line = ''
  // The first line has the whole width.
  const room = (): number => Math.max(1, width - (lines.length === 0 ? 0 : indent.length))
  for (let word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room()) {
      lines.push(line)
      line = ''
    }
    // A word longer than the line (an address, a path) is cut where it must be.
    if (line === '') {
      for (let cut = room(); word.length > cut; cut = room()) {
        lines.push(word.slice(0, cut))
        word = word.slice(cut)
      }
    }
    line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '' || lines.length === 0) lines.push(line)
  return lines.map((l, i) => (i === 0 ? l : indent + l).trimEnd())
}

export const clip = (text: string, width: number, more = '…'): string =>
  text.length <= width ? text : text.slice(0, Math.max(0, width - more.length)) + more

/** `1, 2 and 3` */
export const listed = (names: readonly string[], word: 'and' | 'or' = 'and'): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`

/** Groups of lines with an empty line between them. */
export const block = (...groups: readonly (readonly string[])[]): string[] =>
  groups.filter((group) => group.length > 0).flatMap((group, i) => (i === 0 ? group : ['', ...group]))
