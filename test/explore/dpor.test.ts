/** What the stateless search takes to be dependent, and what ends it; that it is complete: classes.test.ts. */
import { expect, test } from 'vitest'
import { setup } from 'xstate'
import { fromCommands } from '../../explore/commands/commands.ts'
import { Dpor } from '../../explore/stateless/dpor.ts'
import { explore, replay, type ExploreOptions } from '../../explore/index.ts'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import type { Report } from '../../explore/outcome/report.ts'
import { explore as exploreActors, type ActorsView } from '../../process/index.ts'
import type { Property, System } from '../../explore/system.ts'
import { classesOf } from '../toys/classes.ts'
import { begin, component } from '../toys/component.ts'
import { counterProperties, lostUpdate } from '../toys/counters.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { incomplete } from '../../report/verdict.ts'
import { lasso, tall } from '../toys/ping-pong.ts'
import { outcomeOf } from './compare.ts'

/** Only breadth first refutes an inversion. */
const comparable = (report: Report) => ({ ...outcomeOf(report), inversions: [] })

const searched = (system: System<any>, properties: readonly Property[] = [], options: ExploreOptions = {}): Dpor => {
  const made = new Dpor(system, properties, options, 1000)
  for (const _ of made.run());
  return made
}

test('of two philosophers whom properties look at there are 130 classes', () => {
  expect(searched(diningPhilosophers(2), diningProperties(2)).search.runs).toBe(130)
})

interface Two {
  readonly x: { readonly value: number }
  readonly y: { readonly value: number }
}

/** Each counts to one, and neither knows of the other. */
const apart = () => {
  const one = {
    start: { value: 0 },
    processes: { it: { counts: { when: ({ value }: Two['x']) => value === 0, do: () => ({ value: 1 }) } } },
    mayEnd: true,
  }
  return fromCommands<Two>({ name: 'apart', components: { x: one, y: one } })
}

test('what nobody looks at in both comes in one order; what a property can tell comes in both', async () => {
  const alone = [sometimes<Two>('x is', ({ x }) => x.value === 1), sometimes<Two>('y is', ({ y }) => y.value === 1)]
  const unseen = await explore(apart(), alone, { search: 'dpor' })
  expect([unseen.classes, unseen.exhaustive]).toEqual([{ runs: 1, blocked: 0 }, true])
  const both = [
    always<Two>('never x alone', ({ x, y }) => x.value <= y.value),
    always<Two>('never y alone', ({ x, y }) => y.value <= x.value),
  ]
  const seen = await explore(apart(), both, { search: 'dpor' })
  expect(seen.classes).toEqual({ runs: 2, blocked: 0 })
  expect(seen.properties.map(({ verdict, depth }) => [verdict, depth])).toEqual([
    ['violated', 1],
    ['violated', 1],
  ])
})

interface Door {
  readonly inside: number
  readonly third: boolean
}

const ways = {
  a: { comes: { when: ({ inside }: Door) => (inside & 1) === 0, do: ({ inside }: Door) => ({ inside: inside | 1 }) } },
  b: { comes: { when: ({ inside }: Door) => (inside & 2) === 0, do: ({ inside }: Door) => ({ inside: inside | 2 }) } },
  c: { comes: { when: ({ inside, third }: Door) => inside === 0 && !third, do: () => ({ third: true }) } },
}

/** Two who come in each close the door to a third, and do not mind each other. */
const door = (order: readonly ('a' | 'b' | 'c')[] = ['a', 'b', 'c']) =>
  fromCommands<{ door: Door }>({
    name: 'a door',
    components: {
      door: {
        start: { inside: 0, third: false },
        processes: Object.fromEntries(order.map((name) => [name, ways[name]])),
        mayEnd: true,
      },
    },
  })

test.each([[['a', 'b', 'c']], [['c', 'b', 'a']]] as const)(
  'what either of two others makes impossible is seen to happen before both: %j',
  async (order) => {
    const system = door(order)
    const third = sometimes<{ door: Door }>('the third is in', (view) => view.door.third)
    const { classes, properties } = await explore(system, [third], { search: 'dpor' })
    expect(properties[0]!.verdict).toBe('seen')
    expect(classes!.blocked).toBe(0)
    const { search } = searched(system)
    expect(search.runs).toBe(classesOf(system, search, 100))
  },
)

