/** What one step changed, down to the leaf. */
import type { Shown } from '../explore/system.ts'
import { inKernel, type Saying } from './saying.ts'

export interface Change {
  /** `dmas dma0#1 pins` */
  readonly path: string
  /** As printed: `+= 0x0`, `free → held`; nothing for what has come to be so. */
  readonly text: string
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

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
const named = (holes: readonly unknown[], { isHole, nameOf }: Saying): ReadonlyMap<string, Named> => {
  const list = holes.filter((x) => !isHole(x))
  const names = list.map((x, i) => nameOf(x) ?? `${i}`)
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
const isSame = (before: unknown, after: unknown, { value }: Saying): boolean =>
  typeof before === 'string' && typeof after === 'string' ? before === after : value(before) === value(after)

const isNumbers = (list: readonly unknown[]): boolean =>
  list.length > longestNumbers && list.every((x) => typeof x === 'number' || x === null)

/** Longer ones are contents, in which no single number means much. */
const longestNumbers = 16

/** What has no name is told by what it holds, where that is short: its place says nothing to anybody. */
const elementWords = (name: string, x: unknown, { nameOf, value }: Saying): string => {
  if (nameOf(x) !== undefined) return name
  const held = value(x)
  return held.length <= longestHeld ? held : name
}

const longestHeld = 40

function* differences(path: string, before: unknown, after: unknown, say: Saying): Generator<Change> {
  const { value, isOne } = say
  if (Array.isArray(before) && Array.isArray(after) && (isNumbers(before) || isNumbers(after))) {
    if (!isSame(JSON.stringify(before), JSON.stringify(after), say))
      yield { path, text: contentsChanged(before, after) }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [named(before, say), named(after, say)]
    for (const [key, { name, x }] of old) {
      const other = now.get(key)
      if (other) yield* differences(join(path, name), x, other.x, say)
      else yield { path, text: `−= ${elementWords(name, x, say)}` }
    }
    for (const [key, { name, x }] of now) if (!old.has(key)) yield { path, text: `+= ${elementWords(name, x, say)}` }
  } else if (isRecord(before) && isRecord(after) && !(isOne(before) && isOne(after))) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [old, now] = [before[name], after[name]]
      if (now === undefined && old !== undefined && path !== '') yield { path, text: `−= ${name}` }
      else if (old === undefined && (isRecord(now) || Array.isArray(now))) yield { path, text: `+= ${name}`.trim() }
      else if (old === undefined && now === true) yield { path: join(path, name), text: '' }
      else if (old === undefined && now !== undefined) yield { path: join(path, name), text: `= ${value(now)}` }
      else yield* differences(join(path, name), old, now, say)
    }
  } else if (!isSame(before, after, say)) {
    yield { path, text: `${value(before)} → ${value(after)}` }
  }
}

const contentsChanged = (before: readonly unknown[], after: readonly unknown[]): string =>
  before.length === after.length ? 'changed' : `${before.length} → ${after.length} numbers`

export const changes = (before: Shown, after: Shown, say: Saying = inKernel): readonly Change[] => {
  const found = [...differences('', before.data, after.data, say)]
  return before.state === after.state ? found : [{ path: 'state', text: `${before.state} → ${after.state}` }, ...found]
}

export const sayChange = ({ path, text }: Change): string => `${path} ${text}`.trim()

export const changed = (before: Shown, after: Shown, say: Saying = inKernel): boolean =>
  before.state !== after.state || !differences('', before.data, after.data, say).next().done
