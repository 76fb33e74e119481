/**
 * Contexts, as lockdep looks at them: what may come in between while somebody holds a lock, and how long one may wait where.
 *
 * A message says what may come in between from now on (`lets`), whoever it is sent to: a lock that its thread holds then can be asked for by an
 * interrupt that comes there. It counts whether or not anybody comes to that processor, as it does for lockdep.
 */
import type { Component, Finding, Interruption, Message, WaitType, WaitTypes } from '../system.ts'

/** `softirqs`: they, and interrupts. */
const lets: Readonly<Record<string, readonly Interruption[]>> = {
  all: ['(hardirq)', '(softirq)'],
  softirqs: ['(hardirq)', '(softirq)'],
  interrupts: ['(hardirq)'],
}

const nothing: readonly Interruption[] = []

/** What may come in between once this is sent. */
export const letIn = (message: Message): readonly Interruption[] => lets[message['lets'] as string] ?? nothing

export const isInterruption = (lockClass: string): lockClass is Interruption =>
  lockClass === '(hardirq)' || lockClass === '(softirq)'

/** By thread: those that interrupt others. */
export const interruptionsIn = (components: readonly Component[]): ReadonlyMap<string, Interruption> =>
  new Map(
    components.flatMap(({ thread, runsIn }) =>
      thread === undefined || runsIn === undefined ? [] : [[thread, runsIn]],
    ),
  )

/** Handlers are threads where the kernel is preemptible all through, and may take spinlocks then. */
export const inInterruption: WaitTypes = { inner: 'spin' }

const length: Readonly<Record<WaitType, number>> = { raw: 2, spin: 3, sleep: 4 }

/** Is it wrong to wait for the one while the other is held? */
export const waitsTooLong = (held: WaitTypes | undefined, asked: WaitTypes | undefined): boolean =>
  held !== undefined && asked?.outer !== undefined && length[asked.outer] > length[held.inner]

/** `{2:2}`: both, as lockdep prints them; 0 is not looked at, and for 1 nobody waits. */
export const waitTypeWords = (types: WaitTypes | undefined): string =>
  types === undefined ? '{0:0}' : `{${types.outer ? length[types.outer] : 1}:${length[types.inner]}}`

/** `to` was asked for while `from` was held. */
type Edge = NonNullable<Finding['context']>

export const waitContext = ({ from, to }: Edge): Finding => ({
  kind: 'wait-context',
  title: `Invalid wait context: ${to} ${isInterruption(from) ? 'in' : 'under'} ${from}`,
  fatal: false,
  context: { from, to },
})

/** Who interrupts others asks for no lock: then it is all the same where he may come. */
export const withoutIdle = <T>(edges: readonly T[], edgeOf: (each: T) => Edge): readonly T[] => {
  const busy = new Set(edges.map((each) => edgeOf(each).from))
  return edges.filter((each) => !isInterruption(edgeOf(each).to) || busy.has(edgeOf(each).to))
}
