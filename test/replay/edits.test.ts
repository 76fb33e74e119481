/**
 * Replay survives edits: of every built-in scenario, each finding is still shown by a run that keeps the order of the recorded one after the
 * model was edited in ways that change nothing of what it does. A sample of the scenarios; RELOCK_SEED=<seed> takes another, and with
 * RELOCK_SEEDS=<n> it is all of them, n edits of each kind.
 */
import { expect, test } from 'vitest'
import { causesOf } from '../../explore/runs/causes.ts'
import { replay } from '../../explore/index.ts'
import { randomFrom } from '../../explore/sampling/random.ts'
import type { Property, System } from '../../explore/system.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { followed } from '../../explore/runs/follow.ts'
import { decided } from '../../scenarios/choices.ts'
import { scenarios } from '../../scenarios/index.ts'
import type { Choices, Scenario } from '../../scenarios/unmap/scenario.ts'
import { issuesOf } from '../../report/issues.ts'
import { explored } from '../scenarios/explored.ts'
import { edits } from './edits.ts'

const seed = Number(process.env['RELOCK_SEED'] ?? 16)
const seeds = process.env['RELOCK_SEEDS']
const sampled = 16
/** Of each kind. */
const times = Number(seeds ?? 1)

/** Larger ones take minutes to search, and their runs are no other. */
const mostStates = 3000

/** Each scenario that shows something, in the first of its forms that does. */
const showing = scenarios.flatMap((scenario): (readonly [Scenario, Choices])[] => {
  const expected = scenario.expected.find(
    ({ findings, verdicts = {}, states }) =>
      states <= mostStates && (findings.length > 0 || Object.values(verdicts).includes('violated')),
  )
  return expected ? [[scenario, decided(scenario.choices, expected)]] : []
})

const sample = (): typeof showing => {
  if (seeds !== undefined) return showing
  const random = randomFrom(seed)
  const drawn = showing.map((each) => [random(), each] as const).toSorted(([a], [b]) => a - b)
  return drawn.slice(0, sampled).map(([, each]) => each)
}

interface Found {
  readonly of: string
  readonly shows: string
  readonly system: System<any>
  readonly properties: readonly Property[]
  readonly run: Trace
}

const foundIn = async ([scenario, choices]: readonly [Scenario, Choices]): Promise<readonly Found[]> => {
  const [system, properties] = [scenario.system(choices), scenario.properties(choices)]
  return issuesOf(await explored(scenario, choices)).map(({ title, property, schedule }) => ({
    ...{ of: scenario.name, shows: property?.name ?? title, system, properties, run: replay(system, schedule) },
  }))
}

interface Met {
  edits: number
  kept: number
  adapted: number
  readonly lost: string[]
}

test('at least 95 of 100 runs are kept or adapted, and still show what was found', async () => {
  const found = (await Promise.all(sample().map(foundIn))).flat()
  const met = {} as Record<keyof typeof edits, Met>
  for (const [kind, edit] of Object.entries(edits)) {
    const so: Met = { edits: 0, kept: 0, adapted: 0, lost: [] }
    met[kind as keyof typeof edits] = so
    for (const [nth, { of, shows, system, properties, run }] of found.entries())
      for (let time = 0; time < times; time++) {
        const { what, system: now } = edit(system, run, seed + nth * times + time)
        const { outcome, shown } = followed(now, causesOf(run), { shows, properties })
        so.edits++
        if (outcome === 'impossible' || shown !== true) so.lost.push(`${of}, ${shows}: ${what}`)
        else so[outcome]++
      }
  }
  const all = Object.values(met)
  const edited = all.reduce((sum, { edits: each }) => sum + each, 0)
  const lost = all.flatMap((each) => each.lost)
  process.stdout.write(
    `RELOCK_SEED=${seed}: ${found.length} runs of ${sample().length} of ${showing.length} scenarios, ${edited} edits, ${edited - lost.length} followed\n` +
      Object.entries(met)
        .map(([kind, { edits: each, kept, adapted }]) => `  ${kind}: ${kept} kept, ${adapted} adapted, of ${each}`)
        .join('\n')
        .concat('\n'),
  )
  expect(showing.length).toBeGreaterThan(100)
  expect(found.length).toBeGreaterThanOrEqual(sample().length)
  expect(edited).toBe(found.length * times * Object.keys(edits).length)
  expect(lost.length, lost.join('\n')).toBeLessThanOrEqual(edited * 0.05)
  // An edit of which a run shows nothing leaves it as it is; what it does show is told.
  for (const { edits: each, kept, lost: left } of [met.bystander, met.field]) expect(kept + left.length).toBe(each)
  for (const { kept } of [met.renaming, met.splitting, met.all]) expect(kept).toBe(0)
})
