/** A sample in pieces, beside the same in one go. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import type { ExploreOptions, SampledByNumber } from '../../explore/options.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { piece } from '../../explore/sampling/schedulers.ts'
import { inOneSample } from '../../explore/several/pieces.ts'
import type { Property, System } from '../../explore/system.ts'
import { always } from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'
import { dice } from '../../streams/dice.ts'
import { machineOf } from '../process/machines.ts'
import { counterProperties, lostUpdate } from '../toys/counters.ts'
import { systemBy } from './random-searches.ts'

const searches = {
  random: (sample: SampledByNumber) => ({ random: sample }),
  pct: (sample: SampledByNumber) => ({ pct: { ...sample, preemptions: 2 } }),
  pos: (sample: SampledByNumber) => ({ pos: sample }),
  coverage: (sample: SampledByNumber) => ({ coverage: sample }),
}

interface Sample {
  readonly system: System<any>
  readonly properties: readonly Property[]
  readonly options?: ExploreOptions
  readonly strategy: keyof typeof searches
  /** How many runs each piece has. */
  readonly pieces: readonly number[]
}

/** But for how long it took, and by which run an inversion is confirmed. */
const told = (report: Report): Report => ({
  ...report,
  seconds: 0,
  findings: report.findings.map((finding) =>
    finding.judged?.verdict === 'confirmed' ? { ...finding, judged: { verdict: 'open' } } : finding,
  ),
})

const both = async ({ system, properties, options, strategy, pieces }: Sample) => {
  const runs = pieces.reduce((sum, each) => sum + each, 0)
  const sampled = (sample: SampledByNumber): Promise<Report> =>
    explore(system, properties, { ...options, search: searches[strategy](sample) })
  const reports: Report[] = []
  let first = 0
  for (const many of pieces) {
    reports.push(await sampled({ seed: 7, runs: many, first }))
    first += many
  }
  return { whole: told(await sampled({ seed: 7, runs })), together: told(inOneSample(reports, { properties, runs })) }
}

describe.each(['random', 'pos'] as const)('%s', (strategy) => {
  test('pieces of any size come to the report of the whole', async () => {
    let many = 0
    for (let seed = 1; seed <= 60; seed++) {
      const chance = dice(seed)
      const { system, properties } = systemBy(seed, chance)
      const pieces = [1 + chance(30), 1 + chance(30), 1 + chance(30)]
      const options = { within: { depth: 60 }, ...(chance(2) === 0 && { ignored: 'fail' as const }) }
      const { whole, together } = await both({ system, properties, options, strategy, pieces })
      expect(together, `seed ${seed}`).toEqual(whole)
      many += whole.findings.length + whole.ignored.length + whole.lockOrder.length
    }
    expect(many).toBeGreaterThan(100)
  })
})

test('runs with priorities forget what they have learned after a piece, so that the next begins as if it were alone', async () => {
  const { whole, together } = await both({
    ...{ system: lostUpdate(), properties: counterProperties, strategy: 'pct', pieces: [piece, 500] },
  })
  expect(together).toEqual(whole)
})

test('so do runs that follow those that met something new', async () => {
  let many = 0
  for (let seed = 1; seed <= 8; seed++) {
    const { system, properties } = systemBy(seed, dice(seed))
    const options = { within: { depth: 60 } }
    const asked = { system, properties, options, strategy: 'coverage' as const }
    const { whole, together } = await both({ ...asked, pieces: [piece, piece, 300] })
    expect(together, `seed ${seed}`).toEqual(whole)
    // What is learned decides: a piece that begins elsewhere is another sample.
    const elsewhere = await both({ ...asked, pieces: [300, piece] })
    if (elsewhere.together.steps !== elsewhere.whole.steps) many++
  }
  expect(many).toBeGreaterThan(0)
})

test('of XState actors, what was never entered and never taken is what no piece has come by', async () => {
  const properties = [always('three is never reached', (w: any) => w.root.context.n < 3)]
  let many = 0
  for (let seed = 1; seed <= 10; seed++) {
    const system = systemOf(machineOf(seed), {
      events: ['A', { type: 'B', by: 1 }, { send: 'C', times: 2 }],
      properties,
    })
    const options = { within: { depth: 20 } }
    const { whole, together } = await both({ system, properties, options, strategy: 'random', pieces: [2, 3, 2] })
    expect(together, `seed ${seed}`).toEqual(whole)
    many += whole.coverage!.flatMap(({ untaken }) => untaken).length
  }
  expect(many).toBeGreaterThan(0)
})
