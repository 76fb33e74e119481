/** What does not fit is told with its place, and with what to do. */
import {
  and,
  assign,
  createActor,
  emit,
  fromCallback,
  fromPromise,
  not,
  sendTo,
  setup,
  type AnyActorLogic,
} from 'xstate'
import { describe, expect, test } from 'vitest'
import { always, explore, neverLost, system, type ActorsView, type Outside } from '../../process/index.ts'

const told = async (logic: AnyActorLogic, outside: Outside = {}): Promise<string> => {
  try {
    await explore(system(logic, outside))
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was told')
}

const after = (value: () => unknown) =>
  setup({}).createMachine({
    id: 'cart',
    initial: 'open',
    context: { deep: undefined as unknown },
    states: {
      open: { on: { ADD: { target: 'full', actions: assign({ deep: () => ({ item: value() }) }) } } },
      full: {},
    },
  })

describe('a context that cannot be told from any other', () => {
  class Money {
    readonly #cents = 5
    get cents() {
      return this.#cents
    }
  }
  const cycle: Record<string, unknown> = {}
  cycle['self'] = cycle

  test.each([
    ['an instance of a class', () => new Money(), 'has a Money'],
    ['a function', () => () => 1, 'has a function'],
    ['a symbol', () => Symbol('x'), 'has a symbol'],
    ['a cycle', () => cycle, 'has what contains itself, or is nested more than 100 deep.'],
  ])('%s: machine, state and path are named', async (_, value, what) => {
    const message = await told(after(value))
    expect(message).toContain(`cart in state "full" ${what}`)
    expect(message).toContain('deep.item')
  })
})

const clock = Date

test.each([
  ['the clock', () => clock.now()],
  ['a new date', () => new Date()],
  ['a date in words', () => Date()],
  ['dice', () => Math.random()],
  ['a new identifier', () => crypto.randomUUID()],
])('%s must come with an event', async (_, value) => {
  expect(await told(after(value))).toContain('A guard, an assign or a value of the machine uses')
})

test('what changes from one time to the next is found out', async () => {
  let count = 0
  expect(await told(after(() => count++))).toContain('The model is not deterministic')
})

describe('a guard that answers with a promise is refused, with its state and what led to it', () => {
  const later = ((): unknown => Promise.resolve(false)) as never
  const given = (guard: unknown, more: object = {}) =>
    setup({
      guards: { isPaid: later, isOpen: () => true, isBoth: and(['isOpen', 'isPaid'] as never) },
    } as never).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: { guard, target: 'b' } } }, b: {} },
      ...more,
    } as never) as unknown as AnyActorLogic

  test('as soon as it is read, where it says that it is async', async () => {
    const message = await told(given(async () => false))
    expect(message).toContain('A guard in m.a answers with a promise.')
    expect(message).toContain('on GO')
    expect(message).toContain('Invoke a promise, and guard the transition that takes its answer.')
  })

  test.each<[string, unknown, string]>([
    ['written there', later, '.'],
    ['by its name', 'isPaid', ': isPaid.'],
    ['by its name, with parameters', { type: 'isPaid', params: () => ({ by: 1 }) }, ': isPaid.'],
    ['made of others', and(['isOpen', 'isPaid'] as never), ': isPaid.'],
    ['made of others under one name', 'isBoth', ': isPaid.'],
  ])('as soon as it lets somebody through: %s', async (_, guard, name) => {
    const machine = given(guard)
    const parent = setup({ actors: { machine } } as never).createMachine({
      id: 'p',
      on: { GO: { actions: sendTo('c', { type: 'GO' }) } },
      invoke: { src: 'machine', id: 'c' },
    } as never) as unknown as AnyActorLogic
    for (const [logic, outside] of [
      [machine, {}],
      [machine, { clock: 'any' }],
      [parent, {}],
      [parent, { semantics: 'network' }],
    ] as [AnyActorLogic, Outside][])
      expect(await told(logic, outside)).toContain(`A guard in m.a answers with a promise${name}\n\n  where    on GO`)
  })

  test.each<[string, unknown, string]>([
    ['a function', not(later), '.'],
    ['a name', not('isPaid' as never), ': isPaid.'],
    ['a name of what is made of others', and(['isOpen', not('isBoth' as never)] as never), ': isPaid.'],
  ])('where a not lets nobody through for it: %s', async (_, guard, name) => {
    const machine = given(guard)
    const parent = setup({ actors: { machine } } as never).createMachine({
      id: 'p',
      on: { GO: { actions: sendTo('c', { type: 'GO' }) } },
      invoke: { src: 'machine', id: 'c' },
    } as never) as unknown as AnyActorLogic
    for (const logic of [machine, parent])
      expect(await told(logic)).toContain(`A guard in m.a answers with a promise${name}\n\n  where    on GO`)
  })

  test('of an eventless transition, too', async () => {
    const machine = given(() => true, {
      states: { a: { on: { GO: 'b' } }, b: { always: { guard: later, target: 'a' } } },
    })
    expect(await told(machine)).toContain('A guard in m.b answers with a promise.\n\n  where    on always')
  })

  test('and one that does not is none, whatever else it is made of', async () => {
    expect((await explore(given(and([() => true, not(() => false)])))).findings).toEqual([])
  })
})

