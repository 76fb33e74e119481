/**
 * Does a delivery hand over to another, so that it matters for data races which of them comes first (happens-before.ts)? Of two that are alike in
 * everything else the reduction would take any first.
 */
import type { Component, Memory, Message, Send } from '../system.ts'

/** `releases`: it may leave something with the receiver; `acquires`: it may take that up; `forgets`: what was left there is gone. */
export interface Hand {
  readonly releases: boolean
  readonly acquires: boolean
  readonly forgets: boolean
}

/** What a delivery that is accepted hands over; undefined: nothing. Locks have their order from their holders: those never commute. */
export function handOf(
  { orders }: Component,
  heard: Message,
  sends: readonly Send[],
  memory: readonly Memory[] = [],
  barriers: boolean,
): Hand | undefined {
  const { type, from } = heard
  const access = memory.find(({ bytes }) => bytes !== undefined)
  if (!orders && !access) return undefined
  const { acquires: takes = [], relaxed = [] } = orders ?? {}
  const isRelaxed = relaxed.includes(type)
  const { access: kind = 'read', marked = false, order } = access ?? {}
  // Behind a barrier any marked access may hand over.
  const [stores, loads] = [marked && kind !== 'read', marked && kind !== 'write']
  const releases = stores && (barriers || (order !== undefined && order !== 'acquire'))
  const acquires = loads && (barriers || (order !== undefined && order !== 'release'))
  return {
    releases:
      releases ||
      (orders?.releases?.includes(type) ?? false) ||
      (orders?.sections === true && sectionsOf(heard, 'leaves').length > 0),
    acquires:
      acquires ||
      sends.some(
        ({ to, message }) =>
          (!(isRelaxed && to === from) && takes.includes(message.type)) ||
          (orders?.sections === true && sectionsOf(message, 'enters').length > 0),
      ),
    forgets: kind === 'write',
  }
}

/** Sections that a message says are left, or entered. */
export const sectionsOf = (message: Message, how: 'leaves' | 'enters'): readonly string[] =>
  (message[how] as readonly string[] | undefined) ?? []

/** Has anybody a barrier? */
export const hasBarriers = (components: readonly Component[]): boolean =>
  components.some(({ orders }) => orders?.fences !== undefined)

/** Would it be told by the order of races in which of two orders they came? */
export const handsOver = (one: Hand | undefined, other: Hand | undefined): boolean =>
  one !== undefined && other !== undefined && (handsTo(one, other) || handsTo(other, one))

const handsTo = (one: Hand, other: Hand): boolean =>
  (one.releases && other.acquires) || (one.forgets && (other.releases || other.acquires))
