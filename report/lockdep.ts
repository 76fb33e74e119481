/**
 * Orders of locks, told as the kernel's lockdep tells them: the same lines in the same order, so that whoever has read one splat can read
 * these, and whatever finds those finds these. Where the kernel has addresses and offsets there are names and steps of the run.
 */
import {
  inverted,
  lockdep,
  membersOf,
  type Acquisition,
  type Frame,
  type Inversion,
  type Lockdep,
  type OrderEdge,
} from '../explore/lockdep.ts'
import type { Finding } from '../explore/system.ts'
import type { Trace } from '../explore/trace.ts'
import type { Page } from './style.ts'
import { block, counted } from './words.ts'

interface Kind {
  /** Who asks is in this function. */
  readonly function: string
  /** What the table of the unsafe order says. */
  readonly verb: 'lock' | 'rlock' | 'sync'
  /** The inner wait type: 3 sleeps, 0 is not looked at. */
  readonly waits: 3 | 0
}

const kinds: Readonly<Record<string, Kind>> = {
  LOCK: { function: 'mutex_lock', verb: 'lock', waits: 3 },
  TRYLOCK: { function: 'mutex_trylock', verb: 'lock', waits: 3 },
  DOWN_READ: { function: 'down_read', verb: 'rlock', waits: 3 },
  TRY_READ: { function: 'down_read_trylock', verb: 'rlock', waits: 3 },
  DOWN_WRITE: { function: 'down_write', verb: 'lock', waits: 3 },
  TRY_WRITE: { function: 'down_write_trylock', verb: 'lock', waits: 3 },
  READ_LOCK: { function: 'srcu_read_lock', verb: 'rlock', waits: 0 },
  SYNCHRONIZE: { function: 'synchronize_srcu', verb: 'sync', waits: 0 },
}

/** Of a lock of somebody's own: it is called as its message is, and waits for those who hold it. */
const kindOf = ({ type, exclusive }: Acquisition): Kind =>
  kinds[type ?? ''] ?? {
    function: type?.toLowerCase() ?? 'held from the start',
    verb: exclusive === undefined ? 'sync' : exclusive ? 'lock' : 'rlock',
    waits: exclusive === true ? 3 : 0,
  }

/** `dma_unmap [mdev0]` for `vmm0/mdev0.dma_unmap`: as the kernel names a function and its module. */
export const functionName = (thread: string, call: string): string => {
  const own = call.startsWith(thread) && /^[/.]/.test(call.slice(thread.length)) ? call.slice(thread.length + 1) : call
  const [, of, name] = /^(.+)\.([a-z_]\w*)$/.exec(own) ?? []
  return of === undefined ? own : `${name} [${of}]`
}

/** The step in which the lock heard of it; the last step of a run may only ask. */
const stepOf = ({ heard, sent }: Acquisition): number => heard ?? sent

const place = (acquisition: Acquisition): string => {
  const [frame] = acquisition.stack
  if (frame === undefined) return 'at: held from the start'
  return `at: ${functionName(acquisition.thread, frame.call)}, step ${stepOf(acquisition)}`
}

/** A class that only another run has met. */
const unmet = { exclusive: false, shared: false }

/** How locks of a class were taken, as far as these runs show: sleeping locks are taken with interrupts on. */
const usageOf = (acquisition: Acquisition, { classes }: Lockdep): string => {
  const { exclusive, shared } = classes.find(({ name }) => name === acquisition.lockClass) ?? unmet
  const { verb, waits } = kindOf(acquisition)
  const [write, read] = [exclusive || verb === 'lock' ? '+' : '.', shared || verb === 'rlock' ? '+' : '.']
  return `{${write}${read}${write}${read}}-{${waits}:${waits}}`
}

const className = (acquisition: Acquisition, order: Lockdep): string =>
  `(${acquisition.lockClass})${usageOf(acquisition, order)}`

const lockLine = (acquisition: Acquisition, order: Lockdep): string =>
  `${acquisition.lock} ${className(acquisition, order)}, ${place(acquisition)}`