test('a crash does not hide what others would have done, and each is shown by a run that ends with it', async () => {
  const crash = (id: string) =>
    component<{ readonly at: number }>({
      id,
      initial: { at: 0 },
      on: {
        GO: () => ({ findings: [{ kind: 'bug', title: `${id} crashes`, fatal: true }] }),
        NEVER: () => ({ findings: [{ kind: 'warn', title: `${id} goes on`, fatal: false }] }),
      },
    })
  const calm = component<{ readonly at: number }>({
    id: 'calm',
    initial: { at: 0 },
    on: { GO: () => ({ local: { at: 1 }, findings: [{ kind: 'warn', title: 'calm warns', fatal: false }] }) },
  })
  const system: System<{ readonly at: number }> = {
    name: 'two crashes',
    fingerprint: 'x',
    components: [crash('one'), crash('other'), calm],
    start: [...['one', 'other', 'calm'].map((id) => begin(id)), begin('one', 'NEVER')],
    view: (read) => read('calm') as { readonly at: number },
  }
  const report = await explore(system, [], { search: 'dpor' })
  expect(report.findings.map(({ title, depth }) => [title, depth])).toEqual([
    ['calm warns', 1],
    ['one crashes', 1],
    ['other crashes', 1],
  ])
  expect(comparable(report)).toEqual(comparable(await explore(system, [], { reduction: false })))
  expect(report.classes).toEqual({ runs: 1, blocked: 0 })
})

test('what is promised of every run is missed in one of them', async () => {
  const never = eventually<{ door: { readonly third: boolean } }>('the third comes', (view) => view.door.third)
  const report = await explore(door(), [never], { search: 'dpor' })
  expect(report.properties[0]!.verdict).toBe('violated')
  const trace = replay(door(), report.properties[0]!.schedule!)
  expect(trace.end).toBe('finished')
  const always = eventually<{ door: { readonly inside: number } }>('somebody comes', () => true)
  expect((await explore(door(), [always], { search: 'dpor' })).properties[0]!.verdict).toBe('holds')
})

test('a run that is too long is cut, and then nothing holds', async () => {
  const report = await explore(tall(100), [always('all is well', () => true)], {
    search: 'dpor',
    within: { depth: 50 },
  })
  expect(report.stopped).toMatchObject({ by: 'depth', bound: 50 })
  expect(report).toMatchObject({ exhaustive: false, depth: 50 })
  expect(report.properties[0]!.verdict).toBe('undecided')
})

test('XState actors that go round for ever are never said to be searched to the end', async () => {
  const flips = setup({}).createMachine({
    id: 'lamp',
    initial: 'off',
    states: { off: { on: { FLIP: 'on' } }, on: { on: { FLIP: 'off' } } },
  })
  const isOff = always<ActorsView>('it is off', ({ root }) => root.matches('off'))
  for (const claims of [[], [isOff]]) {
    const report = await exploreActors(flips, claims, { search: 'dpor' })
    expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'endless', waiting: 0 } })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(claims.map(() => 'violated'))
  }
})

test('a run ends where it comes back to, which is said; and then nothing holds', async () => {
  const report = await explore(lasso(), [always('all is well', () => true)], { search: 'dpor' })
  expect(report).toMatchObject({ exhaustive: false, stopped: { by: 'endless', waiting: 0 } })
  expect(report.properties[0]!.verdict).toBe('undecided')
  expect(incomplete(report)).toBe('not exhaustive: some runs never end')
})

/** Somebody goes round for ever, and whoever comes after him by name has one thing to do. */
const busy = (most: number) =>
  fromCommands<Two>({
    name: 'busy',
    components: {
      x: {
        start: { value: 0 },
        processes: { it: { turns: { when: () => true, do: ({ value }) => ({ value: (value + 1) % most }) } } },
      },
      y: {
        start: { value: 0 },
        processes: { it: { comes: { when: ({ value }) => value === 0, do: () => ({ value: 1 }) } } },
        mayEnd: true,
      },
    },
  })

test('who goes round for ever does not keep others from their turn', async () => {
  const comes = sometimes<Two>('y comes', ({ y }) => y.value === 1)
  const { properties, stopped } = await explore(busy(3), [comes], { search: 'dpor' })
  expect([properties[0]!.verdict, stopped]).toEqual(['seen', { by: 'endless', waiting: 0 }])
})

test('a search of runs without end comes to an end of its own, however many there are', async () => {
  // Each of five switches may be turned at any time: no run ends, and the ways that cross no state twice are beyond number.
  const switches = {
    start: { on: 0 },
    processes: Object.fromEntries(
      Array.from({ length: 5 }, (_, bit) => [
        `s${bit}`,
        { turns: { when: () => true, do: ({ on }: { readonly on: number }) => ({ on: on ^ (1 << bit) }) } },
      ]),
    ),
  }
  const system = fromCommands<{ all: { readonly on: number } }>({ name: 'switches', components: { all: switches } })
  const never = always<{ all: { readonly on: number } }>('never all', ({ all }) => all.on >= 0)
  const { stopped, properties } = await explore(system, [never], { search: 'dpor' })
  expect(stopped).toMatchObject({ by: 'endless' })
  expect(stopped!.waiting).toBeGreaterThan(0)
  expect(properties[0]!.verdict).toBe('undecided')
})

