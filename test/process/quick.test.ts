/** A machine by itself is searched over numbers: it comes to the same as with actors that are held on to, state for state and word for word. */
import { describe, expect, test } from 'vitest'
import { assign, setup, type AnyActorLogic, type AnyStateMachine } from 'xstate'
import { explore as exploreSystem } from '../../explore/index.ts'
import { NotNumbered, NumberedSearch, reportOf } from '../../explore/breadth/numbered.ts'
import type { ExploreOptions } from '../../explore/options.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Property } from '../../explore/system.ts'
import {
  always,
  eventually,
  explore,
  neverLost,
  sometimes,
  system,
  type Outside,
  type Subject,
} from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'
import { crew } from '../../bench/crew.ts'
import { twoPhase, twoPhaseEvents } from '../../bench/two-phase.ts'
import { twoPhaseActors } from '../../bench/two-phase-actors.ts'
import { bodies } from './bodies.ts'
import { chat, checkout, form, supervisor, tabs, upload } from './examples.ts'
import { generated } from './generated.ts'
import { machineOf } from './machines.ts'
import { systems } from './systems.ts'

const properties: readonly Property[] = [
  always('three is never reached', (w) => w.root.context.n < 3),
  always('half is in b', (w) => !w.root.hasTag('half') || w.root.matches('b')),
  sometimes('said', (w) => w.emitted('said') || w.emitted('loud')),
  sometimes('in a by name', (w) => w.actor('root')?.matches('a') === true),
  eventually('in d', (w) => w.root.matches('d')),
  neverLost('A'),
]

const withoutTime = (report: Report) => ({ ...report, seconds: 0, bytesPerState: 0 })

/** Throws NotNumbered where it cannot be had. `at`: which of the ways there are. */
const quickly = (
  logic: AnyActorLogic,
  outside: Outside,
  options: ExploreOptions = {},
  claims: readonly Property[] = properties,
  at = 0,
) => {
  const actors = systemOf(logic, { ...outside, properties: claims })
  // Who asks for no more goes that way.
  const [numbered] = at === 0 ? actors.numbered!() : [...actors.numbered!()].slice(at)
  if (!numbered) throw new NotNumbered()
  const found = new NumberedSearch(numbered, claims, options, 0)
  for (const _ of found.run()) continue
  const report = reportOf(actors, found, claims, options, 0)
  return { ...withoutTime(report), ...actors.besides!(report) }
}

/** With actors: whoever asks what was taken is served so. */
const ordinarily = async (
  logic: AnyActorLogic,
  outside: Outside,
  options: ExploreOptions = {},
  claims: readonly Property[] = properties,
) => {
  const actors = systemOf(logic, { ...outside, properties: claims })
  const report = await exploreSystem(actors, claims, { ...options, onTaken: () => {} })
  const findings = report.findings.filter(({ kind }) => kind !== 'livelock')
  return withoutTime({ ...report, findings })
}

const outside: Outside = {
  events: ['A', { type: 'B', by: 1 }, { type: 'B', by: 2 }, { send: 'C', times: 2 }],
  ignores: ['C'],
}

const machines = 15

test(`${machines} machines put together by chance`, async () => {
  let states = 0
  for (let seed = 1; seed <= machines; seed++) {
    const options: ExploreOptions = { within: { states: 60 }, ignored: seed % 2 === 0 ? 'fail' : 'show' }
    const quick = quickly(machineOf(seed), outside, options)
    expect({ seed, ...quick }).toEqual({ seed, ...(await ordinarily(machineOf(seed), outside, options)) })
    states += quick.states
  }
  expect(states).toBeGreaterThan(machines * 20)
})

test('two-phase commit as one machine has the states that it is known to have', () => {
  const states = (participants: number) =>
    quickly(twoPhase(participants) as unknown as AnyStateMachine, { events: twoPhaseEvents(participants) }, {}, [])
      .states
  expect([3, 4, 5].map(states)).toEqual([288, 1568, 8832])
})

test('fields are looked at one by one, together, only where another one says so, and when they were just written', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    context: { a: 0, b: 0, c: 0, said: false },
    initial: 'one',
    states: {
      one: {
        always: {
          guard: ({ context }: any) => context.a === 2,
          target: 'two',
          actions: assign({
            c: ({ context }: any) => 1 - context.c,
            b: ({ context }: any) => (context.b + context.c) % 3,
          }),
        },
        on: {
          A: { actions: assign({ a: ({ context }: any) => (context.a + 1) % 3 }) },
          SWAP: { actions: assign({ a: ({ context }: any) => context.b, b: ({ context }: any) => context.a }) },
          BOTH: { guard: ({ context }: any) => context.a > 0 && context.b > 0, actions: assign({ c: 1 }) },
          TWICE: {
            actions: [
              assign({ a: ({ context }: any) => (context.b + 1) % 2 }),
              assign({ b: ({ context }: any) => context.a }),
            ],
          },
        },
      },
      two: {
        on: {
          BACK: { target: 'one', actions: assign({ a: 0 }) },
          SAY: { actions: assign({ said: true }) },
          C: [
            { guard: ({ context }: any) => context.c === 1, target: 'one', actions: assign({ c: 0, a: 1 }) },
            { actions: assign(({ context }: any) => ({ b: (context.b + 1) % 3 })) },
          ],
        },
      },
    },
  } as never) as unknown as AnyStateMachine
  const claims = [
    always('never all of it', (w: any) => !(w.root.context.said && w.root.context.b === 2 && w.root.context.c)),
  ]
  const quick = quickly(machine, {}, {}, claims)
  expect(quick).toEqual(await ordinarily(machine, {}, {}, claims))
  expect(quick.states).toBe(36)
})

