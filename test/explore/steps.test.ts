/** Claims about steps: what was before, what is after. Searches of every kind, reduced and not, say what brute force says. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { claimsIn } from '../../explore/claims/claims.ts'
import { alwaysStep, explore, fromCommands, replay } from '../../explore/door.ts'
import type { Property, System } from '../../explore/system.ts'
import { initial, keyOf, take, takeable, type State } from '../toys/meaning.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { overChance } from '../chance.ts'

const most = 600

/** The same system, of which one sees the key of each component, when it is asked for. */
interface Keys {
  key(id: string): string
}
const seen = (system: System<any>): System<Keys> => ({
  ...system,
  view: (read) => ({ key: (id) => system.components.find((each) => each.id === id)!.key(read(id)) }),
})

const hash = (...texts: readonly string[]): number =>
  [...texts.join('|')].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 9973, 7)

interface Claim {
  readonly of: string
  readonly beside: string
  readonly salt: number
}

/** What brute force asks of each step. */
const breaks = ({ of, beside, salt }: Claim, before: Keys, after: Keys): boolean =>
  before.key(of) !== after.key(of) && hash(`${salt}`, before.key(beside), after.key(of)) % 3 === 0

/** Steps of the shortest run to a step that breaks it. */
function forced(system: System<any>, claim: Claim, from?: string): number | undefined {
  const keysIn = (state: State): Keys => ({
    key: (id) => system.components.find((each) => each.id === id)!.key(state.locals.get(id)),
  })
  const known = new Set<string>()
  let level = [initial(system)]
  for (let depth = 1; level.length > 0; depth++) {
    const next: State[] = []
    for (const state of level) {
      for (const lane of takeable(system, state)) {
        const taken = take(system, state, lane)
        if (taken.crashed) continue
        const isFrom = from === undefined || lane.startsWith(`${from} → `)
        if (isFrom && breaks(claim, keysIn(state), keysIn(taken.state))) return depth
        const key = keyOf(system, taken.state)
        if (known.has(key)) continue
        known.add(key)
        next.push(taken.state)
      }
    }
    level = next
  }
  return undefined
}

const claimOf = (claim: Claim): Property<Keys> => alwaysStep('it may', (before, after) => !breaks(claim, before, after))

/** A claim about two of the components, whichever. */
const claims = fc.record({ of: fc.nat(), beside: fc.nat(), salt: fc.nat(1000) })
const chosen = (system: System<any>, { of, beside, salt }: { of: number; beside: number; salt: number }): Claim => {
  const ids = system.components.map(({ id }) => id)
  return { of: ids[of % ids.length]!, beside: ids[beside % ids.length]!, salt }
}

test('over random systems, reduced, full, depth-first and bounded searches say of each what brute force says', async () => {
  const met = { violated: 0, holds: 0, reduced: 0, sampled: 0 }
  await overChance(
    fc.asyncProperty(randomSystems, claims, async (description, which) => {
      const made = systemOf(description)
      const system = seen(made.system)
      const full = await explore(system, [], { reduction: false, symmetry: false, within: { states: most } })
      if (!full.exhaustive) return
      const claim = chosen(system, which)
      const property = claimOf(claim)
      const shortest = forced(system, claim)
      const says = async (options: Parameters<typeof explore>[2]) => {
        const report = await explore(system, [property], options)
        const [said] = report.properties
        if (said?.schedule) {
          const run = replay(system, said.schedule)
          expect(claimsIn(system, [property], run)).toMatchObject([{ at: said.schedule.length, ofStep: true }])
        }
        return { said: said!, report }
      }
      const verdict = shortest === undefined ? 'holds' : 'violated'
      met[verdict]++
      const { said, report } = await says({})
      if (report.reduction === 'on' && report.states < full.states) met.reduced++
      expect([said.verdict, said.depth]).toEqual([verdict, shortest])
      expect(await says({ reduction: false })).toMatchObject({
        said: { verdict, ...(shortest && { depth: shortest }) },
      })
      for (const search of ['depth', 'deepening', 'preemptions', 'delays', 'dpor'] as const)
        expect((await says({ search })).said).toMatchObject({ verdict, of: 'steps' })
      const sampled = (await says({ search: { random: { seed: 1, runs: 20 } } })).said
      if (sampled.verdict === 'violated') met.sampled++
      expect(sampled.verdict === 'violated' && verdict === 'holds').toBe(false)
    }),
    {
      runs: 40,
      enough: () => {
        for (const count of Object.values(met)) expect(count).toBeGreaterThan(2)
      },
    },
  )
})

