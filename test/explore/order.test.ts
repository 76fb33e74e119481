/** Searches of only those runs that are in an order: they say what brute force says of these. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually, explore, fromCommands, replay, sometimes } from '../../explore/door.ts'
import type { SearchFor } from '../../explore/options.ts'
import { inOrder } from '../../explore/runs/order.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { namesIn, type Two } from '../toys/order.ts'
import { randomSystems, systemOf, type RandomSystem } from '../toys/random-systems.ts'
import { expected, expectHonest, exploreToFinals, outcomeOf } from './compare.ts'
import { overChance } from '../chance.ts'

const most = 400

const orders = fc.array(
  fc.record({ way: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), from: fc.nat(), to: fc.nat() }),
  {
    minLength: 1,
    maxLength: 3,
  },
)
type Orders = typeof orders extends fc.Arbitrary<infer T> ? T : never

/** Of steps that some run takes, one before another: also where the run has them the other way round. No circle, as the one stands in the list first. */
function orderOf(description: RandomSystem, wanted: Orders): readonly Two[] {
  const { system } = systemOf(description)
  const names: string[] = []
  for (const { way } of wanted) {
    const counts = new Map<string, number>()
    for (const name of namesIn(system, way)) {
      const nth = (counts.get(name) ?? 0) + 1
      counts.set(name, nth)
      names.push(nth === 1 ? name : `${name} #${nth}`)
    }
  }
  const all = [...new Set(names)]
  // By name, then by number: so the second time never stands before the first.
  const ranks = [...all].sort(
    (a, b) => (wanted[0]!.from % 2 === 0 ? 1 : -1) * (a.split(' #')[0]! < b.split(' #')[0]! ? -1 : 1),
  )
  return wanted.flatMap(({ from, to }): Two[] => {
    const [one, other] = [from % all.length, to % all.length].toSorted((a, b) => a - b)
    const two: Two = [ranks[one!]!, ranks[other!]!]
    return two[0].split(' #')[0] === two[1].split(' #')[0] ? [] : [two]
  })
}

const all = fc.record({ description: randomSystems, wanted: orders })

/** With an order, and few enough states for brute force; otherwise undefined. */
async function smallWith(description: RandomSystem, wanted: Orders) {
  const { system, properties } = systemOf(description)
  const order = orderOf(description, wanted)
  if (order.length === 0) return undefined
  const whole = await explore(system, [], { reduction: false, symmetry: false, within: { states: most } })
  return whole.exhaustive ? { system, properties, order, whole } : undefined
}

/** Every run that is told is one in the order. */
function expectInOrder(system: System, order: readonly Two[], report: Report): void {
  for (const { schedule } of [...report.findings, ...report.properties, ...report.lockOrder])
    if (schedule) expect(replay(system, schedule, { order }).steps.length).toBe(schedule.length)
}

/** What becomes of those whose run is cut is left open. */
const withoutInversions = (outcome: ReturnType<typeof outcomeOf>) => ({ ...outcome, inversions: [] })

test('over random systems and orders, reduced, full and brute-force search agree on states, verdicts, findings and ends', async () => {
  const met = { searched: 0, fewer: 0, cut: 0, reduced: 0, findings: 0 }
  await overChance(
    fc.asyncProperty(all, async ({ description, wanted }) => {
      const made = await smallWith(description, wanted)
      if (!made) return
      const { system, properties, order, whole } = made
      met.searched++
      const brute = bruteForce(system, properties, undefined, order)
      const full = await exploreToFinals(system, properties, { order, reduction: false, symmetry: false })
      const reduced = await exploreToFinals(system, properties, { order })
      const { states, steps, frontier } = full.report
      expect([states, steps, frontier]).toEqual([brute.states, brute.steps, brute.frontier])
      for (const { report, finals } of [full, reduced]) {
        expect(report.exhaustive).toBe(true)
        expect(finals).toEqual([...brute.finals].toSorted())
        const [is, should] = [outcomeOf(report), expected(brute)]
        if (brute.cut === 0) expect(is).toEqual(should)
        else expect(withoutInversions(is)).toEqual(withoutInversions(should))
        expect(report.order!.some(({ cut }) => cut)).toBe(brute.cut > 0)
        expectHonest(system, properties, report, brute)
        expectInOrder(system, order, report)
      }
      expect(reduced.report.order).toEqual(full.report.order)
      if (brute.states < whole.states) met.fewer++
      if (brute.cut > 0) met.cut++
      if (reduced.report.reduction === 'on' && reduced.report.states < states) met.reduced++
      met.findings += full.report.findings.length
    }),
    {
      runs: 150,
      enough: () => {
        for (const count of Object.values(met)) expect(count).toBeGreaterThan(5)
      },
    },
  )
})

const others: readonly SearchFor[] = ['depth', 'deepening', 'preemptions', 'delays', 'dpor']

