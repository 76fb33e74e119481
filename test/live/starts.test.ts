/** An actor of a flat chart begins from where another of that chart began: as XState begins it, whatever it is given. */
import { createActor, setup, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import { expect, test } from 'vitest'
import { kernelOf, keyOf } from '../../actors/running/xstate-kernel.ts'
import { CaseRun } from '../../actors/kernel/system-calls/replay.ts'

const begun = (machine: AnyStateMachine, input: unknown): AnyMachineSnapshot =>
  createActor(machine, { input } as never).getSnapshot() as AnyMachineSnapshot

const ops = [
  { op: 'fork', as: 'p1' },
  { op: 'open_iommufd', as: 'i0' },
  { op: 'open_cdev', dev: 'edu0', as: 'd0' },
  { op: 'open_container', as: 'c0' },
  { op: 'open_group', dev: 'multi0', as: 'g0' },
]

test.each(['6.1', 'iommufd-type1v2'] as const)('every actor of a world that answers as %s', (profile) => {
  const { actors } = new CaseRun({ name: 'all', ops }, profile)
  expect(actors.length).toBeGreaterThan(200)
  const wrong = actors.filter(
    ({ id, machine, input }) => keyOf(kernelOf(id, machine, input).initial) !== keyOf(begun(machine, input)),
  )
  expect(wrong.map(({ id }) => id)).toEqual([])
})

const typed = setup({ types: { context: {} as { n: number; by: string }, input: {} as { n: number } } })

test.each([
  [
    'asks who it is',
    () =>
      typed.createMachine({
        context: ({ input, self }) => ({ n: input.n, by: typeof self.send }),
        initial: 'a',
        states: { a: {} },
      }),
  ],
  [
    'goes on by itself',
    () =>
      typed.createMachine({
        context: ({ input }) => ({ n: input.n, by: '' }),
        initial: 'a',
        states: { a: { always: { guard: ({ context }) => context.n > 1, target: 'b' } }, b: {} },
      }),
  ],
])('a chart that %s when it begins is begun by XState, whoever of it is the first', (_, chart) => {
  for (const order of [
    [1, 2, 3],
    [3, 2, 1],
  ]) {
    const machine = chart()
    for (const n of order) expect(keyOf(kernelOf('a', machine, { n }).initial)).toBe(keyOf(begun(machine, { n })))
  }
})

test('what cannot be begun is said of the one that cannot', () => {
  const machine = typed.createMachine({
    context: ({ input }) => ({ n: BigInt(input.n) === 2n ? 2 : input.n, by: '' }),
    initial: 'a',
    states: { a: {} },
  })
  expect(kernelOf('one', machine, { n: 1 }).initial.context).toEqual({ n: 1, by: '' })
  expect(() => kernelOf('half', machine, { n: 0.5 })).toThrow('half')
})