test('is stopped by so many runs, by time, by you, by the first finding; and decides nothing then', async () => {
  const stoppedBy = async (options: ExploreOptions) => {
    const report = await explore(diningPhilosophers(5), diningProperties(5), { search: 'dpor', ...options })
    expect(report.exhaustive).toBe(false)
    for (const { verdict } of report.properties) expect(['seen', 'violated', 'undecided']).toContain(verdict)
    return report.stopped
  }
  expect(await stoppedBy({ search: { dpor: { runs: 10 } } })).toMatchObject({ by: 'runs', bound: 10 })
  expect(await stoppedBy({ within: { ms: 20 } })).toMatchObject({ by: 'ms', bound: 20 })
  expect(await stoppedBy({ signal: AbortSignal.abort() })).toMatchObject({ by: 'you' })
  expect(await stoppedBy({ stopAtFirst: true })).toMatchObject({ by: 'first' })
})

test('exactly so many runs as there are classes is no bound', async () => {
  const report = await explore(lostUpdate(), counterProperties, { search: 'dpor' })
  const { runs } = report.classes!
  const bounded = await explore(lostUpdate(), counterProperties, { search: { dpor: { runs } } })
  expect({ ...bounded, seconds: 0 }).toEqual({ ...report, seconds: 0 })
  const fewer = await explore(lostUpdate(), counterProperties, { search: { dpor: { runs: runs - 1 } } })
  expect(fewer.stopped).toMatchObject({ by: 'runs', bound: runs - 1 })
})

test('in which order two speak to a third is told by the third', async () => {
  // Each asks the desk for nothing and has it tell the board, which takes down what it hears.
  const board = component<{ readonly heard: string }>({
    id: 'board',
    initial: { heard: '' },
    on: { TOLD: ({ heard }, { who }) => ({ local: { heard: heard + String(who) } }) },
  })
  const desk = component<{ readonly state: string }>({
    id: 'desk',
    initial: { state: 'open' },
    on: { TELL: (_, { who }) => ({ sends: [{ to: 'board', type: 'TOLD', who }] }) },
  })
  const teller = (id: string) =>
    component<{ readonly state: string }>({
      id,
      initial: { state: 'here' },
      on: { GO: () => ({ sends: [{ to: 'desk', type: 'TELL', who: id }] }) },
    })
  const system: System<string> = {
    name: 'a desk and a board',
    fingerprint: 'x',
    components: [teller('a'), teller('b'), desk, board],
    start: ['a', 'b'].map((id) => begin(id)),
    view: (read) => (read('board') as { readonly heard: string }).heard,
  }
  const both = ['ab', 'ba'].map((order) => sometimes<string>(order, (heard) => heard === order))
  const { classes, properties } = await explore(system, both, { search: 'dpor' })
  expect(classes).toEqual({ runs: 2, blocked: 0 })
  expect(properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
})

test('what is told comes after who tells it, even where a property looks at both', async () => {
  const told = fromCommands<Two>({
    name: 'told',
    components: {
      x: {
        start: { value: 0 },
        processes: {
          it: {
            tells: {
              when: ({ value }) => value === 0,
              do: () => ({ value: 1 }),
              sends: () => [{ to: 'y', type: 'TOLD' }],
            },
          },
        },
        mayEnd: true,
      },
      y: { start: { value: 0 }, receives: { TOLD: { do: () => ({ value: 1 }) } }, mayEnd: true },
    },
  })
  const ordered = always<Two>('x comes first', ({ x, y }) => y.value <= x.value)
  const report = await explore(told, [ordered], { search: 'dpor' })
  expect([report.classes, report.properties[0]!.verdict]).toEqual([{ runs: 1, blocked: 0 }, 'holds'])
})

test('nor is it missed when it was possible long before them', async () => {
  interface Gate extends Door {
    readonly open: boolean
  }
  const comes = (bit: number) => ({
    comes: {
      when: ({ open, inside }: Gate) => open && (inside & bit) === 0,
      do: ({ inside }: Gate) => ({ inside: inside | bit }),
    },
  })
  // By their names, those who come in are tried before the third, who may come from the start.
  const system = fromCommands<{ gate: Gate }>({
    name: 'a gate',
    components: {
      gate: {
        start: { open: false, inside: 0, third: false },
        processes: {
          d: { opens: { when: ({ open }) => !open, do: () => ({ open: true }) } },
          f: comes(1),
          g: comes(2),
          m: { comes: { when: ({ inside, third }) => inside === 0 && !third, do: () => ({ third: true }) } },
        },
        mayEnd: true,
      },
    },
  })
  const { search } = searched(system)
  expect(search.runs).toBe(classesOf(system, search, 100))
  const third = sometimes<{ gate: Gate }>('the third is in', (view) => view.gate.third)
  expect((await explore(system, [third], { search: 'dpor' })).properties[0]!.verdict).toBe('seen')
})
