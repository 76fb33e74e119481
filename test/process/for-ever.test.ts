/** Who waits for ever although others go on: only all states together tell, and they tell it of nobody else. */
import { describe, expect, test } from 'vitest'
import { fromCallback, raise, sendParent, sendTo, setup, type AnyActorLogic } from 'xstate'
import { explore as exploreSystem } from '../../explore/index.ts'
import type { ExploreOptions } from '../../explore/options.ts'
import { Futures } from '../../explore/outcome/futures.ts'
import { explore, system, type Outside } from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'
import { dice } from '../../streams/dice.ts'
import { bodies } from './bodies.ts'
import { generated } from './generated.ts'
import { waitingForEverIn } from './waiting.ts'

/** Comes again and again. */
const bell = fromCallback(() => {})
const ringing: Outside = { events: [], answers: { bell: { sends: ['RING'] } } }

const toOther = (other: string, type: string) => sendTo(({ system: all }: any) => all.get(other), { type })

/** A root that goes round for ever, whatever its children do. */
const rootOf = (
  actors: Readonly<Record<string, AnyActorLogic>>,
  more: object = {},
  states: object = {},
): AnyActorLogic =>
  setup({ actors: { ...actors, bell } }).createMachine({
    id: 'root',
    invoke: [...Object.keys(actors).map((src) => ({ src, id: src, systemId: src })), { src: 'bell', id: 'bell' }],
    initial: 'tick',
    states: { tick: { on: { RING: 'tock' } }, tock: { on: { RING: 'tick' } }, ...states },
    ...more,
  } as never)

const peer = (id: string, other: string, first: object = {}): AnyActorLogic =>
  setup({}).createMachine({
    id,
    initial: 'waiting',
    states: {
      waiting: { ...first, on: { READY: { target: 'ready', actions: toOther(other, 'READY') } } },
      ready: {},
    },
  } as never)

const deadlocks = async (logic: AnyActorLogic, outside: Outside, options: ExploreOptions = {}) => {
  const { findings } = await exploreSystem(systemOf(logic, outside), [], options)
  return findings
    .filter(({ kind }) => kind === 'deadlock')
    .map(({ kind, title, depth }) => `${kind} @${depth} ${title}`)
}

const waits = (who: string, where: string, what: string, depth: number): string =>
  `deadlock @${depth} deadlock: ${who} waits in ${where} for ${what}, which cannot come any more`

describe('two children that wait for each other, while their parent goes on,', () => {
  const peers = rootOf({ a: peer('a', 'b'), b: peer('b', 'a') })
  const both = [waits('a', 'waiting', 'READY', 1), waits('b', 'waiting', 'READY', 1)]

  test.each<[string, Outside, ExploreOptions]>([
    ['in numbers', {}, {}],
    ['apart', { semantics: 'network' }, {}],
    ['with real actors at each step', {}, { onTaken: () => {} }],
    ['apart, with real actors at each step', { semantics: 'network' }, { onTaken: () => {} }],
    ['depth first', {}, { search: 'depth' }],
    ['deeper and deeper', {}, { search: 'deepening' }],
    ['behind a run', {}, { after: [0, 0] }],
  ])('are found %s', async (_, outside, options) => {
    const found = await deadlocks(peers, { ...ringing, ...outside }, options)
    expect(found.map((each) => each.replace(/@\d+/, '@1'))).toEqual(both)
  })

  test('are two states, and nothing else is told', async () => {
    const { states, findings, exhaustive } = await explore(system(peers, ringing))
    expect([states, exhaustive, findings.map(({ schedule, shortest }) => [schedule, shortest])]).toEqual([
      2,
      true,
      [
        [[0], true],
        [[0], true],
      ],
    ])
  })

  test('are not, where a search has not seen all states', async () => {
    expect(await deadlocks(peers, ringing, { within: { states: 1 } })).toEqual([])
    expect(await deadlocks(peers, ringing, { within: { depth: 1 } })).toEqual([])
    expect(await deadlocks(peers, ringing, { search: { random: { seed: 1, runs: 5 } }, within: { depth: 5 } })).toEqual(
      [],
    )
  })

  test('are none, where one of them begins', async () => {
    const begins = { after: { 10: { actions: toOther('b', 'READY') } } }
    expect(await deadlocks(rootOf({ a: peer('a', 'b', begins), b: peer('b', 'a') }), ringing)).toEqual([])
  })

  test('are none, where a user may send it, and be it that he has by now', async () => {
    const sends = (times?: number): Outside => ({
      ...ringing,
      events: [{ send: 'READY', to: 'a', ...(times !== undefined && { times }) }],
    })
    expect(await deadlocks(peers, sends())).toEqual([])
    expect(await deadlocks(peers, sends(1))).toEqual([])
    expect(await deadlocks(peers, sends(0))).toEqual([])
  })

  test('may be meant to: listeners are named', async () => {
    expect(await deadlocks(peers, { ...ringing, listeners: ['b'] })).toEqual([both[0]])
    expect(await deadlocks(peers, { ...ringing, listeners: ['a', 'b'] })).toEqual([])
    expect(() => systemOf(peers, { ...ringing, listeners: ['c'] })).toThrow('"c" is the name of no actor')
  })

  test('are told by a run of the start, where nothing comes at all', async () => {
    const quiet = setup({ actors: { a: peer('a', 'b'), b: peer('b', 'a') } }).createMachine({
      id: 'root',
      invoke: ['a', 'b'].map((id) => ({ src: id, id, systemId: id })),
    } as never)
    expect(await deadlocks(quiet as unknown as AnyActorLogic, {})).toEqual(both)
  })
})