/** Calls, the newest first, with the step in which each was entered. */
const stackLines = (acquisition: Acquisition): string[] => {
  const { thread, stack, heard } = acquisition
  const told = ({ call, since }: Frame) => [functionName(thread, call), `step ${since}`] as const
  const asked = `step ${stepOf(acquisition)}${heard === undefined ? ', asked for' : ''}`
  const rows = [[kindOf(acquisition).function, asked] as const, ...stack.map(told)]
  const width = Math.max(20, ...rows.map(([name]) => name.length))
  return rows.map(([name, step]) => `       ${name.padEnd(width)}  ${step}`)
}

const verbOf = (acquisition: Acquisition): string => `${kindOf(acquisition).verb}(${acquisition.lockClass});`

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

const heldLines = ({ closing: { asked, others } }: Inversion, order: Lockdep): string[] => [
  `${counted(others.length, 'lock')} held by ${asked.thread}:`,
  ...others.map((held, index) => ` #${index}: ${lockLine(held, order)}`),
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
    const it = asked.lock === held.lock ? 'it again' : asked.lock
    const when =
      asked.heard === undefined ? `asked for ${it} at step ${asked.sent}` : `took ${it} at step ${asked.heard}`
    const where = elsewhere(edge, inversion) ? ', in another run' : ''
    return ` ${held.thread} held ${held.lock} (${since}) and ${when}${where}`
  })

const headLines = (
  { closing: { asked, held } }: Inversion,
  what: string,
  release: string,
  order: Lockdep,
): string[] => [
  `WARNING: possible ${what} detected`,
  release,
  '-'.repeat(54),
  `${asked.thread} is trying to acquire lock:`,
  lockLine(asked, order),
  '',
  'but task is already holding lock:',
  lockLine(held, order),
]

const recursiveLines = (inversion: Inversion, release: string, order: Lockdep): string[] => {
  const { closing } = inversion
  const isSame = closing.held.lock === closing.asked.lock
  return block(
    headLines(inversion, 'recursive locking', release, order),
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
    heldLines(inversion, order),
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
    headLines(inversion, 'circular locking dependency', release, order),
    ['which lock already depends on the new lock.'],
    ['the existing dependency chain (in reverse order) is:'],
    ...links,
    ['other info that might help us debug this:'],
    orders(inversion),
    long.length === 0 ? [] : ['Chain exists of:', `  ${long.join(' --> ')}`],
    table(inversion, before!),
    [' *** DEADLOCK ***'],
    heldLines(inversion, order),
  )
}

/** Where a kernel says its release, its build and what taints it: the scenario, the digits of the model, and what was chosen. */
export const releaseOf = (subject: string, fingerprint: string): string => {
  const [scenario, ...choices] = subject.split(',')
  return `relock ${scenario} #${fingerprint} ${choices.join(',')}`.trimEnd()
}

/** An inversion in lockdep's own words. */
export const inversionLines = (inversion: Inversion, order: Lockdep, release: string): string[] =>
  inversion.edges.length === 1 ? recursiveLines(inversion, release, order) : circularLines(inversion, release, order)

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

const marked = ({ inversions }: Lockdep, edge: OrderEdge): boolean =>
  inversions.some(({ edges }) => edges.some(({ from, to }) => from === edge.from && to === edge.to))

/** Every edge, under the class that is held. */
export const graphLines = (order: Lockdep, page: Page): string[] => {
  const all = [...order.edges, ...order.nested]
  const froms = [...new Set(all.map(({ from }) => from))].sort()
  const width = Math.max(0, ...all.map(({ to }) => to.length))
  const inside = (acquisition: Acquisition): string => {
    const [frame] = acquisition.stack
    return frame === undefined ? 'from the start' : `in ${functionName(acquisition.thread, frame.call)}`
  }
  const rows = froms.map((from) => [
    from,
    ...all
      .filter((edge) => edge.from === from)
      .sort((one, next) => (one.to < next.to ? -1 : 1))
      .map((edge) => {
        const sign = marked(order, edge) ? page.glyphs.no : ' '
        const { held, asked, rule } = edge
        const why = rule === undefined ? `${asked.thread} ${inside(asked)}, held ${inside(held)}` : `nested: ${rule}`
        return `  ${page.glyphs.arrow} ${edge.to.padEnd(width)} ${sign} ${why}`
      }),
  ])
  return block(...rows)
}
