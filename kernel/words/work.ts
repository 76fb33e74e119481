/**
 * Work that is done later, by a kernel thread (kernel/workqueue.c), and work with a delay. Each piece is queued once until a worker takes it,
 * and may be queued again while it runs. Leads to: use-after-free in work that runs when what it works on is gone; a deadlock, and lock order,
 * of who waits for work that wants what he holds, or for the work that he does himself; `ODEBUG: free active`, `ODEBUG: init active`.
 */
import { ModelError } from '../../explore/errors.ts'
import { named, type KernelObject } from '../object.ts'
import { wordsOf, type Into, type Place } from '../place.ts'
import type { Procedure } from '../procedure.ts'
import { ask, type Step } from '../step.ts'
import { askKeeper, initialising, keeperOf, pieceCalled, systemWq, type Piece } from './deferred.ts'

export type Work = Piece<'work_struct'>
export type DelayedWork = Piece<'delayed_work'>
export type Workqueue = KernelObject<'workqueue_struct'>

/** The one that is there: every piece of work on it has a worker of its own. */
export const system_wq: Workqueue = { kind: 'workqueue_struct', name: systemWq, actors: () => [] }

/** A workqueue; `max_active` of its pieces run at the same time, the first that were queued. */
export const alloc_workqueue = (name: string, { max_active }: { readonly max_active?: number } = {}): Workqueue => {
  const queue: Workqueue = named({
    kind: 'workqueue_struct',
    name,
    actors: (id, { all }) => [
      keeperOf(
        id,
        all.filter(({ object }) => (object as Partial<Piece>).on === queue),
        { lockClass: `(wq_completion)${id}`, most: max_active },
      ),
    ],
  })
  return queue
}

/** One after the other, in the order in which they were queued. */
export const alloc_ordered_workqueue = (name: string): Workqueue => alloc_workqueue(name, { max_active: 1 })

interface WorkOptions {
  /** The workqueue that it is put on, if it is not system_wq. */
  readonly on?: Workqueue
}

interface Works<Made> {
  /** A piece of work by itself, with what it is to do (DECLARE_WORK). */
  (name: string, procedure?: Procedure, options?: WorkOptions): Made
  /** A member of a struct: INIT_WORK says what it is to do. */
  (options?: WorkOptions): Made
}

function works<Kind extends 'work_struct' | 'delayed_work'>(kind: Kind): Works<Piece<Kind>> {
  const inside = kind === 'work_struct' ? (of: string) => `(&${of})` : (of: string) => `(&(&${of})->work)`
  const classOf = (lockClass: string) => `(work_completion)${inside(lockClass)}`
  function made(first: string | WorkOptions = {}, procedure?: Procedure, options: WorkOptions = {}): Piece<Kind> {
    const [name, { on }] = typeof first === 'string' ? [first, options] : ['', first]
    return pieceCalled({
      kind,
      name,
      worker: 'kworker',
      procedure,
      classOf,
      on: on?.name === systemWq ? undefined : on,
    })
  }
  return made
}

export const work_struct: Works<Work> = works('work_struct')
export const delayed_work: Works<DelayedWork> = works('delayed_work')

/** Says what it is to do. Leads to: `ODEBUG: init active`, if it is queued at the time. */
export const INIT_WORK = <L>(work: Place<L, Work>, procedure: Procedure): Step<L> =>
  initialising({ says: `INIT_WORK(${wordsOf(work)}, ${procedure.name})`, of: work, procedure })
export const INIT_DELAYED_WORK = <L>(work: Place<L, DelayedWork>, procedure: Procedure): Step<L> =>
  initialising({ says: `INIT_DELAYED_WORK(${wordsOf(work)}, ${procedure.name})`, of: work, procedure })

const queueing =
  <Kind extends string>(word: string, type: string) =>
  <L>(wq: Workqueue, work: Place<L, Piece<Kind>>, into?: Into<L, boolean>): Step<L> =>
    askKeeper({
      says: `${word}(${wq.name}, ${wordsOf(work as Piece | string)})`,
      of: work as Piece | string,
      type,
      into,
      on: wq,
    })