test.each([
  ['delay', { after: { lng: {} } }, 'm.a speaks of a delay that is not there: lng.'],
  ['guard', { on: { GO: { guard: 'isOpen' } } }, 'm.a speaks of a guard that is not there: isOpen.'],
  [
    'guard',
    { on: { GO: { guard: and([() => true, not('isOpen')]) } } },
    'm.a speaks of a guard that is not there: isOpen.',
  ],
  ['actor', { invoke: { src: 'ask' } }, 'm.a speaks of an actor that is not there: ask.'],
])('a name that leads nowhere: of a %s', async (_, a, message) => {
  const machine = setup({}).createMachine({ id: 'm', initial: 'a', states: { a } } as never)
  expect(await told(machine)).toContain(message)
})

test('an action that nobody has given is told, and given it is not', async () => {
  const machine = setup({}).createMachine({
    id: 'm',
    initial: 'a',
    states: {
      a: { entry: 'greet', on: { GO: { target: 'b', actions: [{ type: 'count', params: { by: 1 } }, () => {}] } } },
      b: { always: { target: 'c', actions: 'count' } },
      c: { exit: 'leave' },
    },
  } as never)
  const of = (name: string) =>
    `m calls an action that nobody has given: ${name}. If it assigns or sends anything: machine.provide({ actions: { ${name}: … } }).`
  expect((await explore(machine)).remarks).toEqual([of('greet'), of('count'), of('leave')])
  const given = machine.provide({ actions: { greet: () => {}, count: () => {}, leave: () => {} } } as never)
  expect((await explore(given)).remarks).toEqual([])
})

test('what a callback may send only its author knows', async () => {
  const machine = setup({ actors: { line: fromCallback(() => {}) } }).createMachine({
    id: 'm',
    invoke: { src: 'line' },
  })
  expect(await told(machine)).toContain('Nobody has said what line may send.')
  expect(await told(machine)).toContain('system(machine, { answers: { "line"')
})

