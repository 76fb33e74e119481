/** Every step that is new to an actor is compared with actors that nobody holds on to; here they are others, and it is told. */
import { expect, test } from 'vitest'
import { assign, emit, sendParent, sendTo, setup } from 'xstate'
import { Judge } from '../../process/judge.ts'
import { explore, system, type Outside } from '../../process/index.ts'
import { Process } from '../../process/process.ts'
import type { State } from '../../process/state.ts'

/** A worker that counts, behind a boss; `twist` is what the worker does at its 300th event, long after the first steps. */
const counting = (twist: object) => {
  const worker = setup({}).createMachine({
    id: 'worker',
    context: { n: 0 },
    on: {
      TICK: [
        { guard: ({ context }) => context.n === 300, ...twist },
        { actions: assign({ n: ({ context }) => context.n + 1 }) },
      ],
    },
  })
  return setup({ actors: { worker } }).createMachine({
    id: 'boss',
    invoke: { src: 'worker', id: 'w' },
    on: { GO: { actions: sendTo('w', { type: 'TICK' }) }, SAID: {} },
  })
}

/** One way through, judged by actors of another logic. */
const judged = (
  of: ReturnType<typeof counting>,
  by: ReturnType<typeof counting>,
  steps: number,
  outside: Outside = {},
): void => {
  const process = new Process(of)
  const judge = new Judge(process, by, outside)
  const coming = { from: 'user', type: 'GO' }
  let { state }: { state: State } = process.begun
  for (let step = 0; step < steps; step++) {
    const taken = process.take(state, coming)!
    judge.hear(state, coming, taken)
    state = taken.state
  }
}

const plain = { actions: assign({ n: 0 }) }

test('what is the same is accepted', () => {
  expect(() => judged(counting(plain), counting(plain), 310)).not.toThrow()
})

test.each([
  ['another context', { actions: assign({ n: 1 }) }],
  ['one event more', { actions: [assign({ n: 0 }), sendParent({ type: 'SAID' })] }],
  ['one that is emitted', { actions: [assign({ n: 0 }), emit({ type: 'said' })] }],
  ['another number for none', { actions: assign({ n: -0 }) }],
])('a difference in the 301st step is seen: %s', (_, twist) => {
  judged(counting(plain), counting(twist), 300)
  expect(() => judged(counting(plain), counting(twist), 301)).toThrow('XState comes to something else than relock does')
})

test('where actions are run that are said to be pure, they are the first to be looked at', () => {
  const twist = counting({ actions: assign({ n: 1 }) })
  expect(() => judged(counting(plain), twist, 301, { pure: ['mark', 'ask'] })).toThrow(
    /^The model is not deterministic: a step comes to something else.*pure +mark, ask/s,
  )
})

test('a context that is changed in place is the fault of the machine, and told so', async () => {
  const machine = setup({}).createMachine({
    id: 'list',
    context: { items: [] as number[] },
    on: {
      ADD: {
        guard: ({ context }) => context.items.length < 3,
        actions: assign(({ context }) => {
          context.items.push(1)
          return { items: context.items }
        }),
      },
    },
  })
  await expect(explore(machine)).rejects.toThrow(
    /not deterministic(.|\n)*step +user ADD(.|\n)*a context that is changed in place/,
  )
})

test('where a context grows without end, what a step costs does not grow with it', async () => {
  let calls = 0
  const count = ({ context }: { context: { n: number } }): number => {
    calls++
    return context.n + 1
  }
  // Two ways on from everywhere, of which a witness can go one only: apart, who comes by another way may be somebody else.
  const worker = setup({}).createMachine({
    id: 'worker',
    context: { n: 0 },
    on: { TICK: { actions: assign({ n: count }) }, TOCK: { actions: assign({ n: count }) } },
  })
  const boss = setup({ actors: { worker } }).createMachine({
    id: 'boss',
    invoke: { src: 'worker', id: 'w' },
    on: { A: { actions: sendTo('w', { type: 'TICK' }) }, B: { actions: sendTo('w', { type: 'TOCK' }) } },
  })
  const { states } = await explore(system(boss, { semantics: 'network', inFlight: 1 }), [], { within: { states: 900 } })
  expect(states).toBeGreaterThan(899)
  // All the way to each of them it would be 90,748.
  expect(calls).toBeLessThan(30_000)
})
