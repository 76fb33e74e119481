/**
 * One search within so much memory in a process of its own, so that its memory is nobody else's: `node memory-child.js <world> <MB, or 0> exact|hashes`
 * prints one line of JSON. A world is a number of counters, or U.P.M.R in full; behind an `@`, so many states of it.
 */
import { toSystem } from '../actors/running/system.ts'
import { explore, memoryWithin } from '../explore/door.ts'
import type { System } from '../explore/system.ts'
import { counters } from './counters.ts'
import { sizeOf, unmapWorld } from './worlds.ts'

export interface Measured {
  readonly states: number
  readonly steps: number
  readonly bytesPerState: number
  readonly stopped: string
  readonly seconds: number
  readonly cpu: number
  /** Before any search, and when a small one was over. */
  readonly begun: number
  readonly small: number
  readonly peak: number
  readonly disk: number
}

const [world = '', megabytes, known] = process.argv.slice(2)
const [name = '', most] = world.split('@')

const system: System<any> = /^\d+$/.test(name) ? counters(Number(name)) : toSystem(unmapWorld('restart', sizeOf(name)))
const all = { reduction: false, symmetry: false }

const begun = process.memoryUsage.rss()
await explore(system, [], { ...all, within: { states: 10_000 } })
const small = process.memoryUsage.rss()
const before = process.cpuUsage()
const { states, steps, bytesPerState, seconds, stopped, memory } = await explore(system, [], {
  ...all,
  ...(most !== undefined && { within: { states: Number(most) } }),
  ...(megabytes !== '0' && { memory: memoryWithin(Number(megabytes) * 2 ** 20, { compact: known === 'hashes' }) }),
})
const { user, system: kernel } = process.cpuUsage(before)
const measured: Measured = {
  ...{ states, steps, bytesPerState, seconds, stopped: stopped?.by ?? '', cpu: (user + kernel) / 1e6, begun, small },
  peak: process.resourceUsage().maxRSS * 1024,
  disk: memory?.disk ?? 0,
}
process.stdout.write(`${JSON.stringify(measured)}\n`)
