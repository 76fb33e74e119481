/** Searches of what comes after a run that is given: they say what brute force says from there on. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { claimsIn } from '../../explore/claims/claims.ts'
import { always, explore, fromCommands, replay } from '../../explore/door.ts'
import type { System } from '../../explore/system.ts'
import { initial, keyOf, take, takeable } from '../toys/meaning.ts'
import { randomSystems, systemOf } from '../toys/random-systems.ts'
import { overChance } from '../chance.ts'

const most = 600

/** How many states can be come to from there; undefined: the run is over before. */
function forced(system: System<any>, prefix: readonly number[]): number | undefined {
  let state = initial(system)
  for (const choice of prefix) {
    const taken = take(system, state, takeable(system, state)[choice]!)
    if (taken.crashed) return undefined
    state = taken.state
  }
  if (takeable(system, state).length === 0) return undefined
  const known = new Set([keyOf(system, state)])
  const states = [state]
  for (const each of states)
    for (const lane of takeable(system, each)) {
      const taken = take(system, each, lane)
      const key = keyOf(system, taken.state)
      if (taken.crashed || known.has(key)) continue
      known.add(key)
      states.push(taken.state)
    }
  return states.length
}

/** A run of so many steps at most: which of those possible is taken is told by one number after the other. */
function begin(system: System<any>, numbers: readonly number[]): readonly number[] {
  let state = initial(system)
  const choices: number[] = []
  for (const number of numbers) {
    const lanes = takeable(system, state)
    if (lanes.length === 0) break
    const choice = number % lanes.length
    const taken = take(system, state, lanes[choice]!)
    if (taken.crashed) break
    choices.push(choice)
    state = taken.state
  }
  return choices
}

test('over random systems and prefixes: as many states as brute force, the same verdicts reduced and not, and runs from the very start', async () => {
  const met = { searched: 0, violated: 0, findings: 0 }
  await overChance(
    fc.asyncProperty(randomSystems, fc.array(fc.nat(), { maxLength: 6 }), async (description, numbers) => {
      const { system, properties } = systemOf(description)
      const whole = await explore(system, [], { reduction: false, symmetry: false, within: { states: most } })
      if (!whole.exhaustive) return
      const after = begin(system, numbers)
      const states = forced(system, after)
      if (states === undefined) return
      met.searched++
      const full = await explore(system, properties, { after, reduction: false, symmetry: false })
      expect([full.exhaustive, full.states, full.after]).toEqual([true, states, after])
      const reduced = await explore(system, properties, { after })
      const verdictsOf = ({ properties: all }: typeof full) => all.map(({ name, verdict }) => [name, verdict])
      const titlesOf = ({ findings }: typeof full) => findings.map(({ title }) => title).toSorted()
      expect([verdictsOf(reduced), titlesOf(reduced)]).toEqual([verdictsOf(full), titlesOf(full)])
      for (const { schedule } of [...full.findings, ...reduced.findings, ...full.properties, ...reduced.properties]) {
        if (schedule === undefined) continue
        expect(schedule.slice(0, after.length)).toEqual(after)
        expect(replay(system, schedule).steps.length).toBe(schedule.length)
      }
      for (const { kind, verdict, name, schedule } of full.properties) {
        if (kind !== 'always' || verdict !== 'violated') continue
        met.violated++
        expect(claimsIn(system, properties, replay(system, schedule!)).map((each) => each.name)).toContain(name)
      }
      met.findings += full.findings.length
      if (after.length === 0)
        expect([full.states, titlesOf(full)]).toEqual([whole.states, expect.arrayContaining(titlesOf(whole))])
    }),
    {
      runs: 120,
      enough: () => {
        for (const count of Object.values(met)) expect(count).toBeGreaterThan(3)
      },
    },
  )
})

const clock = fromCommands<{ c: { readonly n: number } }>({
  name: 'clock',
  components: {
    c: {
      start: { n: 0 },
      processes: { p: { up: { when: ({ n }) => n < 3, do: ({ n }) => ({ n: n + 1 }) } } },
      mayEnd: true,
    },
  },
})

test('steps may be given by name; what holds then says nothing of other runs', async () => {
  const early = always<{ c: { n: number } }>('it is late', ({ c }) => c.n > 1)
  const { properties, states, after, exhaustive } = await explore(clock, [early], { after: ['p → c up', 'p → c up'] })
  expect([properties[0]!.verdict, states, after, exhaustive]).toEqual(['holds', 2, [0, 0], true])
  expect((await explore(clock, [early])).properties[0]!.verdict).toBe('violated')
})

test('a run that does not fit, or that nothing comes after, is refused', async () => {
  await expect(explore(clock, [], { after: ['p → c down'] })).rejects.toThrow(
    'Step 1 of the schedule does not fit: p → c down.',
  )
  await expect(explore(clock, [], { after: [0, 0, 0] })).rejects.toThrow(
    'Nothing comes after the run that is given: it has finished.',
  )
  await expect(explore(clock, [], { after: 'p → c up' as never })).rejects.toThrow('options.after cannot be "p → c up"')
})

test('all that is on its way where the run ends comes, in its order', async () => {
  const says = { to: 'ears', from: 'mouth' }
  const plain = {
    accepts: () => true,
    key: (local: unknown) => JSON.stringify(local),
    show: (local: unknown) => ({ state: JSON.stringify(local), data: {} }),
  }
  const nothing = { findings: [], notes: [], ignored: false }
  const talk: System<readonly string[]> = {
    name: 'talk',
    fingerprint: 'talk',
    components: [
      {
        id: 'mouth',
        initial: 0,
        ...plain,
        receive: () => ({
          ...nothing,
          local: 1,
          sends: ['one', 'two', 'three'].map((type) => ({ to: says.to, message: { type, from: says.from } })),
        }),
      },
      {
        id: 'ears',
        initial: [],
        ...plain,
        receive: (heard, { type }) => ({ ...nothing, local: [...(heard as readonly string[]), type], sends: [] }),
      },
    ],
    start: [{ to: 'mouth', message: { type: 'SPEAK', from: 'env' } }],
    view: (read) => read('ears') as readonly string[],
  }
  const hears = (words: readonly string[]) =>
    always<readonly string[]>('in order', (w) => w.join() === words.join(), { when: (w) => w.length > 2 })
  const { states, properties } = await explore(talk, [hears(['one', 'two', 'three'])], { after: [0], reduction: false })
  expect([states, properties.map(({ verdict, vacuous }) => [verdict, vacuous ?? false])]).toEqual([
    4,
    [['holds', false]],
  ])
})