const scheduling =
  <Kind extends string>(word: string, type: string) =>
  <L>(work: Place<L, Piece<Kind>>, into?: Into<L, boolean>): Step<L> =>
    askKeeper({
      says: `${word}(${wordsOf(work as Piece | string)})`,
      of: work as Piece | string,
      type,
      into,
      on: system_wq,
    })

/** Some time later it is done, unless it is queued already; `into`: was it not? Leads to: `ODEBUG: activate not available` without INIT_WORK. */
export const queue_work = queueing<'work_struct'>('queue_work', 'QUEUE')
/** The same on system_wq. */
export const schedule_work = scheduling<'work_struct'>('schedule_work', 'QUEUE')
/** The same after a time, however long: until that is over it is a timer. */
export const queue_delayed_work = queueing<'delayed_work'>('queue_delayed_work', 'DELAY')
export const schedule_delayed_work = scheduling<'delayed_work'>('schedule_delayed_work', 'DELAY')
/** Its time begins anew, queued or not; `into`: was it queued? */
export const mod_delayed_work = queueing<'delayed_work'>('mod_delayed_work', 'MODIFY')

const asks =
  <Kind extends string>(word: string, type: string, waits: 'sleeps' | 'not' = 'not') =>
  <L>(work: Place<L, Piece<Kind>>, into?: Into<L, boolean>): Step<L> =>
    askKeeper({ says: `${word}(${wordsOf(work as Piece | string)})`, of: work as Piece | string, type, into, waits })

/** Waits until it is done, as often as it was queued by now; a delay is not waited for. Leads to: deadlock, lock order. */
export const flush_work = asks<'work_struct' | 'delayed_work'>('flush_work', 'FLUSH', 'sleeps')
/** The same, and the delay ends now. */
export const flush_delayed_work = asks<'delayed_work'>('flush_delayed_work', 'FLUSH_DELAYED', 'sleeps')
/** It is queued no more, but may run; `into`: was it queued? */
export const cancel_work = asks<'work_struct'>('cancel_work', 'CANCEL')
export const cancel_delayed_work = asks<'delayed_work'>('cancel_delayed_work', 'CANCEL')
/** It is neither queued nor runs when this is over, and cannot be queued until then. Leads to: deadlock, lock order. */
export const cancel_work_sync = asks<'work_struct'>('cancel_work_sync', 'CANCEL_SYNC', 'sleeps')
export const cancel_delayed_work_sync = asks<'delayed_work'>('cancel_delayed_work_sync', 'CANCEL_SYNC', 'sleeps')
/** `into`: is it queued, or is its time not over? */
export const work_pending = asks<'work_struct'>('work_pending', 'IS_PENDING')
export const delayed_work_pending = asks<'delayed_work'>('delayed_work_pending', 'IS_PENDING')

const asksQueue =
  (word: string, type: string) =>
  (wq: Workqueue): Step => {
    if (wq === system_wq) throw flushesEvents(word)
    return ask({ says: `${word}(${wq.name})`, of: wq, type, waits: 'sleeps', answers: { ANSWER: {} } })
  }

const flushesEvents = (word: string): ModelError =>
  new ModelError(
    'bad-description',
    `${word}(system_wq): nobody waits for all work on system_wq, which everybody uses.`,
    [],
    'Make a workqueue with alloc_workqueue, or wait for each piece: flush_work(work).',
  )

/** Waits for all that is queued or runs by now. Leads to: deadlock, lock order. */
export const flush_workqueue = asksQueue('flush_workqueue', 'FLUSH_ALL')
/** Waits until nothing is left, and it is no more. Leads to: `workqueue: cannot queue`, use-after-free of who queues something later. */
export const destroy_workqueue = asksQueue('destroy_workqueue', 'DESTROY')
/** Waits until nothing is left, what that queues itself included; others must not queue anything meanwhile. Leads to: deadlock, lock order, `workqueue: cannot queue`. */
export const drain_workqueue = asksQueue('drain_workqueue', 'DRAIN')
