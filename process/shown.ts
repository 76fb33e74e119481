/** Actors as a person reads them. */
import type { Shown } from '../explore/system.ts'
import { isLive, isMachineSnapshot, type Live, type Snapshot } from './inside.ts'

export type Naming = (actor: Live) => string

/** `editing.saving`, `{form.open, sync.idle}` */
export const stateText = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return String(value)
  const parts = Object.entries(value).map(([name, inner]) => {
    const text = stateText(inner)
    return text === '' || text === '{}' ? name : `${name}.${text}`
  })
  return parts.length === 1 ? parts[0]! : `{${parts.join(', ')}}`
}

/** A machine without states is as active as other logic. */
export const stateOf = (snapshot: Snapshot): string => {
  if (!isMachineSnapshot(snapshot) || snapshot.status === 'error') return snapshot.status
  const text = stateText(snapshot.value)
  return text === '{}' ? snapshot.status : text
}

/** JSON-like (with bigint): what is not so is written as people write it. */
export const plain = (value: unknown, name: Naming): unknown => {
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? 'a function' : value
  if (isLive(value)) return `→ ${name(value)}`
  if (isMachineSnapshot(value)) return `snapshot in ${stateOf(value)}`
  if (Array.isArray(value)) return value.map((each) => plain(each, name))
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (value instanceof Set) return [...value].map((each) => plain(each, name))
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [String(plain(key, name)), plain(each, name)]))
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each, name)]))
}

export const shownSnapshot = (snapshot: Snapshot, name: Naming): Shown => {
  const { context, output, error } = snapshot
  const inner = typeof context === 'object' && context !== null && !Array.isArray(context) ? context : { context }
  return {
    state: stateOf(snapshot),
    data: plain(
      {
        ...(context !== undefined && inner),
        ...(output !== undefined && { output }),
        ...(error !== undefined && { error }),
      },
      name,
    ) as Shown['data'],
  }
}
