/** What claims look at: an actor is in a view what it was then, and whom a claim looks at is who is to blame. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assign, createMachine, fromPromise, sendTo, setup } from 'xstate'
import { alwaysStep, explore, system } from '../../process/index.ts'
import { forget, relockIn, scratch } from '../cli/run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const counter = setup({
  types: { context: {} as { n: number } },
  actors: { job: fromPromise(async () => 1) },
}).createMachine({
  id: 'counter',
  context: { n: 0 },
  initial: 'idle',
  states: {
    idle: { on: { PING: 'busy' } },
    busy: {
      invoke: {
        src: 'job',
        onDone: { target: 'idle', actions: assign({ n: ({ context }) => Math.min(context.n + 1, 2) }) },
        onError: 'idle',
      },
      on: { PING: {} },
    },
  },
})
const boss = setup({ actors: { counter } }).createMachine({
  id: 'boss',
  initial: 'a',
  invoke: { src: 'counter', id: 'kid' },
  states: { a: { on: { GO: { target: 'b', actions: sendTo('kid', { type: 'PING' }) } } }, b: { on: { BACK: 'a' } } },
})

test.each(['process', 'network'] as const)(
  'a claim about steps sees actors as they were before, and as they are after (%s)',
  async (semantics) => {
    const claims = [
      alwaysStep(
        'the kid counts in a',
        (before, after) => after.actor('kid').context.n === before.actor('kid').context.n || before.root.matches('a'),
      ),
      alwaysStep(
        'the kid counts by one',
        (before, after) => after.actor('kid').context.n - before.actor('kid').context.n <= 1,
      ),
      alwaysStep('nobody moves', (before, after) => before.root.value === after.root.value),
    ]
    const report = await explore(system(boss, { semantics, ignores: ['GO', 'BACK'], events: ['GO', 'BACK'] }), claims)
    expect(report.properties.map(({ verdict, depth }) => [verdict, depth])).toEqual([
      ['violated', semantics === 'process' ? 2 : 3],
      ['holds', undefined],
      ['violated', 1],
    ])
  },
)

test('the event that is to blame is one that changed whom the claim looks at, though others were changed after it', async () => {
  writeFileSync(
    join(folder, 'door.ts'),
    `import { sendTo, setup } from 'xstate'
     import { always, system } from 'relock/xstate'
     const lamp = setup({}).createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { ON: 'on' } }, on: { on: { ON: {} } } } })
     const door = setup({ actors: { lamp } }).createMachine({
       id: 'door', initial: 'shut', invoke: { src: 'lamp', id: 'lamp' },
       states: { shut: { on: { OPEN: { target: 'open', actions: sendTo('lamp', { type: 'ON' }) } } }, open: {} } })
     export default system(door, { ignores: ['OPEN'], properties: [
       always('never open', (w) => !w.root.matches('open')),
       always('never lit', (w) => !w.actor('lamp')?.matches('on')) ] })`,
  )
  const { out } = await relock(['explore', './door.ts', '--all'])
  expect(out).toContain(
    '① door hears OPEN from user at step 1, in shut\n  from here on the claim is false\n\nStatechart of door',
  )
  expect(out).toContain(
    '① lamp hears ON from door at step 2, in off\n  from here on the claim is false\n\nStatechart of lamp',
  )
})

test('what contains itself is named', async () => {
  const tree: Record<string, unknown> = {}
  tree['self'] = tree
  const machine = createMachine({ id: 'm', context: { tree }, initial: 'a', states: { a: {} } })
  await expect(explore(machine)).rejects.toThrow(
    /^m in state "a" has what contains itself, or is nested more than 100 deep\./,
  )
})