test.each(others)(
  'over random systems and orders, %j comes to the same ends and findings, by runs in order',
  async (search) => {
    let searched = 0
    await overChance(
      fc.asyncProperty(all, async ({ description, wanted }) => {
        const made = await smallWith(description, wanted)
        if (!made) return
        const { system, properties, order } = made
        const brute = bruteForce(system, properties, undefined, order)
        const { report, finals } = await exploreToFinals(system, properties, { order, search, within: { ms: 20_000 } })
        if (!report.exhaustive) return
        searched++
        const [is, should] = [outcomeOf(report), expected(brute)]
        expect([is.verdicts, is.findings, is.edges]).toEqual([should.verdicts, should.findings, should.edges])
        if (search === 'dpor') expect(finals).toEqual([...brute.finals].toSorted())
        expect(report.order!.some(({ cut }) => cut)).toBe(brute.cut > 0)
        expectInOrder(system, order, report)
      }),
      {
        runs: 50,
        enough: () => {
          expect(searched).toBeGreaterThan(5)
        },
      },
    )
  },
)

test('samples take only runs in the order', async () => {
  let shown = 0
  await overChance(
    fc.asyncProperty(all, async ({ description, wanted }) => {
      const { system, properties } = systemOf(description)
      const order = orderOf(description, wanted)
      if (order.length === 0) return
      for (const kind of ['random', 'pos', 'coverage'] as const) {
        const search = { [kind]: { seed: 1, runs: 5 } } as unknown as SearchFor
        const report = await explore(system, properties, { order, search })
        for (const { schedule } of [...report.findings, ...report.properties])
          if (schedule) shown += Number(replay(system, schedule, { order }).steps.length === schedule.length)
      }
    }),
    {
      runs: 50,
      enough: () => {
        expect(shown).toBeGreaterThan(5)
      },
    },
  )
})

interface Count {
  readonly n: number
  readonly by: readonly string[]
}
const adds = (who: string, times = 1) => ({
  add: {
    when: ({ by }: Count) => by.filter((each) => each === who).length < times,
    do: ({ n, by }: Count) => ({ n: n + 1, by: [...by, who] }),
  },
})
const counter = (mayEnd: boolean | ((count: Count) => boolean) = ({ n }) => n === 4) =>
  fromCommands<{ c: Count }>({
    name: 'two who count',
    components: { c: { start: { n: 0, by: [] }, processes: { a: adds('a', 2), b: adds('b', 2) }, mayEnd } },
  })

const firstWas = (who: string) => sometimes<{ c: Count }>(`${who} was first`, ({ c }) => c.by[0] === who)

test('what has to come first comes first, and all the rest is free', async () => {
  const free = await explore(counter(), [firstWas('a'), firstWas('b')], { reduction: false })
  expect([free.states, free.order]).toEqual([19, undefined])
  const order = [['a → c add', 'b → c add']]
  const { properties, findings, ...report } = await explore(counter(), [firstWas('a'), firstWas('b')], { order })
  expect(properties.map(({ verdict }) => verdict)).toEqual(['seen', 'unseen'])
  expect(findings).toEqual([])
  expect(report.order).toEqual([{ first: 'a → c add', second: 'b → c add', came: true, cut: false }])
  const all = await explore(counter(), [], { order: [['a → c add', 'a → c add #2', 'b → c add', 'b → c add #2']] })
  expect([all.states, all.exhaustive]).toEqual([5, true])
})

test('a run that nothing but the order stands in the way of is cut, and no deadlock; who never comes is told', async () => {
  const order = [['a → c add #3', 'b → c add']]
  const report = await explore(counter(), [sometimes('b adds', ({ c }: { c: Count }) => c.by.includes('b'))], { order })
  expect(report.order).toEqual([{ first: 'a → c add #3', second: 'b → c add', came: false, cut: true }])
  expect([report.exhaustive, report.findings, report.properties[0]!.verdict]).toEqual([true, [], 'unseen'])
  const dpor = await explore(counter(), [], { order, search: 'dpor' })
  expect([dpor.order, dpor.findings]).toEqual([report.order, []])
  const sample = await explore(counter(), [], { order, search: { random: { seed: 1, runs: 3 } } })
  expect([sample.order, sample.findings]).toEqual([report.order, []])
  // Without the order it is one.
  expect((await explore(counter(false), [])).findings).toHaveLength(1)
})

test.each(['breadth', 'depth', 'dpor'] as const)(
  'what has to come in the end is not missed by a run that is cut (%s)',
  async (search) => {
    const never = eventually<{ c: Count }>('all four', ({ c }) => c.n === 4)
    const cut = await explore(counter(), [never], { search, order: [['a → c add #3', 'b → c add']] })
    expect([cut.properties[0]!.verdict, cut.order![0]!.cut]).toEqual(['holds', true])
    const kept = await explore(counter(), [never], { search, order: [['a → c add', 'b → c add']] })
    expect([kept.properties[0]!.verdict, kept.order![0]!.cut]).toEqual(['holds', false])
  },
)

test('what comes after a run counts what has come in it, and a run that is out of order is none', async () => {
  const order = [['a → c add', 'b → c add #2']]
  const report = await explore(counter(), [], { order, after: ['b → c add'], reduction: false })
  expect([report.states, report.exhaustive]).toEqual([6, true])
  const late = { order, after: ['b → c add', 'b → c add'] }
  await expect(explore(counter(), [], late)).rejects.toThrow('Step 2 of the schedule is out of order: b → c add.')
  expect(() => replay(counter(), ['b → c add', 'b → c add'], { order })).toThrow('a → c add before b → c add #2')
  expect(replay(counter(), ['b → c add', 'b → c add']).steps).toHaveLength(2)
})

