/** What it means for the context of a thread to spin for a lock, and to let go of it. */
import { affects, together, type Effect, type SpinningLock } from './context.ts'
import type { LockEffects } from './lock.ts'

export const preemptOff = affects(({ preempt }) => ({ preempt: preempt + 1 }))
export const preemptOn = affects(({ preempt }) => ({ preempt: Math.max(0, preempt - 1) }))
export const bhOff = affects(({ bh }) => ({ bh: bh + 1 }))
export const bhOn = affects(({ bh }) => ({ bh: Math.max(0, bh - 1) }))

/** Preemption is off while one waits already; `off`: and what else is. */
export const spinningFor = (kind: SpinningLock, off?: Effect): LockEffects => ({
  waits: 'spins',
  before: together(...(off ? [off] : []), preemptOff),
  taken: ({ context, on }) => ({ context: { ...context, held: [...context.held, { lock: on, kind }] } }),
  busy: preemptOn,
})

/** `on`: what is switched on again with it. */
export const lettingGo = (on?: Effect): Effect => together(released, preemptOn, ...(on ? [on] : []))

const released: Effect = ({ context, on }) => {
  const last = context.held.findLastIndex(({ lock }) => lock === on)
  return { context: { ...context, held: context.held.filter((_, index) => index !== last) } }
}