describe('a name that nobody has is refused at its place, with what was meant:', () => {
  const line = fromCallback(() => {})
  const machine = (more: object = {}) =>
    setup({
      actors: { charge: fromPromise(async () => 1), line, clerk: setup({}).createMachine({ on: { ASK: {} } }) },
      actions: { count: () => {} },
    }).createMachine({
      id: 'shop',
      invoke: [
        { src: 'charge', id: 'paying', onDone: {}, onError: {} },
        { src: 'line', systemId: 'phone' },
        { src: 'clerk', id: 'anna' },
      ],
      on: { PAY: { actions: ['count', sendTo('anna', { type: 'TOLD' })] }, 'mouse.*': {} },
      ...more,
    } as never)
  const quiet = { answers: { line: {} } }

  test.each<[string, object, string, string?]>([
    [
      'a source',
      { answers: { chrage: {} } },
      'answers.chrage is the name of no actor. Did you mean "charge"?',
      'charge, line, paying, phone',
    ],
    [
      'a field of answers',
      { answers: { line: { snds: [] } } },
      'answers.line.snds is not known. Did you mean "sends"?',
    ],
    [
      'an answer that a promise does not give',
      { answers: { charge: { sends: ['PAY'] } } },
      'answers.charge.sends is not what a promise answers with.',
      'resolves, rejects',
    ],
    [
      'an answer of a machine',
      { answers: { anna: { resolves: [1] } } },
      'answers.anna.resolves is not what a machine answers with.',
      'no answers: it is run itself',
    ],
    [
      'an event',
      { ...quiet, events: ['PYA'] },
      'events[0] "PYA" is an event that shop handles in no state. Did you mean "PAY"?',
      'PAY, mouse.*',
    ],
    [
      'an event with values',
      { ...quiet, events: ['PAY', { send: { type: 'PYA', n: 1 } }] },
      'events[1] "PYA" is an event that shop',
    ],
    [
      'an event of another',
      { ...quiet, events: [{ send: 'PAY', to: 'anna' }] },
      'events[0] "PAY" is an event that anna handles in no state',
      'ASK',
    ],
    [
      'a field of an event that is sent',
      { ...quiet, events: [{ send: 'PAY', time: 1 }] },
      'events[0].time is not known. Did you mean "times"?',
    ],
    [
      'how often',
      { ...quiet, events: [{ send: 'PAY', times: -1 }] },
      'events[0].times cannot be -1',
      'a whole number of 0 or more',
    ],
    ['an event without a name', { ...quiet, events: [{ type: 5 }] }, 'events[0] cannot be { type: 5 }'],
    [
      'whom it is for',
      { ...quiet, events: [{ send: 'ASK', to: 'ana' }] },
      'events[0].to "ana" is the name of no actor. Did you mean "anna"?',
    ],
    [
      'whom a lane is of',
      { ...quiet, semantics: 'network', lanes: [{ to: 'ana' }] },
      'lanes[0].to "ana" is the name of no actor. Did you mean "anna"?',
    ],
    [
      'how often a lane loses',
      { ...quiet, semantics: 'network', lanes: [{ loses: 0 }] },
      'lanes[0].loses cannot be 0',
      'true, or a whole number of 1 or more',
    ],
    [
      'lanes in one process',
      { ...quiet, lanes: [{ loses: 1 }] },
      'lanes has no meaning in one process.',
      "semantics: 'network'",
    ],
    ['a semantics', { ...quiet, semantics: 'netwrok' }, 'semantics cannot be "netwrok". Did you mean "network"?'],
    [
      'an action',
      { ...quiet, pure: ['cuont'] },
      'pure[0] "cuont" is the name of no action. Did you mean "count"?',
      'count',
    ],
    [
      'what is ignored',
      { ...quiet, ignores: ['PYA'] },
      'ignores[0] "PYA" is an event that nobody handles or sends. Did you mean "PAY"?',
    ],
    [
      'what is never lost',
      { ...quiet, properties: [neverLost('PYA')] },
      'neverLost() cannot be given "PYA": nobody handles or sends it. Did you mean "PAY"?',
    ],
  ])('%s', async (_, outside, message, expected = '') => {
    const said = await told(machine(), outside)
    expect(said).toContain(message)
    expect(said).toContain(`expected ${expected}`)
  })

  test('what is sent, or falls under a wildcard, is there', async () => {
    const { exhaustive } = await explore(
      system(machine(), {
        events: ['PAY', 'mouse.down', { send: 'ASK', to: 'shop/anna' }, { send: 'ASK', to: 'anna#1' }],
        answers: { phone: {}, paying: { resolves: [1] } },
        ignores: ['TOLD', 'mouse.*'],
      }),
    )
    expect(exhaustive).toBe(true)
  })

  test('where a function spawns, names are its own', async () => {
    const spawning = machine({
      context: ({ spawn }: { spawn: (logic: unknown, options: object) => unknown }) => ({
        it: spawn(line, { id: 'extra' }),
      }),
    })
    const { exhaustive } = await explore(system(spawning, { answers: { line: {}, extra: {} }, events: [] }))
    expect(exhaustive).toBe(true)
  })
})

test.each<[string, (w: ActorsView) => boolean, string]>([
  ['a state', (w) => !w.root.matches('payd'), 'asks for a state that till does not have: "payd". Did you mean "paid"?'],
  [
    'a state inside',
    (w) => !w.root.matches({ open: 'buzy' }),
    'asks for a state that till does not have: "open.buzy". Did you mean "open.busy"?',
  ],
  ['a state in dots', (w) => !w.root.matches('open.buzy'), 'asks for a state that till does not have: "open.buzy".'],
  ['a tag', (w) => !w.root.hasTag('loading'), 'asks for a tag that till does not have: "loading".'],
])('%s that no machine has is no claim', async (_, holds, message) => {
  const till = setup({}).createMachine({
    id: 'till',
    initial: 'open',
    states: {
      open: {
        initial: 'idle',
        states: { idle: { on: { GO: 'busy' } }, busy: { tags: 'slow', on: { PAY: '#till.paid' } } },
      },
      paid: { type: 'final' },
    },
  })
  expect(await told(till, { properties: [always('never', holds)] })).toContain(message)
  const fine = (w: ActorsView) => !w.root.matches('open') || !w.root.matches({ open: 'busy' }) || w.root.hasTag('slow')
  expect((await explore(system(till, { properties: [always('fine', fine)] }))).properties[0]!.verdict).toBe('holds')
})

