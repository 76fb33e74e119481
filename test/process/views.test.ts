/** What claims look at: an actor is in a view what it was then, and whom a claim looks at is who is to blame. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assign, createMachine, fromPromise, sendTo, setup } from 'xstate'
import { alwaysStep, explore, follow, system } from '../../process/index.ts'
import type { ExploreOptions } from '../../explore/index.ts'
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

test('so it is of a claim about steps', async () => {
  writeFileSync(
    join(folder, 'lamp.ts'),
    `import { sendTo, setup } from 'xstate'
     import { alwaysStep, system } from 'relock/xstate'
     const lamp = setup({}).createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { ON: 'on' } }, on: { on: { ON: {} } } } })
     const door = setup({ actors: { lamp } }).createMachine({
       id: 'door', initial: 'shut', invoke: { src: 'lamp', id: 'lamp' },
       states: { shut: { on: { OPEN: { target: 'open', actions: sendTo('lamp', { type: 'ON' }) } } }, open: {} } })
     export default system(door, { ignores: ['OPEN'], properties: [
       alwaysStep('it stays shut', (before, after) => !before.root.matches('shut') || after.root.matches('shut')) ] })`,
  )
  const { out } = await relock(['explore', './lamp.ts'])
  expect(out).toContain('① door hears OPEN from user at step 1, in shut\n  the claim is false of this step')
})

test('who waits in vain from the start on is told with his chart, and is among those who are there at the end', async () => {
  writeFileSync(
    join(folder, 'boss.ts'),
    `import { setup } from 'xstate'
     const kid = setup({}).createMachine({ id: 'a', initial: 'waiting', states: { waiting: { on: { READY: 'go' } }, go: {} } })
     export default setup({ actors: { kid } }).createMachine({
       id: 'boss', initial: 'on', invoke: { src: 'kid', id: 'kid' },
       states: { on: { on: { FLIP: 'off' } }, off: { on: { FLIP: 'on' } } } })`,
  )
  const { out } = await relock(['explore', './boss.ts'])
  expect(out).toContain(`BUG: relock: deadlock: kid waits in waiting for READY, which cannot come any
  more

① boss hears FLIP from user at step 1, in on
  it is so from the start on, whatever comes

Statechart of kid (● before step 1, ► after it):
  ●► waiting  READY → go
     go

At the end of this run:
  boss in off
  kid in waiting
`)
  expect(out).toContain('Never sent to kid: READY.')
})

/** A child without an id has no place of its own: real actors take every step. */
const nameless = setup({
  types: { context: {} as { n: number } },
  actors: { job: fromPromise(async () => 1) },
}).createMachine({
  id: 'm',
  context: ({ spawn }) => (spawn('job'), { n: 0 }),
  initial: 'a',
  states: {
    a: { on: { GO: { target: 'b', actions: assign({ n: 1 }) } } },
    b: { on: { BACK: { target: 'c', actions: assign({ n: 0 }) } } },
    c: {},
  },
  on: { 'xstate.error.actor.*': {} },
})

test.each<ExploreOptions>([
  {},
  { search: 'depth' },
  { search: 'dpor' },
  { search: { random: { seed: 3, runs: 40 } }, within: { depth: 6 } },
])('and real actors are looked at in the same way, whatever searches: %j', async (options) => {
  const goesBack = alwaysStep('n never goes back', (before, after) => after.root.context.n >= before.root.context.n)
  const stays = alwaysStep(
    'it stays at one or less',
    (before, after) => before.root.context.n < 2 && after.root.context.n < 2,
  )
  const outside = { ignores: ['GO', 'BACK'] }
  const report = await explore(system(nameless, outside), [goesBack, stays], options)
  expect(report.properties.map(({ verdict }) => verdict === 'violated')).toEqual([true, false])
  const run = ['user → m GO', 'user → m BACK']
  expect(follow(system(nameless, outside), run, { properties: [goesBack, stays] }).shows).toMatchObject([
    { title: 'n never goes back' },
  ])
})

test('what contains itself is named', async () => {
  const tree: Record<string, unknown> = {}
  tree['self'] = tree
  const machine = createMachine({ id: 'm', context: { tree }, initial: 'a', states: { a: {} } })
  await expect(explore(machine)).rejects.toThrow(
    /^m in state "a" has what contains itself, or is nested more than 100 deep\./,
  )
})
