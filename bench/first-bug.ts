/** (b): from nothing to the first bug, in a cold process. */
import { median, range, whole } from './numbers.ts'
import { cli, explored } from './relock.ts'
import { inRounds, type Contender } from './rounds.ts'
import { hasSpin, verified } from './spin.ts'
import type { Sheet } from './tables.ts'
import { sizeOf } from './worlds.ts'

interface Case {
  readonly protocol: string
  /** A scenario of ours in which it goes wrong. */
  readonly scenario: string
  /** The same world on both sides; none where it takes more than unmapping and pinning. */
  readonly size?: string
  readonly retryBound?: number
  readonly variant?: 1 | 2 | 3 | 4
}

const cases: readonly Case[] = [
  { protocol: 'under-lock', scenario: 'stale-dma', size: '2.1.1.1', variant: 1 },
  { protocol: 'per-mapping', scenario: 'stale-dma', size: '2.1.1.1', variant: 2 },
  { protocol: 'per-request', scenario: 'late-pin', size: '2.1.1.1', variant: 3 },
  { protocol: 'restart', scenario: 'deaf-driver' },
  // The same BUG by drivers that do nothing wrong, at the kernel's own bound of 10: it takes twelve pins.
  { protocol: 'restart', scenario: 'keeps-pinning+six-rounds', size: '1.1.1.12', retryBound: 10, variant: 4 },
  { protocol: 'device-list', scenario: 'stale-dma', size: '2.1.1.1' },
  { protocol: 'gated-unlocked-check', scenario: 'stale-dma', size: '2.1.1.1' },
  { protocol: 'gated-no-cursor', scenario: 'stolen-mapping' },
]

const nameOf = ({ protocol, scenario }: Case): string => `${protocol} ${scenario}`

/** What every column is made of: seconds on the clock, and a remark. */
interface Found {
  readonly wall: number
  readonly run?: number
  readonly states?: number
  readonly steps?: number
  readonly what?: string
}

const inProgram = ({ protocol, scenario }: Case): Found => ({
  wall: cli('explore', scenario, '--unmap', protocol, '--stop-at-first', '--quiet').wall,
})

function inWorld({ protocol, retryBound }: Case, size: string): Found {
  const { total, states, first } = explored({
    protocol,
    size,
    reduction: true,
    first: true,
    ...(retryBound && { retryBound }),
  })
  return { wall: total.wall, states, ...(first && { steps: first.depth, what: first.title }) }
}

function inSpin(variant: 1 | 2 | 3 | 4, size: string, retryBound: number | undefined, breadth: boolean): Found {
  const options = { first: true, breadth, reduction: !breadth, ...(retryBound && { retryBound }) }
  const { prepare, run, states, trail } = verified({ variant, size: sizeOf(size), det: 1, ...options })
  return { wall: prepare + run, run, states, ...(trail !== undefined && { steps: trail }) }
}

export function firstBug(rounds: number): Sheet {
  const contenders = cases.flatMap((each): Contender<Found>[] => {
    const { size, variant, retryBound } = each
    const name = nameOf(each)
    return [
      { name: `${name} relock`, run: () => inProgram(each) },
      ...(size ? [{ name: `${name} world`, run: () => inWorld(each, size) }] : []),
      ...(size && variant && hasSpin
        ? [false, true].map((breadth) => ({
            name: `${name} spin ${breadth ? 'BFS' : 'DFS'}`,
            run: () => inSpin(variant, size, retryBound, breadth),
          }))
        : []),
    ]
  })
  const results = inRounds(contenders, rounds)
  const seconds = (name: string) => {
    const runs = results.get(name)
    return runs ? range(runs.map(({ wall }) => wall)) : '–'
  }
  const ofSpin = (name: string) => {
    const runs = results.get(name)
    if (!runs) return '–'
    return `${range(runs.map(({ wall }) => wall))}, ${median(runs.map(({ run }) => run ?? 0)).toFixed(2)} of it pan; ${runs[0]!.steps} steps`
  }
  return {
    name: 'first-bug',
    title: `(b) cold process to the first bug, seconds on the clock, n = ${rounds}`,
    head: [
      'protocol',
      'relock explore …',
      's',
      'world U.P.M.R',
      'relock s',
      'states',
      'steps',
      'finds',
      'Spin DFS s',
      'Spin BFS s (shortest)',
    ],
    rows: cases.map((each) => {
      const { protocol, scenario, size } = each
      const name = nameOf(each)
      const world = results.get(`${name} world`)?.[0]
      return [
        protocol,
        scenario,
        seconds(`${name} relock`),
        size ?? '–',
        seconds(`${name} world`),
        world ? whole(world.states!) : '–',
        world ? whole(world.steps!) : '–',
        world?.what ?? '–',
        ofSpin(`${name} spin DFS`),
        ofSpin(`${name} spin BFS`),
      ]
    }),
  }
}
