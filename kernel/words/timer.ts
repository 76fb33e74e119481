/**
 * Timers (kernel/time/timer.c): a function that is called some time after the timer was armed, however long. It may be armed again while its
 * function runs. Leads to: use-after-free in a function whose object is gone, `ODEBUG: free active`, deadlock and lock order of who waits for
 * a function that wants what he holds.
 */
import { wordsOf, type Into, type Place } from '../place.ts'
import type { Procedure } from '../procedure.ts'
import type { Step } from '../step.ts'
import { askKeeper, initialising, pieceCalled, type OnProcessor, type Piece } from './deferred.ts'

export type Timer = Piece<'timer_list'>

/** A timer by itself, with its function (DEFINE_TIMER); without a name, as a member of a struct: timer_setup says what it calls. */
export function timer_list(name: string, procedure?: Procedure, options?: OnProcessor): Timer
export function timer_list(options?: OnProcessor): Timer
export function timer_list(first: string | OnProcessor = {}, procedure?: Procedure, options: OnProcessor = {}): Timer {
  const [name, { on }] = typeof first === 'string' ? [first, options] : ['', first]
  const classOf = (of: string) => `((&${of}))`
  return pieceCalled({ kind: 'timer_list', name, worker: 'timer', procedure, classOf, processor: on })
}

/** Says what it is to call. Leads to: `ODEBUG: init active`, if it is armed at the time. */
export const timer_setup = <L>(timer: Place<L, Timer>, procedure: Procedure): Step<L> =>
  initialising({ says: `timer_setup(${wordsOf(timer)}, ${procedure.name})`, of: timer, procedure })

const asks =
  (word: string, type: string, value?: (value: unknown) => unknown, shuts?: true) =>
  <L>(timer: Place<L, Timer>, into?: Into<L, boolean>): Step<L> =>
    askKeeper({
      says: `${word}(${wordsOf(timer)})`,
      of: timer,
      type,
      into,
      waits: type === 'CANCEL_SYNC' ? 'spins' : 'not',
      ...(value && { value }),
      ...(shuts && { with: () => ({ shuts }) }),
    })

/** Arms it, whether or not it was; `into`: was it? */
export const mod_timer = asks('mod_timer', 'QUEUE', (wasNot) => !wasNot)
/** It is not armed any more, but its function may run; `into`: was it armed? */
export const timer_delete = asks('timer_delete', 'CANCEL')
/** It is not armed any more, and its function does not run. Leads to: deadlock, lock order. */
export const timer_delete_sync = asks('timer_delete_sync', 'CANCEL_SYNC')
/** The same, and nobody arms it any more, until timer_setup. */
export const timer_shutdown = asks('timer_shutdown', 'CANCEL', undefined, true)
export const timer_shutdown_sync = asks('timer_shutdown_sync', 'CANCEL_SYNC', undefined, true)
/** As they were called before 6.15. */
export const del_timer = asks('del_timer', 'CANCEL')
export const del_timer_sync = asks('del_timer_sync', 'CANCEL_SYNC')
/** `into`: is it armed? */
export const timer_pending = asks('timer_pending', 'IS_PENDING')