test('events that may go unhandled may be named by a wildcard', async () => {
  const child = setup({}).createMachine({ id: 'child' })
  const parent = setup({ actors: { child } }).createMachine({
    id: 'parent',
    invoke: { src: 'child', id: 'c' },
    on: { GO: { actions: sendTo('c', { type: 'log.told' }) } },
  })
  expect((await explore(parent)).findings).toHaveLength(1)
  expect((await explore(system(parent, { ignores: ['log.*'] }))).findings).toEqual([])
})

test('a machine that lacks its input fails at the start, and the report says what it may lack', async () => {
  const machine = setup({
    types: { input: {} as { n: number }, context: {} as { n: number } },
  }).createMachine({ id: 'needs', context: ({ input }) => ({ n: input.n }), on: { GO: {} } })
  const { findings, remarks } = await explore(machine)
  expect(findings.map(({ title }) => title)).toEqual([expect.stringContaining('uncaught TypeError: Cannot read')])
  expect(remarks).toEqual([
    'needs fails at the start, and was given no input. If it needs one: system(machine, { input: … }).',
  ])
  expect((await explore(system(machine, { input: { n: 1 } }))).states).toBe(1)
})

test('what is no machine, and what is no such option', async () => {
  expect(await told(undefined as never)).toContain('system() is given no machine.')
  const machine = setup({}).createMachine({ id: 'm' })
  const slips = [createActor(machine), createActor(machine).getSnapshot(), Promise.resolve(machine), () => machine]
  const said = await Promise.all([...slips, { states: {} }, 5].map((each) => told(each as never)))
  expect(said.map((each) => /^system\(\) is given no machine: (.*)\.\n/.exec(each)?.[1])).toEqual([
    ...['an actor', 'a snapshot', 'a promise', 'a function', 'the configuration of one', '5'],
  ])
  expect(said[2]).toContain('system(await …)')
  await expect(explore(system(system(machine) as never))).rejects.toThrow('no machine: a system.')
  expect(
    await told(
      after(() => 1),
      { evnts: [] } as never,
    ),
  ).toContain('evnts')
})

test('a promise is answered though nobody has said how', async () => {
  const machine = setup({ actors: { ask: fromPromise(async () => 1) } }).createMachine({
    id: 'm',
    initial: 'a',
    states: { a: { invoke: { src: 'ask', onDone: 'b', onError: 'c' } }, b: {}, c: {} },
  })
  const { states, coverage } = await explore(machine)
  expect(states).toBe(3)
  expect(coverage[0]!.unreached).toEqual([])
})

