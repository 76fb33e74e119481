/**
 * A wait queue (kernel/sched/wait.c). Who waits puts himself on it, looks at his condition once more, and sleeps until somebody wakes him: whoever
 * is woken while he looks does not sleep at all, and nobody hears what was said before he came. Who is woken is off the queue, until he puts
 * himself on it again because the condition does not hold. The condition is no matter of the queue: who makes it true and wakes nobody lets
 * others sleep.
 *
 * Who waits exclusively stands at the end, behind those who came before: one of them is woken at a time. A signal takes him off the queue, so
 * that a wake-up which comes then is another's. On the queue that all variables share (wait_var_event) each is woken by his key.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Heard, Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import type { LockFacts } from '../locks/lock-facts.ts'
import { unsignalled, withSignal, type Interrupt, type Signalled } from '../locks/signalled.ts'

/** How somebody waits. */
interface Manner {
  readonly exclusive?: true
  /** Until any signal, too: wake_up_interruptible wakes those alone. */
  readonly interruptible?: true
  /** What is waited for, on a queue that several things share. */
  readonly key?: string
}

interface Sleeper extends Manner {
  readonly task: string
}

/** Whom somebody wakes. */
interface Waking {
  /** How many of those who wait exclusively (1); 0: all. */
  readonly nr?: number
  readonly interruptible?: true
  readonly key?: string
}

interface WaitQueueContext extends Signalled {
  /** The threads that could wake it. */
  readonly by: readonly string[]
  /** Somebody has, once: from then on it is nobody's in the order of locks. */
  readonly ended: boolean
  /** Threads on the queue: nobody has woken them since they looked last. Those who wait exclusively in the order in which they came. */
  readonly asleep: readonly Sleeper[]
}

type WaitQueueEvent = Heard &
  (
    | ({
        readonly type: 'PREPARE' | 'SLEEP' | 'SLEEP_KILLABLE' | 'SLEEP_INTERRUPTIBLE' | 'SLEEP_FOR_SOME_TIME'
      } & Manner)
    | ({ readonly type: 'WAKE' } & Waking)
    | { readonly type: 'FINISH' | 'IS_ACTIVE' }
    | Interrupt
  )

const without = (sleepers: readonly Sleeper[], task: string): readonly Sleeper[] =>
  sleepers.filter((each) => each.task !== task)

const withSleeper = (sleepers: readonly Sleeper[], sleeper: Sleeper): readonly Sleeper[] => {
  const others = [...without(sleepers, sleeper.task), sleeper]
  const all = others.filter(({ exclusive }) => !exclusive).sort((a, b) => (a.task < b.task ? -1 : 1))
  return [...all, ...others.filter(({ exclusive }) => exclusive)]
}

const isOn = ({ asleep }: WaitQueueContext, task: string): boolean => asleep.some((each) => each.task === task)

/** Those who sleep on. */
function wokenFrom(sleepers: readonly Sleeper[], { nr = 1, interruptible, key }: Waking): readonly Sleeper[] {
  let left = nr
  return sleepers.filter((each) => {
    if (each.key !== key || (interruptible && !each.interruptible)) return true
    return each.exclusive && nr > 0 ? left-- <= 0 : false
  })
}

export const waitQueue = setup({
  types: {
    context: {} as WaitQueueContext,
    events: {} as WaitQueueEvent,
    emitted: {} as Said,
    input: {} as { readonly by: readonly string[] },
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isAwake: ({ context, event }) => !isOn(context, event.task),
    mayGoOn: ({ context, event: { task } }) => !isOn(context, task) || context.signalled.includes(task),
    mayBeKilled: ({ context, event: { task } }) => !isOn(context, task) || context.killed.includes(task),
  },
  actions: {
    note: assign(({ context, event }) => {
      assertEvent(event, 'INTERRUPT')
      return withSignal(context, event)
    }),
    /** He looks at his condition next; what is said from now on is for him. */
    join: assign(({ context: { asleep }, event }) => {
      assertEvent(event, ['PREPARE', 'SLEEP', 'SLEEP_KILLABLE', 'SLEEP_INTERRUPTIBLE', 'SLEEP_FOR_SOME_TIME'])
      const { task, exclusive, interruptible, key } = event
      const manner = { ...(exclusive && { exclusive }), ...(interruptible && { interruptible }), ...(key && { key }) }
      return { asleep: withSleeper(asleep, { task, ...manner }) }
    }),
    leave: assign({ asleep: ({ context, event }) => without(context.asleep, event.task) }),
    wake: assign(({ context, event }) => {
      assertEvent(event, 'WAKE')
      return { asleep: wokenFrom(context.asleep, event), ended: true }
    }),
    goOn: emit(({ event }) => answer(event, 'ANSWER')),
    interrupted: emit(({ event }) => answer(event, 'INTERRUPTED')),
    timeIsUp: emit(({ event }) => answer(event, 'BUSY')),
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { value: context.asleep.length > 0 })),
  },
}).createMachine({
  id: 'waitQueue',
  context: ({ input: { by } }) => ({ by, ended: false, asleep: [], ...unsignalled }),
  initial: 'ready',
  states: {
    ready: {
      meta: {
        defers: [
          { type: 'SLEEP', unless: 'isAwake' },
          { type: 'SLEEP_INTERRUPTIBLE', unless: 'mayGoOn' },
          { type: 'SLEEP_KILLABLE', unless: 'mayBeKilled' },
        ],
      },
      on: {
        INTERRUPT: { actions: 'note' },
        PREPARE: { actions: ['join', 'goOn'] },
        SLEEP: { actions: ['join', 'goOn'] },
        SLEEP_INTERRUPTIBLE: [{ guard: 'isAwake', actions: ['join', 'goOn'] }, { actions: ['leave', 'interrupted'] }],
        SLEEP_KILLABLE: [{ guard: 'isAwake', actions: ['join', 'goOn'] }, { actions: ['leave', 'interrupted'] }],
        SLEEP_FOR_SOME_TIME: [{ guard: 'isAwake', actions: ['join', 'goOn'] }, { actions: ['leave', 'timeIsUp'] }],
        FINISH: { actions: ['leave', 'goOn'] },
        WAKE: { actions: ['wake', 'goOn'] },
        IS_ACTIVE: { actions: 'tell' },
      },
    },
  },
})

export const waitQueueFacts: LockFacts<WaitQueueContext> = {
  acquires: ['SLEEP', 'SLEEP_KILLABLE', 'SLEEP_INTERRUPTIBLE'],
  awaited: 'any',
  holders: ({ by, ended }) => ({ threads: ended ? [] : by, exclusive: false }),
  endedBy: ({ by }) => by,
}

/** Its lock is had by who wakes it and who comes to it; whoever only looks whether somebody is there has none. */
export const waitQueueOrders = { releases: ['WAKE', 'PREPARE'], acquires: ['ANSWER'], relaxed: ['IS_ACTIVE'] }
