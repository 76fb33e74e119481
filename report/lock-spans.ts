/** Who held which lock, and who wanted it, from which step to which. */
import type { Trace, TracedLock } from '../explore/runs/trace.ts'

/** From a step to another; no end: to the end of the run. */
export interface LockSpan {
  readonly thread: string
  readonly from: number
  readonly to?: number
  readonly how: 'held' | 'shared' | 'wanted'
}

const heldSpans = ({ held }: TracedLock): LockSpan[] => {
  const open = new Map<string, { from: number; how: 'held' | 'shared' }>()
  const spans: LockSpan[] = []
  for (const { since, threads, exclusive } of held) {
    for (const [thread, { from, how }] of open) {
      if (threads.includes(thread)) continue
      spans.push({ thread, from, to: since, how })
      open.delete(thread)
    }
    for (const thread of threads)
      if (!open.has(thread)) open.set(thread, { from: since, how: exclusive ? 'held' : 'shared' })
  }
  return [...spans, ...[...open].map(([thread, span]) => ({ thread, ...span }))]
}

/** From the step that asked to the step from which on it was held, or in which it was refused; who asks in vain asks to the end. */
const wantedSpans = ({ threads, steps }: Trace, lock: string, { acquires }: TracedLock, held: readonly LockSpan[]) =>
  steps.flatMap(({ number, sends }) =>
    sends.flatMap(({ to: asked, message }): LockSpan[] => {
      const thread = threads[message.from]
      if (asked !== lock || thread === undefined || !acquires.includes(message.type)) return []
      const got = held.find((span) => span.thread === thread && span.from > number)?.from
      const answered = steps.find((each) => each.number > number && each.from === lock && threads[each.to] === thread)
      const to = got ?? answered?.number
      return [{ thread, from: number, ...(to !== undefined && { to }), how: 'wanted' }]
    }),
  )

/** Of one of the run's locks. */
export const lockSpans = (trace: Trace, lock: string): readonly LockSpan[] => {
  const traced = trace.locks[lock]!
  const held = heldSpans(traced)
  return [...held, ...wantedSpans(trace, lock, traced, held)]
}
