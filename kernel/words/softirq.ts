/**
 * Softirqs and tasklets (kernel/softirq.c): what a handler leaves for later, to be done soon with interrupts on. It may not sleep. Where it is
 * bound to a processor (`{ on: 'cpu0' }`) it comes between two steps of the threads there, while they have softirqs on. Leads to: a softirq
 * that spins for a lock of the thread it interrupts, `inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage`, use-after-free in a tasklet whose
 * object is gone, sleeping in the wrong place.
 */
import { wordsOf, type Into, type Place } from '../place.ts'
import type { Procedure } from '../procedure.ts'
import { inOrder, type Step } from '../step.ts'
import { askKeeper, initialising, pieceCalled, type OnProcessor, type Piece } from './deferred.ts'

export type Tasklet = Piece<'tasklet_struct'>
export type Softirq = Piece<'softirq'>

/** A softirq, with what it does (open_softirq). */
export const softirq = (name: string, action: Procedure, { on }: OnProcessor = {}): Softirq =>
  pieceCalled({ kind: 'softirq', name, worker: 'softirq', procedure: action, processor: on })

/** It is done soon, once, however often it is raised until then. */
export const raise_softirq = (which: Softirq): Step =>
  askKeeper({ says: `raise_softirq(${which.name})`, of: which, type: 'QUEUE' })

/** A tasklet by itself, with what it calls (DECLARE_TASKLET); without a name, as a member of a struct: tasklet_setup says what it calls. */
export function tasklet_struct(name: string, procedure?: Procedure, options?: OnProcessor): Tasklet
export function tasklet_struct(options?: OnProcessor): Tasklet
export function tasklet_struct(
  first: string | OnProcessor = {},
  procedure?: Procedure,
  options: OnProcessor = {},
): Tasklet {
  const [name, { on }] = typeof first === 'string' ? [first, options] : ['', first]
  return pieceCalled({ kind: 'tasklet_struct', name, worker: 'tasklet', procedure, processor: on })
}

/** Says what it is to call. */
export const tasklet_setup = <L>(tasklet: Place<L, Tasklet>, procedure: Procedure): Step<L> =>
  initialising({ says: `tasklet_setup(${wordsOf(tasklet)}, ${procedure.name})`, of: tasklet, procedure })

/** It is called soon, once, however often it is scheduled until then; `into`: was it not scheduled yet? */
export const tasklet_schedule = <L>(tasklet: Place<L, Tasklet>, into?: Into<L, boolean>): Step<L> =>
  askKeeper({ says: `tasklet_schedule(${wordsOf(tasklet)})`, of: tasklet, type: 'QUEUE', into })

/** Waits until it has been called, if it is scheduled, and does not run. Whoever schedules it later is not kept from it. Leads to: deadlock. */
export const tasklet_kill = <L>(tasklet: Place<L, Tasklet>): Step<L> => {
  const asks = (type: string): Step<any> =>
    askKeeper({ says: `tasklet_kill(${wordsOf(tasklet)})`, of: tasklet, type, waits: 'sleeps' })
  return inOrder([asks('FLUSH'), asks('CANCEL_SYNC')])
}
