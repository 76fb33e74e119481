/** How many states there will be, estimated while a search goes on. `npm run bench:estimates` measures it on all built-in worlds. */
import { expect, test } from 'vitest'
import { estimated, Estimates, rounds, type Thinning } from '../../explore/breadth/estimate.ts'
import { Thinned } from '../../explore/breadth/thinned.ts'
import { searching, thinning } from '../../explore/index.ts'
import type { Progress, Report } from '../../explore/outcome/report.ts'
import type { ExploreOptions } from '../../explore/options.ts'
import type { Property, System } from '../../explore/system.ts'
import { dice } from '../../streams/dice.ts'
import { findScenario } from '../../scenarios/index.ts'
import { decided } from '../../scenarios/choices.ts'
import { searchBy } from './random-searches.ts'
import { textOf } from './killed.ts'

interface Asked {
  readonly system: System<any>
  readonly properties: readonly Property[]
}

/** Tasks as it says. */
const built = (name: string, given: object): Asked => {
  const scenario = findScenario(name)!
  const choices = decided(scenario.choices, given)
  return { system: scenario.system(choices), properties: scenario.properties(choices) }
}

const searched = ({ system, properties }: Asked, options: ExploreOptions) => {
  const search = searching(system, properties, options)
  const told: Progress[] = []
  for (;;) {
    const { done, value } = search.next()
    if (done) return { report: value, told }
    told.push(value)
  }
}

const thinnedTo = ({ system, properties }: Asked, most: number, options: ExploreOptions = {}): Thinned => {
  const search = thinning(system, properties, options, most)
  while (search.run.next().done !== true);
  return search.thinned!
}

/** With the levels that are known when so large a share of the states is. */
const ratio = ({ frontier, states }: Report, { widths, most }: Thinned, share: number): number => {
  let known = 0
  const levels = frontier.findIndex((width) => (known += width) >= share * states) + 1
  return estimated(frontier.slice(0, levels), widths, most) / states
}

test('a search that is thinned to more states than there are counts each level', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const { system, properties, options } = searchBy(seed, dice(seed))
    const { reduction = true, symmetry = true } = options
    const asked = { system, properties }
    const { report } = searched(asked, { reduction, symmetry, within: { states: 2000 } })
    if (!report.exhaustive) continue
    expect(thinnedTo(asked, 2000, { reduction, symmetry }).widths, `seed ${seed}`).toEqual(report.frontier)
  }
})

test.each([
  ['well-behaved', { unmap: 'gated' }],
  ['unmap-and-close', { protocol: 'vma-ops', as: 'repaired' }],
  ['same-address', { unmap: 'device-list' }],
] as const)(
  '%s %o: a quarter of the widest level, and it is within a factor of two from a tenth of the way on',
  (name, given) => {
    const asked = built(name, given)
    const { report } = searched(asked, { shortest: false })
    const thinned = thinnedTo(asked, Math.ceil(Math.max(...report.frontier) / 4))
    expect(thinned.expanded).toBeLessThan(report.states * 0.7)
    for (const share of [0.1, 0.2, 0.5]) {
      const off = ratio(report, thinned, share)
      expect(off, `${share}`).toBeGreaterThan(0.5)
      expect(off, `${share}`).toBeLessThan(2)
    }
  },
)

test('what is estimated along a search changes nothing of it, and is within a factor of two once it is told', () => {
  const asked = built('keeps-pinning', { unmap: 'gated', tasks: 2 })
  const { report, told } = searched(asked, { estimate: true, shortest: false })
  expect(textOf(report)).toBe(textOf(searched(asked, { shortest: false }).report))
  const estimates = told.flatMap(({ estimate }) => estimate ?? [])
  expect(estimates.length).toBeGreaterThan(10)
  for (const { states, seconds } of estimates) {
    expect(states).toBeGreaterThan(report.states / 2)
    expect(states).toBeLessThan(report.states * 2)
    expect(seconds).toBeGreaterThanOrEqual(0)
  }
  expect(told.some(({ estimate, expanded = 0 }) => estimate && expanded < rounds[0].after)).toBe(false)
})

const stage = (expanded: number): Progress => ({
  ...{ states: expanded + 100, steps: 0, depth: 3, seconds: 10, frontier: [1, 2], findings: [], expanded },
})

const thinningOf = (next: () => boolean): Thinning => {
  const thinned = new Thinned(10)
  thinned.widths.push(2, 40_000)
  return { thinned, run: { next: () => ({ done: next(), value: undefined }) } }
}

test('there is none before a thinned search is over; then it says what is left at the speed so far', () => {
  let left = 8
  const estimates = new Estimates(() => thinningOf(() => left-- === 0))
  const { after } = rounds[0]
  expect([after - 1, after, after].map((expanded) => estimates.along(stage(expanded)).estimate)).toEqual([
    ...[undefined, undefined, undefined],
  ])
  expect(estimates.along(stage(after)).estimate).toEqual({ states: 40_003, seconds: (10 / after) * (40_003 - after) })
  // What is there, is there.
  expect(estimates.along(stage(60_000)).estimate!.states).toBe(60_100)
})

test('there is none where a thinned search fails, or takes longer than the search', () => {
  const fails = new Estimates(() =>
    thinningOf(() => {
      throw new Error('cannot be asked twice')
    }),
  )
  expect(fails.along(stage(rounds[0].after)).estimate).toBeUndefined()
  let asked = 0
  const long = new Estimates(() => {
    const { run, thinned } = thinningOf(() => (asked++, false))
    for (let state = 0; state <= rounds[0].after; state++) thinned!.isLeftOut(state)
    return { run, thinned }
  })
  for (let at = 0; at < 5; at++) expect(long.along(stage(rounds[0].after)).estimate).toBeUndefined()
  expect(asked).toBe(4)
})
