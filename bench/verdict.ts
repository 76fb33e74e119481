/** (c) and (d): time and memory to a complete verdict, beside Spin and Stateright. */
import { fixed, median, range, whole } from './numbers.ts'
import { stateright } from './published.ts'
import { isInstalled, run } from './processes.ts'
import { explored } from './relock.ts'
import { inRounds, type Contender } from './rounds.ts'
import { hasSpin, verified } from './spin.ts'
import type { Sheet } from './tables.ts'
import { sizeOf } from './worlds.ts'

const sizes = ['2.2.2.2', '2.3.1.2', '3.3.2.1']

interface Verdict {
  readonly states: number
  readonly transitions: number
  /** From the source: what has to be compiled first is in it. */
  readonly wall: number
  readonly cpu: number
  readonly bytesPerState?: number
  readonly peakMegabytes?: number
}

/** Where a pinner chooses freely: what can be searched in some seconds. */
const freeSizes = ['2.2.1.2', '2.2.2.2']

function relock(size: string, det: 0 | 1): Verdict {
  const { states, steps, bytesPerState, peakMegabytes, findings, exhaustive, total } = explored({
    protocol: 'restart',
    size,
    det,
    reduction: true,
  })
  if (!exhaustive || findings > 0) throw new Error(`restart ${size} should hold`)
  return { states, transitions: steps, wall: total.wall, cpu: total.cpu, bytesPerState, peakMegabytes }
}

function spin(size: string, det: 0 | 1, reduction: boolean): Verdict {
  const pan = verified({ variant: 4, size: sizeOf(size), det, reduction })
  return { ...pan, wall: pan.prepare + pan.run }
}

/** A binary of `unmap VARIANT U P M R RB bfs THREADS`, already built: it is timed without its compiler. */
function runStateright(binary: string, size: string): Verdict {
  const { output, wall, cpu } = run(binary, ['4', ...size.split('.'), '100', 'bfs', '1', 'full'])
  const number = (name: string) => Number(new RegExp(`${name}=(\\d+)`).exec(output)?.[1])
  return { states: number('unique'), transitions: number('total'), wall, cpu }
}

export function verdicts(rounds: number): Sheet {
  const binary = process.env['STATERIGHT_UNMAP']
  const free = freeSizes.map((size): Contender<Verdict> => ({ name: `${size}|0|relock`, run: () => relock(size, 0) }))
  const searched = sizes.flatMap((size): Contender<Verdict>[] => [
    { name: `${size}|1|relock`, run: () => relock(size, 1) },
    ...(hasSpin
      ? ([1, 0] as const).flatMap((det) => [
          { name: `${size}|${det}|Spin`, run: () => spin(size, det, true) },
          { name: `${size}|${det}|Spin -DNOREDUCE`, run: () => spin(size, det, false) },
        ])
      : []),
    ...(binary && isInstalled(binary)
      ? [{ name: `${size}|0|Stateright BFS`, run: () => runStateright(binary, size) }]
      : []),
  ])
  const measured = [...inRounds([...free, ...searched], rounds)].map(([name, runs]) => row(name, runs))
  const quoted = binary ? [] : stateright
  const rows = [...measured, ...quoted].sort((a, b) =>
    a[0]! < b[0]! ? -1 : a[0]! > b[0]! ? 1 : Number(b[1]) - Number(a[1]),
  )
  return {
    name: 'verdict',
    title: `(c), (d) restart: from the source to a complete verdict, n = ${rounds}`,
    head: [
      '4.U.P.M.R',
      'DET',
      'engine',
      'states',
      'transitions',
      's on the clock (min..max)',
      'CPU s',
      'bytes/state',
      'peak MB',
    ],
    rows,
  }
}

function row(name: string, runs: readonly Verdict[]): string[] {
  const [size, det, engine] = name.split('|')
  const { states, transitions, bytesPerState, peakMegabytes } = runs[0]!
  return [
    `4.${size}`,
    det!,
    engine!,
    whole(states),
    whole(transitions),
    range(runs.map(({ wall }) => wall)),
    fixed(median(runs.map(({ cpu }) => cpu)), 2),
    bytesPerState === undefined ? '–' : fixed(bytesPerState),
    peakMegabytes === undefined ? '–' : whole(peakMegabytes),
  ]
}
