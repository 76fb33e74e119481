/**
 * How many states a search breadth first will have come to in the end, estimated while it goes on: from how many its levels have so far, and how many
 * a thinned search (thinned.ts) has seen of these and of those to come. What that has missed so far it
 * will miss again, and more with each level that it is thinned in.
 *
 * How far off that is was measured on the built-in worlds: docs/LONG-RUNS.md.
 */
import type { Progress } from '../outcome/report.ts'
import type { Thinned } from './thinned.ts'

/** Thinned searches, one after the other: how many states of a level they go on from, and after how many states each begins. */
export const rounds = [
  { most: 200, after: 1 << 14 },
  { most: 600, after: 100_000 },
  { most: 2000, after: 700_000 },
  { most: 6000, after: 5_000_000 },
] as const

/** Of a thinned search, so many come to as much as one of the search: most of the states are left out. */
const pieces = 4
/** With each level as much more is missed, as a power, as it was in half a level so far: levels are thinned most where they are widest. */
const more = 0.5
/** Levels that it is compared in. */
const compared = 3

/** `frontier`: the sizes of all levels that are known; `widths`: those that a search has estimated which goes on from so many, `most`, of each. */
export function estimated(frontier: readonly number[], widths: readonly number[], most: number): number {
  const level = frontier.length
  const from = Math.max(0, level - compared)
  const missed = sum(frontier.slice(from)) / Math.max(1, sum(widths.slice(from, level)))
  const first = widths.findIndex((width) => width > most)
  const thinned = first < 0 ? 0 : Math.max(0, level - 1 - first)
  let whole = sum(frontier)
  let further = 0
  for (const [ahead, width] of widths.slice(level).entries()) {
    if (width > most) further = ahead + 1
    whole += width * missed ** (thinned === 0 ? 1 : 1 + (more * further) / thinned)
  }
  return whole
}

const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0)

/** A thinned search; it begins again where the search does. */
export interface Thinning {
  readonly run: Iterator<unknown>
  readonly thinned: Thinned | undefined
}

/** Estimates along a search: pieces of a thinned search for each that it tells of itself, as long as one is under way. */
export class Estimates {
  readonly #begin: (most: number) => Thinning
  #round = 0
  #under: Thinning | undefined
  #last: { readonly widths: readonly number[]; readonly most: number } | undefined

  /** `begin`: one that goes on from so many states of a level. */
  constructor(begin: (most: number) => Thinning) {
    this.#begin = begin
  }

  /** With the estimate, where there is one. */
  along(progress: Progress): Progress {
    const { expanded = 0, seconds, frontier, states } = progress
    this.#goOn(expanded)
    if (!this.#last || expanded === 0) return progress
    const { widths, most } = this.#last
    const whole = Math.max(states, Math.round(estimated(frontier, widths, most)))
    return { ...progress, estimate: { states: whole, seconds: (seconds / expanded) * (whole - expanded) } }
  }

  #goOn(expanded: number): void {
    const round = rounds[this.#round]
    if (!this.#under && round && expanded >= round.after) this.#under = this.#begin(round.most)
    if (!this.#under) return
    let done: boolean | undefined = false
    for (let piece = 0; piece < pieces && done === false; piece++) done = isDone(this.#under.run)
    const { thinned } = this.#under
    // One that takes longer than the search itself is no help.
    if (done === false && (thinned?.expanded ?? 0) < expanded) return
    if (done && thinned) this.#last = thinned
    this.#under = undefined
    this.#round++
  }
}

/** Undefined: it has failed. The search itself will come to that, and say so. */
function isDone(run: Iterator<unknown>): boolean | undefined {
  try {
    return run.next().done === true
  } catch {
    return undefined
  }
}
