/** What a splat says about a deadlock: who waits for whom and why, and which locks were taken while which were held. */
import type { Stopped, Trace, WaitEdge } from '../explore/runs/trace.ts'
import { nestingsOf, type Nesting } from './sides.ts'
import { locks, verb, waitsFor } from './story.ts'
import type { Page } from './style.ts'
import { block, listed } from './words.ts'

const orders = (nestings: readonly Nesting[]): string[] => {
  const seen = new Set<string>()
  return nestings.flatMap(({ thread, held, heldSince, taken, at, waits }) => {
    const key = `${thread} ${held} ${taken}`
    if (seen.has(key)) return []
    seen.add(key)
    const it = taken === held ? 'it again' : taken
    const when = waits ? `asked for ${it} at step ${at}` : `took ${it} at step ${at}`
    return [`${thread} held ${held} (since step ${heldSince}) and ${when}`]
  })
}

/** Nestings on a circle of locks. */
const circular = (nestings: readonly Nesting[]): readonly Nesting[] => {
  const reaches = (from: string, to: string, seen: ReadonlySet<string> = new Set()): boolean =>
    from === to ||
    (!seen.has(from) &&
      nestings.some(({ held, taken }) => held === from && reaches(taken, to, new Set([...seen, from]))))
  return nestings.filter(({ held, taken }) => reaches(taken, held))
}

/** Who could end a wait that is for no lock, and who could have. */
const whoEndsIt = ({ on, awaited, through = [] }: WaitEdge): readonly string[] => {
  const ends =
    awaited === 'all'
      ? `${listed(on)} ${on.length === 1 ? 'has' : 'have'} to end it`
      : `${listed(on, 'or')} could end it`
  const have = through.length === 1 ? 'has' : 'have'
  const ended = `${listed(through, 'or')} could have ended it, and ${have} nothing left to do`
  return [...(on.length > 0 ? [ends] : []), ...(through.length > 0 ? [ended] : [])]
}

/** An actor of no thread asks for what nobody has: whom it asks does not take it, in the state in which he is. */
const whoIsAsked = ({ threads, steps, initial }: Trace, { from, at, on, type }: WaitEdge): readonly string[] => {
  if (on.length > 0 || threads[from] !== undefined) return []
  const seen = steps.findLast(({ to }) => to === at)?.after ?? initial[at]
  return seen === undefined ? [] : [`${at} is in state ${seen.state}, which puts ${type} off`]
}

/** What to do about it. */
const unheardLines = (trace: Trace): string[] =>
  trace.waiting.some((edge) => edge.awaited === undefined && whoIsAsked(trace, edge).length > 0)
    ? [
        'Whom one asks hears it in some state that he comes to: on: { … } there, or nothing in meta.defers.',
        "Who may be left with a request that nobody takes says so: { tags: ['at rest'] }.",
      ]
    : []

/** Why it does not get what it asks for: the other one has it, or only stands before it in the queue. */
const whyItWaits = (trace: Trace, edge: WaitEdge): readonly string[] => {
  if (edge.awaited !== undefined) return whoEndsIt(edge)
  const { at, on } = edge
  if (on.length === 0) return whoIsAsked(trace, edge)
  const holding = new Map<string, number>()
  for (const step of trace.steps) {
    const thread = trace.threads[step.from]
    if (step.to !== at || thread === undefined) continue
    if (step.message.type.startsWith('UN') || step.message.type.startsWith('UP_')) holding.delete(thread)
    const queued = trace.waiting.some((edge) => edge.thread === thread && edge.at === at && edge.sentAt === step.sentAt)
    if (locks(step.message.type) && !queued) holding.set(thread, step.number)
  }
  return on.flatMap((other) => {
    const since = holding.get(other)
    if (since !== undefined) return [`${other} has held it since step ${since}`]
    const before = trace.waiting.find((edge) => edge.thread === other && edge.at === at)
    return before === undefined ? [] : [`${other} does not hold it, but queues before it (${verb(before.type)})`]
  })
}

/** Nobody waits for anybody, and yet somebody is not through. */
const stoppedLines = (stopped: readonly Stopped[]): string[] =>
  block(
    stopped.map(({ id, state }) => `${id} stops in state ${state}, and nothing is on its way to it.`),
    [
      "A thread that is through says so: { type: 'final' }. One that may be left there, too: { tags: ['at rest'] }.",
      'One that waits for an answer does not get it: whom it asked has ignored the message, or answers with another one.',
    ],
  )

export const deadlockLines = (trace: Trace, page: Page): string[] => {
  const { waiting, stopped = [] } = trace
  if (stopped.length > 0) return stoppedLines(stopped)
  const [a, b] = [
    Math.max(0, ...waiting.map((w) => w.thread.length)),
    Math.max(0, ...waiting.map((w) => w.on.join(', ').length)),
  ]
  const edges = waiting.flatMap((edge) => {
    const { thread, sentAt, on } = edge
    const head = `  ${thread.padEnd(a)}  waits for  ${(on.join(', ') || 'nobody').padEnd(b)}  `
    return [
      `${head}${waitsFor(trace, edge)}, sent at step ${sentAt}`,
      ...whyItWaits(trace, edge).map(
        (why) => `${' '.repeat(Math.max(4, Math.min(head.length, page.columns - 50)))}${why}`,
      ),
    ]
  })
  // Follow the first edge of each until somebody comes again.
  const path: string[] = []
  for (
    let thread = waiting[0]?.thread;
    thread !== undefined;
    thread = waiting.find((w) => w.thread === thread)?.on[0]
  ) {
    if (path.includes(thread)) {
      path.splice(0, path.indexOf(thread))
      path.push(thread)
      break
    }
    path.push(thread)
  }
  const isCycle = path.length > 1 && path[0] === path.at(-1)
  const circle = isCycle ? [`  ${page.glyphs.cycle} ${path.join(' → ')}`] : []
  const wanted = new Set(waiting.map(({ at }) => at))
  const among = nestingsOf(trace).filter(({ held, taken }) => wanted.has(held) && wanted.has(taken))
  const told = orders(circular(among)).map((line) => `  ${line}`)
  const head = wanted.size > 1 ? 'Both orders, in this run:' : 'In this run:'
  return block([...edges, ...circle], told.length === 0 ? [] : [head, ...told], unheardLines(trace))
}
