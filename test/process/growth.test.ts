/** What grows without end: it is found with a run that shows it, in time, and a search that nothing bounds ends there. */
import { describe, expect, test, vi } from 'vitest'
import { assign, fromTransition, sendTo, setup, spawnChild, type AnyActorLogic } from 'xstate'
import { replay } from '../../explore/index.ts'
import { always, explore, system, type Outside } from '../../process/index.ts'
import { growthIn } from '../../process/growth.ts'
import { Process, type Taken } from '../../process/process.ts'
import { systemOf } from '../../process/system.ts'

const found = async (logic: AnyActorLogic, outside: Outside = {}) => {
  const { findings, stopped, exhaustive } = await explore(system(logic, outside))
  return {
    end: exhaustive ? 'all' : stopped!.by,
    findings: findings.map(
      ({ title, schedule, shortest }) => `${shortest ? '' : 'about '}@${schedule.join('.')} ${title}`,
    ),
  }
}

/** Two fields grow, one in two steps; and one may leave for good. */
const writer = setup({}).createMachine({
  id: 'writer',
  context: { n: 0, log: [] as string[] },
  initial: 'a',
  states: {
    a: {
      on: {
        GO: { target: 'b', actions: assign({ n: ({ context }) => context.n + 1 }) },
        LOG: { actions: assign({ log: ({ context }) => [...context.log, 'x'] }) },
      },
    },
    b: { on: { GO: 'a', LEAVE: 'c' } },
    c: {},
  },
})
const neverC = always('never c', (w) => !w.root.matches('c'))

test('a search that would not end does, with what it has found by then and what grows', async () => {
  const { exhaustive, stopped, properties, findings, depth } = await explore(system(writer), [neverC])
  expect({ exhaustive, by: stopped!.by }).toEqual({ exhaustive: false, by: 'endless' })
  expect(properties).toMatchObject([{ verdict: 'violated', depth: 2 }])
  expect(depth).toBeLessThan(100)
  expect(findings.map(({ kind, title, schedule, shortest }) => ({ kind, title, schedule, shortest }))).toEqual([
    {
      kind: 'growth',
      title: 'growth: log of writer grows each time step 1 comes again',
      schedule: [2],
      shortest: true,
    },
    {
      kind: 'growth',
      title: 'growth: n of writer grows each time steps 1 to 2 come again',
      schedule: [0, 0],
      shortest: true,
    },
  ])
})

test('the run that shows it is one', async () => {
  const { findings } = await explore(writer)
  const { steps } = replay(systemOf(writer, {}), findings[1]!.schedule)
  expect(steps.map(({ message }) => message.type)).toEqual(['GO', 'GO'])
})

test('where a bound was set the search goes on to it, and what grows is no fault', async () => {
  const { stopped, findings, remarks } = await explore(writer, [neverC], { within: { states: 5000 } })
  expect({ stopped, findings }).toMatchObject({ stopped: { by: 'states' }, findings: [] })
  expect(remarks).toEqual([
    'log of writer grows each time this comes again: user: LOG. A search of it has no end.',
    'n of writer grows each time this comes again: user: GO, user: GO. A search of it has no end.',
  ])
})

