/** Systems put together by chance: a root with states that invoke, spawn, send, raise, wait and go elsewhere, and children that answer. */
import {
  assign,
  cancel,
  emit,
  enqueueActions,
  raise,
  sendParent,
  setup,
  spawnChild,
  stopChild,
  type AnyActorLogic,
} from 'xstate'
import { dice, type Dice } from '../../streams/dice.ts'
import type { Bodies } from './bodies.ts'
import type { Compared } from './real.ts'

const pick = <T>(random: Dice, list: readonly T[]): T => list[random(list.length)]!

const counted = assign({ n: ({ context }: { context: { n: number } }) => (context.n + 1) % 3 })

/** To a child that may or may not be there. */
const toChild = (id: string, type: string) =>
  enqueueActions(({ enqueue, context, self }) => {
    const { children } = self.getSnapshot() as { children: Record<string, unknown> }
    if (children[id]) enqueue.sendTo(id, { type, n: (context as { n: number }).n })
  })

const childOf = (random: Dice): AnyActorLogic => {
  const transition = (targets: readonly string[]) => ({
    ...(random(3) > 0 && { target: pick(random, targets) }),
    actions: pick(random, [
      [sendParent({ type: 'N1' })],
      [counted, sendParent({ type: 'N2' })],
      [sendParent({ type: 'N1' }), sendParent({ type: 'N2' })],
      [counted],
    ]),
  })
  return setup({}).createMachine({
    id: 'child',
    context: { n: 0 },
    initial: 'p',
    states: {
      p: { on: { X: transition(['q', 'r']), Y: transition(['p']) }, after: { [pick(random, [10, 20])]: 'q' } },
      q: { entry: random(2) ? [sendParent({ type: 'N1' })] : [], on: { X: transition(['p']), Y: transition(['r']) } },
      r: { type: 'final' },
    },
    output: 'over',
  } as never)
}

const rootOf = (random: Dice, { promise, callback }: Bodies): AnyActorLogic => {
  const names = ['a', 'b', 'c', 'd']
  const actions = (): unknown[] =>
    Array.from({ length: random(3) }, () =>
      pick(random, [
        counted,
        toChild('c', 'X'),
        toChild('w', 'Y'),
        raise({ type: 'R' }),
        raise({ type: 'R' }, { delay: 15, id: 'bell' }),
        cancel('bell'),
        emit({ type: 'said' }),
        spawnChild('child', { id: 'w' }),
        stopChild('w'),
      ]),
    )
  const transition = (): object => ({
    ...(random(4) > 0 && { target: `#root.${pick(random, names)}` }),
    ...(random(5) === 0 && { guard: ({ context }: { context: { n: number } }) => context.n === 0 }),
    actions: actions(),
  })
  const handled = (types: readonly string[]): object =>
    Object.fromEntries(types.filter(() => random(2) > 0).map((type) => [type, transition()]))
  const invoked = (): readonly object[] =>
    [
      { src: 'child', id: 'c', onDone: transition() },
      { src: 'promise', id: 'p', onDone: transition(), ...(random(2) > 0 && { onError: transition() }) },
      { src: 'callback', id: 'k' },
    ].filter(() => random(3) === 0)
  const state = (at: number): object => ({
    entry: actions(),
    exit: random(3) === 0 ? actions() : [],
    invoke: invoked(),
    on: handled(['A', 'B', 'N1', 'N2', 'R', 'K']),
    ...(random(3) === 0 && { after: { [pick(random, [10, 20, 30])]: transition() } }),
    // Only forwards, so that it comes to an end.
    ...(at < names.length - 1 &&
      random(4) === 0 && {
        always: {
          guard: ({ context }: { context: { n: number } }) => context.n === 2,
          target: `#root.${names[at + 1]}`,
        },
      }),
    ...(random(4) === 0 && {
      type: 'parallel',
      states: {
        one: { initial: 'x', states: { x: { on: { A: 'y' } }, y: { on: { B: 'x' } } } },
        two: { initial: 'x', states: { x: { on: { B: 'y' } }, y: { on: { A: 'x' } } } },
      },
    }),
  })
  return setup({ actors: { child: childOf(random), promise, callback } }).createMachine({
    id: 'root',
    context: { n: 0 },
    initial: 'a',
    states: Object.fromEntries(names.map((name, at) => [name, state(at)])),
  } as never)
}

export const generated = (seed: number): Compared => ({
  logic: (of) => rootOf(dice(seed), of),
  outside: {
    events: ['A', 'B'],
    answers: { promise: { resolves: [1], rejects: ['no'] }, callback: { sends: ['K', { type: 'N1', by: 'k' }] } },
  },
})
