/** What is found in a system of actors, each beside the same system without it. */
import {
  assign,
  fromCallback,
  fromPromise,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stopChild,
  type AnyActorRef,
} from 'xstate'
import { describe, expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import { originOf } from '../../explore/runs/origin.ts'
import { always, eventually, explore, neverLost, sometimes, system, type Outside } from '../../process/index.ts'

const titles = async (...[logic, outside]: Parameters<typeof system>): Promise<readonly string[]> => {
  const report = await explore(system(logic, outside))
  expect(report.exhaustive).toBe(true)
  return report.findings.map(({ kind, title, depth }) => `${kind} @${depth} ${title}`)
}

const save = fromPromise(async () => true)

describe('an event that is lost', () => {
  const editor = (whileSaving: object) =>
    setup({ actors: { save } }).createMachine({
      id: 'editor',
      initial: 'clean',
      states: {
        clean: { on: { TYPE: 'dirty' } },
        dirty: { on: { TYPE: 'dirty', SAVE: 'saving' } },
        saving: { invoke: { src: 'save', onDone: 'clean', onError: 'dirty' }, on: whileSaving },
      },
    })

  test('while the answer is awaited: the shortest run is three things long', async () => {
    const report = await explore(editor({}), [neverLost('TYPE'), sometimes('saving', (w) => w.root.matches('saving'))])
    expect(report.properties.map(({ verdict, depth }) => [verdict, depth])).toEqual([
      ['violated', 3],
      ['seen', 2],
    ])
    expect(report.states).toBe(6)
  })

  test('is handled where the state handles it, and then no state tells that anything was lost', async () => {
    const report = await explore(editor({ TYPE: 'dirty' }), [neverLost('TYPE')])
    expect(report.properties[0]!.verdict).toBe('holds')
    expect(report.states).toBe(3)
    expect(report.coverage).toEqual([{ machine: 'editor', states: 4, transitions: 6, unreached: [], untaken: [] }])
  })

  test('may be meant to be: it is ignored by its type', async () => {
    const report = await explore(system(editor({}), { ignores: ['TYPE'] }), [neverLost('TYPE')])
    expect(report.properties[0]!.verdict).toBe('holds')
  })
})

describe('an event between actors', () => {
  const worker = setup({}).createMachine({
    id: 'worker',
    initial: 'idle',
    states: {
      idle: { on: { GO: 'busy' } },
      busy: { after: { 100: { target: 'idle', actions: sendParent({ type: 'READY' }) } } },
    },
  })
  const boss = (patience: number) =>
    setup({ actors: { worker } }).createMachine({
      id: 'boss',
      initial: 'a',
      invoke: { src: 'worker', id: 'w' },
      states: {
        a: { on: { START: { target: 'b', actions: sendTo('w', { type: 'GO' }) } } },
        b: { on: { READY: 'a' }, after: { [patience]: 'a' } },
      },
    })
  const outside: Outside = { events: ['START'] }

  test('falls into a state that does not handle it, when a timer fires before the answer', async () => {
    expect(await titles(boss(50), outside)).toEqual([
      'unhandled @3 GO is not handled: w in busy',
      'unhandled @3 READY is not handled: boss in a',
    ])
  })

  test('does not, when the timer is the longer one and timers fire in order', async () => {
    expect(await titles(boss(150), outside)).toEqual([])
  })

  test('does again, when any timer may fire', async () => {
    expect(await titles(boss(150), { ...outside, clock: 'any' })).toEqual([
      'unhandled @3 GO is not handled: w in busy',
      'unhandled @3 READY is not handled: boss in a',
    ])
  })
})

describe('an answer of a former life', () => {
  const job = setup({}).createMachine({
    id: 'job',
    initial: 'on',
    states: { on: { on: { END: 'over' } }, over: { type: 'final' } },
  })
  const parent = (second: string) =>
    setup({ actors: { job, save } }).createMachine({
      id: 'parent',
      initial: 'one',
      states: {
        // What is said on the way out is heard at once: the child ends while its parent is on its way.
        one: { invoke: { src: 'job', id: 'job' }, exit: sendTo('job', { type: 'END' }), on: { NEXT: 'two' } },
        two: { invoke: { src: 'save', id: second, onDone: 'three' } },
        three: { type: 'final' },
      },
    })

  test('is taken by the state behind, where the id is the same', async () => {
    expect(await titles(parent('job'), { answers: { save: { resolves: [1] } } })).toEqual([
      'former-life @1 former life: parent takes the answer of an earlier job in two',
    ])
  })

  test('is not, where it is another id', async () => {
    expect(await titles(parent('save'), { answers: { save: { resolves: [1] } } })).toEqual([])
  })
})

describe('somebody waits for what cannot come any more', () => {
  const machine = (onStop: object) =>
    setup({ actors: { save } }).createMachine({
      id: 'm',
      initial: 'idle',
      states: {
        idle: { on: { GO: 'waiting' } },
        waiting: { invoke: { src: 'save', id: 's', onDone: 'over' }, on: { STOP: onStop } },
        over: { type: 'final' },
      },
    })
  const outside: Outside = { events: ['GO', { send: 'STOP', times: 1 }], answers: { save: { resolves: [1] } } }

  test('for a child that was stopped: only another event could set him free, and it came once', async () => {
    expect(await titles(machine({ actions: stopChild('s') }), { ...outside, ignores: ['STOP'] })).toEqual([])
    const report = await explore(system(machine({ actions: stopChild('s') }), outside), [
      eventually('over', (w) => w.root.status === 'done'),
    ])
    expect(report.properties[0]!.verdict).toBe('violated')
  })

  test('for nothing but that child', async () => {
    const waiting = setup({ actors: { save } }).createMachine({
      id: 'm',
      initial: 'a',
      states: {
        a: { on: { GO: 'b' } },
        b: { entry: [spawnChild('save', { id: 's' }), stopChild('s')], on: { 'xstate.done.actor.s': 'c' } },
        c: { type: 'final' },
      },
    })
    expect(await titles(waiting, { ...outside, events: ['GO'] })).toEqual([
      'deadlock @1 deadlock: m waits in b for done of s, which cannot come any more',
    ])
  })

  test('for events that nobody sends', async () => {
    const outsideOf = (events: readonly string[]) => ({ ...outside, events })
    const retrying = setup({ actors: { save } }).createMachine({
      id: 'm',
      initial: 'try',
      states: {
        try: { invoke: { src: 'save', onError: 'failed', onDone: 'over' } },
        failed: { on: { RETRY: 'try' } },
        over: { type: 'final' },
      },
    })
    const answers = { save: { resolves: [1], rejects: ['no'] } }
    expect(await titles(retrying, { ...outsideOf([]), answers })).toEqual([
      'deadlock @1 deadlock: m waits in failed for RETRY, which cannot come any more',
    ])
    expect(await titles(retrying, { ...outsideOf(['RETRY']), answers })).toEqual([])
  })
})

test('whom one waits for is called by his source where he has no name of his own', async () => {
  const waiting = setup({ actors: { save } }).createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: { on: { GO: 'c' } },
      c: {
        invoke: { src: 'save', onDone: 'd' },
        entry: raise({ type: 'END' }),
        on: { END: { actions: stopChild('0.m.c') } },
      },
      d: { type: 'final' },
    },
  })
  expect(await titles(waiting, { events: ['GO'] })).toEqual([
    'deadlock @1 deadlock: m waits in c for END, done of save, which cannot come any more',
  ])
})

