/** States that differ only in who is who count once, and nothing that is said of them is any different for it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromCommands } from '../../explore/commands/commands.ts'
import { explore, replay, type SearchFor } from '../../explore/index.ts'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { alikes, alikeSystem, orbitOf } from '../toys/alike.ts'
import { initial, keyOf, take, takeable, type State } from '../toys/meaning.ts'
import type { Property, System } from '../../explore/system.ts'
import { outcomeOf } from './compare.ts'
import { overChance } from '../chance.ts'

/** Every state, one step after the other, by brute force. */
const statesOf = (system: System<any>, most: number): readonly State[] | undefined => {
  const all = [initial(system)]
  const known = new Set(all.map((state) => keyOf(system, state)))
  for (const state of all) {
    if (all.length > most) return undefined
    for (const lane of takeable(system, state)) {
      const { state: next } = take(system, state, lane)
      const key = keyOf(system, next)
      if (known.has(key)) continue
      known.add(key)
      all.push(next)
    }
  }
  return all
}

const lengths = ({ properties, findings }: Report) => [
  ...properties.map(({ name, depth }) => `${name} ${depth}`),
  ...findings.map(({ title, depth }) => `${title} ${depth}`).toSorted(),
]

/** What a run that is told of the system itself shows there. */
const expectShown = (system: System<any>, properties: readonly Property[], report: Report): void => {
  for (const { kind, schedule } of report.findings) {
    const { end } = replay(system, schedule)
    if (kind === 'deadlock') expect(end).toBe('deadlock')
  }
  for (const [index, { schedule, kind }] of report.properties.entries()) {
    if (!schedule) continue
    let state = initial(system)
    for (const choice of schedule) state = take(system, state, takeable(system, state)[choice]!).state
    const { holds } = properties[index]!
    expect(holds(system.view((id) => state.locals.get(id)))).toBe(kind === 'sometimes')
  }
}

test('over random systems, as many states as there are orbits, and the same verdicts by runs of the same length', async () => {
  const met = { on: 0, off: 0, saved: 0, bugs: 0 }
  await overChance(
    fc.asyncProperty(alikes, async (description) => {
      const { system, properties } = alikeSystem(description)
      const states = statesOf(system, 1500)
      if (!states) return
      const full = await explore(system, properties, { symmetry: false })
      expect(full.symmetry).toBeUndefined()
      expect(full.states).toBe(states.length)
      const report = await explore(system, properties)
      expect(outcomeOf(report)).toEqual(outcomeOf(full))
      expect(lengths(report)).toEqual(lengths(full))
      expectShown(system, properties, report)
      const orbits = new Set(states.map((state) => orbitOf(system.view((id) => state.locals.get(id)) as never))).size
      if (report.symmetry === 'on') {
        expect(report.states).toBe(orbits)
        met.on++
        met.saved += full.states - report.states
        met.bugs += report.findings.length
      } else {
        expect(report.states).toBe(states.length)
        met.off++
      }
      const other = await explore(system, properties, { search: 'depth' })
      expect(outcomeOf(other)).toEqual(outcomeOf(full))
      expectShown(system, properties, other)
      if (report.symmetry === 'on') expect([other.symmetry, other.states]).toEqual(['on', orbits])
    }),
    {
      runs: 100,
      enough: () => {
        // Otherwise little was put to the test.
        expect(Math.min(met.on, met.off)).toBeGreaterThan(0)
        expect(met.saved).toBeGreaterThan(20)
        expect(met.bugs).toBeGreaterThan(0)
      },
    },
  )
})

interface Lock {
  readonly owner: number | null
  readonly at: readonly ('out' | 'in')[]
}
type Locked = { readonly lock: Lock }

/** Whoever takes the lock is inside. */
const lock = (count: number, { clumsy = false } = {}): System<Locked> => {
  const processes = Array.from({ length: count }, (_, p) => `p${p}`)
  const put = (at: Lock['at'], p: number, value: 'out' | 'in') => at.map((each, index) => (index === p ? value : each))
  return fromCommands<{ lock: Lock }>({
    name: 'a lock',
    components: {
      lock: {
        start: { owner: null, at: processes.map(() => 'out' as const) },
        processes: Object.fromEntries(
          processes.map((name, p) => [
            name,
            {
              take: {
                when: ({ owner, at }) => at[p] === 'out' && (owner === null || (clumsy && p === 1)),
                do: ({ at }) => ({ owner: p, at: put(at, p, 'in') }),
              },
              give: { when: ({ owner }) => owner === p, do: ({ at }) => ({ owner: null, at: put(at, p, 'out') }) },
            },
          ]),
        ),
        symmetric: { processes, lists: ['at'], numbers: ['owner'] },
      },
    },
  })
}

const alone = always<Locked>(
  'nobody is inside with another',
  ({ lock: { at } }) => at.filter((each) => each === 'in').length < 2,
)

