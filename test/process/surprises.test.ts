/** Where XState does what one would not guess (the numbers are those of our own notes on it), a search does the same, and what hurts is a finding. */
import {
  assign,
  cancel,
  fromCallback,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
  type AnyActorLogic,
  type AnyActorRef,
} from 'xstate'
import { expect, test } from 'vitest'
import { Telling, type InspectionMessage } from '../../inspect/protocol.ts'
import { always, explore, neverLost, sometimes, system, type ActorsView, type Outside } from '../../process/index.ts'
import { Process } from '../../process/process.ts'
import { lineOf } from '../../process/witness.ts'

const save = fromPromise(async () => 'saved')

const found = async (logic: AnyActorLogic, outside: Outside = {}): Promise<readonly string[]> => {
  const report = await explore(system(logic, outside))
  expect(report.exhaustive).toBe(true)
  return report.findings.map(({ kind, title }) => `${kind}: ${title.replace(/^\w+: /, '')}`)
}

/** Where it can be seen, and nowhere else. */
const isSo = async (logic: AnyActorLogic, outside: Outside, holds: (w: ActorsView) => boolean): Promise<void> => {
  const report = await explore(system(logic, outside), [sometimes('so', holds)])
  expect([report.exhaustive, report.properties[0]!.verdict, report.findings]).toEqual([true, 'seen', []])
}

const hears = setup({}).createMachine({
  id: 'hears',
  context: { log: '' },
  on: { '*': { actions: assign({ log: ({ context, event }) => context.log + event.type }) } },
})

const once = (...types: readonly string[]) => types.map((send) => ({ send, times: 1 }))

test('S1: what is handed on is heard before what is sent next', async () => {
  const hander = setup({}).createMachine({
    id: 'hander',
    on: { X: { actions: sendTo(({ system: all }) => all.get('ear') as AnyActorRef, { type: 'Z' }) } },
  })
  const boss = setup({ actors: { hander, hears } }).createMachine({
    id: 'boss',
    invoke: [
      { src: 'hander', id: 'a' },
      { src: 'hears', id: 'b', systemId: 'ear' },
    ],
    on: { GO: { actions: [sendTo('a', { type: 'X' }), sendTo('b', { type: 'Y' })] } },
  })
  await isSo(boss, { events: once('GO') }, (w) => w.actor('b')?.context.log === 'ZY')
  const { properties } = await explore(system(boss, { events: once('GO') }), [
    always('never Y first', (w) => !w.actor('ear')?.context.log.startsWith('Y')),
  ])
  expect(properties[0]!.verdict).toBe('holds')
})

test('S2: the answer of an earlier invocation is taken by the state behind, where the id is the same', async () => {
  const job = setup({}).createMachine({
    id: 'job',
    initial: 'on',
    states: { on: { on: { END: 'over' } }, over: { type: 'final' } },
    output: 'first',
  })
  const machine = setup({ actors: { job, save } }).createMachine({
    id: 'm',
    initial: 'a',
    context: { got: '' as unknown },
    states: {
      a: { invoke: { src: 'job', id: 'j' }, exit: sendTo('j', { type: 'END' }), on: { NEXT: 'b' } },
      b: {
        invoke: {
          src: 'save',
          id: 'j',
          onDone: { target: 'c', actions: assign({ got: ({ event }) => event.output }) },
        },
      },
      c: { type: 'final' },
    },
  })
  const report = await explore(system(machine, { answers: { save: { resolves: ['second'] } } }), [
    sometimes('got the first', (w) => w.root.context.got === 'first'),
    sometimes('got the second', (w) => w.root.context.got === 'second'),
  ])
  expect(report.findings.map(({ kind }) => kind)).toEqual(['former-life'])
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'unseen'])
})

test('S3: a name in the system can be used again by the next state, and by two at once it is an error', async () => {
  const machine = (events: object) =>
    setup({ actors: { hears } }).createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { invoke: { src: 'hears', id: 'one', systemId: 's' }, on: { NEXT: 'b' } },
        b: { invoke: { src: 'hears', id: 'two', systemId: 's' }, on: { BACK: 'a' } },
      },
      on: events,
    } as never) as unknown as AnyActorLogic
  await isSo(machine({}), { ignores: ['NEXT', 'BACK'] }, (w) => w.actor('s')?.name === 'two')
  const both = { MORE: { actions: spawnChild('hears' as never, { id: 'three', systemId: 's' } as never) } }
  expect(await found(machine(both))).toContain("uncaught: uncaught Error: Actor with system ID 's' already exists.")
})

