/**
 * struct completion (kernel/sched/completion.c): what one waits for until another has done it. Whoever completes it somewhere in his procedures
 * is whom the others wait for. Leads to: a deadlock, where that is who waits for them or is through; lock order, where one alone completes it.
 */
import { completion as machine, completionFacts, completionOrders } from '../../machines/kernel/waiting/completion.ts'
import { named, type KernelObject } from '../object.ts'
import { wordsOf, type Into, type Place } from '../place.ts'
import { ask, type Step } from '../step.ts'

export type Completion = KernelObject<'completion'>

/** A completion, not complete; without a name, as a member of a struct. */
export const completion = (name = ''): Completion =>
  named({
    kind: 'completion',
    name,
    actors: (id, { lockClass, by }) => [
      {
        id,
        machine,
        input: { by: by('ended') },
        lockClass: `(completion)${lockClass}`,
        lock: completionFacts,
        orders: completionOrders,
      },
    ],
  })

const completing =
  (word: string, type: string) =>
  <L>(x: Place<L, Completion>): Step<L> =>
    ask({ says: `${word}(${wordsOf(x)})`, of: x, type, manner: 'ended', waits: 'not', answers: { ANSWER: {} } })

/** One who waits goes on, or the next who would wait. Leads to: use-after-free, if it lies in an object that is gone. */
export const complete = completing('complete', 'COMPLETE')
/** All go on who wait, and all who come later. */
export const complete_all = completing('complete_all', 'COMPLETE_ALL')

/** It is not complete any more; what was completed before is forgotten. Leads to: a completion that is lost. */
export const reinit_completion = <L>(x: Place<L, Completion>): Step<L> =>
  ask({ says: `reinit_completion(${wordsOf(x)})`, of: x, type: 'REINIT', waits: 'not', answers: { ANSWER: {} } })

/** Waits until it is complete; its memory is touched again when that is so. Leads to: deadlock, lock order, use-after-free. */
export const wait_for_completion = <L>(x: Place<L, Completion>): Step<L> =>
  ask({
    says: `wait_for_completion(${wordsOf(x)})`,
    of: x,
    type: 'WAIT',
    touches: 'both',
    waits: 'sleeps',
    answers: { ANSWER: {} },
  })

const ERESTARTSYS = 512

const untilSignal =
  (word: string, type: string) =>
  <L>(x: Place<L, Completion>, into: Into<L, number>): Step<L> =>
    ask({
      says: `${into} = ${word}(${wordsOf(x)})`,
      of: x,
      type,
      manner: 'killable',
      touches: 'both',
      waits: 'sleeps',
      answers: { ANSWER: { into, value: () => 0 }, INTERRUPTED: { into, value: () => -ERESTARTSYS } },
    })

/** Waits until it is complete or any signal comes; `into`: 0 or -ERESTARTSYS (-512). */
export const wait_for_completion_interruptible = untilSignal('wait_for_completion_interruptible', 'WAIT_INTERRUPTIBLE')
/** The same until a signal comes that ends the thread. */
export const wait_for_completion_killable = untilSignal('wait_for_completion_killable', 'WAIT_KILLABLE')

/** Waits for some time, however long: both ends are looked at where there are two. `into`: 1 when it was complete, 0 when time was up. */
export const wait_for_completion_timeout = <L>(x: Place<L, Completion>, into: Into<L, number>): Step<L> =>
  ask({
    says: `${into} = wait_for_completion_timeout(${wordsOf(x)})`,
    of: x,
    type: 'TRY_WAIT',
    touches: 'both',
    waits: 'sleeps',
    answers: { ANSWER: { into, value: () => 1 }, BUSY: { into, value: () => 0 } },
  })

/** Does not wait; `into`: was it complete? */
export const try_wait_for_completion = <L>(x: Place<L, Completion>, into: Into<L, boolean>): Step<L> =>
  ask({
    says: `${into} = try_wait_for_completion(${wordsOf(x)})`,
    of: x,
    type: 'TRY_WAIT',
    waits: 'not',
    answers: { ANSWER: { into, value: () => true }, BUSY: { into, value: () => false } },
  })