test('what is left as soon as it is entered was entered, at the start, too', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    type: 'parallel',
    states: {
      p: { initial: 'a', states: { a: { always: 'b' }, b: { on: { GO: 'c' } }, c: { always: 'd' }, d: {}, never: {} } },
      q: {
        initial: 'a',
        on: { NOW: '.b' },
        states: { a: { initial: 'x', states: { x: { entry: raise({ type: 'NOW' }) }, y: {} } }, b: {} },
      },
    },
  })
  expect((await explore(machine)).coverage).toEqual([
    { machine: 'm', states: 12, transitions: 4, unreached: ['m.p.never', 'm.q.a.y'], untaken: [] },
  ])
})

describe('errors', () => {
  test('of a promise that nobody handles end the run', async () => {
    const machine = setup({ actors: { save } }).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { invoke: { src: 'save', onDone: 'b' } }, b: {} },
    })
    expect(await titles(machine, { answers: { save: { resolves: [1], rejects: ['offline'] } } })).toEqual([
      'uncaught @1 uncaught Error: offline',
    ])
  })

  test('of guards and assigns are told', async () => {
    const machine = setup({}).createMachine({
      id: 'm',
      context: {},
      on: {
        BAD: {
          actions: assign(() => {
            throw new TypeError('no field')
          }),
        },
      },
    })
    expect(await titles(machine)).toEqual(['uncaught @1 uncaught TypeError: no field'])
  })

  test('eventless transitions without end are told, not waited for', async () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: 'b' } }, b: { always: 'c' }, c: { always: 'b' } },
    })
    expect(await titles(machine)).toEqual(['endless @1 m takes transitions without end in a'])
  })

  test('nor those of the start, whose ever they are', async () => {
    const round = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { always: 'b' }, b: { always: 'a' } },
    })
    const raising = setup({}).createMachine({
      id: 'm',
      entry: raise({ type: 'AGAIN' }),
      on: { AGAIN: { actions: raise({ type: 'AGAIN' }) } },
    })
    const parent = setup({ actors: { round } }).createMachine({
      id: 'p',
      invoke: { src: 'round', id: 'r' },
      on: { GO: {} },
    })
    expect(await Promise.all([round, raising, parent].map((each) => titles(each)))).toEqual([
      [expect.stringMatching(/^endless @1 m takes transitions without end in [ab]$/)],
      [expect.stringContaining('endless @1 m ')],
      [expect.stringMatching(/^endless @1 (?:p\/)?r takes transitions without end in [ab]$/)],
    ])
  })
})