test('a claim that asks which step it is has all orders tried, and the report says so', async () => {
  const met = { violated: 0, off: 0 }
  await overChance(
    fc.asyncProperty(randomSystems, claims, async (description, which) => {
      const made = systemOf(description)
      const system = seen(made.system)
      const full = await explore(system, [], { reduction: false, symmetry: false, within: { states: most } })
      if (!full.exhaustive) return
      const claim = chosen(system, which)
      const property = alwaysStep<Keys>(
        'it may',
        (before, after, step) => !(step.from === claim.beside && breaks(claim, before, after)),
      )
      const report = await explore(system, [property])
      expect(report.states).toBe(full.states)
      // Nothing could be taken alone, or it is off.
      if (report.reduction !== 'off') met.off++
      if (report.reduction !== 'off') expect(report.reduction).toEqual({ off: '"it may" asks which step it is' })
      const broken = forced(system, claim, claim.beside)
      const wanted = [broken === undefined ? 'holds' : 'violated', broken]
      expect([report.properties[0]!.verdict, report.properties[0]!.depth]).toEqual(wanted)
      // It may ask of few steps alone, and of none before the search has come to one of them.
      let asked = false
      const seldom = alwaysStep<Keys>('it may', (before, after, step) => {
        if (!breaks(claim, before, after)) return true
        asked = true
        return step.from !== claim.beside
      })
      const second = await explore(system, [seldom])
      const [said] = second.properties
      expect([said!.verdict, said!.depth]).toEqual(wanted)
      if (asked) expect(second.reduction).not.toBe('on')
      if (broken !== undefined) met.violated++
    }),
    {
      runs: 240,
      enough: () => {
        for (const count of Object.values(met)) expect(count).toBeGreaterThan(2)
      },
    },
  )
})

describe('of a table of commands', () => {
  const counter = fromCommands<{ c: { readonly n: number; readonly other: number } }>({
    name: 'counter',
    components: {
      c: {
        start: { n: 0, other: 0 },
        processes: {
          up: {
            one: { when: ({ n }) => n < 3, do: ({ n }) => ({ n: n + 1 }) },
            two: { when: ({ n }) => n === 1, do: () => ({ n: 3 }) },
          },
        },
        mayEnd: true,
      },
    },
  })

  test('a step that does too much is found by the shortest run, and called by its name', async () => {
    const { properties } = await explore(counter, [
      alwaysStep<{ c: { n: number } }>('it counts by one', (before, after) => after.c.n === before.c.n + 1),
      alwaysStep<{ c: { n: number } }>('it never goes back', (before, after) => after.c.n > before.c.n),
      alwaysStep<{ c: { n: number } }>(
        'only one counts by one',
        (before, after, { type }) => type === 'two' || after.c.n === before.c.n + 1,
      ),
    ])
    expect(properties.map(({ verdict, depth, vacuous }) => [verdict, depth, vacuous ?? false])).toEqual([
      ['violated', 2, false],
      ['holds', undefined, false],
      ['holds', undefined, false],
    ])
    expect(replay(counter, properties[0]!.schedule!).steps.map(({ message }) => message.type)).toEqual(['one', 'two'])
  })

  test('one that looks at nothing that changes was never put to the test', async () => {
    const { properties } = await explore(counter, [alwaysStep('nothing', () => false)])
    expect(properties).toEqual([{ name: 'nothing', kind: 'always', of: 'steps', verdict: 'holds', vacuous: true }])
  })
})
