/**
 * Wait queues (kernel/sched/wait.c): a thread sleeps until a condition holds, and looks again each time the queue is woken. Nobody wakes it
 * because the condition has come true: that is for whoever makes it true to do. Leads to: a deadlock (a lost wake-up), lock order, where one
 * thread alone could wake it.
 */
import { waitQueue as machine, waitQueueFacts, waitQueueOrders } from '../../machines/kernel/waiting/wait-queue.ts'
import { named, type Cell, type KernelObject, type Manner } from '../object.ts'
import { nameOf, wordsOf, type AnyPlace, type Into, type Place } from '../place.ts'
import type { Pointer } from '../pointer.ts'
import { access, ask, inOrder, keeping, type Locals, type Step } from '../step.ts'
import { conditionWords, isTrue, when, type Condition } from './control.ts'

export type WaitQueueHead = KernelObject<'wait_queue_head'>

/** A wait queue; without a name, as a member of a struct. */
export const wait_queue_head = (name = ''): WaitQueueHead =>
  named({
    kind: 'wait_queue_head',
    name,
    actors: (id, { lockClass, by }) => [
      {
        id,
        machine,
        input: { by: by('ended') },
        lockClass: `(wait_queue)${lockClass}`,
        lock: waitQueueFacts,
        orders: waitQueueOrders,
      },
    ],
  })

/**
 * What is waited for: a variable or field that has to be true as in C; or steps to look with, and the condition of the locals that is to hold
 * then: `{ look: [refcount_read(users, 'n')], until: ({ n }) => n === 0 }`.
 */
export type Awaited<L> = Place<L, Cell> | { readonly look: readonly Step<L>[]; readonly until: Condition<L> }

const wakes = (says: string, wq: AnyPlace, whom: (locals: Locals) => Locals): Step<any> =>
  ask({ says, of: wq, type: 'WAKE', manner: 'ended', waits: 'not', with: whom, answers: { ANSWER: {} } })

const waking =
  (word: string, whom: Locals = {}) =>
  <L>(wq: Place<L, WaitQueueHead>): Step<L> =>
    wakes(`${word}(${wordsOf(wq)})`, wq, () => whom)

/** Whoever sleeps there looks at his condition again: all of them, but of those who wait exclusively the first alone. Leads to: a lost wake-up. */
export const wake_up = waking('wake_up')
/** Everybody. */
export const wake_up_all = waking('wake_up_all', { nr: 0 })
/** Of those who wait exclusively the first `nr`. */
export const wake_up_nr = <L>(wq: Place<L, WaitQueueHead>, nr: number): Step<L> =>
  wakes(`wake_up_nr(${wordsOf(wq)}, ${nr})`, wq, () => ({ nr }))
/** As wake_up and wake_up_all, but only those who wait until any signal comes. Leads to: a lost wake-up of who waits otherwise. */
export const wake_up_interruptible = waking('wake_up_interruptible', { interruptible: true })
export const wake_up_interruptible_all = waking('wake_up_interruptible_all', { interruptible: true, nr: 0 })

/** `into`: does somebody wait there? It touches nothing else. Leads to: a lost wake-up, where it is asked before the condition is true. */
export const waitqueue_active = <L>(wq: Place<L, WaitQueueHead>, into: Into<L, boolean>): Step<L> =>
  ask({
    says: `${into} = waitqueue_active(${wordsOf(wq)})`,
    of: wq,
    type: 'IS_ACTIVE',
    waits: 'not',
    answers: { ANSWER: { into } },
  })

/** Goes one way when the condition holds, and the other when it does not. */
type Look = (yes: Step<any>, no: Step<any>) => Step<any>

const looking = (condition: Awaited<any>, says: string): Look => {
  if (isPlace(condition))
    return (yes, no) =>
      access(condition, {
        says: `${says}: ${nameOf(condition)}?`,
        op: 'read',
        marked: true,
        keeps: [{ if: ({ value }) => isTrue(value), says: nameOf(condition), does: yes }, { does: no }],
      })
  const { look, until } = condition
  return (yes, no) => inOrder([...look, when(until, [yes], [no])])
}

const isPlace = (condition: Awaited<any> | string): condition is Cell | string =>
  typeof condition === 'string' || 'discipline' in condition

const wordsFor = (condition: Awaited<any>): string =>
  isPlace(condition) ? nameOf(condition) : conditionWords(condition.until)

interface Waiting {
  readonly word: string
  readonly wq: AnyPlace
  readonly condition: Awaited<any>
  /** The message that asks to sleep. */
  readonly type: string
  readonly into?: string
  readonly manner?: Manner
  /** What it gives when the condition held. */
  readonly held?: number
  readonly exclusive?: true
  /** What is waited for, where a queue is shared. */
  readonly key?: (locals: Locals) => string
  /** The queue as it is written. */
  readonly queue?: string
}

const ERESTARTSYS = 512

