/** What went wrong in a trace, and its two sides: ① the step where it shows, ② the earlier one by another thread. */
import type { OrderEdge } from '../explore/locks/lockdep.ts'
import type { Finding } from '../explore/system.ts'
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { changed } from './changes.ts'
import { lostUpdate, type LostUpdate } from './procedures.ts'
import { eventsOf } from './sanitizer.ts'
import { laneOf, locks, unlocks } from './story.ts'
import { pointerName } from './words.ts'

export type Wrong =
  | {
      readonly what: 'finding'
      readonly at: number
      readonly finding: Finding
      /** Lock order only: edges that this run does not show, each with another one that does. */
      readonly elsewhere?: readonly OrderEdge[]
    }
  | { readonly what: 'deadlock' }
  | {
      readonly what: 'property'
      readonly kind: 'always' | 'sometimes' | 'eventually'
      readonly name: string
      /** The kernel word it is reported under, if it has one. */
      readonly finding?: string
      readonly ofStep?: true
      readonly at: number
      readonly loopsFrom?: number
    }

/** What a trace shows by itself; a title picks one of several findings. A violated property must be told by whoever knows it. */
export const wrongIn = (trace: Trace, title?: string): Wrong | undefined => {
  const end = trace.steps.length
  const found = [
    ...trace.steps.flatMap(({ number, findings }) => findings.map((finding) => ({ at: number, finding }))),
    ...(trace.leaks ?? []).map((finding) => ({ at: end, finding })),
  ]
  const named = found.findLast(({ finding }) => finding.title === title)
  const last =
    named ?? (trace.end === 'deadlock' ? undefined : (found.findLast(({ finding }) => finding.fatal) ?? found.at(-1)))
  if (last !== undefined) return { what: 'finding', ...last }
  return trace.end === 'deadlock' ? { what: 'deadlock' } : undefined
}

/**
 * A promise that is not kept because its run hangs, or because its last step is a finding: what is told is how the run ended, whether it
 * was looked for under the promise's name or is replayed without knowing of it.
 */
export const badEnd = (trace: Trace, wrong: Wrong): Wrong => {
  if (wrong.what !== 'property' || wrong.kind !== 'eventually' || wrong.loopsFrom !== undefined) return wrong
  const end = wrongIn(trace)
  return end === undefined || (end.what === 'finding' && end.at < trace.steps.length) ? wrong : end
}

/** Found at the end of a run, when nobody did anything: an object that nothing leads to. */
export const isLeft = ({ leaks = [] }: Trace, { kind, title, object }: Finding): boolean =>
  leaks.some((leak) => leak.kind === kind && leak.title === title && leak.object === object)

export interface LifeEvent {
  readonly step: number
  readonly what: string
  readonly thread: string
  readonly actor: string
}

/** The life of an object: its beginning, its end and every note about it, and who caused it. */
export const lifeOf = (trace: Trace, object: string): readonly LifeEvent[] =>
  trace.steps.flatMap((step) =>
    eventsOf(step)
      .filter((note) => note.object === object)
      .map(({ what }) => ({ step: step.number, what, thread: laneOf(trace, step.from), actor: step.from })),
  )

const carries = (x: unknown, name: string): boolean =>
  pointerName(x) === name ||
  (typeof x === 'object' && x !== null && Object.values(x).some((inner) => carries(inner, name)))

/** The unlock and the relock around the other side: the question this program is named after. */
export interface Gap {
  readonly lock: string
  readonly dropped: number
  /** Undefined: not taken again before ①. */
  readonly taken: number | undefined
}

export interface Sides {
  readonly now: TraceStep
  readonly object: string | undefined
  readonly earlier: TraceStep | undefined
  /** What ② did to the object, in the object's words. */
  readonly earlierWhat: string | undefined
  /** Where the thread of ① learnt of the object. */
  readonly learnt: TraceStep | undefined
  readonly gap: Gap | undefined
  /** Two accesses that nothing orders, each as it is called in the procedure. */
  readonly race?: true
  /** Of a claim about variables: what was lost. */
  readonly update?: LostUpdate
}

