/** Options that are numbers. Each has a range, and outside of it nothing is meant: not "no bound" by 0, not the same seed by another name. */
import { availableParallelism } from 'node:os'
import { Option } from 'commander'
import * as errors from '../report/errors.ts'

interface Bounds {
  readonly about: string
  readonly least: number
  readonly most: number
}

/** What it is by default, or where nothing is set then, what is usual: that is suggested to whoever typed no number. */
type Range = Bounds & ({ readonly byDefault: number } | { readonly usual: number })

const cores = availableParallelism()

/** Nobody lives to see more. */
const many = 999_999_999_999_999

export const numbers = {
  tasks: { about: 'how many tasks race', least: 1, most: 9999, usual: 2 },
  // The generators have 32 bits of state.
  seed: { about: 'not breadth: seed (of samples 1)', least: 0, most: 2 ** 32 - 1, usual: 1 },
  runs: { about: 'samples: how many runs (1000); dpor: at most', least: 1, most: many, usual: 1000 },
  preemptions: { about: 'preemptions: at most; pct: in a run (3)', least: 0, most: 1000, usual: 3 },
  delays: { about: 'delays: at most', least: 0, most: 1000, usual: 3 },
  states: { about: 'bound: states', least: 1, most: many, usual: 100_000 },
  depth: { about: 'bound: steps in a run', least: 1, most: many, usual: 1000 },
  workers: { about: 'breadth: so many threads', least: 1, most: 64, usual: Math.min(cores, 64) },
  parallel: { about: 'how many searches at once', least: 1, most: 1024, usual: Math.min(cores, 1024) },
  seeds: { about: 'so many seeds, a job each', least: 1, most: 10_000, usual: 4 },
  cut: { about: 'cut runs after so many steps, a job for each state there', least: 1, most: 1000, usual: 10 },
  attempts: { about: 'how often a job is begun whose worker dies', least: 1, most: 1_000_000, byDefault: 20 },
  lock: {
    about: 'milliseconds after which a silent worker counts as dead',
    least: 100,
    most: 3_600_000,
    byDefault: 30_000,
  },
  // What a timer holds: twenty-four days.
  ms: { about: 'bound: milliseconds', least: 1, most: 2 ** 31 - 1, usual: 60_000 },
} as const satisfies Readonly<Record<string, Range>>

/** Reads a number within its range. */
export const within =
  (option: string, range: Range) =>
  (given: string): number => {
    const { least, most } = range
    // No sign, no zeros before it, no other way to write it.
    const value = /^(?:0|[1-9]\d{0,14})$/.test(given) ? Number(given) : Number.NaN
    if (value >= least && value <= most) return value
    throw errors.wrongNumber(option, given, { least, most }, 'usual' in range ? range.usual : range.byDefault)
  }

/** `--seed <n>` */
export const number = (name: keyof typeof numbers): Option => {
  const range: Range = numbers[name]
  const option = new Option(`--${name} <n>`, range.about).argParser(within(`--${name}`, range))
  return 'byDefault' in range ? option.default(range.byDefault) : option
}
