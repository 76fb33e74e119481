/** What the program says of files with XState actors. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { assign, setup, spawnChild, fromPromise, type AnyActorLogic } from 'xstate'
import { explore, system } from '../../process/index.ts'
import { actorsIn, hearing, storyOf } from '../inspect/stately.ts'
import { forget, relockIn, scratch } from '../cli/run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

/** A boss who waits so long for his worker, and then gives him more work. */
const patient = (patience: number, more = ''): string => `
import { sendParent, sendTo, setup } from 'xstate'
import { system } from 'relock/xstate'
const worker = setup({}).createMachine({
  id: 'worker',
  initial: 'idle',
  states: {
    idle: { on: { GO: 'busy' } },
    busy: { after: { 100: { target: 'idle', actions: sendParent({ type: 'READY' }) } } },
  },
})
const boss = setup({ actors: { worker } }).createMachine({
  id: 'boss',
  initial: 'a',
  invoke: { src: 'worker', id: 'w' },
  states: {
    a: { on: { START: { target: 'b', actions: sendTo('w', { type: 'GO' }) } } },
    b: { on: { READY: 'a' }, after: { ${patience}: 'a' } },
    ${more}
  },
})
export default system(boss, { events: ['START'] })
`
writeFileSync(join(folder, 'before.ts'), patient(50))
writeFileSync(join(folder, 'after.ts'), patient(150, 'spare: {},'))

describe('two versions of a file', () => {
  test('are compared: what is gone, and what is never come by any more', async () => {
    const { code, out } = await relock(['compare', './before.ts', './after.ts'])
    expect(code).toBe(0)
    expect(out).toContain('✗ ./before.ts,tasks=1   violated at depth 3 · 4 states')
    expect(out).toContain('✓ ./after.ts,tasks=1   2 states, all of them')
    expect(out.split('From ./before.ts to ./after.ts:')[1]).toMatchInlineSnapshot(`
      "
          gone      unhandled: GO is not handled: w in busy
          gone      unhandled: READY is not handled: boss in a
          never     boss.spare: it was, or is new
          never     boss.b on after 150 ms → boss.a: it was, or is new
          states    4 → 2
      "
    `)
  })

  test('the other way round: what is new, with its run', async () => {
    const { code, out } = await relock(['compare', './after.ts', './before.ts'])
    expect(code).toBe(1)
    expect(out).toContain('new       unhandled: GO is not handled: w in busy (3 steps)')
    expect(out).toContain('come by   boss.spare: never before')
    expect(out).toContain('Replay   npx relock replay ./before.ts,tasks=1@')
  })

  test('that are the same', async () => {
    const { out } = await relock(['compare', './after.ts', './after.ts'])
    expect(out).toContain('From ./after.ts to ./after.ts: no difference.')
  })

  test('as a document', async () => {
    const { out } = await relock(['compare', './before.ts', './after.ts', '--json'])
    const document = JSON.parse(out) as Record<
      string,
      { verdict: string; coverage: { machine: string; unreached: string[] }[] }
    >
    expect(document['before']!.verdict).toBe('violated')
    expect(document['after']!.verdict).toBe('holds')
    expect(document['after']!.coverage.find(({ machine }) => machine === 'boss')!.unreached).toEqual(['boss.spare'])
  })
})

test('a run is told to an inspector as XState itself tells it', async () => {
  const listening = await hearing()
  const { err } = await relock(['show', './before.ts', '--inspect', listening.url])
  await listening.left
  listening.close()
  expect(err).toContain('3 steps')
  const { heard } = listening
  expect(actorsIn(heard).map(({ name, parentId }) => [name, parentId !== undefined])).toEqual([
    ['boss', false],
    ['w', true],
  ])
  const [boss, w] = actorsIn(heard).map(({ sessionId }) => sessionId)
  expect(storyOf(heard, w!).map((each) => each.replace(boss!, 'boss'))).toMatchInlineSnapshot(`
    [
      "idle",
      "boss xstate.init",
      "idle",
      "boss GO",
      "#worker.idle → #worker.busy",
      "busy",
      "boss GO",
      "busy",
    ]
  `)
  expect(heard.filter(({ type, sessionId }) => type === '@xstate.snapshot' && sessionId === boss)).toHaveLength(4)
})

test('what was never entered and never taken is told', async () => {
  const { out } = await relock(['explore', './after.ts'])
  expect(out).toContain('Never entered: boss.spare.')
  expect(out).toContain('Never taken: boss.b on after 150 ms → boss.a.')
})

describe('a machine', () => {
  test('that is made to end, and never does, is told', async () => {
    const machine = setup({}).createMachine({
      id: 'm',
      initial: 'a',
      states: { a: { on: { GO: { target: 'over', guard: () => false } } }, over: { type: 'final' } },
    })
    expect((await explore(machine)).remarks).toEqual(['m never becomes final.'])
  })

  test('whose context grows is named when a search comes to its bound', async () => {
    const machine = setup({}).createMachine({
      id: 'm',
      context: { log: [] as string[], n: 0 },
      on: {
        ADD: { actions: assign({ log: ({ context }) => [...context.log, 'x'] }) },
        TURN: { actions: assign({ n: 1 }) },
      },
    })
    const { exhaustive, remarks } = await explore(machine, [], { within: { states: 100 } })
    expect({ exhaustive, remarks }).toEqual({
      exhaustive: false,
      remarks: [
        expect.stringMatching(/^log of m grows: \d+ after 120 steps, \d+ after 240. A search of it has no end.$/),
      ],
    })
  })
})

test('a name that only a function could have known, and did not, is told in the end', async () => {
  const save = fromPromise(async () => 1)
  const machine: AnyActorLogic = setup({ actors: { save }, actions: { note: () => {} } }).createMachine({
    id: 'm',
    context: ({ spawn }: { spawn: (src: string, options: object) => unknown }) => ({
      it: spawn('save', { id: 'first' }),
    }),
    on: { GO: { actions: spawnChild('save', { id: ({ event }) => event.type.toLowerCase() }) } },
  } as never)
  const subject = system(machine, {
    events: [
      { send: 'GO', times: 1 },
      { send: 'GO', to: 'secnd' },
    ],
    answers: { frist: { resolves: [1] }, first: { resolves: [1] }, go: { resolves: [2] } },
    pure: ['note'],
  } as never)
  const { exhaustive, remarks } = await explore(subject)
  expect(exhaustive).toBe(true)
  expect(remarks).toEqual([
    'Nobody was asked for answers.frist: there was no such actor.',
    'Nothing was sent by events[1]: there was no actor secnd.',
    'The action note, which is pure, was never called.',
  ])
})
