/** What does not fit is told with its place, and with what to do. */
import { assign, fromCallback, fromPromise, setup, type AnyActorLogic } from 'xstate'
import { describe, expect, test } from 'vitest'
import { explore, system, type Outside } from '../../process/index.ts'

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
    ['a cycle', () => cycle, 'has a cycle, or as bad'],
  ])('%s: machine, state and path are named', async (_, value, what) => {
    const message = await told(after(value))
    expect(message).toContain(`cart in state "full" ${what}`)
    expect(message).toContain('deep.item')
  })
})

const clock = Date

test.each([
  ['the clock', () => clock.now()],
  ['dice', () => Math.random()],
  ['a new identifier', () => crypto.randomUUID()],
])('%s must come with an event', async (_, value) => {
  expect(await told(after(value))).toContain('A guard, an assign or a value of the machine uses')
})

test('what changes from one time to the next is found out', async () => {
  let count = 0
  expect(await told(after(() => count++))).toContain('The model is not deterministic')
})

test('an async guard is always true, and refused', async () => {
  const machine = setup({ guards: { isPaid: (async () => false) as never } }).createMachine({
    id: 'm',
    on: { GO: { guard: 'isPaid' } },
  } as never)
  expect(await told(machine)).toContain('A guard in m is async: isPaid.')
})

test.each([
  ['delay', { after: { lng: {} } }, 'm.a speaks of a delay that is not there: lng.'],
  ['guard', { on: { GO: { guard: 'isOpen' } } }, 'm.a speaks of a guard that is not there: isOpen.'],
  ['actor', { invoke: { src: 'ask' } }, 'm.a speaks of an actor that is not there: ask.'],
])('a name that leads nowhere: of a %s', async (_, a, message) => {
  const machine = setup({}).createMachine({ id: 'm', initial: 'a', states: { a } } as never)
  expect(await told(machine)).toContain(message)
})

test('what a callback may send only its author knows', async () => {
  const machine = setup({ actors: { line: fromCallback(() => {}) } }).createMachine({
    id: 'm',
    invoke: { src: 'line' },
  })
  expect(await told(machine)).toContain('Nobody has said what line may send.')
  expect(await told(machine)).toContain('system(machine, { answers: { "line"')
})

test('what is no machine, and what is no such option', async () => {
  expect(await told(undefined as never)).toContain('system() is given no machine.')
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