/** Looks; if need be stands in the queue, looks again, sleeps, and so on (___wait_event). */
const waiting = (how: Waiting): Step<any> => {
  const { word, wq, condition, type, into, manner, held = 0, exclusive, key, queue = wordsOf(wq) } = how
  const says = `${into === undefined ? '' : `${into} = `}${word}(${queue}, ${wordsFor(condition)})`
  const stands = (locals: Locals): Locals => ({
    ...(exclusive && { exclusive }),
    ...(type === 'SLEEP_INTERRUPTIBLE' && { interruptible: true }),
    ...(key && { key: key(locals) }),
  })
  const look = looking(condition, says)
  const asks = (type: string): Step<any> =>
    ask({ says, of: wq, type, waits: 'not', with: stands, answers: { ANSWER: {} } })
  const gives = (value: number): Step<any> =>
    into === undefined ? inOrder([]) : keeping(`${into} = ${value}`, () => ({ [into]: value }))
  const leaves = (value: number): Step<any> => inOrder([asks('FINISH'), gives(value)])
  const made = (again: Step<any>) => {
    const sleep = ask({
      says,
      of: wq,
      type,
      waits: 'sleeps',
      with: stands,
      ...(manner && { manner }),
      answers: {
        ANSWER: { does: again },
        ...(manner === 'killable' && { INTERRUPTED: { does: leaves(-ERESTARTSYS) } }),
        ...(type === 'SLEEP_FOR_SOME_TIME' && { BUSY: { does: look(leaves(held), leaves(0)) } }),
      },
    })
    return [look(gives(held), inOrder([asks('PREPARE'), again])), look(leaves(held), sleep)] as const
  }
  return {
    inside: made(inOrder([])),
    compile: (chart) => {
      const head = chart.passes(`${says}: again`)
      const [first, next] = made({ compile: () => ({ entry: head.entry, connect: () => {} }) }).map((each) =>
        chart.sequence([each]),
      )
      head.connect(next!.entry!)
      return {
        entry: first!.entry,
        connect: (to) => {
          first!.connect(to)
          next!.connect(to)
        },
      }
    },
  }
}

/** Sleeps until the condition holds. Leads to: deadlock, when nobody wakes the queue after it has come true. */
export const wait_event = <L>(wq: Place<L, WaitQueueHead>, condition: Awaited<L>): Step<L> =>
  waiting({ word: 'wait_event', wq, condition, type: 'SLEEP' })

/** The same, and one of those who wait so is woken at a time (wait_event_exclusive_cmd without commands). Leads to: a wake-up that the wrong one got. */
export const wait_event_exclusive = <L>(wq: Place<L, WaitQueueHead>, condition: Awaited<L>): Step<L> =>
  waiting({ word: 'wait_event_exclusive', wq, condition, type: 'SLEEP', exclusive: true })

const untilSignal =
  (word: string, type: string, more: Pick<Waiting, 'exclusive'> = {}) =>
  <L>(wq: Place<L, WaitQueueHead>, condition: Awaited<L>, into: Into<L, number>): Step<L> =>
    waiting({ word, wq, condition, type, into, manner: 'killable', ...more })

/** The same, or until any signal comes; `into`: 0 or -ERESTARTSYS (-512). */
export const wait_event_interruptible = untilSignal('wait_event_interruptible', 'SLEEP_INTERRUPTIBLE')
/** The same, or until a signal comes that ends the thread. */
export const wait_event_killable = untilSignal('wait_event_killable', 'SLEEP_KILLABLE')

export const wait_event_interruptible_exclusive = untilSignal(
  'wait_event_interruptible_exclusive',
  'SLEEP_INTERRUPTIBLE',
  { exclusive: true },
)
export const wait_event_killable_exclusive = untilSignal('wait_event_killable_exclusive', 'SLEEP_KILLABLE', {
  exclusive: true,
})

/** The same for some time, however long. `into`: 1 when the condition held, 0 when time was up and it did not. */
export const wait_event_timeout = <L>(
  wq: Place<L, WaitQueueHead>,
  condition: Awaited<L>,
  into: Into<L, number>,
): Step<L> => waiting({ word: 'wait_event_timeout', wq, condition, type: 'SLEEP_FOR_SOME_TIME', into, held: 1 })

/** One queue for whatever has none of its own; each is woken by the address of what he waits for. */
const shared = wait_queue_head('bit_wait_table')

const addressOf =
  (place: AnyPlace) =>
  (locals: Locals): string => {
    if (typeof place !== 'string') return place.name
    const [local = '', member = ''] = place.split('->')
    return `${(locals[local] as Pointer | null)?.id ?? 'NULL'}.${member}`
  }

/** What the path names has to be there, though nothing is read of it. */
const naming = (place: AnyPlace, step: Step<any>): Step<any> =>
  typeof place === 'string'
    ? { ...step, compile: (chart) => (chart.path(place), step.compile(chart)) }
    : { ...step, uses: [...(step.uses ?? []), place] }

/** Sleeps until the condition holds; whoever has changed `place` wakes by it. Leads to: deadlock (a lost wake-up), lock order. */
export const wait_var_event = <L>(place: Place<L, Cell>, condition: Awaited<L>): Step<L> =>
  naming(
    place as AnyPlace,
    waiting({
      word: 'wait_var_event',
      wq: shared,
      queue: `&${nameOf(place as AnyPlace)}`,
      condition: condition as Awaited<any>,
      type: 'SLEEP',
      key: addressOf(place as AnyPlace),
    }),
  )

/** Whoever waits for this variable looks at his condition again. What lies there is not touched: it may be gone. */
export const wake_up_var = <L>(place: Place<L, Cell>): Step<L> => {
  const key = addressOf(place as AnyPlace)
  return naming(
    place as AnyPlace,
    wakes(`wake_up_var(&${nameOf(place as AnyPlace)})`, shared, (locals) => ({ key: key(locals) })),
  )
}
