/** Runs a schedule again and writes down everything that happens. */
import { insist } from '../../shapes/insist.ts'
import { ModelError } from '../errors.ts'
import { HappensBefore } from '../memory/happens-before.ts'
import { interruptionsIn } from '../locks/contexts.ts'
import { completedBy, LockOrder } from '../locks/lock-order.ts'
import { inOrder, type Sequence } from './order.ts'
import { LockWatch } from '../locks/lock-watch.ts'
import { leaksIn } from '../memory/leaks.ts'
import { comingFrom } from './origin.ts'
import { RacesOfRun } from '../memory/race-watch.ts'
import type { Schedule } from '../outcome/report.ts'
import { replayShape } from '../shapes.ts'
import { Senders } from './senders.ts'
import { ignoredBy, unexpected } from '../claims/ignored.ts'
import type { Shown, System } from '../system.ts'
import { tablesOf, type Tables } from '../states/tables.ts'
import type { Trace, TraceStep, WaitEdge } from './trace.ts'
import { queued, somebodyWaits, stoppedIn, waitEdges } from '../locks/waiting.ts'

export interface ReplayOptions {
  /** The run has to be in this order, as `explore` has it. */
  readonly order?: readonly Sequence[]
  /** Whether a message that a receiver ignores is only shown, or a finding. */
  readonly ignored?: 'show' | 'fail'
}

/**
 * The trace of a schedule: indices into the lanes that can be taken, or names of steps (`from → to TYPE`).
 *
 * Throws a ModelError of problem `bad-schedule` naming the first step that does not fit, and what could be done there instead.
 */
export function replay(
  system: System<any>,
  schedule: Schedule | readonly string[],
  options: ReplayOptions = {},
): Trace {
  insist(replayShape, { schedule, options }, 'replay()')
  if (options.order) return replay(inOrder(system, options.order), schedule, { ...options, order: undefined })
  const tables = tablesOf(system)
  const state = tables.initial()
  const senders = new Senders(tables, state)
  const order = new LockOrder(tables)
  const locks = new LockWatch(tables, state)
  const races = new RacesOfRun(new HappensBefore(tables))
  const initial = Object.fromEntries(tables.components.map((each) => [each.id, each.show(each.initial)]))
  const steps: TraceStep[] = []
  let crashed = false
  for (const [index, wanted] of schedule.entries()) {
    const choices = tables.choices(state)
    const possible = choices.map((lane) => stepName(tables, state, lane))
    const choice = typeof wanted === 'number' ? wanted : possible.indexOf(wanted)
    const lane = choices[choice]
    if (lane === undefined || crashed) throw doesNotFit(index + 1, wanted, crashed ? [] : possible)
    if (tables.isHeld(state, lane)) throw isOutOfOrder(index + 1, possible[choice]!, system)
    const entry = tables.entryOf(state, lane)!
    const { from, to } = tables.lanes[lane]!
    const component = tables.components[entry.component]!
    const message = tables.message(lane, entry.message)
    const before = show(tables, entry.component, entry.local)
    const sentAt = senders.deliver(lane, entry, index + 1)
    tables.apply(state, lane, entry)
    locks.see(entry, index + 1)
    const inversions = completedBy(order, order.newEdges(state, entry), entry)
    const raced = races.see(entry, index + 1)
    const ignored = entry.ignored && options.ignored === 'fail' ? [unexpected(ignoredBy(tables, entry))] : []
    steps.push({
      number: index + 1,
      choice,
      from,
      to,
      message,
      sentAt,
      possible,
      before,
      after: component.show(tables.locals[entry.component]![entry.next]),
      sends: entry.lanes.map((target, at) => ({
        to: tables.lanes[target]!.to,
        message: tables.message(target, entry.messages[at]!),
      })),
      findings: [...entry.findings, ...inversions, ...raced, ...ignored],
      notes: entry.notes,
      ...(entry.memory.length > 0 && { memory: entry.memory }),
      ignored: entry.ignored,
    })
    crashed = entry.fatal
  }
  const threads = Object.fromEntries(
    tables.components.flatMap(({ id, thread }) => (thread === undefined ? [] : [[id, thread]])),
  )
  const interruptions = interruptionsIn(tables.components)
  const open = tables.choices(state).length > 0
  const stuck = !open && !crashed && somebodyWaits(tables, state)
  const waiting = stuck ? waitEdges(tables, state).map((edge) => inRun(steps, senders, edge)) : []
  const stopped = stuck && waiting.length === 0 ? stoppedIn(tables, state) : []
  const leaks = open || crashed || stuck ? [] : leaksIn(tables, state)
  const trace: Trace = {
    system: system.name,
    fingerprint: system.fingerprint,
    initial,
    steps,
    end: crashed ? 'crashed' : open ? 'open' : stuck ? 'deadlock' : 'finished',
    waiting,
    ...(stopped.length > 0 && { stopped }),
    ...(leaks.length > 0 && { leaks }),
    threads,
    ...(interruptions.size > 0 && { interruptions: Object.fromEntries(interruptions) }),
    locks: locks.traced(),
  }
  return comingFrom(system, system.tell ? { ...trace, told: system.tell(trace) } : trace)
}

/** The choices that take these lanes one after the other. */
export function scheduleOf(tables: Tables, run: readonly number[]): number[] {
  const state = tables.initial()
  return run.map((lane) => {
    const choice = tables.choices(state).indexOf(lane)
    tables.apply(state, lane, tables.entryOf(state, lane)!)
    return choice
  })
}

export function stepName(tables: Tables, state: Int32Array, lane: number): string {
  const { from, to } = tables.lanes[lane]!
  return `${from} → ${to} ${tables.message(lane, tables.head(state, lane)).type}`
}

const show = (tables: Tables, component: number, local: number): Shown =>
  tables.components[component]!.show(tables.locals[component]![local])

/** What a wait-for edge does not know by itself: which step sent the request, and what it was if the lock has taken it already. */
function inRun(steps: readonly TraceStep[], senders: Senders, edge: WaitEdge): WaitEdge {
  if (edge.type !== queued) return { ...edge, sentAt: senders.head(edge.from, edge.at) }
  const request = steps.findLast(({ from, to }) => from === edge.from && to === edge.at)!
  return { ...edge, type: request.message.type, sentAt: request.sentAt }
}

const isOutOfOrder = (step: number, name: string, { order }: System<any>): ModelError =>
  new ModelError(
    'bad-schedule',
    `Step ${step} of the schedule is out of order: ${name}.`,
    order!.rules.map(({ said: [first, then] }) => ['order', `${first} before ${then}`] as const),
    'Leave the order out, or begin with another run.',
  )

function doesNotFit(step: number, wanted: number | string, possible: readonly string[]): ModelError {
  return new ModelError(
    'bad-schedule',
    `Step ${step} of the schedule does not fit: ${typeof wanted === 'number' ? `choice ${wanted}` : wanted}.`,
    possible.length > 0
      ? possible.map((name, index) => [index === 0 ? 'possible' : '', `${index}  ${name}`] as const)
      : [['possible', 'nothing: the run ends here']],
    'Was it recorded on another model, or cut short?',
  )
}