/**
 * After ① learnt of the object: the last unlock before ② and the first lock of the same thing after it. The call itself is asked
 * before its thread, for the callbacks it makes meanwhile lock and unlock, too.
 */
const gapAround = (trace: Trace, actor: string, learnt: number, at: number, end: number): Gap | undefined => {
  for (const mine of [(id: string) => id === actor, (id: string) => laneOf(trace, id) === laneOf(trace, actor)]) {
    const own = trace.steps.filter((s) => s.number <= end && mine(s.from) && trace.threads[s.to] === undefined)
    for (const step of own.filter((s) => s.number > learnt && s.number < at && unlocks(s.message.type)).reverse()) {
      const next = own.find((s) => s.number > step.number && s.to === step.to && locks(s.message.type))
      if (next === undefined || next.number > at) return { lock: step.to, dropped: step.number, taken: next?.number }
    }
  }
  return undefined
}

export const sidesOf = (trace: Trace, at: number, finding: Finding): Sides | undefined => {
  const now = trace.steps[at - 1]
  if (now === undefined) return undefined
  const { object: about, against } = finding
  if (against !== undefined) return sidesOfRace(now, trace.steps[against - 1], about)
  const thread = laneOf(trace, trace.threads[now.from] === undefined ? now.to : now.from)
  const object = about ?? eventsOf(now)[0]?.object
  const before = trace.steps.slice(0, at - 1)
  const others = (step: TraceStep): boolean => laneOf(trace, step.from) !== thread
  const life = object === undefined ? [] : lifeOf(trace, object).filter(({ step }) => step < at)
  const other = life.filter((event) => event.thread !== thread)
  const event =
    life.findLast(({ what }) => what.startsWith('freed')) ??
    other.findLast(({ what }) => !what.startsWith('un')) ??
    other.at(-1)
  // Nothing noted: whoever last changed what ① looked at.
  const earlier = event
    ? before[event.step - 1]
    : before.findLast(
        (s) => s.to === now.to && others(s) && changed(s.before, s.after) && trace.threads[s.to] === undefined,
      )
  const learnt =
    object === undefined
      ? undefined
      : before.findLast(
          (s) => laneOf(trace, s.to) === thread && trace.threads[s.from] === undefined && carries(s.message, object),
        )
  const actor = trace.threads[now.from] === undefined ? now.to : now.from
  const gap =
    learnt && earlier && others(earlier) && learnt.number < earlier.number
      ? gapAround(trace, actor, learnt.number, earlier.number, at)
      : undefined
  return { now, object, earlier, earlierWhat: event?.what, learnt, gap }
}

const sidesOfRace = (now: TraceStep, earlier: TraceStep | undefined, object: string | undefined): Sides => ({
  now,
  object,
  earlier,
  earlierWhat: undefined,
  learnt: undefined,
  gap: undefined,
  race: true,
})

/** What was overwritten by who had read before it was written, and the window in which it was. */
const sidesOfUpdate = (trace: Trace, now: TraceStep, update: LostUpdate): Sides => {
  const { read, lost, write } = update
  return {
    now,
    object: undefined,
    earlier: lost,
    earlierWhat: undefined,
    learnt: undefined,
    gap: gapAround(trace, write.from, read.number, lost.number, write.number),
    update,
  }
}

/**
 * Both sides of a broken claim: what another thread did last to any object before it broke, and the window it came through. A claim may
 * be about anything, so no object is singled out.
 */
export const claimSides = (trace: Trace, at: number): Sides | undefined => {
  const now = trace.steps[at - 1]
  if (now === undefined) return undefined
  const update = lostUpdate(trace, at)
  if (update) return sidesOfUpdate(trace, now, update)
  const actor = trace.threads[now.from] === undefined ? now.to : now.from
  const thread = laneOf(trace, actor)
  const others = trace.steps.filter(
    (step) =>
      step.number < at &&
      eventsOf(step).some(({ object }) => object !== 'kmsg') &&
      laneOf(trace, trace.threads[step.from] === undefined ? step.to : step.from) !== thread,
  )
  // What came to be says more than what went: somebody mapped or pinned where the other did not look any more.
  const grows = others.filter((step) => eventsOf(step).some(({ what }) => !what.startsWith('un')))
  const earlier = grows.at(-1) ?? others.at(-1)
  const gap = earlier && gapAround(trace, actor, 0, earlier.number, at)
  const told =
    earlier &&
    eventsOf(earlier)
      .map(({ object, what }) => `${object} ${what}`)
      .join(', ')
  return { now, object: undefined, earlier, earlierWhat: told, learnt: undefined, gap }
}