test('S4: who is invoked by a state that is left at once never starts', async () => {
  const machine = setup({ actors: { save } }).createMachine({
    id: 'm',
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: { invoke: { src: 'save', id: 's' }, always: 'c' }, c: {} },
  })
  const { properties } = await explore(system(machine, { answers: { save: { rejects: ['no'] } } }), [
    always('nobody', (w) => w.actor('s') === undefined),
  ])
  expect(properties[0]!.verdict).toBe('holds')
  expect(await found(machine, { answers: { save: { rejects: ['no'] } } })).toEqual([])
})

test('S5: snapshots come when a step is over, those of children first; a run is told in the order in which events are heard', () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'a',
    states: { a: { on: { PING: { target: 'b', actions: sendParent({ type: 'PONG' }) } } }, b: {} },
  })
  const machine = setup({ actors: { child } }).createMachine({
    id: 'm',
    initial: 'a',
    invoke: { src: 'child', id: 'c' },
    states: {
      a: { on: { GO: { target: 'b', actions: sendTo('c', { type: 'PING' }) } } },
      b: { on: { PONG: 'c' } },
      c: {},
    },
  })
  const process = new Process(machine, {})
  const { told, hops } = process.take(process.begun.state, { from: 'user', type: 'GO' })!
  const snapshots = told.map(lineOf).filter((line) => line.startsWith('snapshot'))
  expect(snapshots.map((line) => line.split(' ').slice(1, 3))).toEqual([
    ['root/c', 'PING'],
    ['root', 'GO'],
    ['root', 'PONG'],
  ])
  expect(hops().map(({ to, event, before, after }) => [to, event.type, before.state, after.state])).toEqual([
    ['m', 'GO', 'a', 'b'],
    ['c', 'PING', 'a', 'b'],
    ['m', 'PONG', 'b', 'c'],
  ])
})

test('S6: an id in use is used again: who had it before is nobody’s, and outlives the root', async () => {
  const spawning = setup({ actors: { hears } }).createMachine({
    id: 'm',
    initial: 'on',
    states: {
      on: { on: { HIRE: { actions: spawnChild('hears', { id: 'w' }) }, END: 'over' } },
      over: { type: 'final' },
    },
  })
  expect(await found(spawning, { events: [{ send: 'HIRE', times: 2 }, 'END'] })).toEqual([
    'orphan: the id w was used again by m, and who had it before goes on',
  ])
  const w = (when: string) => ({
    initial: 'off',
    states: {
      off: { on: { [when]: 'on' } },
      on: { invoke: { src: 'hears', id: 'w' }, on: { [`NOT_${when}`]: 'off' } },
    },
  })
  const regions = setup({ actors: { hears } }).createMachine({
    id: 'm',
    type: 'parallel',
    states: { p: w('P'), q: w('Q') },
  } as never) as unknown as AnyActorLogic
  // Whoever is there last goes by the id: to leave the other region stops him, and who was there first has nobody left to stop him.
  const { findings, properties } = await explore(system(regions, { events: once('P', 'Q', 'NOT_P', 'NOT_Q') }), [
    sometimes('left', (all) => all.root.matches({ p: 'off', q: 'off' }) && all.actors('hears').length === 1),
  ])
  expect(findings.map(({ title }) => title)).toContain(
    'orphan: the id w was used again by m, and who had it before goes on',
  )
  expect(properties[0]!.verdict).toBe('seen')
})

test('S7: no delay is a timer, too, and of a chain each fires in its own time', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    type: 'parallel',
    context: { log: '' },
    states: {
      chain: {
        initial: 'a',
        states: {
          a: { after: { 10: { target: 'b', actions: assign({ log: ({ context }) => `${context.log}a` }) } } },
          b: { after: { 10: { target: 'c', actions: assign({ log: ({ context }) => `${context.log}b` }) } } },
          c: {},
        },
      },
      long: {
        initial: 'a',
        states: {
          a: { after: { 15: { target: 'b', actions: assign({ log: ({ context }) => `${context.log}L` }) } } },
          b: {},
        },
      },
      now: {
        initial: 'a',
        states: {
          a: { after: { 0: { target: 'b', actions: assign({ log: ({ context }) => `${context.log}0` }) } } },
          b: {},
        },
      },
    },
  })
  const logs = new Set<string>()
  const gather = always('gathered', (w) => logs.add(w.root.context.log).size > 0)
  await explore(machine, [gather])
  expect([...logs]).toEqual(['', '0', '0a', '0aL', '0aLb'])
  logs.clear()
  await explore(system(machine, { clock: 'any' }), [gather])
  expect([...logs].filter(({ length }) => length === 4)).toHaveLength(12)
})