describe('two who eat with two forks', () => {
  const fork = setup({}).createMachine({
    id: 'fork',
    initial: 'free',
    states: {
      free: { on: { TAKE: { target: 'taken', actions: sendTo(({ event }: any) => event.by, { type: 'HAVE' }) } } },
      // Asked once, and never again.
      taken: { on: { PUT: 'free', TAKE: {} } },
    },
  } as never) as unknown as AnyActorLogic
  const asks = (of: string) =>
    sendTo(
      ({ system: all }: any) => all.get(of),
      ({ self }: any) => ({ type: 'TAKE', by: self }),
    )
  const eater = (first: string, second: string): AnyActorLogic =>
    setup({}).createMachine({
      id: 'eater',
      initial: 'thinking',
      states: {
        thinking: { on: { HUNGRY: 'one' } },
        // Whoever does not get his first one asks again.
        one: { entry: asks(first), on: { HAVE: 'pausing' }, after: { 10: { target: 'one', reenter: true } } },
        pausing: { on: { HUNGRY: 'two' } },
        two: { entry: asks(second), on: { HAVE: 'eating' } },
        eating: { on: { FULL: { target: 'thinking', actions: [toOther(first, 'PUT'), toOther(second, 'PUT')] } } },
      },
    } as never)
  const table = (second: AnyActorLogic) => rootOf({ left: fork, right: fork, ann: eater('left', 'right'), bob: second })
  const outside: Outside = {
    ...ringing,
    events: ['ann', 'bob'].flatMap((to) => ['HUNGRY', 'FULL'].map((send) => ({ send, to }))),
    ignores: ['HUNGRY', 'FULL'],
  }

  test('each takes one: nobody eats any more, and no fork comes back', async () => {
    const report = await explore(system(table(eater('right', 'left')), outside))
    expect(report.exhaustive).toBe(true)
    expect(report.findings.map(({ kind, title, depth }) => `${kind} @${depth} ${title}`)).toMatchInlineSnapshot(`
      [
        "deadlock @3 deadlock: ann waits in two for HAVE, which cannot come any more",
        "deadlock @3 deadlock: bob waits in two for HAVE, which cannot come any more",
        "deadlock @3 deadlock: left waits in taken for PUT, TAKE, which cannot come any more",
        "deadlock @3 deadlock: right waits in taken for PUT, TAKE, which cannot come any more",
      ]
    `)
  })

  test('in one order they take them in turn', async () => {
    const report = await explore(system(table(eater('left', 'right')), outside))
    expect(report.findings.map(({ title }) => title)).toMatchInlineSnapshot(`[]`)
  })
})

