/**
 * A processor that several share: threads bound to it, softirqs and interrupts that come there. Before each step a thread asks to RUN; so between
 * two steps, and nowhere else, an interrupt comes in, a softirq where they are on, or another thread while preemption is on. What is interrupted
 * goes on when the handler, or the softirq, is through. A thread that only waits (spins, sleeps) does not keep the processor. A softirq asks as
 * threads do, and is interrupted by interrupts alone.
 *
 * An interrupt that comes while some thread is in the middle of a step, or has interrupts off, is pending, as in the interrupt controller; once
 * more of the same makes no difference then. Masked (disable_irq) it stays so; of a line that was freed nothing comes any more.
 *
 * To have interrupts, softirqs or preemption off is to be in a section of the processor, which is left when they are on again: what is done in it
 * is ordered against whatever else is done there in one (explore/system.ts, `sections`).
 *
 * Left out: interrupts that interrupt handlers, moving threads to other processors, priorities.
 */
import { enqueueActions, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { answer } from '../answer.ts'
import type { Defers } from '../defers.ts'
import type { LockFacts } from '../locks/lock-facts.ts'

/** An interrupt line of this processor. */
interface Line {
  readonly irq: string
  /** Its handler's thread for the second half, if it has one. */
  readonly thread?: string
  /** Masked until that thread is through, too. */
  readonly oneshot: boolean
  /** How often it was disabled. */
  readonly depth: number
  readonly freed: boolean
  readonly pending: boolean
  /** The handler's second half: to be run, running. */
  readonly woken: boolean
  readonly threadRuns: boolean
}

/** A thread that wants to go on. */
interface Run {
  readonly from: string
  readonly task: string
  /** What may come in between: with `all` another thread, too. */
  readonly lets: Lets
  /** It is about to wait, so that others may come. */
  readonly waits: boolean
  readonly softirq?: true
  /** The sections that it has left. */
  readonly leaves?: readonly Section[]
}

export type Section = 'preempt' | 'bh' | 'irqs'

type Lets = 'all' | 'softirqs' | 'interrupts' | 'nothing'

const sections: Readonly<Record<Lets, readonly Section[]>> = {
  all: [],
  softirqs: ['preempt'],
  interrupts: ['preempt', 'bh'],
  nothing: ['preempt', 'bh', 'irqs'],
}

/** The sections of whoever lets no more than this come in between. A softirq comes to threads that have preemption off. */
export const sectionsWhere = (lets: Lets, softirq = false): readonly Section[] =>
  softirq ? sections[lets].filter((section) => section !== 'preempt') : sections[lets]

/** The one of a handler: it comes to whoever has interrupts on. */
export const sectionOfHandler: readonly Section[] = ['irqs']

/** Somebody who waits until no handler of a line runs. */
interface Synchronizing {
  readonly from: string
  readonly task: string
  readonly irq: string
}

interface ProcessorContext {
  readonly lines: readonly Line[]
  /** Threads in the middle of a step, or with interrupts off. */
  readonly busy: readonly string[]
  /** The thread that has preemption off, and whether it has softirqs off, too. */
  readonly atomic: string | null
  readonly softirqsOff: boolean
  /** The thread of a softirq that runs. */
  readonly softirq: string | null
  readonly queue: readonly Run[]
  readonly synchronizing: readonly Synchronizing[]
  /** The interrupt whose handler runs. */
  readonly running: string | null
}

type ProcessorEvent = Heard &
  (
    | { readonly type: 'IRQ'; readonly irq: string }
    | ({ readonly type: 'RUN' } & Pick<Run, 'lets' | 'waits' | 'softirq' | 'leaves'>)
    /** A handler, or its second half, is ready for the next interrupt; or through with one. */
    | {
        readonly type: 'NEXT' | 'DONE'
        readonly irq: string
        readonly half: Half
        readonly ret?: unknown
        readonly leaves?: readonly Section[]
      }
    | { readonly type: 'DISABLE' | 'DISABLE_NOSYNC' | 'ENABLE' | 'SYNCHRONIZE' | 'FREE'; readonly irq: string }
  )

export type Half = 'handler' | 'thread'

const mayCome = ({ pending, depth, freed, oneshot, woken, threadRuns }: Line): boolean =>
  pending && depth === 0 && !freed && !(oneshot && (woken || threadRuns))

const lineOf = ({ lines }: ProcessorContext, irq: string): Line => lines.find((each) => each.irq === irq)!

const withLine = (context: ProcessorContext, irq: string, change: Partial<Line>): ProcessorContext => ({
  ...context,
  lines: context.lines.map((each) => (each.irq === irq ? { ...each, ...change } : each)),
})

/** Some part of its handler runs, or will. */
const isHandled = (context: ProcessorContext, irq: string): boolean => {
  const { woken, threadRuns } = lineOf(context, irq)
  return context.running === irq || woken || threadRuns
}

/** What an event changes by itself. */
function changed(context: ProcessorContext, event: ProcessorEvent): ProcessorContext {
  switch (event.type) {
    case 'IRQ':
      return withLine(context, event.irq, { pending: true })
    case 'RUN': {
      const { from, task, lets, waits, softirq } = event
      return {
        ...context,
        busy: context.busy.filter((each) => each !== task),
        queue: [...context.queue, { from, task, lets, waits, ...(softirq && { softirq }) }],
      }
    }
    case 'NEXT':
      return event.half === 'handler'
        ? { ...withLine(context, event.irq, { pending: false }), running: event.irq }
        : withLine(context, event.irq, { woken: false, threadRuns: true })
    case 'DONE': {
      if (event.half === 'thread') return withLine(context, event.irq, { threadRuns: false })
      const wakes = event.ret === 'IRQ_WAKE_THREAD' && lineOf(context, event.irq).thread !== undefined
      return { ...(wakes ? withLine(context, event.irq, { woken: true }) : context), running: null }
    }
    case 'DISABLE':
    case 'DISABLE_NOSYNC':
      return withLine(context, event.irq, { depth: lineOf(context, event.irq).depth + 1 })
    case 'ENABLE':
      return withLine(context, event.irq, { depth: Math.max(0, lineOf(context, event.irq).depth - 1) })
    case 'FREE':
      return withLine(context, event.irq, { freed: true, pending: false })
    case 'SYNCHRONIZE':
      return context
  }
}

const synchronizes = new Set(['DISABLE', 'SYNCHRONIZE', 'FREE'])
const answered = new Set(['DISABLE_NOSYNC', 'ENABLE'])

const isAtomic = ({ lets }: Run): boolean => lets !== 'all'

/**
 * No softirq runs, and nobody else has switched preemption off; who has done so himself goes on when nobody else is in the middle of a step. A
 * softirq begins when nobody is, and nobody has switched them off.
 */
const mayRun = ({ atomic, softirqsOff, softirq, busy }: ProcessorContext, run: Run): boolean => {
  if (softirq !== null) return softirq === run.task
  if (run.softirq) return busy.length === 0 && !softirqsOff
  return atomic === null ? !isAtomic(run) || busy.every((each) => each === run.task) : atomic === run.task
}

/** What a thread that goes on has switched off. */
const switchedOff = (context: ProcessorContext, run: Run): Partial<ProcessorContext> => {
  const { task, lets, softirq } = run
  if (softirq) return { softirq: isAtomic(run) ? task : null }
  if (isAtomic(run)) return { atomic: task, softirqsOff: lets !== 'softirqs' }
  return context.atomic === task ? { atomic: null, softirqsOff: false } : {}
}

/** Who goes on now: one after the other, until nobody can. */
function settled(context: ProcessorContext): readonly [ProcessorContext, readonly Said[]] {
  if (context.running !== null || context.lines.some(mayCome)) return [context, []]
  const next = context.queue.find((each) => mayRun(context, each))
  if (next === undefined) return [context, []]
  const { from, task, waits, lets, softirq } = next
  const enters = sectionsWhere(lets, softirq)
  const [after, said] = settled({
    ...context,
    queue: context.queue.filter((each) => each !== next),
    busy: waits ? context.busy : [...context.busy, task].sort(),
    ...switchedOff(context, next),
  })
  return [after, [send(from, 'GO', { task, quiet: true, ...(enters.length > 0 && { enters }) }), ...said]]
}

export const processor = setup({
  types: {
    context: {} as ProcessorContext,
    events: {} as ProcessorEvent,
    emitted: {} as Said,
    input: {} as { readonly lines: readonly Pick<Line, 'irq' | 'thread' | 'oneshot'>[] },
    meta: {} as { readonly defers: Defers },
  },
  guards: {
    isItsTurn: ({ context, event }) => {
      if (event.type !== 'NEXT') return true
      const line = lineOf(context, event.irq)
      if (event.half === 'thread') return line.woken
      return mayCome(line) && context.running === null && context.busy.length === 0
    },
  },
  actions: {
    go: enqueueActions(({ context, event, enqueue }) => {
      let now = changed(context, event)
      if (event.type === 'NEXT')
        enqueue.emit(answer(event, 'HANDLE', event.half === 'handler' ? { enters: sectionOfHandler } : {}))
      if (event.type === 'DONE') enqueue.emit(answer(event, 'OK', { quiet: true }))
      if (answered.has(event.type)) enqueue.emit(answer(event, 'ANSWER'))
      if (synchronizes.has(event.type) && 'irq' in event) {
        const { from, task, irq } = event
        now = { ...now, synchronizing: [...now.synchronizing, { from, task, irq }] }
      }
      const over = now.synchronizing.filter(({ irq }) => !isHandled(now, irq))
      for (const { from, task } of over) enqueue.emit(send(from, 'ANSWER', { task }))
      const [after, said] = settled({
        ...now,
        synchronizing: now.synchronizing.filter((each) => !over.includes(each)),
      })
      for (const each of said) enqueue.emit(each)
      enqueue.assign(after)
    }),
  },
}).createMachine({
  id: 'processor',
  context: ({ input: { lines } }) => ({
    lines: lines.map((each) => ({
      ...each,
      ...{ depth: 0, freed: false, pending: false, woken: false, threadRuns: false },
    })),
    ...{ busy: [], atomic: null, softirqsOff: false, softirq: null, queue: [], synchronizing: [], running: null },
  }),
  initial: 'on',
  states: {
    on: {
      meta: { defers: [{ type: 'NEXT', unless: 'isItsTurn' }] },
      on: {
        IRQ: { actions: 'go' },
        RUN: { actions: 'go' },
        NEXT: { actions: 'go' },
        DONE: { actions: 'go' },
        DISABLE: { actions: 'go' },
        DISABLE_NOSYNC: { actions: 'go' },
        ENABLE: { actions: 'go' },
        SYNCHRONIZE: { actions: 'go' },
        FREE: { actions: 'go' },
      },
    },
  },
})

const owed = ({ queue, synchronizing }: ProcessorContext): readonly string[] =>
  [...queue, ...synchronizing].map(({ from }) => from)

export const processorOrders = { sections: true } as const

/** Whose handler or softirq runs keeps all others out; so does whoever has switched preemption off. */
export const processorFacts: LockFacts<ProcessorContext> = {
  acquires: ['RUN'],
  holders: ({ running, softirq, atomic }) => ({
    threads: [...new Set([running, softirq, atomic])].flatMap((thread) => thread ?? []).sort(),
    exclusive: false,
  }),
  // Each keeps out those behind.
  endedBy: ({ running, softirq, atomic }) => [running ?? softirq ?? atomic].flatMap((thread) => thread ?? []),
  tried: true,
  owes: owed,
}
