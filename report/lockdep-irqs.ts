/** What lockdep says about interrupts: a lock that is taken in one is taken where one may come, too; and a wait in the wrong context. */
import {
  isInterruption,
  type Inversion,
  type Lockdep,
  type OrderEdge,
  type WrongContext,
} from '../explore/locks/lockdep.ts'
import { className, headLines, heldLines, lockLine, stackLines } from './lockdep-lines.ts'
import { block } from './words.ts'

const levelOf = (lockClass: string): string => lockClass.slice(1, -1).toUpperCase()

/** The way of an inversion from the lock that is taken in an interrupt to the one that is taken where it may come. */
interface Chain {
  readonly level: string
  /** The interrupt asks for the first lock; the last one is held where the interrupt may come. */
  readonly inside: OrderEdge
  readonly outside: OrderEdge
  /** From the one to the other. */
  readonly between: readonly OrderEdge[]
}

export const isAboutInterrupts = ({ edges }: Inversion): boolean => edges.some(({ from }) => isInterruption(from))

const chainOf = ({ edges }: Inversion): Chain => {
  const at = edges.findIndex(({ from }) => isInterruption(from))
  const [inside, ...rest] = [...edges.slice(at), ...edges.slice(0, at)]
  return { level: levelOf(inside!.from), inside: inside!, outside: rest.at(-1)!, between: rest.slice(0, -1) }
}

const lock = (name: string): string => `lock(${name});`
const onCpu1 = (text: string): string => `${' '.repeat(31)}${text}`

export const interruptLines = (inversion: Inversion, release: string, order: Lockdep): string[] => {
  const chain = chainOf(inversion)
  return chain.between.length === 0
    ? inconsistentLines(inversion, chain, release, order)
    : unsafeLines(inversion, chain, release, order)
}

/** The one who asked last; the other was seen before. */
const inconsistentLines = (
  inversion: Inversion,
  { level, inside, outside }: Chain,
  release: string,
  order: Lockdep,
): string[] => {
  const states = [`{${level}-ON-W}`, `{IN-${level}-W}`]
  const isLate = inversion.closing === inside
  const [before, now] = isLate ? states : states.toReversed()
  const [earlier, later] = isLate ? [outside.held, inside.asked] : [inside.asked, outside.held]
  return block(
    [
      'WARNING: inconsistent lock state',
      release,
      '-'.repeat(54),
      `inconsistent ${before} -> ${now} usage.`,
      `${later.thread} takes:`,
      lockLine(later, order),
    ],
    [`${before} state was registered at:`, ...stackLines(earlier)],
    [
      'other info that might help us debug this:',
      ' Possible unsafe locking scenario:',
      '',
      '       CPU0',
      '       ----',
      `  ${lock(inside.to)}`,
      '  <Interrupt>',
      `    ${lock(inside.to)}`,
    ],
    [' *** DEADLOCK ***'],
    heldLines(later.thread, isLate ? inside.others : outside.others.filter((each) => each !== later), order),
    ['stack backtrace:', ...stackLines(later)],
  )
}

const unsafeLines = (
  { closing }: Inversion,
  { level, inside, outside, between }: Chain,
  release: string,
  order: Lockdep,
): string[] => {
  const edge = between.includes(closing) ? closing : between[0]!
  const [safe, unsafe] = [inside.to, outside.from]
  const long =
    between.length === 1 ? [] : ['Chain exists of:', `  ${[safe, ...between.map(({ to }) => to)].join(' --> ')}`]
  return block(
    [
      ...headLines(edge, `WARNING: ${level}-safe -> ${level}-unsafe lock order detected`, release, order),
      '',
      'which would create a new lock dependency:',
      ` (${edge.from}) -> (${edge.to})`,
    ],
    [`but this new dependency connects a ${level}-irq-safe lock:`, ` ${className(inside.asked, order)}`],
    [`... which became ${level}-irq-safe at:`, ...stackLines(inside.asked)],
    [`to a ${level}-irq-unsafe lock:`, ` ${className(outside.held, order)}`],
    [`... which became ${level}-irq-unsafe at:`, ...stackLines(outside.held)],
    ['other info that might help us debug this:'],
    long,
    [
      ' Possible interrupt unsafe locking scenario:',
      '',
      '       CPU0                    CPU1',
      '       ----                    ----',
      `  ${lock(unsafe)}`,
      onCpu1(level === 'HARDIRQ' ? 'local_irq_disable();' : 'local_bh_disable();'),
      onCpu1(lock(safe)),
      onCpu1(lock(between[0]!.to)),
      '  <Interrupt>',
      `    ${lock(safe)}`,
    ],
    [' *** DEADLOCK ***'],
    heldLines(edge.asked.thread, edge.others, order),
  )
}

/** lockdep's words for the context in which somebody waits: how long one may, in an interrupt; a thread by itself may wait as long as it likes. */
const contextWords = ({ from }: OrderEdge): string => (isInterruption(from) ? 'context-{3:3}' : 'context-{5:5}')

export const wrongContextLines = ({ edge }: WrongContext, release: string, order: Lockdep): string[] => {
  const { asked, others } = edge
  return block(
    [
      '[ BUG: Invalid wait context ]',
      release,
      '-'.repeat(54),
      `${asked.thread} is trying to lock:`,
      lockLine(asked, order),
    ],
    ['other info that might help us debug this:', contextWords(edge)],
    heldLines(asked.thread, others, order),
    ['stack backtrace:', ...stackLines(asked)],
  )
}
