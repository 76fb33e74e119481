/** Searches that sample random runs. */
import type { ExploreOptions, SampledSearch, SearchFor } from '../options.ts'
import { decided, gatheredReport, identity, told } from '../outcome/reporting.ts'
import type { Progress, Report } from '../outcome/report.ts'
import { Sample, type Sampling } from './sampling.ts'
import type { Property, System } from '../system.ts'
import { Tables } from '../states/tables.ts'
import { takenIn } from '../outcome/taken.ts'

export const isSampled = (search: SearchFor): search is SampledSearch =>
  typeof search === 'object' && ['random', 'pct', 'pos', 'coverage'].some((name) => name in search)

function samplingOf(search: SampledSearch): Sampling {
  if ('random' in search) return { kind: 'random', preemptions: 0, ...search.random }
  if ('pct' in search) return { kind: 'pct', ...search.pct }
  if ('pos' in search) return { kind: 'pos', preemptions: 0, ...search.pos }
  return { kind: 'coverage', preemptions: 0, ...search.coverage }
}

/** `places`: of so many states at most it is remembered what can be taken there. */
export function* sampled(
  system: System<any>,
  properties: readonly Property[],
  options: ExploreOptions,
  search: SampledSearch,
  places?: number,
): Generator<Progress, Report> {
  const started = performance.now()
  const sampling = samplingOf(search)
  const tables = new Tables(system)
  const sample = new Sample(tables, properties, sampling, options, started, places)
  yield* sample.run()
  if (options.onTaken) takenIn(tables).forEach(options.onTaken)
  const { decided: runs, ...found } = gatheredReport(tables, properties, sample.found)
  const { seed, preemptions, kind } = sampling
  return {
    ...identity(system),
    strategy: kind,
    inversions: options.inversions ?? 'all',
    exhaustive: false,
    ...(sample.bounds.stopped && { stopped: sample.bounds.stopped }),
    sampled: { seed, runs: sample.runs, ...(kind === 'pct' && { preemptions }) },
    reduction: 'off',
    states: sample.steps,
    steps: sample.steps,
    depth: sample.depth,
    seconds: (performance.now() - started) / 1000,
    bytesPerState: 0,
    frontier: [],
    properties: properties.map((property, index) => {
      const run = runs.get(index)
      return decided(property, run && told(tables, run), false, false)
    }),
    ...found,
  }
}
