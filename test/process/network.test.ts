/** Actors that live apart: what one sends another is on its way for a while, and may meet with a mishap where that is allowed. */
import { describe, expect, test } from 'vitest'
import { assign, fromPromise, sendParent, sendTo, setup, type AnyActorLogic } from 'xstate'
import { always, explore, neverLost, sometimes, system, type Outside } from '../../process/index.ts'

const found = async (logic: AnyActorLogic, outside: Outside = {}) => {
  const report = await explore(system(logic, outside))
  expect(report.exhaustive).toBe(true)
  return report.findings.map(({ kind, title, depth }) => `${kind} @${depth} ${title}`)
}

/** Tells its parent of each of two events in the state in which it hears it. */
const scribe = setup({}).createMachine({
  id: 'scribe',
  context: { heard: '' },
  on: {
    A: { actions: assign({ heard: ({ context }) => `${context.heard}a`.slice(-4) }) },
    B: { actions: assign({ heard: ({ context }) => `${context.heard}b`.slice(-4) }) },
  },
})

/** Sends both, once. */
const writer = setup({ actors: { scribe } }).createMachine({
  id: 'writer',
  initial: 'idle',
  invoke: { src: 'scribe', id: 's' },
  states: {
    idle: { on: { GO: { target: 'sent', actions: [sendTo('s', { type: 'A' }), sendTo('s', { type: 'B' })] } } },
    sent: {},
  },
})

/** All that the scribe may have heard in the end. */
const heard = async (outside: Outside): Promise<readonly string[]> => {
  const all = new Set<string>()
  const report = await explore(system(writer, { events: [{ send: 'GO', times: 1 }], ignores: ['GO'], ...outside }), [
    always('looked at', (w) => {
      all.add(String(w.actor('s')!.context.heard))
      return true
    }),
  ])
  expect(report.exhaustive).toBe(true)
  expect(report.findings).toEqual([])
  return [...all].toSorted()
}

describe('on one lane', () => {
  const network = { semantics: 'network' } as const

  test('under process both are heard within the step', async () => {
    expect(await heard({})).toEqual(['', 'ab'])
  })

  test('events arrive one by one, in the order in which they were sent', async () => {
    expect(await heard(network)).toEqual(['', 'a', 'ab'])
  })

  test('they overtake each other where that is allowed', async () => {
    expect(await heard({ ...network, lanes: [{ reorders: true }] })).toEqual(['', 'a', 'ab', 'b', 'ba'])
    expect(await heard({ ...network, lanes: [{ from: 's', reorders: true }] })).toEqual(['', 'a', 'ab'])
  })

  test('they are lost where that is allowed, and so often', async () => {
    const to = 's'
    expect(await heard({ ...network, lanes: [{ from: 'writer', to, loses: 1 }] })).toEqual(['', 'a', 'ab', 'b'])
    expect(await heard({ ...network, lanes: [{ to, loses: true }] })).toEqual(['', 'a', 'ab', 'b'])
  })

  test('they arrive twice where that is allowed, and so often', async () => {
    expect(await heard({ ...network, lanes: [{ doubles: 1 }] })).toEqual(['', 'a', 'aa', 'aab', 'ab', 'abb'])
  })

  test('what is lost is lost to neverLost, too', async () => {
    const outside: Outside = { events: [{ send: 'GO', times: 1 }], ...network, lanes: [{ loses: 1 }] }
    const { properties } = await explore(system(writer, outside), [neverLost('A')])
    expect(properties[0]).toMatchObject({ verdict: 'violated', depth: 2 })
  })
})

/** Two servers answer a client, who takes the first answer for the cheap one. */
const server = (type: string) =>
  setup({}).createMachine({ id: 'server', on: { ASK: { actions: sendParent({ type }) } } })
const client = setup({ actors: { near: server('NEAR'), far: server('FAR') } }).createMachine({
  id: 'client',
  initial: 'idle',
  invoke: [
    { src: 'near', id: 'near' },
    { src: 'far', id: 'far' },
  ],
  states: {
    idle: {
      on: { ASK: { target: 'asking', actions: [sendTo('near', { type: 'ASK' }), sendTo('far', { type: 'ASK' })] } },
    },
    asking: { on: { NEAR: 'cheap', FAR: 'dear' } },
    cheap: {},
    dear: {},
  },
  on: { NEAR: {}, FAR: {} },
})
const never = always('never dear', (w) => !w.root.matches('dear'))

