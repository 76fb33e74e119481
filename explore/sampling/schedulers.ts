/**
 * How samples choose among what can be delivered.
 *
 *   - random: uniformly.
 *   - pct (Burckhardt et al., ASPLOS 2010): every thread has a random priority, the highest runs, and it is lowered at a few random steps.
 *   - pos, partial-order sampling (Yuan, Yang, Gu, CAV 2018): every delivery has a random priority, the highest is taken, and those that race
 *     with it, being for the same receiver, draw another. So each of the two orders of two such deliveries is likely, however long the run.
 *   - coverage: what counts as new is two components in states in which they were never seen together. A run that met something new is a seed up
 *     to there: others follow it, and go on at random; those seeds come first that were followed least.
 */
import type { Sampling } from './sampling.ts'
import type { Entry, Tables } from '../states/tables.ts'
import type { Turns } from './turns.ts'

type Random = () => number

/** Of one run. */
export interface Scheduler {
  /** An index into the lanes that can be taken. */
  pick(enabled: readonly number[], step: number): number
  /** `enabled`: what could be taken before it; `state` is the one behind it, undefined of a step that some run has taken before. */
  took?(lane: number, entry: Entry, enabled: readonly number[], state?: Int32Array): void
  /** The run is over. */
  ended?(run: readonly number[]): void
}

/** Makes the scheduler of each run, which has a number. */
export type Scheduling = (random: Random, run: number) => Scheduler

/** What is learned from runs is forgotten after so many: a sample can be taken in pieces of this size, each by itself. */
export const piece = 2000

export function schedulingOf({ kind, preemptions }: Sampling, tables: Tables, turns: Turns): Scheduling {
  switch (kind) {
    case 'random':
      return (random) => ({ pick: ({ length }) => below(random, length) })
    case 'pct':
      return pct(preemptions, turns)
    case 'pos':
      return pos(tables)
    case 'coverage':
      return coverage(tables)
  }
}

const below = (random: Random, count: number): number => Math.floor(random() * count)

/** The first of those with the highest priority. */
const highest = (enabled: readonly number[], priority: (lane: number) => number): number => {
  let best = 0
  for (let at = 1; at < enabled.length; at++) if (priority(enabled[at]!) > priority(enabled[best]!)) best = at
  return best
}

function pct(preemptions: number, turns: Turns): Scheduling {
  const guess = 100
  let lastLength = guess
  return (random, run) => {
    if (run % piece === 0) lastLength = guess
    const priorities = new Map<number, number>()
    const falls = new Set(Array.from({ length: preemptions }, () => below(random, lastLength)))
    let lowest = 0
    const priority = (lane: number) => {
      const turn = turns.of(lane)
      if (!priorities.has(turn)) priorities.set(turn, random())
      return priorities.get(turn)!
    }
    return {
      pick: (enabled, step) => {
        if (falls.has(step)) priorities.set(turns.of(enabled[highest(enabled, priority)]!), --lowest)
        return highest(enabled, priority)
      },
      ended: ({ length }) => (lastLength = length),
    }
  }
}

function pos(tables: Tables): Scheduling {
  return (random) => {
    /** By lane. */
    const priorities: (number | undefined)[] = []
    return {
      pick: (enabled) => {
        let best = 0
        for (let at = 0; at < enabled.length; at++) {
          const own = (priorities[enabled[at]!] ??= random())
          if (own > priorities[enabled[best]!]!) best = at
        }
        return best
      },
      took: (lane, _, enabled) => {
        const { receiver } = tables.lanes[lane]!
        for (const other of enabled) if (tables.lanes[other]!.receiver === receiver) priorities[other] = undefined
      },
    }
  }
}

/** One run in so many begins from nothing. */
const afresh = 4
/** Of so many seeds, drawn by chance, the one that was followed least is followed. */
const drawn = 3

interface Seed {
  readonly run: readonly number[]
  followed: number
}

function coverage(tables: Tables): Scheduling {
  const together = new Set<string>()
  const seeds: Seed[] = []
  const least = (random: Random): Seed | undefined => {
    if (seeds.length === 0 || below(random, afresh) === 0) return undefined
    const some = Array.from({ length: drawn }, () => seeds[below(random, seeds.length)]!)
    return some.reduce((one, other) => (other.followed < one.followed ? other : one))
  }
  const isNew = (state: Int32Array, component: number): boolean => {
    const before = together.size
    for (let other = 0; other < tables.components.length; other++) {
      const [one, two] = component < other ? [component, other] : [other, component]
      together.add(`${one} ${state[one]} ${two} ${state[two]}`)
    }
    return together.size > before
  }
  return (random, run) => {
    if (run % piece === 0) {
      together.clear()
      seeds.length = 0
    }
    const seed = least(random)
    if (seed) seed.followed++
    let [steps, newest] = [0, 0]
    return {
      pick: (enabled, step) => {
        const next = seed && step < seed.run.length ? enabled.indexOf(seed.run[step]!) : -1
        return next >= 0 ? next : below(random, enabled.length)
      },
      took: (_, { component }, __, state) => {
        steps++
        if (state && isNew(state, component)) newest = steps
      },
      ended: (run) => {
        if (newest > 0) seeds.push({ run: run.slice(0, newest), followed: 0 })
      },
    }
  }
}
