/** An order of locks as a page carries it. */
import type { OrderEdge } from '../../explore/locks/lockdep.ts'
import type { Schedule } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import { judgedWords } from '../../report/judged.ts'
import { edgeWords, inversionLines, releaseOf } from '../../report/lockdep.ts'
import { lockdepVerdict, type LockdepSubject } from '../../report/lockdep-text.ts'
import { wrongIn } from '../../report/sides.ts'
import { titleOf } from '../../report/splat.ts'
import { visible } from '../../report/words.ts'
import type { OrderData } from '../data.ts'
import type { Book } from './book.ts'
import { laidOut } from './layout.ts'

export const orderData = (subject: LockdepSubject, system: System<any>, book: Book): OrderData => {
  const { order, of, fingerprint, traceOf, addressOf } = subject
  const edges: readonly OrderEdge[] = [...order.edges, ...order.nested]
  const classes = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].sort()
  const runs = new Map<string, number>()
  const runOf = (schedule: Schedule, title: string): number => {
    const key = schedule.join('.')
    const known = runs.get(key)
    if (known !== undefined) return known
    const trace = traceOf(schedule)
    const told = { trace, wrong: wrongIn(trace), title, address: addressOf(schedule) }
    const run = book.run(told, system)
    runs.set(key, run)
    return run
  }
  const isInverted = ({ from, to }: OrderEdge): boolean =>
    order.inversions.some((each) => each.edges.some((edge) => edge.from === from && edge.to === to))
  return {
    of: visible(of.replace(/@.*/s, '')),
    verdict: lockdepVerdict(subject),
    graph: laidOut({
      boxes: classes.map((name) => ({ name: visible(name) })),
      arrows: edges.map(({ from, to }) => ({ from: classes.indexOf(from), to: classes.indexOf(to), label: '' })),
    }),
    edges: edges.map((edge) => {
      const { from, to, schedule } = edge
      const title = `${to} asked for while ${from} is held`
      return {
        words: visible(edgeWords(edge)),
        bad: isInverted(edge),
        ...(schedule && { run: runOf(schedule, title) }),
      }
    }),
    inversions: order.inversions.map((inversion) => ({
      title: visible(titleOf(inversion.finding.kind, inversion.finding.title)),
      judged: judgedWords(inversion.judged),
      lines: inversionLines(inversion, order, releaseOf(of.replace(/@.*/s, ''), fingerprint)).map(visible),
      ...(inversion.judged.verdict === 'confirmed' && { deadlock: runOf(inversion.judged.schedule, 'the deadlock') }),
    })),
  }
}
