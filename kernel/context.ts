/**
 * The context a thread runs in, as preempt_count and the interrupt flag have it: whether it may sleep, and what may come in between. It is part
 * of the data of a procedure's chart and goes along with calls, so that it costs no message and no state.
 *
 * A WORD THAT MAY SLEEP says `waits: 'sleeps'` of its question (kernel/step.ts), and that is all. One that changes the context has an `Effect`:
 * `before` it asks, or on an answer (`Then.effect`); one that asks nobody is `changing`.
 */
import { complain, type Found, type Said } from '../machines/say.ts'
import type { Locals } from './step.ts'

export interface Context {
  readonly runs: 'task' | 'softirq' | 'hardirq'
  readonly irqs: 'on' | 'off'
  /** Who has switched interrupts off and counts on it: kernel/irqs.ts. */
  readonly sections: readonly Section[]
  /** preempt_disable, and locks that are spun for. */
  readonly preempt: number
  readonly bh: number
  readonly rcu: number
  /** Locks that are spun for, the first taken first. */
  readonly held: readonly Held[]
  /** What was let in while locks were held that had been taken with less. */
  readonly opened?: Lets
  /** Of a thread that shares its processor: it has it until it asks again. */
  readonly has?: Has
}

/** What may come in between: all, another thread among them; softirqs and interrupts; interrupts alone; nothing (explore/locks/contexts.ts). */
export type Lets = 'all' | 'softirqs' | 'interrupts' | 'nothing'

export interface Has {
  readonly lets: Lets
  /** It has done something since it asked. */
  readonly used: boolean
  /** It is about to wait, or has waited: others may have come. */
  readonly waits?: true
}

export interface Section {
  /** The lock that was taken with it; empty: none was. */
  readonly lock: string
  /** The procedure. */
  readonly site: string
}

export type SpinningLock = 'raw_spinlock_t' | 'spinlock_t' | 'rwlock_t'

export interface Held {
  readonly lock: string
  readonly kind: SpinningLock
}

/** Nothing is switched off. */
export const inTask: Context = { runs: 'task', irqs: 'on', sections: [], preempt: 0, bh: 0, rcu: 0, held: [] }

export const isInTask = ({ runs, irqs, sections, preempt, bh, rcu, held, has }: Context): boolean =>
  runs === 'task' && irqs === 'on' && preempt + bh + rcu + sections.length + held.length === 0 && has === undefined

/** A softirq, as timers and RCU callbacks are. */
export const inSoftirq: Context = { ...inTask, runs: 'softirq' }

/** A handler of a hard interrupt: interrupts are off already. */
export const inHardirq: Context = { ...inTask, runs: 'hardirq', irqs: 'off' }

/** A moment in which the context may change. */
export interface Moment {
  readonly context: Context
  readonly locals: Locals
  /** The procedure. */
  readonly site: string
  /** The step, as it was written. */
  readonly says: string
  /** The actor that was asked, if one was. */
  readonly on: string
}

/** What becomes of it, and what there is to say. */
export interface Change {
  readonly context: Context
  readonly locals?: Locals
  readonly said?: readonly Said[]
}

export type Effect = (now: Moment) => Change

/** An effect on the context alone. */
export const affects =
  (change: (context: Context) => Partial<Context>): Effect =>
  ({ context }) => ({ context: { ...context, ...change(context) } })

/** One effect after the other. */
export const together =
  (...effects: readonly Effect[]): Effect =>
  (now) =>
    effects.reduce<Change>(
      (change, effect) => {
        const locals = { ...now.locals, ...change.locals }
        const next = effect({ ...now, locals, context: change.context })
        return {
          context: next.context,
          locals: { ...change.locals, ...next.locals },
          said: [...(change.said ?? []), ...(next.said ?? [])],
        }
      },
      { context: now.context },
    )

/** preempt_count as the kernel prints it: who is in an interrupt, how often softirqs and preemption are switched off. */
export const preemptCount = ({ runs, preempt, bh }: Context): number =>
  preempt + 0x200 * bh + (runs === 'softirq' ? 0x100 : 0) + (runs === 'hardirq' ? 0x10000 : 0)

export const letsIn = (context: Context): Lets => {
  if (context.irqs === 'off') return 'nothing'
  if (context.runs !== 'task' || context.bh > 0) return 'interrupts'
  return context.preempt > 0 ? 'softirqs' : 'all'
}

const fromLeast: readonly Lets[] = ['nothing', 'interrupts', 'softirqs', 'all']

export const isMore = (one: Lets, other: Lets): boolean => fromLeast.indexOf(one) > fromLeast.indexOf(other)

/** What a change lets in while a lock is held counts for that lock, as for lockdep (mark_held_locks), until none is held. */
export function opening(before: Context, after: Context): Context {
  const { opened = 'nothing', ...rest } = after
  if (rest.held.length === 0) return rest
  const [was, is] = [letsIn(before), letsIn(rest)]
  const now = isMore(is, was) && isMore(is, opened) ? is : opened
  return now === 'nothing' ? rest : { ...rest, opened: now }
}

/** Whether a thread may sleep there. An RCU reader may be preempted, but must not sleep. */
export const maySleep = (context: Context): boolean =>
  preemptCount(context) === 0 && context.irqs === 'on' && context.rcu === 0

/** What might_sleep() says, and lockdep with it: whether or not there is anything to wait for. Undefined where sleeping is right. */
export function mightSleep({ context, says, site }: Moment): Found | undefined {
  if (maySleep(context)) return undefined
  const [atomic, off] = [preemptCount(context) === 0 ? 0 : 1, context.irqs === 'on' ? 0 : 1]
  const counts = `preempt_count: ${preemptCount(context).toString(16)}, expected: 0`
  return complain('warn', `BUG: sleeping function called from invalid context in ${site}: ${says}`, {
    detail: `in_atomic(): ${atomic}, irqs_disabled(): ${off}, ${counts}, RCU nest depth: ${context.rcu}${heldIn(context)}`,
  })
}

/** ` with s held`; nothing when nothing is. */
export const heldIn = ({ held }: Context): string =>
  held.length === 0 ? '' : `; ${held.map(({ lock }) => lock).join(' and ')} held`

/** What is wrong with the context in which a thread goes back to where it came from. */
export function leftBehind(context: Context, name: string): readonly Found[] {
  const { runs, irqs, rcu } = context
  const count = preemptCount({ ...context, runs: 'task' })
  const detail = `preempt_count: ${preemptCount(context).toString(16)}${heldIn(context)}`
  if (runs === 'hardirq')
    return [
      ...(irqs === 'on' ? [complain('warn', `irq handler ${name} enabled interrupts`)] : []),
      ...(count > 0 ? [complain('warn', `irq handler ${name} left preempt_count behind`, { detail })] : []),
    ]
  if (runs === 'softirq' && count > 0) {
    const [before, after] = [inSoftirq, context].map((each) => preemptCount(each).toString(16))
    return [
      complain('warn', `huh, entered softirq ${name} with preempt_count ${before}, exited with ${after}?`, { detail }),
    ]
  }
  return [
    ...(irqs === 'off' ? [complain('warn', `${name} left IRQs disabled`)] : []),
    ...(count > 0 ? [complain('warn', `BUG: scheduling while atomic: ${name}`, { detail })] : []),
    ...(rcu > 0 ? [complain('warn', `lock held when returning from ${name}: rcu_read_lock`)] : []),
  ]
}
