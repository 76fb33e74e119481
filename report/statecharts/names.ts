/** What XState's guards, actions and kinds of events are called. */
import type { Trigger } from './chart.ts'

const fieldOf = (thing: unknown, field: string): unknown =>
  (typeof thing === 'object' || typeof thing === 'function') && thing !== null && field in thing
    ? (thing as Readonly<Record<string, unknown>>)[field]
    : undefined

/** A guard or an action by its name; what was written in place and has none is `?`. */
export const nameOf = (thing: unknown): string => {
  if (typeof thing === 'string') return thing
  const type = fieldOf(thing, 'type')
  if (typeof type === 'string') return type
  const name = fieldOf(thing, 'name')
  const called = typeof name === 'string' && name !== '' ? name : '?'
  // and, or, not: XState's own guards made of others.
  const parts = fieldOf(thing, 'guards')
  return Array.isArray(parts) ? `${called}(${parts.map(nameOf).join(', ')})` : called
}

export const namesOf = (things: readonly unknown[]): readonly string[] => things.map(nameOf)

/** What XState adds to entry and exit of a state with `after`: it belongs to the timer, which is told by its transition. */
export const isTimer = (action: unknown): boolean => {
  const id = fieldOf(action, 'id') ?? fieldOf(action, 'sendId')
  return typeof id === 'string' && id.startsWith('xstate.after.')
}

export const delayOf = (transition: unknown): string | undefined => {
  const delay = fieldOf(transition, 'delay')
  return delay === undefined ? undefined : typeof delay === 'number' ? `${delay}` : nameOf(delay)
}

const ofActors = [
  ['xstate.done.actor.', 'returned'],
  ['xstate.error.actor.', 'failed'],
  ['xstate.snapshot.', 'changed'],
] as const

/** What the type of an event means that state `id` hears. */
export const triggerOf = (type: string, id: string): Trigger => {
  if (type === `xstate.done.state.${id}`) return { kind: 'done' }
  if (type.startsWith('xstate.after.')) {
    return { kind: 'after', delay: type.slice('xstate.after.'.length, -id.length - 1) }
  }
  const told = ofActors.find(([prefix]) => type.startsWith(prefix))
  return told ? { kind: told[1], actor: type.slice(told[0].length) } : { kind: 'message', type }
}

/** Message types that stay at the head of their lane, from the `meta` of a state. */
export const deferredIn = (meta: unknown): readonly string[] => {
  const defers = fieldOf(meta, 'defers')
  return Array.isArray(defers)
    ? defers.map((each: string | { readonly type: string; readonly unless: string }) =>
        typeof each === 'string' ? each : `${each.type} unless ${each.unless}`,
      )
    : []
}
