/** What one step changed, down to the leaf. */
import type { Shown } from '../explore/system.ts'
import { elementName, value } from './words.ts'

export interface Change {
  /** `dmas dma0#1 pins` */
  readonly path: string
  /** As printed: `+= 0x0`, `free → held`. */
  readonly text: string
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const join = (path: string, name: string): string => (path === '' ? name : `${path} ${name}`)

/** Lists are read as sets of named things: an element keeps its name when its neighbours come and go. */
const named = (list: readonly unknown[]): Map<string, unknown> => {
  const names = list.map((x, i) => elementName(x) ?? `${i}`)
  const unique = new Set(names).size === names.length
  return new Map(list.map((x, i) => [unique ? names[i]! : `${i}`, x]))
}

function* differences(path: string, before: unknown, after: unknown): Generator<Change> {
  if (Array.isArray(before) && Array.isArray(after)) {
    const [old, now] = [named(before), named(after)]
    for (const [name, x] of old) {
      if (!now.has(name)) yield { path, text: `−= ${name}` }
      else yield* differences(join(path, name), x, now.get(name))
    }
    for (const name of now.keys()) if (!old.has(name)) yield { path, text: `+= ${name}` }
  } else if (isRecord(before) && isRecord(after)) {
    for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* differences(join(path, name), before[name], after[name])
    }
  } else if (value(before) !== value(after)) {
    yield { path, text: `${value(before)} → ${value(after)}` }
  }
}

export const changes = (before: Shown, after: Shown): readonly Change[] => {
  const found = [...differences('', before.data, after.data)]
  return before.state === after.state ? found : [{ path: 'state', text: `${before.state} → ${after.state}` }, ...found]
}

export const sayChange = ({ path, text }: Change): string => `${path} ${text}`

export const changed = (before: Shown, after: Shown): boolean =>
  before.state !== after.state || !differences('', before.data, after.data).next().done