/** Which locks a thread took while it held which others, in this trace. */
export interface Nesting {
  readonly thread: string
  readonly held: string
  readonly heldSince: number
  readonly taken: string
  readonly at: number
  /** Asked for, and not had before the run ends. */
  readonly waits: boolean
}

/** Requests for locks that were never delivered: of who waits for ever, or of the last step. Asking is enough for an order. */
const unheard = (trace: Trace): readonly { thread: string; at: string; sentAt: number }[] => {
  const isHeard = (at: string, sentAt: number): boolean =>
    trace.steps.some((step) => step.to === at && step.sentAt === sentAt && locks(step.message.type))
  const last = trace.steps.at(-1)
  const sent = (last?.sends ?? []).flatMap(({ to, message }) => {
    const thread = trace.threads[message.from]
    return thread === undefined || !locks(message.type) ? [] : [{ thread, at: to, sentAt: last!.number }]
  })
  const waiting = trace.waiting.filter(({ type, at, sentAt }) => locks(type) && !isHeard(at, sentAt))
  return [...waiting, ...sent.filter(({ thread }) => !waiting.some((edge) => edge.thread === thread))]
}

export const nestingsOf = (trace: Trace): readonly Nesting[] => {
  const held = new Map<string, Map<string, number>>()
  const found: Nesting[] = []
  for (const step of trace.steps) {
    const thread = trace.threads[step.from]
    if (thread === undefined || trace.threads[step.to] !== undefined) continue
    const mine = held.get(thread) ?? new Map<string, number>()
    held.set(thread, mine)
    if (unlocks(step.message.type)) mine.delete(step.to)
    if (!locks(step.message.type)) continue
    const waits = trace.waiting.some((edge) => edge.thread === thread && edge.sentAt === step.sentAt)
    for (const [lock, since] of mine)
      found.push({ thread, held: lock, heldSince: since, taken: step.to, at: step.number, waits })
    if (!waits && !mine.has(step.to)) mine.set(step.to, step.number)
  }
  for (const { thread, at: taken, sentAt } of unheard(trace)) {
    for (const [lock, since] of held.get(thread) ?? [])
      found.push({ thread, held: lock, heldSince: since, taken, at: sentAt, waits: true })
  }
  return found
}

/** Steps that explain the end: seeds of the slice. A property may look anywhere, so its whole run is told. */
export const seedsOf = (trace: Trace, wrong: Wrong): readonly number[] | undefined => {
  if (wrong.what === 'property') return undefined
  if (wrong.what === 'finding') {
    // An inversion has no single cause: whoever nested locks belongs to it.
    const nested = wrong.finding.kind === 'lock-order' ? nestingsOf(trace).flatMap((n) => [n.heldSince, n.at]) : []
    // What was left behind is explained by whoever had it.
    const { object } = wrong.finding
    const had = isLeft(trace, wrong.finding)
      ? trace.steps.flatMap(({ number, memory = [] }) => (memory.some((each) => each.object === object) ? number : []))
      : []
    const { against } = wrong.finding
    return [...new Set([wrong.at, ...(against === undefined ? [] : [against]), ...nested, ...had])]
  }
  const held = nestingsOf(trace).map(({ heldSince }) => heldSince)
  const ends = trace.waiting.flatMap(({ at, sentAt }) => [
    sentAt,
    trace.steps.findLast((s) => s.to === at)?.number ?? 0,
  ])
  const seeds = [...ends, ...held].filter((n) => n > 0)
  return seeds.length === 0 ? undefined : seeds
}