describe('in numbers, too,', () => {
  const one = (on: object, then: object = {}): AnyStateMachine =>
    setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on }, b: { on: then } },
    } as never) as unknown as AnyStateMachine

  test.each([
    ['one machine', 0],
    ['several actors', -1],
  ])('of %s, any number of events can be counted', async (_, at) => {
    const counting = (many: number): readonly [AnyStateMachine, Outside] => {
      const types = Array.from({ length: many }, (__, number) => `E${number}`)
      const machine = one(Object.fromEntries(types.map((type) => [type, type === types.at(-1) ? 'b' : {}])))
      return [machine, { events: types.map((send) => ({ send, times: 1 })) }]
    }
    const options = { within: { depth: 1 } }
    expect(quickly(...counting(20), options, [], at)).toEqual(await ordinarily(...counting(20), options, []))
    const { states, coverage } = quickly(...counting(130), options, [], at)
    expect([states, coverage?.[0]?.unreached]).toEqual([131, []])
  })

  test('an event may go unhandled by whatever pattern says so', async () => {
    const ignoring: Outside = { events: ['GO', 'mouse.down'], ignores: ['mouse.*'] }
    const claims = [neverLost('mouse.down')]
    const machine = one({ GO: 'b' }, { 'mouse.down': {} })
    const quick = quickly(machine, ignoring, {}, claims)
    expect(quick).toEqual(await ordinarily(machine, ignoring, {}, claims))
    expect(quick.properties[0]?.verdict).toBe('holds')
  })
})

describe('actors are held on to where', () => {
  const machine = (context: object, actions: unknown): AnyStateMachine =>
    setup({}).createMachine({ id: 'm', context, on: { GO: { actions } } } as never) as unknown as AnyStateMachine
  const isQuick = (logic: AnyStateMachine): boolean => {
    try {
      return quickly(logic, { events: [{ send: 'GO', times: 3 }] }, {}, []).states > 0
    } catch (cause) {
      if (cause instanceof NotNumbered) return false
      throw cause
    }
  }
  const count = assign({ n: ({ context }: any) => context.n + 1 })

  test('the context is more than plain data', () => {
    expect(isQuick(machine({ n: 0 }, count))).toBe(true)
    expect(isQuick(machine({ n: 0, at: new Map() }, count))).toBe(false)
  })

  test('an assign looks at the actor itself', () => {
    expect(isQuick(machine({ n: 0 }, assign({ n: ({ self }: any) => self.id.length })))).toBe(false)
    const tries = assign({
      n: ({ self }: any) => {
        try {
          return self.id.length
        } catch {
          return 0
        }
      },
    })
    expect(isQuick(machine({ n: 0 }, tries))).toBe(false)
  })

  test('an assign writes into what it was given', () => {
    const writes = assign({
      list: ({ context }: any) => {
        context.list.push(1)
        return context.list
      },
    })
    expect(isQuick(machine({ list: [] }, writes))).toBe(false)
  })
})

/** Undefined: somebody has no place of his own in it, and actors are held on to. */
const together = (logic: AnyActorLogic, outside: Outside, options: ExploreOptions) => {
  try {
    return quickly(logic, outside, options, outside.properties ?? [], -1)
  } catch (cause) {
    if (cause instanceof NotNumbered) return undefined
    throw cause
  }
}

