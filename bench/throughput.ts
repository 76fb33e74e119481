/** (a) and (d): how fast states are explored, and what one costs, as tasks are added. */
import { fixed, median, percent, range, whole } from './numbers.ts'
import { explored } from './relock.ts'
import { inRounds } from './rounds.ts'
import type { Sheet } from './tables.ts'

/** One more task at a time, then more for each to do. Without reduction it ends at the first of more than a million states. */
const reduced = [
  '1.1.1.1',
  '2.1.1.1',
  '3.1.1.1',
  '4.1.1.1',
  '2.2.1.1',
  '3.2.1.1',
  '4.2.1.1',
  '2.3.1.1',
  '2.3.1.2',
  '2.3.1.3',
]
const full = ['1.1.1.1', '2.1.1.1', '3.1.1.1', '2.2.1.1', '2.1.1.6']

export function throughput(rounds: number): Sheet {
  const job = (size: string, reduction: boolean) => ({
    name: `${size} ${reduction ? 'reduced' : 'full'}`,
    run: () => explored({ protocol: 'restart', size, reduction }),
  })
  const jobs = [...reduced.map((size) => job(size, true)), ...full.map((size) => job(size, false))]
  const results = inRounds(jobs, rounds)
  return {
    name: 'throughput',
    title: `(a), (d) restart, DET=1: exploration to the end, n = ${rounds}`,
    head: [
      'U.P.M.R',
      'search',
      'states',
      'transitions',
      'depth',
      'CPU s (min..max)',
      'k trans./CPU s',
      'asking XState',
      'bytes/state',
      'peak RSS MB',
    ],
    rows: [...results].map(([name, runs]) => {
      const [size, search] = name.split(' ')
      const [{ states, steps, depth, bytesPerState }] = runs as [(typeof runs)[0]]
      return [
        size!,
        search!,
        whole(states),
        whole(steps),
        whole(depth),
        range(runs.map(({ cpu }) => cpu)),
        whole(median(runs.map(({ cpu }) => steps / cpu / 1000))),
        percent(median(runs.map(({ asking, wall }) => asking / wall))),
        fixed(bytesPerState),
        whole(median(runs.map(({ peakMegabytes }) => peakMegabytes))),
      ]
    }),
  }
}
