/** Runs of what is at the root, and of who has thrown: each is told of by itself. */
import { expect, test } from 'vitest'
import { createMachine, fromPromise, fromTransition, sendTo, setup, type AnyActorLogic } from 'xstate'
import { explore as exploreSystem, replay } from '../../explore/index.ts'
import { explore, system, type Outside } from '../../process/index.ts'
import { systemOf } from '../../process/system.ts'

/** The shortest run to the first finding, as it is told. */
const toldOf = async (logic: AnyActorLogic, outside: Outside) => {
  const actors = systemOf(logic, outside)
  const { findings } = await exploreSystem(actors)
  return replay(actors, findings[0]!.schedule).told!.steps
}

test('a child that throws is who the error is told of, with its own chart', async () => {
  const child = setup({}).createMachine({
    id: 'child',
    initial: 'on',
    states: {
      on: {
        on: {
          GO: {
            guard: () => {
              throw new Error('broken')
            },
          },
        },
      },
    },
  })
  const parent = setup({ actors: { child } }).createMachine({
    id: 'parent',
    invoke: { src: 'child', id: 'c' },
    on: { GO: { actions: sendTo('c', { type: 'GO' }) } },
  })
  const steps = await toldOf(parent as unknown as AnyActorLogic, {})
  const [blamed] = steps.filter(({ findings }) => findings.some(({ kind }) => kind === 'uncaught'))
  expect([blamed?.to, blamed?.message.type, blamed?.before.state, blamed?.after.state, blamed?.chart?.before]).toEqual([
    'c',
    'GO',
    'on',
    'error',
    [1],
  ])
})

test('a promise at the root is resolved or rejected, in these words', async () => {
  const promise = fromPromise(async () => 1)
  const steps = await toldOf(promise, { answers: { machine: { resolves: [1], rejects: ['no'] } } })
  expect(steps.map(({ message }) => message.type)).toEqual(['is rejected'])
  const { findings, exhaustive } = await explore(system(promise, { answers: { machine: { resolves: [1] } } }))
  expect([exhaustive, findings]).toEqual([true, []])
})

test('of a reducer to which nobody said that anything comes, it is told that nothing was tried', async () => {
  const counter = fromTransition(
    (count: number, event: { type: string }) => (event.type === 'MORE' ? 1 - count : count),
    0,
  )
  expect(await explore(counter)).toMatchObject({
    steps: 0,
    remarks: [
      'Nothing was tried: nobody has said what comes to machine from outside. Say so: system(…, { events: [ … ] }).',
    ],
  })
  expect(await explore(system(counter, { events: ['MORE'] }))).toMatchObject({ states: 2, steps: 2, remarks: [] })
})

test('a machine without an id has one name, whatever is told of it', async () => {
  const machine = createMachine({
    initial: 'a',
    states: { a: { on: { GO: 'b' } }, b: {}, c: { on: { GO: 'd' } }, d: { type: 'final' } },
  })
  const { coverage, remarks } = await explore(machine)
  expect(coverage).toEqual([
    {
      machine: 'machine',
      states: 5,
      transitions: 2,
      unreached: ['machine.c', 'machine.d'],
      untaken: ['machine.c on GO → machine.d'],
    },
  ])
  expect(remarks).toEqual(['machine never becomes final.'])
})