describe('several actors come to the same, state for state and word for word', () => {
  const both = async (logic: AnyActorLogic, outside: Outside = {}, states = 200): Promise<boolean> => {
    const options = { within: { states } }
    const quick = together(logic, outside, options)
    if (quick) expect(quick).toEqual(await ordinarily(logic, outside, options, outside.properties ?? []))
    return quick !== undefined
  }

  test.each(Object.entries({ form, checkout, upload, tabs, chat, supervisor }))('%s', async (name, make) => {
    const isQuick = async ({ logic, outside }: Subject) => both(logic, outside)
    expect([await isQuick(make(false)), await isQuick(make(true))]).toEqual([name !== 'supervisor', true])
  })

  const withoutPlace = [
    'an id in use is used again',
    'a name in the system is used again, and by two at once',
    'an assign that spawns, and an action behind it that fails',
    'workers without a name, kept in the context',
    'jobs without a name, whose last words are heard by whatever they are called',
  ]

  test.each(Object.entries(systems))('%s', async (name, { logic, outside }) => {
    expect(await both(logic(bodies()), outside, 60)).toBe(!withoutPlace.includes(name))
  })

  test.each([
    ['two-phase commit with actors', twoPhaseActors(3)],
    ['a crew', crew(3)],
  ])('%s', async (_, { logic, outside }) => {
    expect(await both(logic as AnyActorLogic, outside as Outside)).toBe(true)
  })

  test('systems put together by chance', async () => {
    let quick = 0
    for (let seed = 1; seed <= 15; seed++) {
      const { logic, outside } = generated(seed)
      const clock = seed % 2 === 0 ? 'order' : 'any'
      if (await both(logic(bodies()), { answers: outside!.answers!, clock }, 60)) quick++
    }
    expect(quick).toBeGreaterThan(2)
  })
})

describe('actors that live apart come to the same, too,', () => {
  const lanes: Outside['lanes'] = [{ loses: 1, doubles: true }, { reorders: true }]
  const apart = async (logic: AnyActorLogic, outside: Outside, states = 150): Promise<boolean> => {
    const given: Outside = { ...outside, semantics: 'network' }
    const options = { within: { states } }
    const quick = together(logic, given, options)
    if (quick) expect(quick).toEqual(await ordinarily(logic, given, options, given.properties ?? []))
    return quick !== undefined
  }

  test.each(Object.entries({ form, checkout, upload, tabs, chat, supervisor }))('%s', async (name, make) => {
    const { logic, outside } = make(true)
    expect(await apart(logic, outside)).toBe(name !== 'supervisor')
    expect(await apart(logic, { ...outside, lanes })).toBe(name !== 'supervisor')
  })

  test('two-phase commit with actors', async () => {
    const { logic, outside } = twoPhaseActors(3)
    expect(await apart(logic as AnyActorLogic, outside as Outside)).toBe(true)
  })

  test('systems put together by chance', async () => {
    let quick = 0
    for (let seed = 1; seed <= 15; seed++) {
      const { logic, outside } = generated(seed)
      const faults: Outside = seed % 3 === 0 ? { lanes } : {}
      if (await apart(logic(bodies()), { answers: outside!.answers!, ...faults }, 40)) quick++
    }
    expect(quick).toBeGreaterThan(1)
  })

  test('two tabs of one record have an end, and exact counts', async () => {
    const counted = async (isRight: boolean) => {
      const { logic, outside } = tabs(isRight)
      const report = await explore(system(logic, { ...outside, semantics: 'network' }))
      expect(report.exhaustive).toBe(true)
      return [report.states, ...report.properties.map(({ verdict }) => verdict)]
    }
    expect(await counted(false)).toEqual([4294, 'violated', 'seen'])
    expect(await counted(true)).toEqual([3475, 'holds', 'seen'])
  })
})

test('random schedules are those of the ordinary sample', async () => {
  const subjects: readonly (readonly [AnyActorLogic, Outside])[] = [
    ...[1, 2, 3].map((seed) => [machineOf(seed), { ...outside, properties }] as const),
    ...[form(false), tabs(false), crew(2), twoPhaseActors(2)].map(
      (each) => [each.logic as AnyActorLogic, each.outside as Outside] as const,
    ),
  ]
  for (const [logic, given] of subjects) {
    const claims = given.properties ?? []
    const options: ExploreOptions = {
      search: { random: { seed: 7, runs: 40 } },
      within: { depth: 12 },
      ignored: 'fail',
    }
    const sampled = async (more: ExploreOptions) =>
      withoutTime(await exploreSystem(systemOf(logic, given), claims, { ...options, ...more }))
    expect(await sampled({})).toEqual(await sampled({ onTaken: () => {} }))
  }
})

test('an error in a state that is far away is told as it is elsewhere', async () => {
  const counting = setup({}).createMachine({
    id: 'm',
    context: { n: 0 },
    on: {
      MORE: {
        actions: assign(({ context }: any) => {
          if (context.n === 5) throw new RangeError('no more')
          return { n: context.n + 1 }
        }),
      },
    },
  } as never)
  const { findings, states } = await explore(system(counting as never))
  expect(states).toBe(6)
  expect(findings).toMatchObject([{ kind: 'uncaught', title: 'uncaught RangeError: no more', depth: 6 }])
})

test('a guard that looks at dice is refused', async () => {
  const late = setup({}).createMachine({
    id: 'm',
    context: { n: 0 },
    on: {
      GO: { guard: ({ context }: any) => context.n > 2 && Math.random() < 2, actions: assign({}) },
      MORE: { actions: assign({ n: ({ context }: any) => Math.min(context.n + 1, 4) }) },
    },
  } as never)
  await expect(explore(system(late as never))).rejects.toThrow('uses Math.random')
})