test('S8, S9: actors are held on to, not saved: a spawned machine and a timer are what they were when another way is gone', async () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'a',
    states: { a: { on: { GO: 'b' }, after: { 10: 'late' } }, b: {}, late: {} },
  })
  const machine = setup({}).createMachine({
    id: 'm',
    context: ({ spawn }: any) => ({ ref: spawn(child as never, { id: 'c' } as never) }),
    on: { GO: { actions: sendTo(({ context }: any) => context.ref, { type: 'GO' }) } },
  } as never) as unknown as AnyActorLogic
  const { properties, states, coverage } = await explore(system(machine, { events: once('GO'), ignores: ['GO'] }), [
    sometimes('went', (w) => w.actor('c')?.matches('b') === true),
    sometimes('late', (w) => w.actor('c')?.matches('late') === true),
  ])
  expect([states, ...properties.map(({ verdict }) => verdict)]).toEqual([4, 'seen', 'seen'])
  expect(coverage.flatMap(({ unreached }) => unreached)).toEqual([])
})

test('S10: a child runs, and what it ends with is what its parent is told; nobody else says that it is done', async () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'a',
    states: { a: { on: { END: 'b' } }, b: { type: 'final' } },
    output: { well: true },
  })
  const machine = setup({ actors: { child } }).createMachine({
    id: 'm',
    initial: 'on',
    context: { got: undefined as unknown },
    states: {
      on: {
        invoke: {
          src: 'child',
          id: 'c',
          // It throws where there is no output.
          onDone: {
            guard: ({ event }) => (event.output as { well: boolean }).well,
            target: 'over',
            actions: assign({ got: ({ event }) => event.output }),
          },
        },
        on: { END: { actions: sendTo('c', { type: 'END' }) } },
      },
      over: { type: 'final' },
    },
  })
  const { states, findings, properties, coverage } = await explore(machine, [
    always(
      'told by the child',
      (w) => w.root.matches('over') === (JSON.stringify(w.root.context.got) === '{"well":true}'),
    ),
  ])
  expect([states, findings, properties[0]!.verdict]).toEqual([2, [], 'holds'])
  expect(coverage.flatMap(({ unreached, untaken }) => [...unreached, ...untaken])).toEqual([])
})

test('S11: a BigInt and what lies deep are told as they are, to an inspector as text', () => {
  const deep = (value: unknown): object => Array.from({ length: 12 }).reduce<object>((of) => ({ of }), { value })
  const machine = setup({}).createMachine({
    id: 'm',
    context: { deep: deep(1n) },
    on: { MORE: { actions: assign({ deep: () => deep(2n) }) } },
  })
  const process = new Process(machine, {})
  const { told, hops } = process.take(process.begun.state, { from: 'user', type: 'MORE' })!
  expect(hops()[0]).toMatchObject({ before: { data: { deep: deep(1n) } }, after: { data: { deep: deep(2n) } } })
  const said: InspectionMessage[] = []
  const telling = new Telling((message) => said.push(message), 'm')
  for (const each of told) if (each.type === '@xstate.snapshot') telling.snapshot('m', each.snapshot, each.event)
  expect(said).toMatchObject([{ event: { type: 'MORE' }, snapshot: { context: { deep: deep('2') } } }])
})

test('S12: to stop a child and then speak to it by its id is an error; the other way round it is not', async () => {
  const machine = (actions: readonly unknown[]) =>
    setup({ actors: { hears } }).createMachine({
      id: 'm',
      invoke: { src: 'hears', id: 'c' },
      on: { GO: { actions } },
    } as never) as unknown as AnyActorLogic
  const [stop, speak] = [stopChild('c'), sendTo('c', { type: 'PING' })]
  expect(await found(machine([stop, speak]), { events: once('GO') })).toEqual([
    "uncaught: uncaught Error: Unable to send event to actor 'c' from machine 'm'.",
  ])
  expect(await found(machine([speak, stop]), { events: once('GO') })).toEqual([])
})

test('S13: done comes behind what the child said before', async () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'a',
    states: {
      a: { on: { GO: { target: 'b', actions: sendParent({ type: '1' }) } } },
      b: { type: 'final', entry: sendParent({ type: '2' }) },
    },
  })
  const note = (what: string) => ({ actions: assign({ log: ({ context }: any) => `${context.log as string}${what}` }) })
  const machine = setup({ actors: { child } }).createMachine({
    id: 'm',
    context: { log: '' },
    invoke: { src: 'child', id: 'c', onDone: note('d') },
    on: { GO: { actions: sendTo('c', { type: 'GO' }) }, 1: note('1'), 2: note('2') },
  } as never) as unknown as AnyActorLogic
  const logs = new Set<string>()
  await explore(system(machine, { events: once('GO') }), [
    always('gathered', (w) => logs.add(w.root.context.log).size > 0),
  ])
  expect([...logs]).toEqual(['', '12d'])
})

