/**
 * Orders of locks, told as the kernel's lockdep tells them: the same lines in the same order, so that whoever has read one splat can read
 * these, and whatever finds those finds these. Where the kernel has addresses and offsets there are names and steps of the run.
 */
import {
  inverted,
  lockdep,
  membersOf,
  type Acquisition,
  type Inversion,
  type Lockdep,
  type OrderEdge,
} from '../explore/locks/lockdep.ts'
import type { Finding } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import { interruptLines, isAboutInterrupts, wrongContextLines } from './lockdep-irqs.ts'
import { className, functionName, headLines, heldLines, stackLines, stepOf, verbOf } from './lockdep-lines.ts'
import type { Page } from './style.ts'
import { block } from './words.ts'

/** The second column of the table: what the other side does. */
const other = (text: string): string => `${' '.repeat(31)}${text}`

const table = ({ closing }: Inversion, before: OrderEdge): string[] => [
  ' Possible unsafe locking scenario:',
  '',
  '       CPU0                    CPU1',
  '       ----                    ----',
  `  ${verbOf(closing.held)}`,
  other(verbOf(before.held)),
  other(verbOf(before.asked)),
  `  ${verbOf(closing.asked)}`,
]

const elsewhere = (edge: OrderEdge, { closing }: Inversion): boolean =>
  edge.schedule !== undefined && edge.schedule !== closing.schedule

/** The edges from the lock that is asked for to the one that is held, the last first: lockdep reads them backwards. */
const chainOf = ({ edges, closing }: Inversion): readonly OrderEdge[] => {
  const at = edges.indexOf(closing)
  return [...edges.slice(at + 1), ...edges.slice(0, at)].toReversed()
}

/** Who had what and asked for what: the two orders in two lines, the one that was there before first. */
const orders = (inversion: Inversion): string[] =>
  [...chainOf(inversion).toReversed(), inversion.closing].map((edge) => {
    const { held, asked } = edge
    const since = held.taken === 0 ? 'from the start' : `since step ${stepOf(held)}`
    const it = asked.lock === held.lock && !held.awaited ? 'it again' : asked.lock
    const verb = asked.awaited ? 'waited for' : 'took'
    const when =
      asked.heard === undefined ? `asked for ${it} at step ${asked.sent}` : `${verb} ${it} at step ${asked.heard}`
    const where = elsewhere(edge, inversion) ? ', in another run' : ''
    const had = held.awaited ? `had yet to end the wait for ${held.lock}` : `held ${held.lock}`
    return ` ${held.thread} ${had} (${since}) and ${when}${where}`
  })

const recursiveLines = (inversion: Inversion, release: string, order: Lockdep): string[] => {
  const { closing } = inversion
  const isSame = closing.held.lock === closing.asked.lock
  return block(
    headLines(closing, 'WARNING: possible recursive locking detected', release, order),
    ['other info that might help us debug this:'],
    orders(inversion),
    [
      ' Possible unsafe locking scenario:',
      '',
      '       CPU0',
      '       ----',
      `  ${verbOf(closing.held)}`,
      `  ${verbOf(closing.asked)}`,
    ],
    [' *** DEADLOCK ***'],
    // The kernel knows classes only, and has to guess.
    [isSame ? ' It is the same lock: no nesting notation can help' : ' May be due to missing lock nesting notation'],
    heldLines(closing.asked.thread, closing.others, order),
    ['stack backtrace:', ...stackLines(closing.asked)],
  )
}

const circularLines = (inversion: Inversion, release: string, order: Lockdep): string[] => {
  const { closing } = inversion
  const chain = chainOf(inversion)
  const [before] = chain
  const links = [...chain, closing].map((edge, index) => [
    `-> #${chain.length - index} ${className(edge.asked, order)}:`,
    ...stackLines(edge.asked),
    ...(elsewhere(edge, inversion) ? ['       in another run'] : []),
  ])
  const long = chain.length === 1 ? [] : [closing.to, before!.from, closing.from]
  return block(
    headLines(closing, 'WARNING: possible circular locking dependency detected', release, order),
    ['which lock already depends on the new lock.'],
    ['the existing dependency chain (in reverse order) is:'],
    ...links,
    ['other info that might help us debug this:'],
    orders(inversion),
    long.length === 0 ? [] : ['Chain exists of:', `  ${long.join(' --> ')}`],
    table(inversion, before!),
    [' *** DEADLOCK ***'],
    heldLines(closing.asked.thread, closing.others, order),
  )
}

/** Where a kernel says its release, its build and what taints it: the scenario, the digits of the model, and what was chosen. */
export const releaseOf = (subject: string, fingerprint: string): string => {
  const [scenario, ...choices] = subject.split(',')
  return `relock ${scenario} #${fingerprint} ${choices.join(',')}`.trimEnd()
}

/** An inversion in lockdep's own words. */
export const inversionLines = (inversion: Inversion, order: Lockdep, release: string): string[] => {
  if (isAboutInterrupts(inversion)) return interruptLines(inversion, release, order)
  return inversion.edges.length === 1
    ? recursiveLines(inversion, release, order)
    : circularLines(inversion, release, order)
}

/** The inversion that a finding of a run speaks of; what the run does not show itself comes from elsewhere. */
export const lockOrderLines = (
  trace: Trace,
  finding: Finding,
  of: string,
  edges: readonly OrderEdge[] = [],
): string[] => {
  const order = lockdep(trace)
  const members = membersOf(finding, order.edges, edges)
  return inversionLines(inverted(finding, members, order.edges), order, releaseOf(of, trace.fingerprint))
}

/** A wait in the wrong context at a step of a run, in lockdep's words. */
export const wrongContextsAt = (trace: Trace, step: number, of: string): string[][] => {
  const order = lockdep(trace)
  return order.contexts
    .filter(({ edge }) => edge.asked.sent === step)
    .map((wrong) => wrongContextLines(wrong, releaseOf(of, trace.fingerprint), order))
}

const marked = ({ inversions, contexts }: Lockdep, { from, to }: OrderEdge): boolean =>
  [...inversions.flatMap(({ edges }) => edges), ...contexts.map(({ edge }) => edge)].some(
    (each) => each.from === from && each.to === to,
  )

const inside = ({ thread, stack: [frame] }: Acquisition): string =>
  frame === undefined ? 'from the start' : `in ${functionName(thread, frame.call)}`

/** Who asked, in which call, and in which call the other was taken; or the rule that allows it. */
export const edgeWords = ({ held, asked, rule }: OrderEdge): string => {
  const had = held.awaited ? 'before it ended the wait' : `held ${inside(held)}`
  return rule === undefined ? `${asked.thread} ${inside(asked)}, ${had}` : `nested: ${rule}`
}

/** Every edge, under the class that is held. */
export const graphLines = (order: Lockdep, page: Page): string[] => {
  const all = [...order.edges, ...order.nested]
  const froms = [...new Set(all.map(({ from }) => from))].sort()
  const width = Math.max(0, ...all.map(({ to }) => to.length))
  const rows = froms.map((from) => [
    from,
    ...all
      .filter((edge) => edge.from === from)
      .sort((one, next) => (one.to < next.to ? -1 : 1))
      .map((edge) => {
        const sign = marked(order, edge) ? page.glyphs.no : ' '
        return `  ${page.glyphs.arrow} ${edge.to.padEnd(width)} ${sign} ${edgeWords(edge)}`
      }),
  ])
  return block(...rows)
}
