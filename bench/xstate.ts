/** (g): machines and systems of XState 5, beside `xstate/graph`, in turns. */
import { fixed, median, range, whole } from './numbers.ts'
import { compiledTo } from './relock.ts'
import { run } from './processes.ts'
import { inRounds } from './rounds.ts'
import type { Sheet } from './tables.ts'

interface Answer {
  readonly states: number
  readonly steps?: number
  /** Seconds of the question alone. */
  readonly wall: number
  readonly cpu: number
  readonly peakMegabytes: number
  /** Seconds of the whole process on the clock. */
  readonly total: number
}

const child = compiledTo(import.meta.resolve('./xstate-child.ts'))

const asked = (question: string, n: number): Answer => {
  const { code, output, errors, wall } = run('node', ['--max-old-space-size=8000', child, question, String(n)])
  if (code !== 0) throw new Error(`${question} ${n}: ${errors}`)
  return { ...(JSON.parse(output) as Omit<Answer, 'total'>), total: wall }
}

type Job = readonly [what: string, question: string, n: number]

const start: Job = ['nothing: the start of the process', 'nothing', 3]

const jobs: readonly Job[] = [
  ...[4, 5, 6, 7, 8].map((n) => ['one machine, relock', 'machine', n] as const),
  ...[4, 5].map((n) => ['one machine, xstate/graph getShortestPaths', 'paths', n] as const),
  ...[4, 5].map((n) => ['one machine, xstate/graph getAdjacencyMap', 'map', n] as const),
  // Beside each other, for they are compared.
  start,
  ...[3, 4, 5, 6].map((n) => ['actors, relock', 'actors', n] as const),
  ...[3, 4, 5, 6].map((n) => ['plain components, relock', 'components', n] as const),
  ...[5, 7].map((n) => ['a foreman and n workers, relock', 'crew', n] as const),
  ['20,000 random schedules of a foreman and n workers', 'schedules', 5],
]

const named = ([what, , n]: Job): string => `${what}, n = ${n}`

export function xstate(rounds: number): Sheet {
  const contenders = jobs.map((job) => ({ name: named(job), run: () => asked(job[1], job[2]) }))
  const results = inRounds(contenders, rounds)
  const [first, nothing] = ['actors, relock, n = 3', named(start)].map((name) => results.get(name)!)
  const times = median(first!.map(({ total }, round) => total / nothing![round]!.total))
  return {
    name: 'xstate',
    title: `(g) two-phase commit with n participants, as XState 5, rounds = ${rounds}; the first verdict of actors, n = 3, in ${fixed(times, 2)} times the start of the process`,
    head: [
      'what',
      'states',
      'CPU s (min..max)',
      'states/CPU s',
      'clock s',
      'states/clock s',
      'whole process s',
      'peak RSS MB',
    ],
    rows: [...results].map(([name, answers]) => [
      name,
      whole(answers[0]!.states),
      range(answers.map(({ cpu }) => cpu)),
      whole(answers[0]!.states / median(answers.map(({ cpu }) => cpu))),
      range(answers.map(({ wall }) => wall)),
      whole(answers[0]!.states / median(answers.map(({ wall }) => wall))),
      range(answers.map(({ total }) => total)),
      fixed(median(answers.map(({ peakMegabytes }) => peakMegabytes)), 0),
    ]),
  }
}
