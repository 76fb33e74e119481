/** (e): how fast recorded calls are replayed: every recording that comes with relock, one process a file. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fixed, median, range, spread, whole } from './numbers.ts'
import { cli } from './relock.ts'
import { inRounds } from './rounds.ts'
import type { Sheet } from './tables.ts'

const recordings = join(import.meta.dirname, '..', 'test', 'recordings', 'kernel-6.1')

interface Replayed {
  readonly cases: number
  readonly ops: number
  readonly steps: number
  readonly agreed: number
  readonly cpu: number
}

function replayed(...paths: readonly string[]): Replayed {
  const { output, cpu } = cli('conform', ...paths, '--json', '--quiet')
  const { cases, ops, steps } = JSON.parse(output) as {
    readonly cases: { readonly all: number }
    readonly ops: { readonly all: number; readonly agreed: number }
    readonly steps: number
  }
  return { cases: cases.all, ops: ops.all, agreed: ops.agreed, steps, cpu }
}

export function conformance(rounds: number): Sheet {
  const files = readdirSync(recordings).filter((name) => name.endsWith('.gz') && !name.startsWith('race'))
  const jobs = [
    ...files.map((file) => ({
      name: file.replace('.jsonl.gz', ''),
      run: () => replayed(join(recordings, file)),
    })),
    { name: 'all of it', run: () => replayed(...files.map((file) => join(recordings, file))) },
  ]
  return {
    name: 'conformance',
    title: `(e) replaying recordings of Linux 6.1, whole process, n = ${rounds}`,
    head: ['recording', 'cases', 'ops', 'agree', 'steps/op', 'CPU s (min..max)', 'ops/CPU s'],
    rows: [...inRounds(jobs, rounds)].map(([name, runs]) => {
      const [{ cases, ops, agreed, steps }] = runs as [Replayed]
      const rate = spread(runs.map(({ cpu }) => ops / cpu))
      return [
        name,
        whole(cases),
        whole(ops),
        whole(agreed),
        fixed(median(runs.map(() => steps / ops))),
        range(runs.map(({ cpu }) => cpu)),
        whole(rate.median),
      ]
    }),
  }
}