describe('nobody is missed', () => {
  const server = setup({}).createMachine({
    id: 'server',
    initial: 'idle',
    states: {
      idle: { on: { ASK: { target: 'busy', actions: sendParent({ type: 'HEARD' }) } } },
      busy: { after: { 5: 'idle' }, on: { ASK: {} } },
    },
  }) as unknown as AnyActorLogic
  const asking = (states: object) => rootOf({ server }, { initial: 'first' }, states)

  test('who waits where it began, as it may be asked or not', async () => {
    const once = asking({
      first: { on: { RING: { target: 'second', actions: toOther('server', 'ASK') } } },
      second: { on: { HEARD: 'tick', RING: {} } },
    })
    expect(await deadlocks(once, { ...ringing, ignores: ['HEARD'] })).toEqual([])
  })

  test('but whoever waits there for the end of a child that waits as well', async () => {
    const child = setup({}).createMachine({
      id: 'child',
      initial: 'on',
      states: { on: { on: { END: 'over' } }, over: { type: 'final' } },
    })
    const boss = setup({ actors: { child } }).createMachine({
      id: 'boss',
      initial: 'working',
      states: {
        working: { invoke: { src: 'child', id: 'child', onDone: 'free' }, on: { QUIT: 'free' } },
        free: { on: { AGAIN: 'working' } },
      },
    }) as unknown as AnyActorLogic
    // Whether it is told to end at all is a matter of luck.
    const luck = rootOf(
      { boss },
      { initial: 'first' },
      {
        first: { on: { RING: 'tick', END: { target: 'tick', actions: toOther('boss', 'QUIT') } } },
      },
    )
    const outside = { ...ringing, answers: { bell: { sends: ['RING', 'END'] } }, ignores: ['END'] }
    expect(await deadlocks(luck, outside)).toMatchInlineSnapshot(`
      [
        "deadlock @1 deadlock: boss waits in free for AGAIN, which cannot come any more",
        "deadlock @1 deadlock: boss waits in working for QUIT, done of child, which cannot come any more",
        "deadlock @1 deadlock: boss/child waits in on for END, which cannot come any more",
      ]
    `)
  })

  test('when the root has come to where it waits for nothing', async () => {
    const gone = asking({ first: { on: { RING: { target: 'gone', actions: toOther('server', 'ASK') } } }, gone: {} })
    expect(await deadlocks(gone, { ...ringing, ignores: ['RING', 'HEARD'] })).toEqual([])
  })
})

test('a crash tells nothing of what would have come behind it', async () => {
  const failing = rootOf(
    { a: peer('a', 'b'), b: peer('b', 'a') },
    {},
    {
      tock: {
        on: {
          RING: {
            actions: raise(() => {
              throw new Error('out')
            }),
          },
        },
      },
    },
  )
  const { findings } = await explore(system(failing, ringing))
  expect(findings.map(({ kind }) => kind)).toContain('uncaught')
  expect(findings.map(({ kind }) => kind)).not.toContain('deadlock')
})

test('whoever may still do something is told from who may not, as by hand, in graphs put together by chance', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = dice(seed)
    const count = 1 + random(12)
    const many = 1 + random(40)
    const next = Array.from({ length: count }, () => Array.from({ length: random(4) }, () => random(count)))
    const idle = next.map(() => Array.from({ length: many }, (_, who) => who).filter(() => random(6) > 0))
    const futures = new Futures()
    for (const [state, steps] of next.entries()) {
      for (const each of steps) futures.add(each)
      futures.close(idle[state]!)
    }
    const reached = (from: number): ReadonlySet<number> => {
      const found = new Set([from])
      for (const each of found) for (const to of next[each]!) found.add(to)
      return found
    }
    const expected = idle.flatMap((those, state) => {
      const lasting = those.filter((who) => [...reached(state)].every((each) => idle[each]!.includes(who)))
      return lasting.length > 0 ? [[state, lasting]] : []
    })
    expect({ seed, found: [...futures.idleForEver()] }).toEqual({ seed, found: expected })
  }
})

test('in systems put together by chance: the same children as by looking at all that may come, from each state by itself', async () => {
  let found = 0
  for (const seed of [1, 4, 24, 30, 43, 50, 53, 58, 61, 65, 66, 68, 70, 71, 75, 77, 79, 81, 83]) {
    const { logic, outside } = generated(seed)
    const less: Outside = { ...outside, events: [{ type: 'A' }], clock: 'any' }
    const report = await explore(system(logic(bodies()), less))
    const expected = waitingForEverIn(logic(bodies()), less, 'p')
    const told = report.findings.flatMap(({ kind, title }) =>
      kind === 'deadlock' && !title.startsWith('deadlock: root ') ? title.replace(/^deadlock: | for .*/g, '') : [],
    )
    expect({ seed, told: told.toSorted() }).toEqual({ seed, told: expected })
    found += told.length
  }
  expect(found).toBe(19)
})
