/**
 * What a search within so much memory takes of it, each in a process of its own: `npm run bench:memory <world> <bound>…`. A world is a number of counters
 * of ten states (`7`), or U.P.M.R in full, and what stands behind an `@` bounds its states (`2.2.1.2@10000000`). A bound is so many MB, or `quarter` of what
 * the process takes without one; `hashes` behind a bound knows states by these. Fails where a process took more than a tenth above its bound, or came to
 * another report.
 *
 * What is the search's own is what a process took at most, less what it had when a search of ten thousand states was over: Node, relock, what was
 * compiled and what a small search leaves behind are in every process.
 */
import { execFileSync } from 'node:child_process'
import type { Measured } from './memory-child.ts'
import { compile, compiledTo } from './relock.ts'

const megabyte = 2 ** 20
const child = compiledTo(import.meta.resolve('./memory-child.ts'))

const [world = '6', ...bounds] = process.argv.slice(2)

const run = (megabytes: number, known: 'exact' | 'hashes'): Measured =>
  JSON.parse(execFileSync(process.execPath, [child, world, String(megabytes), known], { encoding: 'utf8' })) as Measured

const mb = (bytes: number): string => `${(bytes / megabyte).toFixed(0)} MB`

await compile()
const free = run(0, 'exact')
const tell = (what: string, each: Measured): void => {
  const { states, steps, bytesPerState, seconds, cpu, begun, small, peak, disk, stopped } = each
  const times = `${seconds.toFixed(1)} s (${(seconds / free.seconds).toFixed(2)}), CPU ${cpu.toFixed(1)} s (${(cpu / free.cpu).toFixed(2)})`
  const own = `${mb(peak - small)} of them its own (${((peak - small) / (free.peak - free.small)).toFixed(2)})`
  process.stdout.write(
    `${what}: ${states} states, ${steps} steps, ${bytesPerState.toFixed(1)} bytes a state, ${times}, ` +
      `peak ${mb(peak)} (${(peak / free.peak).toFixed(2)}), ${own}, ${mb(begun)} at the start, ` +
      `${mb(small)} behind a small search, disk ${mb(disk)} ${stopped}\n`,
  )
}
tell('without a bound', free)
for (const [index, bound] of bounds.entries()) {
  if (bound === 'hashes') continue
  const known = bounds[index + 1] === 'hashes' ? 'hashes' : 'exact'
  const megabytes = bound === 'quarter' ? Math.ceil(free.peak / 4 / megabyte) : Number(bound)
  const bounded = run(megabytes, known)
  tell(`within ${megabytes} MB${known === 'hashes' ? ', by hashes' : ''}`, bounded)
  const isOver = bounded.peak > 1.1 * megabytes * megabyte
  const isOther = bounded.stopped !== 'memory' && (bounded.states !== free.states || bounded.steps !== free.steps)
  if (isOver || isOther) process.exitCode = 1
}