describe('an id that is used again', () => {
  const worker = setup({}).createMachine({ id: 'worker', on: { PING: {} } })
  const boss = setup({ actors: { worker } }).createMachine({
    id: 'boss',
    on: { HIRE: { actions: spawnChild('worker', { id: 'w' }) } },
  })

  test('leaves the first holder alone, and when it happens again and again there is no end to them', async () => {
    const report = await explore(system(boss, { actors: 4 }))
    expect(report.findings.map(({ title, depth }) => `@${depth} ${title}`)).toEqual([
      '@2 orphan: the id w was used again by boss, and who had it before goes on',
      '@4 growth: more than 4 actors are alive, most of them worker',
    ])
    expect(report.exhaustive).toBe(true)
  })

  test('of a timer: the first cannot be cancelled any more', async () => {
    const bell = setup({}).createMachine({
      id: 'bell',
      on: { ARM: { actions: raise({ type: 'RING' }, { delay: 10, id: 'ring' }) }, RING: {} },
    })
    expect(await titles(bell, { events: [{ send: 'ARM', times: 2 }] })).toEqual([
      'timer @2 timer ring of bell is armed twice: to cancel it stops the later one only',
    ])
  })
})

test('an event to somebody who has stopped is told', async () => {
  const worker = setup({}).createMachine({
    id: 'worker',
    initial: 'on',
    states: { on: { on: { END: 'off' } }, off: { type: 'final' } },
  })
  const boss = setup({ actors: { worker } }).createMachine({
    id: 'boss',
    context: ({ spawn }) => ({ ref: spawn('worker', { id: 'w' }) as AnyActorRef }),
    on: { STOP: { actions: sendTo(({ context }) => context.ref, { type: 'END' }) } },
  })
  expect(await titles(boss)).toEqual(['dropped @2 END is sent to w, which has stopped'])
})

describe('what is wrong with the start', () => {
  const child = setup({}).createMachine({ id: 'child', entry: sendParent({ type: 'HELLO' }) })

  test('is a finding of a run of one step', async () => {
    const deaf = setup({ actors: { child } }).createMachine({
      id: 'deaf',
      invoke: { src: 'child', id: 'c' },
      on: { GO: {} },
    })
    expect(await titles(deaf)).toEqual(['unhandled @1 HELLO is not handled: deaf in active'])
    const report = await explore(deaf)
    expect(
      replay(originOf(report)!, report.findings[0]!.schedule).told!.steps.map(({ to, message }) => [to, message.type]),
    ).toEqual([
      ['deaf', 'starts'],
      ['c', 'starts'],
      ['deaf', 'HELLO'],
    ])
  })

  test('an error, with an input', async () => {
    const machine = setup({}).createMachine({
      id: 'm',
      context: () => {
        throw new TypeError('no such thing')
      },
    })
    expect(await titles(machine, { input: 1 as never })).toEqual(['uncaught @1 uncaught TypeError: no such thing'])
  })

  test('somebody waits for what will never come', async () => {
    const machine = setup({}).createMachine({ id: 'm', initial: 'a', states: { a: { on: { GO: 'b' } }, b: {} } })
    expect(await titles(machine, { events: [] })).toEqual([
      'deadlock @1 deadlock: m waits in a for GO, which cannot come any more',
    ])
  })
})

describe('custom actions', () => {
  const machine = (count: () => void) =>
    setup({ actions: { count } }).createMachine({ id: 'm', on: { GO: { actions: 'count' } } })

  test('are not run', async () => {
    let times = 0
    await explore(machine(() => void times++))
    expect(times).toBe(0)
  })

  test('are, where they are declared pure', async () => {
    let times = 0
    await explore(
      system(
        machine(() => void times++),
        { pure: ['count'] },
      ),
    )
    expect(times).toBeGreaterThan(0)
  })
})

describe('properties look at', () => {
  const socket = fromCallback(() => {})
  const chat = setup({ actors: { socket } }).createMachine({
    id: 'chat',
    initial: 'off',
    context: { heard: 0 },
    states: {
      off: { tags: ['idle'], on: { CONNECT: 'on' } },
      on: {
        invoke: { src: 'socket', id: 'line' },
        on: { MESSAGE: { actions: assign({ heard: ({ context }) => Math.min(context.heard + 1, 2) }) }, CLOSE: 'off' },
      },
    },
  })

  test('states, tags, contexts and children by name', async () => {
    const outside: Outside = { events: ['CONNECT', 'CLOSE'], answers: { socket: { sends: ['MESSAGE'] } } }
    const report = await explore(system(chat, outside), [
      always('no line without being on', (w) => w.root.matches('on') === (w.actor('line') !== undefined)),
      always('idle is off', (w) => w.root.hasTag('idle') === w.root.matches('off')),
      sometimes('two heard', (w) => w.actor('chat')?.context.heard === 2),
      always('one line at most', (w) => w.actors('socket').length <= 1),
      sometimes('three heard', (w) => w.root.context.heard === 3),
    ])
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'seen', 'holds', 'unseen'])
    expect(report.states).toBe(6)
  })
})
