/** Machines put together by chance, each by itself: nobody is invoked or sent to, and there are no timers. */
import { and, assign, emit, log, not, or, raise, setup, stateIn, type AnyStateMachine } from 'xstate'
import { dice, type Dice } from '../../streams/dice.ts'

const pick = <T>(random: Dice, list: readonly T[]): T => list[random(list.length)]!

interface Context {
  readonly n: number
  readonly list: readonly string[]
  readonly of: { readonly last: string | null; readonly at?: number }
}

type Given = { readonly context: Context; readonly event: { readonly type: string; readonly by?: number } }

const guards = {
  isZero: ({ context }: Given) => context.n === 0,
  isLess: ({ context }: Given, { than }: { than: number }) => context.n < than,
  isBy: ({ event }: Given) => event.by === 1,
  hasAny: ({ context }: Given) => context.list.length > 0,
}

const actions = {
  count: assign({ n: ({ context }: Given) => (context.n + 1) % 4 }),
  add: assign(({ context }: Given, params: { by: number } | undefined) => ({ n: (context.n + (params?.by ?? 2)) % 4 })),
  note: assign({
    list: ({ context, event }: Given) => [...context.list, event.type].slice(-2),
    of: ({ event }: Given) => ({ last: event.type, ...(event.by !== undefined && { at: event.by }) }),
  }),
  forget: assign(({ context }: Given) => ({ list: [], extra: context.n > 1 })),
  shout: () => {
    throw new Error('is never run')
  },
  say: emit({ type: 'said' }),
  sayHow: emit(({ context }: Given) => ({ type: context.n > 2 ? 'loud' : 'quiet' })),
  write: log(({ context }: Given) => context.n),
}

const guardOf = (random: Dice, depth = 0): unknown =>
  pick<() => unknown>(random, [
    () => 'isZero',
    () => 'hasAny',
    () => 'isBy',
    () => ({ type: 'isLess', params: { than: 1 + random(3) } }),
    () => ({ type: 'isLess', params: ({ context }: Given) => ({ than: context.list.length + 1 }) }),
    () => guards.isZero,
    () =>
      ({ context, event }: Given) =>
        context.of.last !== event.type,
    () => stateIn('#root.b'),
    ...(depth > 1
      ? []
      : [
          () => not(guardOf(random, depth + 1) as never),
          () => and([guardOf(random, depth + 1), guardOf(random, depth + 1)] as never),
          () => or([guardOf(random, depth + 1), guardOf(random, depth + 1)] as never),
        ]),
  ])()

/** `raised`: the actions of what is raised raise nothing that is raised before it. */
const actionsOf = (random: Dice, raised = ['R', 'S']): unknown[] =>
  Array.from({ length: random(4) }, () =>
    pick<() => unknown>(random, [
      () => 'count',
      () => ({ type: 'add', params: { by: random(4) } }),
      () => ({ type: 'add', params: ({ context }: Given) => ({ by: context.list.length }) }),
      () => 'note',
      () => 'forget',
      () => ({ type: 'shout', params: ({ event }: Given) => event.type }),
      () => 'say',
      () => 'sayHow',
      () => 'write',
      () => actions.count,
      ...raised.flatMap((type) => [
        () => raise({ type }),
        () => raise(({ context }: Given) => ({ type: context.n % 2 === 0 ? type : 'nothing', by: context.n })),
      ]),
    ])(),
  )

const names = ['a', 'b', 'c', 'd']
const types = ['A', 'B', 'C']

const transition = (random: Dice, raised?: string[]): object => ({
  ...(random(4) > 0 && { target: `#root.${pick(random, ['a', 'b', 'c', 'd', 'b.one.y', 'c.before', 'd.deep'])}` }),
  ...(random(3) === 0 && { guard: guardOf(random) }),
  ...(random(6) === 0 && { reenter: true }),
  actions: actionsOf(random, raised),
})

const handled = (random: Dice): object => ({
  ...Object.fromEntries(
    types
      .filter(() => random(3) > 0)
      .map((type) => [type, random(2) ? transition(random) : [transition(random), transition(random)]]),
  ),
  ...(random(4) === 0 && { '*': transition(random, []) }),
  ...(random(2) === 0 && { R: transition(random, ['S']) }),
  ...(random(2) === 0 && { S: transition(random, []) }),
})

const region = (random: Dice): object => ({
  initial: 'x',
  states: {
    x: { on: { [pick(random, types)]: { target: 'y', actions: actionsOf(random, []) } } },
    y: { on: { [pick(random, types)]: random(2) ? 'x' : 'z' }, tags: ['half'] },
    z: { type: 'final' },
  },
})

export const machineOf = (seed: number): AnyStateMachine => {
  const random = dice(seed)
  return setup({ guards, actions } as never).createMachine({
    id: 'root',
    context: { n: random(3), list: [], of: { last: null } },
    initial: pick(random, names),
    on: { C: transition(random) },
    states: {
      a: { on: handled(random), entry: actionsOf(random, []), exit: actionsOf(random, []) },
      b: {
        type: 'parallel',
        on: handled(random),
        states: { one: region(random), two: region(random) },
        ...(random(2) && { onDone: { target: '#root.d', actions: 'note' } }),
      },
      c: {
        on: handled(random),
        initial: 'p',
        states: {
          p: { on: { A: 'q' }, entry: 'note' },
          q: { on: { B: 'p' }, initial: 'm', states: { m: { on: { A: 'n' } }, n: {} } },
          before: { type: 'history' },
        },
      },
      d: {
        on: handled(random),
        initial: 's',
        exit: actionsOf(random, []),
        states: {
          s: { always: { guard: guardOf(random), target: 't', actions: 'count' } },
          t: { on: { B: 's' } },
          deep: { type: 'history', history: 'deep' },
        },
      },
      ...(random(3) === 0 && { e: { type: 'final' } }),
    },
    output: { well: 'done' },
  } as never) as unknown as AnyStateMachine
}
