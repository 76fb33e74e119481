/**
 * What a search within so much memory takes of it, each in a process of its own: `npm run bench:memory <digits> <MB>…`, or with `full` in front of the
 * bounds, without those by hashes. Fails where a process took more than a tenth above its bound, or came to another report.
 *
 * What is the search's own is what a process took at most, less what it had when a search of ten thousand states was over: Node, relock, what was
 * compiled and what a small search leaves behind are in every process.
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { explore, memoryWithin } from '../explore/door.ts'
import { counters } from './counters.ts'

interface Measured {
  readonly states: number
  readonly steps: number
  readonly stopped: string
  readonly seconds: number
  readonly cpu: number
  /** Before any search, and when a small one was over. */
  readonly begun: number
  readonly small: number
  readonly peak: number
  readonly disk: number
}

const megabyte = 2 ** 20

const measure = async (digits: number, megabytes: number, compact: boolean): Promise<Measured> => {
  const begun = process.memoryUsage.rss()
  await explore(counters(4), [])
  const small = process.memoryUsage.rss()
  const before = process.cpuUsage()
  const options = megabytes > 0 ? { memory: memoryWithin(megabytes * megabyte, { compact }) } : {}
  const { states, steps, seconds, stopped, memory } = await explore(counters(digits), [], options)
  const { user, system } = process.cpuUsage(before)
  const peak = process.resourceUsage().maxRSS * 1024
  return {
    ...{ states, steps, seconds, stopped: stopped?.by ?? '', cpu: (user + system) / 1e6, begun, small, peak },
    disk: memory?.disk ?? 0,
  }
}

const [first = '6', ...others] = process.argv.slice(2)
if (first === 'one') {
  const [digits, megabytes, compact] = others
  process.stdout.write(JSON.stringify(await measure(Number(digits), Number(megabytes), compact === 'true')))
} else {
  const self = fileURLToPath(import.meta.url)
  const run = (megabytes: number, compact: boolean): Measured =>
    JSON.parse(
      execFileSync(process.execPath, [...process.execArgv, self, 'one', first, String(megabytes), String(compact)], {
        encoding: 'utf8',
      }),
    ) as Measured
  const free = run(0, false)
  const mb = (bytes: number): string => `${(bytes / megabyte).toFixed(0)} MB`
  const tell = (what: string, { states, seconds, cpu, begun, small, peak, disk, stopped }: Measured): void => {
    const times = `${seconds.toFixed(1)} s (${(seconds / free.seconds).toFixed(2)}), CPU ${cpu.toFixed(1)} s (${(cpu / free.cpu).toFixed(2)})`
    const own = `${mb(peak - small)} of them its own (${((peak - small) / (free.peak - free.small)).toFixed(2)})`
    process.stdout.write(
      `${what}: ${states} states, ${times}, peak ${mb(peak)}, ${own}, ${mb(begun)} at the start, ` +
        `${mb(small)} behind a small search, disk ${mb(disk)} ${stopped}\n`,
    )
  }
  tell('without a bound', free)
  const isFull = others[0] === 'full'
  for (const each of others.slice(isFull ? 1 : 0).map(Number)) {
    for (const compact of isFull ? [false] : [false, true]) {
      const bounded = run(each, compact)
      tell(`within ${each} MB${compact ? ', by hashes' : ''}`, bounded)
      const isOver = bounded.peak > 1.1 * each * megabyte
      const isOther = bounded.stopped !== 'memory' && (bounded.states !== free.states || bounded.steps !== free.steps)
      if (isOver || isOther) process.exitCode = 1
    }
  }
}