describe('between lanes', () => {
  test('any order is possible: the claim that holds under process breaks, and it is said that it holds there', async () => {
    const outside: Outside = { events: ['ASK'], properties: [never] }
    expect((await explore(system(client, outside))).properties[0]!.verdict).toBe('holds')
    const { properties, remarks, exhaustive } = await explore(system(client, { ...outside, semantics: 'network' }))
    expect(exhaustive).toBe(true)
    expect(properties[0]).toMatchObject({ verdict: 'violated', depth: 3 })
    expect(remarks).toEqual([
      'Only under network: never dear. Under process, of which every state was seen (2), there is no such run.',
    ])
  })

  test('what breaks under process, too, is called so', async () => {
    const outside: Outside = { events: ['ASK'], properties: [always('never asked', (w) => w.root.matches('idle'))] }
    const { remarks } = await explore(system(client, { ...outside, semantics: 'network' }))
    expect(remarks).toEqual(['Under process, too: never asked.'])
  })
})

describe('a child that is stopped', () => {
  const worker = setup({}).createMachine({
    id: 'worker',
    initial: 'on',
    states: { on: { after: { 10: 'over' } }, over: { type: 'final', entry: sendParent({ type: 'RESULT' }) } },
  })
  const boss = setup({ actors: { worker } }).createMachine({
    id: 'boss',
    initial: 'idle',
    states: {
      idle: { on: { GO: 'busy' } },
      busy: { invoke: { src: 'worker', id: 'w', onDone: 'idle' }, on: { CANCEL: 'idle', RESULT: {} } },
    },
  })
  const outside: Outside = { events: ['GO', { send: 'CANCEL', times: 1 }], ignores: ['GO', 'CANCEL'] }

  test('stops at once under process', async () => {
    expect(await found(boss, outside)).toEqual([])
  })

  test('goes on until word of it comes: what it says meanwhile finds nobody, or another life of who asked', async () => {
    expect(await found(boss, { ...outside, semantics: 'network' })).toEqual([
      'unhandled @4 RESULT is not handled: boss in idle',
      'unhandled @5 done of w is not handled: boss in idle',
      'former-life @6 former life: boss takes the answer of an earlier w in busy',
    ])
  })

  test('goes on for ever when word of it is lost', async () => {
    const lanes = [{ from: 'boss', loses: 1 }]
    const still = setup({}).createMachine({ id: 'still', on: { PING: {} } })
    const keeper = setup({ actors: { still } }).createMachine({
      id: 'boss',
      initial: 'busy',
      states: { busy: { invoke: { src: 'still', id: 'w' }, on: { CANCEL: 'idle' } }, idle: {} },
    })
    expect(
      await found(keeper, { ...outside, events: ['CANCEL'], ignores: ['CANCEL'], semantics: 'network', lanes }),
    ).toEqual(['orphan @2 orphan: the id w was used again by boss, and who had it before goes on'])
  })
})

test('what two say to each other more and more often is growth, and told', async () => {
  const echo = setup({}).createMachine({
    id: 'echo',
    on: { PING: { actions: [sendParent({ type: 'PONG' }), sendParent({ type: 'PONG' })] } },
  })
  const caller = setup({ actors: { echo } }).createMachine({
    id: 'caller',
    invoke: { src: 'echo', id: 'e' },
    on: { GO: { actions: sendTo('e', { type: 'PING' }) }, PONG: { actions: sendTo('e', { type: 'PING' }) } },
  })
  const report = await explore(system(caller, { semantics: 'network', events: [{ send: 'GO', times: 1 }] }))
  expect(report.exhaustive).toBe(true)
  expect(report.findings.map(({ title }) => title)).toEqual([
    'growth: more than 20 events are on their way from e to caller',
    'growth: more than 20 events are on their way from caller to e',
  ])
})

test('promises live with who asked: their answer is not on its way', async () => {
  const asker = setup({ actors: { ask: fromPromise(async () => 1) } }).createMachine({
    id: 'asker',
    initial: 'asking',
    states: { asking: { invoke: { src: 'ask', onDone: 'over', onError: 'over' }, on: { LEAVE: 'over' } }, over: {} },
  })
  const { states, findings } = await explore(system(asker, { semantics: 'network', ignores: ['LEAVE'] }))
  expect({ states, findings }).toEqual({ states: 2, findings: [] })
})

test('while lanes are full nothing comes from outside, and that is said', async () => {
  const chatter = setup({ actors: { scribe } }).createMachine({
    id: 'chatter',
    invoke: { src: 'scribe', id: 's' },
    on: { SAY: { actions: sendTo('s', { type: 'A' }) } },
  })
  const report = await explore(system(chatter, { semantics: 'network', inFlight: 2 }), [
    sometimes('all heard', (w) => w.actor('s')!.context.heard === 'aaaa'),
  ])
  expect(report.exhaustive).toBe(true)
  expect(report.states).toBe(15)
  expect(report.remarks).toEqual([
    'Nothing was let in from outside while 2 events were on their way on one lane (inFlight).',
  ])
})
