/**
 * How much faster one search is when others look ahead: `npm run bench:workers [rounds] [most workers]` searches worlds of a million states with 1, 2, …
 * workers, in rounds, each in a process of its own, and draws docs/workers.svg.
 */
import { writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg } from 'node:os'
import { toSystem } from '../actors/running/system.ts'
import { explore, fromCommands } from '../explore/door.ts'
import type { System } from '../explore/system.ts'
import { printed, type Line } from './plot.ts'
import { run } from './processes.ts'
import { inRounds } from './rounds.ts'
import { sizeOf, unmapWorld } from './worlds.ts'

/** Ten states each, which know nothing of each other: the least that a state can cost. */
const counters = (digits: number): System<any> => {
  const up = { do: ({ n }: { readonly n: number }) => ({ n: (n + 1) % 10 }) }
  const ids = Array.from({ length: digits }, (_, digit) => `counter${digit}`)
  return fromCommands({
    name: `${digits} counters`,
    components: Object.fromEntries(ids.map((id) => [id, { start: { n: 0 }, processes: { [`up ${id}`]: { up } } }])),
  })
}

interface World {
  readonly name: string
  readonly system: () => System<any>
  readonly reduction: boolean
}

const worlds: readonly World[] = [
  { name: 'restart 2.3.1.3', system: () => toSystem(unmapWorld('restart', sizeOf('2.3.1.3'))), reduction: true },
  { name: 'restart 2.1.1.6, full', system: () => toSystem(unmapWorld('restart', sizeOf('2.1.1.6'))), reduction: false },
  { name: '6 counters', system: () => counters(6), reduction: true },
]

interface Measured {
  readonly states: number
  readonly seconds: number
  readonly cpu: number
  readonly peak: number
}

const measured = async ({ system, reduction }: World, workers: number): Promise<Measured> => {
  const built = system()
  // Tasks that are alike would count once, which is one thread's work.
  const { states, seconds } = await explore(built, [], { reduction, workers, symmetry: false })
  const { user, system: kernel } = process.cpuUsage()
  return { states, seconds, cpu: (user + kernel) / 1e6, peak: process.resourceUsage().maxRSS / 1024 }
}

const median = (numbers: readonly number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

const compare = (rounds: number, most: number): void => {
  const counts = Array.from({ length: most }, (_, index) => index + 1)
  const contenders = worlds.flatMap(({ name }, world) =>
    counts.map((workers) => ({
      name: `${name}, ${workers}`,
      run: (): Measured =>
        JSON.parse(run('npx', ['tsx', 'bench/workers.ts', 'one', `${world}`, `${workers}`]).output) as Measured,
    })),
  )
  const results = inRounds(contenders, rounds)
  const lines: Line[] = []
  for (const { name } of worlds) {
    const of = (workers: number) => results.get(`${name}, ${workers}`)!
    const alone = median(of(1).map(({ seconds }) => seconds))
    const speeds = counts.map((workers) => alone / median(of(workers).map(({ seconds }) => seconds)))
    lines.push({ name, points: counts.map((workers, index) => [workers, speeds[index]!]) })
    for (const [index, workers] of counts.entries()) {
      const all = of(workers)
      const [seconds, cpu, peak] = (['seconds', 'cpu', 'peak'] as const).map((what) => all.map((each) => each[what]))
      process.stdout.write(
        `| ${name} | ${all[0]!.states.toLocaleString('en')} | ${workers} | ${median(seconds!).toFixed(1)} ` +
          `(${Math.min(...seconds!).toFixed(1)}..${Math.max(...seconds!).toFixed(1)}) | ${speeds[index]!.toFixed(2)} | ` +
          `${median(cpu!).toFixed(1)} | ${median(peak!).toFixed(0)} MB |\n`,
      )
    }
  }
  const machine = `${availableParallelism()} cores (${cpus()[0]!.model.trim()}), load ${loadavg()[0]!.toFixed(1)}`
  process.stdout.write(`${machine}, median of ${rounds}\n`)
  writeFileSync(
    'docs/workers.svg',
    printed(lines, { across: 'workers', up: 'times as fast as one thread', note: machine }),
  )
}

const [first = '3', world, workers] = process.argv.slice(2)
if (first === 'one') process.stdout.write(JSON.stringify(await measured(worlds[Number(world)]!, Number(workers))))
else compare(Number(first), Number(world ?? 4))