test('a lock is free, or somebody has it: two states, whoever they are', async () => {
  const report = await explore(lock(4), [alone])
  expect(report).toMatchObject({ exhaustive: true, states: 2, symmetry: 'on' })
  expect(report.properties[0]!.verdict).toBe('holds')
  await expect(explore(lock(4), [alone], { symmetry: false })).resolves.toMatchObject({ states: 5 })
})

test('more than five of them are tried on a sample of their places, and the report says so', async () => {
  await expect(explore(lock(5), [alone])).resolves.toMatchObject({ states: 2, symmetry: 'on' })
  await expect(explore(lock(6), [alone])).resolves.toMatchObject({ states: 2, symmetry: 'sampled' })
})

test('who are alike in all but whom they tell of stand where the first of their states has them', async () => {
  const processes = ['p0', 'p1', 'p2']
  interface Liking {
    readonly likes: readonly (number | null)[]
  }
  const liking = (p: number, q: number) => ({
    when: ({ likes }: Liking) => likes[p] === null,
    do: ({ likes }: Liking) => ({ likes: likes.with(p, q) }),
  })
  const system = fromCommands<{ all: Liking }>({
    name: 'who likes whom',
    components: {
      all: {
        start: { likes: [null, null, null] },
        processes: Object.fromEntries(
          processes.map((name, p) => [
            name,
            Object.fromEntries(processes.flatMap((other, q) => (q === p ? [] : [[`likes ${other}`, liking(p, q)]]))),
          ]),
        ),
        symmetric: { processes, lists: ['likes'], numbers: ['likes.*'] },
        mayEnd: true,
      },
    },
  })
  // By Burnside: (27 + 3 * 3 + 2 * 3) / 6.
  await expect(explore(system, [])).resolves.toMatchObject({ exhaustive: true, states: 7, symmetry: 'on' })
  await expect(explore(system, [], { symmetry: false })).resolves.toMatchObject({ states: 27 })
})

test('a property that tells them apart turns it off, and the report says which', async () => {
  const first = sometimes<Locked>('the first is inside', ({ lock: { owner } }) => owner === 0)
  const report = await explore(lock(3), [alone, first])
  expect(report).toMatchObject({
    states: 4,
    symmetry: { off: expect.stringMatching(/^"the first is inside" tells p\d and p\d apart$/) },
  })
  expect(report.properties[1]!.verdict).toBe('seen')
})

test('one that does what others do not turns it off, and what it does is found', async () => {
  const report = await explore(lock(3, { clumsy: true }), [alone])
  expect(report.symmetry).toMatchObject({ off: expect.stringContaining('apart') })
  expect(report.properties[0]!.verdict).toBe('violated')
})

test('where a run may end tells them apart: a deadlock of one of them is found', async () => {
  const take = (p: number) => ({
    take: { when: ({ owner }: { readonly owner: number | null }) => owner === null, do: () => ({ owner: p }) },
  })
  const system = fromCommands<{ it: { readonly owner: number | null } }>({
    name: 'one takes all',
    components: {
      it: {
        start: { owner: null },
        processes: { p0: take(0), p1: take(1) },
        symmetric: { processes: ['p0', 'p1'], numbers: ['owner'] },
        mayEnd: ({ owner }) => owner === 1,
      },
    },
  })
  const report = await explore(system)
  expect(report).toMatchObject({ states: 3, symmetry: { off: 'where a run may end tells p0 and p1 apart' } })
  expect(report.findings.map(({ kind }) => kind)).toEqual(['deadlock'])
})

test('what is about whole runs, or about who goes on, is searched without', async () => {
  const ends = eventually<Locked>('somebody is inside', ({ lock: { owner } }) => owner !== null)
  await expect(explore(lock(3), [ends])).resolves.toMatchObject({
    symmetry: { off: expect.stringContaining('whole runs') },
  })
  const search: SearchFor = 'preemptions'
  await expect(explore(lock(3), [alone], { search })).resolves.toMatchObject({
    symmetry: { off: 'the search "preemptions" looks at who goes on' },
  })
})

test('a declaration that does not fit is refused with its place', () => {
  const declared = (symmetric: object) => () =>
    fromCommands<{ it: { at: readonly number[] } }>({
      name: 'it',
      components: {
        it: {
          start: { at: [0, 0] },
          processes: { p0: { go: { do: () => ({}) } }, p1: { go: { do: () => ({}) } } },
          symmetric: symmetric as never,
        },
      },
    })
  const place = 'fromCommands(): components.it.symmetric'
  expect(declared({ processes: ['p0'] })).toThrow(`${place}.processes has fewer than two`)
  expect(declared({ processes: ['p0', 'p2'] })).toThrow(`${place}.processes[1] is no process here`)
  expect(declared({ processes: ['p0', 'p1'], lists: ['to'] })).toThrow(`${place}.lists[0] is no list of 2`)
  expect(declared({ processes: ['p0', 'p1'], numbers: ['owner'] })).toThrow(`${place}.numbers[0] is no variable`)
})