const refused: readonly (readonly [string, readonly (readonly string[])[], string])[] = [
  ['one name', [['a → c add']], 'order[0] says of one step that it comes before nothing'],
  ['no name of a step', [['a → c add', 'b']], 'order[0][1] is no name of a step: b'],
  ['the 0th time', [['a → c add #0', 'b → c add']], 'order[0][0] is no name of a step'],
  [
    'what is never heard, and comes second',
    [['a → c add', 'b → c ad']],
    'order[0][1]: c never hears "ad" from b. Did you mean "add"?',
  ],
  ['nobody who hears', [['a → cc add', 'b → c add']], 'order[0][0]: nobody is called "cc". Did you mean "c"?'],
  [
    'a circle',
    [
      ['a → c add', 'b → c add'],
      ['b → c add', 'a → c add'],
    ],
    'goes round in a circle',
  ],
  [
    'a circle by way of the first time',
    [
      ['a → c add #2', 'b → c add'],
      ['b → c add', 'a → c add'],
    ],
    'goes round in a circle',
  ],
  ['a circle of one', [['a → c add #2', 'a → c add']], 'goes round in a circle'],
  ['more than a state can tell of', [['a → c add #99999', 'b → c add #99999']], 'more rules than a state can tell of'],
]

test.each(refused)('an order with %s is refused, with the place', async (_, order, says) => {
  await expect(explore(counter(), [], { order })).rejects.toThrow(says)
})

test('a system in an order has it in every search, anew; what is given besides is added', async () => {
  const system = inOrder(counter(), [['a → c add', 'b → c add']])
  const first = await explore(system, [firstWas('b')])
  expect(first.properties[0]!.verdict).toBe('unseen')
  const again = await explore(system, [], { within: { depth: 0 } })
  expect(again.order!.map(({ came }) => came)).toEqual([false])
  const twice = await explore(system, [], { order: [['a → c add', 'b → c add']] })
  expect(twice.order).toEqual(first.order)
  const both = await explore(system, [], { order: [['b → c add #2', 'a → c add #2']], reduction: false })
  expect(both.order!.map(({ came, cut }) => [came, cut])).toEqual([
    [true, false],
    [true, false],
  ])
  expect(both.states).toBe(5)
  await expect(explore(system, [], { order: [['b → c add', 'a → c add']] })).rejects.toThrow('circle')
})

test('a second step that nobody ever takes holds nothing back, and that is said where nobody knew it before', async () => {
  const { components, ...rest } = counter()
  // It does not say what it hears.
  const silent = components.map((each) => {
    const { hears: _, ...others } = each
    return others
  })
  const system: System = { ...rest, components: silent }
  const whole = await explore(system, [], { reduction: false })
  for (const search of ['breadth', 'depth', 'dpor', { random: { seed: 1, runs: 3 } }] as const) {
    const misspelt = await explore(system, [], { search, order: [['a → c add', 'b → c ad']] })
    const rule = { first: 'a → c add', second: 'b → c ad', came: true, cut: false, unmet: true }
    expect(misspelt.order).toEqual([rule])
    expect(
      (await explore(system, [], { search, order: [['a → c add', 'b → c add']] })).order![0]!.unmet,
    ).toBeUndefined()
  }
  const free = await explore(system, [], { reduction: false, order: [['a → c add', 'b → c ad']] })
  expect([free.exhaustive, free.depth]).toEqual([whole.exhaustive, whole.depth])
})

test('the second time comes after the first, which is no circle', async () => {
  const order = [
    ['a → c add', 'b → c add'],
    ['b → c add', 'a → c add #2'],
  ]
  const report = await explore(counter(), [], { order, reduction: false })
  expect(report.order!.map(({ came, cut }) => [came, cut])).toEqual([
    [true, false],
    [true, false],
  ])
})

test('who is declared to be interchangeable is not in an order, and the report says so', async () => {
  interface Votes {
    readonly votes: readonly number[]
  }
  const votes = (p: number) => ({
    vote: {
      when: (c: Votes) => c.votes[p] === 0,
      do: (c: Votes) => ({ votes: c.votes.map((each, at) => (at === p ? 1 : each)) }),
    },
  })
  const system = fromCommands<{ c: Votes }>({
    name: 'two who vote',
    components: {
      c: {
        start: { votes: [0, 0] },
        processes: { a: votes(0), b: votes(1) },
        mayEnd: (c) => !c.votes.includes(0),
        symmetric: { processes: ['a', 'b'], lists: ['votes'] },
      },
    },
  })
  const free = await explore(system, [], { reduction: false })
  expect([free.symmetry, free.states]).toEqual(['on', 3])
  const held = await explore(system, [], { reduction: false, order: [['a → c vote', 'b → c vote']] })
  expect([held.symmetry, held.states]).toEqual([{ off: 'an order tells who is who' }, 3])
})