describe('an action that is said to be pure and is not is the fault of the machine', () => {
  const given = (listen: (self: any) => void, outside: Outside = {}) => {
    const child = setup({}).createMachine({ id: 'child', on: { T: { actions: emit({ type: 'tick' }) } } })
    const app = setup({ actors: { child }, actions: { listen: ({ self }) => listen(self) } }).createMachine({
      id: 'app',
      invoke: { src: 'child', id: 'child' },
      initial: 'deaf',
      states: { deaf: { on: { LISTEN: { target: 'hears', actions: 'listen' } } }, hears: { on: { HEARD: {} } } },
    })
    return told(app, {
      events: ['LISTEN', { send: 'T', to: 'child' }],
      ...{ pure: ['listen'], ignores: ['LISTEN', 'HEARD'], ...outside },
    })
  }
  const childOf = (self: any) => self.getSnapshot().children.child

  test.each<[string, (self: any) => void]>([
    ['on', (self) => childOf(self).on('tick', () => self.send({ type: 'HEARD' }))],
    ['on', (self) => childOf(self).on('*', () => self.send({ type: 'HEARD' }))],
    ['subscribe', (self) => childOf(self).subscribe(() => self.send({ type: 'HEARD' }))],
  ])('it listens: %s', async (what, listen) => {
    for (const outside of [{}, { semantics: 'network' }] as Outside[]) {
      const message = await given(listen, outside)
      expect(message).toContain(`The action listen of app listens to child: \`.${what}(…)\`.`)
      expect(message).toContain('Let child send what is to be heard: sendParent({ type: … }) beside emit(…).')
    }
  })

  test('so does a function of an assign, which has no name', async () => {
    const child = setup({}).createMachine({ id: 'child' })
    const app = setup({ actors: { child } }).createMachine({
      ...{ id: 'app', context: { n: 0 }, invoke: { src: 'child', id: 'child' } },
      on: { GO: { actions: assign(({ self }) => (childOf(self).on('*', () => {}), { n: 1 })) } },
    })
    expect(await told(app)).toContain('A context, a guard or an assign listens to child')
  })

  test('it keeps something for each actor', async () => {
    const marked = new WeakSet()
    const child = setup({}).createMachine({ id: 'child' })
    const app = setup({
      actors: { child },
      actions: {
        mark: ({ self }) => void marked.add(self),
        ask: ({ self }) => (marked.has(self) ? self.send({ type: 'HEARD' }) : undefined),
      },
    }).createMachine({
      id: 'app',
      invoke: { src: 'child', id: 'child' },
      initial: 'a',
      states: {
        a: { on: { X: 'b', MARK: { target: 'b', actions: 'mark' }, Z: 'b' } },
        b: { on: { ASK: { actions: 'ask' }, HEARD: 'c' } },
        c: {},
      },
    })
    const message = await told(app, { events: ['X', 'MARK', 'Z', 'ASK'], pure: ['mark', 'ask'] })
    expect(message).toContain('The model is not deterministic')
  })
})

describe('a claim about a name that nobody can have is no claim', () => {
  const load = fromPromise(async () => 1)
  const named = setup({ actors: { load } }).createMachine({
    id: 'shop',
    invoke: { src: 'load', id: 'loading', systemId: 'loader' },
    on: { GO: { actions: emit({ type: 'tick' }) } },
  })

  test.each<[string, (w: ActorsView) => boolean, string]>([
    ['an event', (w) => !w.emitted('tikc'), 'asks for an event that nobody emits: "tikc". Did you mean "tick"?'],
    ['an actor', (w) => !w.actor('laoder'), 'of a name that none has: "laoder". Did you mean "loader"?'],
    ['actors', (w) => w.actors('laod').length === 0, 'of a name that none has: "laod". Did you mean "load"?'],
  ])('%s', async (_, holds, message) => {
    expect(await told(named, { properties: [always('never', holds)] })).toContain(message)
  })

  test('an actor is asked for by id, systemId, src and as a report has it; and an event before it is emitted', async () => {
    const fine = (w: ActorsView) =>
      ['loading', 'loader', 'load', 'shop', 'loading#2', 'shop/loading'].map((name) => w.actor(name)).length === 6 &&
      w.actors('load').length < 2 &&
      [w.emitted('tick')].length === 1
    const { properties, remarks } = await explore(
      system(named, { answers: { load: {} }, properties: [always('fine', fine)] }),
    )
    expect(properties[0]!.verdict).toBe('holds')
    expect(remarks).toEqual([])
  })

  test('where functions make names, the report says that nobody had it', async () => {
    const child = setup({}).createMachine({ id: 'child' })
    const machine = setup({ actors: { child } }).createMachine({
      id: 'm',
      context: { it: undefined as unknown },
      initial: 'a',
      states: {
        a: {
          on: {
            GO: {
              target: 'b',
              actions: [
                assign({ it: ({ spawn }) => spawn('child', { id: 'kid' }) }),
                emit(({ event }) => ({ type: `was.${event.type}` })),
              ],
            },
          },
        },
        b: {},
      },
    })
    const asks = (actor: string, type: string) =>
      always('asks', (w: ActorsView) => [w.actor(actor), w.emitted(type)].length === 2)
    const remarksOf = async (actor: string, type: string) =>
      (await explore(system(machine, { properties: [asks(actor, type)] }))).remarks
    expect(await remarksOf('kid', 'was.GO')).toEqual([])
    expect(await remarksOf('kdi', 'was.OG')).toEqual([
      'A property asks for the actor kdi: whenever it did, there was none.',
      'A property asks whether was.OG was emitted: whenever it did, it was not.',
    ])
  })
})