describe('it is found', () => {
  test('in a child, in what lies within a field, and in maps, sets, texts and big integers', async () => {
    const child = setup({}).createMachine({
      id: 'child',
      context: {
        stats: { moves: { up: 0 } },
        seen: new Set<number>(),
        by: new Map<number, string>(),
        text: '',
        big: 1n,
      },
      on: {
        UP: { actions: assign({ stats: ({ context: { stats } }) => ({ moves: { up: stats.moves.up - 2 } }) }) },
        SEE: {
          actions: assign(({ context: { seen, by } }) => ({
            seen: new Set([...seen, seen.size]),
            by: new Map([...by, [by.size, 'x']]),
          })),
        },
        SAY: { actions: assign({ text: ({ context }) => `${context.text}!`, big: ({ context }) => context.big * 2n }) },
      },
    })
    const parent = setup({ actors: { child } }).createMachine({
      id: 'parent',
      invoke: { src: 'child', id: 'kid' },
      on: { '*': { actions: sendTo('kid', ({ event }) => event) } },
    })
    const { end, findings } = await found(parent, { events: ['UP', 'SEE', 'SAY'] })
    expect(end).toBe('endless')
    expect(findings).toEqual([
      '@2 growth: big of kid grows each time step 1 comes again',
      '@1 growth: by of kid grows each time step 1 comes again',
      '@1 growth: seen of kid grows each time step 1 comes again',
      '@0 growth: stats.moves.up of kid grows each time step 1 comes again',
      '@2 growth: text of kid grows each time step 1 comes again',
    ])
  })

  test('in a reducer, and where actors live apart', async () => {
    const tally = fromTransition((n: number) => n + 1, 0)
    const desk = setup({ actors: { tally } }).createMachine({
      id: 'desk',
      invoke: { src: 'tally', id: 'tally' },
      on: { COUNT: { actions: sendTo('tally', { type: 'ONE' }) } },
    })
    const title = 'growth: context of tally grows each time'
    expect(await found(desk)).toEqual({ end: 'endless', findings: [`@0 ${title} step 1 comes again`] })
    expect(await found(desk, { semantics: 'network' })).toEqual({
      end: 'endless',
      findings: [`@0.1 ${title} steps 1 to 2 come again`],
    })
  })

  test('behind what happens once', async () => {
    const late = setup({}).createMachine({
      id: 'late',
      context: { n: 0 },
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: { on: { GO: 'c' } },
        c: { on: { GO: 'd', LEAVE: 'a' }, entry: assign({ n: 1 }) },
        d: { on: { GO: { actions: assign({ n: ({ context }) => context.n + 3 }) } } },
      },
    })
    expect(await found(late, { events: ['GO', { send: 'LEAVE', times: 2 }] })).toEqual({
      end: 'endless',
      findings: ['@0.0.0.0 growth: n of late grows each time step 4 comes again'],
    })
  })
})

describe('it is not said of what comes to an end', () => {
  const counting = (next: (n: number) => number, most: number, kept = 3): AnyActorLogic =>
    setup({}).createMachine({
      id: 'm',
      context: { n: 0, last: [] as number[] },
      on: {
        GO: {
          guard: ({ context }) => context.n < most,
          actions: assign(({ context: { n, last } }) => ({ n: next(n), last: [...last, n].slice(-kept) })),
        },
      },
    })

  test.each<[string, AnyActorLogic, Outside]>([
    ['a number that has a bound', counting((n) => n + 1, 150), {}],
    ['a number that has a bound that is far', counting((n) => n + 1, 2500), {}],
    ['a number that gets so large that nothing is larger', counting((n) => n * 3 + 1, Infinity), {}],
    ['a list that keeps the last of many', counting((n) => (n + 1) % 350, 1000, 300), {}],
    ['a number that goes round', counting((n) => (n + 1) % 130, 1000), {}],
    ['what a user does so often', counting((n) => n + 1, 1000), { events: [{ send: 'GO', times: 90 }] }],
  ])('%s', async (_, logic, outside) => {
    expect(await found(logic, outside)).toEqual({ end: 'all', findings: [] })
  })
})

test('actors that pile up are growth of another kind, and are not gone through one by one', () => {
  const idle = setup({}).createMachine({ id: 'idle', on: { NOP: {} } })
  const boss = setup({ actors: { idle } }).createMachine({
    id: 'boss',
    on: { MORE: { actions: spawnChild('idle', { id: 'same' }) } },
  })
  const process = new Process(boss, {})
  const take = vi.spyOn(process, 'take')
  expect(growthIn(process)).toEqual([])
  const behind = take.mock.results.map(({ value }) => (value as Taken).state.held.length)
  expect(Math.max(...behind)).toBeGreaterThan(3)
  expect(behind.reduce((sum, many) => sum + many, 0)).toBeLessThan(400)
})
