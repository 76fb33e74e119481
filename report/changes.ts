/** What one step changed, down to the leaf. */
import type { Shown } from '../explore/system.ts'
import { elementName, value } from './words.ts'

export interface Change {
  /** `dmas dma0#1 pins` */
  readonly path: string
  /** As printed: `+= 0x0`, `free → held`; nothing for what has come to be so. */
  readonly text: string
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

/** A pointer is one value: where it leads. */
const isPointer = (x: unknown): boolean =>
  isRecord(x) && typeof x['id'] === 'string' && typeof x['gen'] === 'number' && Object.keys(x).length === 2

const join = (path: string, name: string): string => (path === '' ? name : `${path} ${name}`)

/** An element, and what it is called. */
interface Named {
  readonly name: string
  readonly x: unknown
}

/**
 * Lists are read as sets of named things: an element keeps its name when its neighbours come and go. Holes are nothing. Of things with one
 * name the first stays the first; numbers and words of which some are the same are told by their places.
 */
const named = (holes: readonly unknown[]): ReadonlyMap<string, Named> => {
  const list = holes.filter((x) => x !== null)
  const names = list.map((x, i) => elementName(x) ?? `${i}`)
  const isUnique = new Set(names).size === names.length
  const seen = new Map<string, number>()
  return new Map(
    list.map((x, i) => {
      const name = isUnique || isRecord(x) ? names[i]! : `${i}`
      const nth = seen.get(name) ?? 0
      seen.set(name, nth + 1)
      return [`${name}\n${nth}`, { name, x }]
    }),
  )
}

/** What is too long to be said in full may differ where it is not said. */
const isSame = (before: unknown, after: unknown): boolean =>
  typeof before === 'string' && typeof after === 'string' ? before === after : value(before) === value(after)

const isNumbers = (list: readonly unknown[]): boolean =>
  list.length > longestNumbers && list.every((x) => typeof x === 'number' || x === null)

/** Longer ones are contents, in which no single number means much. */
const longestNumbers = 16

/** What has no name is told by what it holds, where that is short: its place says nothing to anybody. */
const elementWords = (name: string, x: unknown): string => {
  if (elementName(x) !== undefined) return name
  const held = value(x)
  return held.length <= longestHeld ? held : name
}

const longestHeld = 40

function* differences(path: string, before: unknown, after: unknown): Generator<Change> {
  if (Array.isArray(before) && Array.isArray(after) && (isNumbers(before) || isNumbers(after))) {
    if (!isSame(JSON.stringify(before), JSON.stringify(after))) yield { path, text: contentsChanged(before, after) }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [named(before), named(after)]
    for (const [key, { name, x }] of old) {
      const other = now.get(key)
      if (other) yield* differences(join(path, name), x, other.x)
      else yield { path, text: `−= ${elementWords(name, x)}` }
    }
    for (const [key, { name, x }] of now) if (!old.has(key)) yield { path, text: `+= ${elementWords(name, x)}` }
  } else if (isRecord(before) && isRecord(after) && !(isPointer(before) && isPointer(after))) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [old, now] = [before[name], after[name]]
      if (now === undefined && old !== undefined && path !== '') yield { path, text: `−= ${name}` }
      else if (old === undefined && (isRecord(now) || Array.isArray(now))) yield { path, text: `+= ${name}`.trim() }
      else if (old === undefined && now === true) yield { path: join(path, name), text: '' }
      else if (old === undefined && now !== undefined) yield { path: join(path, name), text: `= ${value(now)}` }
      else yield* differences(join(path, name), old, now)
    }
  } else if (!isSame(before, after)) {
    yield { path, text: `${value(before)} → ${value(after)}` }
  }
}

const contentsChanged = (before: readonly unknown[], after: readonly unknown[]): string =>
  before.length === after.length ? 'changed' : `${before.length} → ${after.length} numbers`

export const changes = (before: Shown, after: Shown): readonly Change[] => {
  const found = [...differences('', before.data, after.data)]
  return before.state === after.state ? found : [{ path: 'state', text: `${before.state} → ${after.state}` }, ...found]
}

export const sayChange = ({ path, text }: Change): string => `${path} ${text}`.trim()

export const changed = (before: Shown, after: Shown): boolean =>
  before.state !== after.state || !differences('', before.data, after.data).next().done