test('S14: a wildcard is no event that anybody sends', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    initial: 'a',
    states: { a: { on: { '*': 'b', 'mouse.*': 'b', GO: 'a' } }, b: {} },
  } as never)
  expect((await explore(machine)).coverage[0]!.untaken).toEqual(['m.a on * → m.b', 'm.a on mouse.* → m.b'])
  expect((await explore(system(machine, { events: ['mouse.down'] }))).coverage[0]!.untaken).toEqual([
    'm.a on * → m.b',
    'm.a on GO → m.a',
  ])
})

test('S15: a timer whose id is used again fires twice, and to cancel it stops the later one only', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    context: { rung: 0 },
    on: {
      ARM: {
        actions: [raise({ type: 'RING' }, { delay: 10, id: 'r' }), raise({ type: 'RING' }, { delay: 10, id: 'r' })],
      },
      HUSH: { actions: cancel('r') },
      RING: { actions: assign({ rung: ({ context }) => context.rung + 1 }) },
    },
  })
  const outside = { events: once('ARM', 'HUSH') }
  expect(await found(machine, outside)).toEqual([
    'timer: timer r of m is armed twice: to cancel it stops the later one only',
  ])
  const { properties } = await explore(system(machine, { events: once('ARM') }), [
    sometimes('twice', (w) => w.root.context.rung === 2),
  ])
  expect(properties[0]!.verdict).toBe('seen')
})

test('S16: who is stopped runs no exit actions', async () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'a',
    exit: sendParent({ type: 'LEFT' }),
    states: { a: { on: { END: 'b' } }, b: { type: 'final' } },
  })
  const machine = setup({ actors: { child } }).createMachine({
    id: 'm',
    initial: 'on',
    context: { left: false },
    states: {
      on: { invoke: { src: 'child', id: 'c' }, on: { OFF: 'off', END: { actions: sendTo('c', { type: 'END' }) } } },
      off: {},
    },
    on: { LEFT: { actions: assign({ left: true }) } },
  })
  const isLeft = async (type: string) =>
    (
      await explore(system(machine, { events: [type], ignores: ['END', 'OFF'] }), [
        sometimes('left', (w) => w.root.context.left),
      ])
    ).properties[0]!.verdict
  expect([await isLeft('OFF'), await isLeft('END')]).toEqual(['unseen', 'seen'])
})

test('S17: whether a callback listens in time is its own business; as a machine that is deaf at first it is found', async () => {
  const listens = fromCallback(() => {})
  const machine = setup({ actors: { listens } }).createMachine({
    id: 'm',
    invoke: { src: 'listens', id: 'c' },
    on: { SAY: { actions: sendTo('c', { type: 'PING' }) } },
  })
  const isNeverLost = async (logic: AnyActorLogic, answers: Outside['answers'] = {}) => {
    const { properties, findings } = await explore(system(logic, { events: once('SAY'), answers }), [neverLost('PING')])
    return [properties[0]!.verdict, ...findings.map(({ title }) => title)]
  }
  // Real ones hear nothing before they call receive(); in a search nobody knows when that is.
  expect(await isNeverLost(machine, { listens: {} })).toEqual(['holds'])
  const asMachine = (delay: number) =>
    setup({}).createMachine({
      id: 'listens',
      initial: 'deaf',
      states: { deaf: { after: { [delay]: 'open' } }, open: { on: { PING: {} } } },
    })
  expect(await isNeverLost(machine.provide({ actors: { listens: asMachine(10) as never } }))).toEqual([
    'violated',
    'PING is not handled: c in deaf',
  ])
})

test('S18: an action that fails undoes the assign before it, and whom it spawned never starts', async () => {
  const machine = setup({ actors: { save } }).createMachine({
    id: 'm',
    context: { ref: undefined as AnyActorRef | undefined },
    on: {
      GO: {
        actions: [
          assign({ ref: ({ spawn }) => spawn('save', { id: 's' }) as AnyActorRef }),
          sendTo('nobody' as never, { type: 'X' } as never),
        ],
      },
    },
  })
  const { findings, properties } = await explore(system(machine, { answers: { save: { resolves: ['x'] } } }), [
    always('no ref', (w) => w.root.context.ref === undefined),
    always('nobody', (w) => w.actor('s') === undefined),
  ])
  expect(findings.map(({ kind }) => kind)).toEqual(['uncaught'])
  expect(properties.map(({ verdict }) => verdict)).toEqual(['holds', 'holds'])
})
