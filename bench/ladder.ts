/** (h): the same protocol at eight sizes, to a complete verdict, as parts of what Spin takes; with threads that are alike told apart and not. */
import { fixed, median, whole } from './numbers.ts'
import { explored } from './relock.ts'
import { inRounds } from './rounds.ts'
import { hasSpin, verified } from './spin.ts'
import type { Sheet } from './tables.ts'
import { sizeOf } from './worlds.ts'

/** What issue 13 asks for, as a part of Spin's CPU seconds. */
const goals: Readonly<Record<string, number>> = {
  '2.1.1.1': 0.2,
  '2.2.2.2': 0.3,
  '3.3.2.1': 0.35,
  '2.3.1.2': 0.45,
  '5.2.1.1': 0.3,
  '3.4.2.1': 0.6,
  '3.3.1.2': 0.7,
  '2.3.1.3': 1,
}

interface Side {
  readonly states: number
  /** Of the whole process, from its start; Spin's with `spin -a` and gcc. */
  readonly cpu: number
  readonly megabytes: number
}

/** One after the other in each round, so that a ratio is of two that had the same machine. */
interface Round {
  readonly spin: Side
  readonly folded: Side
  readonly unfolded: Side
}

function relock(size: string, symmetry: boolean): Side {
  const { states, findings, exhaustive, peakMegabytes, total } = explored({
    protocol: 'restart',
    size,
    reduction: true,
    symmetry,
  })
  if (!exhaustive || findings > 0) throw new Error(`restart ${size} should hold`)
  return { states, cpu: total.cpu, megabytes: peakMegabytes }
}

function spin(size: string): Side {
  const { states, cpu, errors, peakMegabytes } = verified({ variant: 4, size: sizeOf(size), det: 1, reduction: true })
  if (errors > 0) throw new Error(`Spin finds something in ${size}`)
  return { states, cpu, megabytes: peakMegabytes }
}

export function ladder(rounds: number): Sheet {
  if (!hasSpin) throw new Error('(h) is about Spin: spin and gcc have to be installed')
  const contenders = Object.keys(goals).map((size) => ({
    name: size,
    run: (): Round => ({ spin: spin(size), folded: relock(size, true), unfolded: relock(size, false) }),
  }))
  return {
    name: 'ladder',
    title: `(h) restart, DET=1: CPU seconds to a complete verdict as parts of Spin's, rounds = ${rounds}`,
    head: [
      'U.P.M.R',
      'Spin: states',
      'CPU s',
      'MB',
      'relock: states',
      'CPU s',
      'MB',
      'part of Spin',
      'goal',
      'without symmetry: states',
      'CPU s',
      'MB',
      'part of Spin',
    ],
    rows: [...inRounds(contenders, rounds)].map(([size, each]) => [
      size,
      ...cells(each.map(({ spin: side }) => side)),
      ...cells(each.map(({ folded }) => folded)),
      part(each, 'folded'),
      `≤ ${fixed(goals[size]!, 2)}`,
      ...cells(each.map(({ unfolded }) => unfolded)),
      part(each, 'unfolded'),
    ]),
  }
}

const cells = (sides: readonly Side[]): readonly string[] => [
  whole(sides[0]!.states),
  fixed(median(sides.map(({ cpu }) => cpu)), 2),
  whole(median(sides.map(({ megabytes }) => megabytes))),
]

const part = (rounds: readonly Round[], side: 'folded' | 'unfolded'): string =>
  fixed(median(rounds.map((each) => each[side].cpu / each.spin.cpu)), 2)
