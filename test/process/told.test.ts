/** What the program says of files with XState actors. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { assign, fromPromise, sendParent, sendTo, setup, spawnChild, type AnyActorLogic } from 'xstate'
import { always, explore, system } from '../../process/index.ts'
import { matchers } from '../../testing/matchers.ts'
import { actorsIn, hearing, storyOf } from '../inspect/stately.ts'
import { run } from '../../cli/run.ts'
import { silentDesk } from '../cli/at-desk.ts'
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

/** What counts must not come to three. */
const counter = (most: number): string => `
import { assign, createMachine } from 'xstate'
import { always, system } from 'relock/xstate'
const counter = createMachine({
  id: 'counter',
  context: { n: 0 },
  on: { MORE: { guard: ({ context }) => context.n < ${most}, actions: assign({ n: ({ context }) => context.n + 1 }) } },
})
export default system(counter, { properties: [always('never three', (w) => w.root.context.n < 3)] })
`

describe('two versions of a file', () => {
  test('of which the first breaks a claim: at what depth', async () => {
    writeFileSync(join(folder, 'three.ts'), counter(4))
    writeFileSync(join(folder, 'two.ts'), counter(2))
    const { code, out } = await relock(['compare', './three.ts', './two.ts'])
    expect(code).toBe(0)
    expect(out).toMatch(/^✗ \.\/three\.ts,tasks=1 {3}violated at depth 3 · /m)
    expect(out).toMatch(/^✓ \.\/two\.ts,tasks=1 {3}\d+ states, all of them · /m)
    expect(out.split('From ./three.ts to ./two.ts:')[1]).toMatch(/gone .*never three/)
  })

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
    expect(out).toContain('new       unhandled: GO is not handled: w in busy (depth 3)')
    expect(out).toContain('come by   boss.spare: never before')
    expect(out).toContain('Replay   npx relock replay ./before.ts,tasks=1@')
  })

  test('that are the same', async () => {
    const { out } = await relock(['compare', './after.ts', './after.ts'])
    expect(out).toContain('From ./after.ts to ./after.ts: no difference.')
  })

  test.each([
    ['a description', (good: string) => good.replace("events: ['START']", "evnts: ['START']"), 'evnts is not known'],
    ['a name', (good: string) => good.replace("['START']", "[{ send: 'START', to: 'nobody' }]"), 'nobody'],
    [
      'dice',
      (good: string) => good.replace(`target: 'b',`, `guard: () => Math.random() > 0, target: 'b',`),
      'Math.random',
    ],
    [
      'a property',
      (good: string) =>
        good
          .replace('import { system }', 'import { always, system }')
          .replace(`['START'] }`, `['START'], properties: [always('asks', (w) => w.rot.context)] }`),
      'has a property that threw',
    ],
  ])('of which one has %s that is wrong: it is named, and the other is not', async (what, spoilt, said) => {
    const wrong = `./wrong-${what.slice(2)}.ts`
    writeFileSync(join(folder, wrong), spoilt(patient(150)))
    for (const words of [
      ['compare', './after.ts', wrong],
      ['compare', wrong, './after.ts'],
      ['explore', './after.ts', wrong],
    ]) {
      const { code, err } = await relock(words)
      const names = ['wrong-', 'after.ts'].map((name) => err.includes(name))
      expect({ words, code, names }).toEqual({ words, code: 2, names: [true, false] })
      expect(err).toContain(said)
    }
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
      remarks: ['log of m grows each time this comes again: user: ADD. A search of it has no end.'],
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

/** Two servers of one client: the answer of the second may be first where they live apart. */
writeFileSync(
  join(folder, 'apart.ts'),
  `
import { sendParent, sendTo, setup } from 'xstate'
const server = (type: string) => setup({}).createMachine({ id: 'server', on: { ASK: { actions: sendParent({ type }) } } })
export default setup({ actors: { near: server('NEAR'), far: server('FAR') } }).createMachine({
  id: 'client',
  invoke: [{ src: 'near', id: 'near' }, { src: 'far', id: 'far' }],
  initial: 'idle',
  states: {
    idle: { on: { GO: { target: 'asking', actions: [sendTo('near', { type: 'ASK' }), sendTo('far', { type: 'ASK' })] } } },
    asking: { on: { NEAR: 'cheap' } },
    cheap: { on: { FAR: 'over' } },
    over: {},
  },
})
`,
)

describe('--semantics', () => {
  test('says how actors live, for a file that does not: what breaks apart only is told as such, and replays', async () => {
    const { code } = await relock(['explore', './apart.ts', '--quiet'])
    expect(code).toBe(0)
    const { code: apart, out } = await relock(['explore', './apart.ts', '--semantics', 'network', '--quiet'])
    expect(apart).toBe(1)
    expect(out).toContain('✗ ./apart.ts,semantics=network,tasks=1   violated at depth 3')
    expect(out.replace(/\s+/g, ' ')).toMatch(
      /Only under network: FAR is not handled: client in asking; .* Under process, of which every state was seen \(2\)/,
    )
    const address = /npx relock replay (\S+)/.exec(out.replace(/\\\n\s*/g, ''))![1]!
    expect((await relock(['replay', address])).out).toContain('BUG: relock: unhandled: FAR is not handled')
  })

  test('as a choice, and of a file that says so itself', async () => {
    writeFileSync(
      join(folder, 'lossy.ts'),
      `import { system } from 'relock/xstate'
       import client from './apart.ts'
       export default system(client, { semantics: 'network', lanes: [{ loses: 1 }], inFlight: 2 })`,
    )
    const of = async (...words: string[]) => (await relock(['explore', './lossy.ts', '--quiet', ...words])).code
    expect([await of(), await of('--semantics', 'process'), await of('--choose', 'semantics=process')]).toEqual([
      1, 0, 0,
    ])
  })

  test('that there are not, or of what has none, is refused', async () => {
    const { code, err } = await relock(['explore', './apart.ts', '--semantics', 'net'])
    expect([code, err]).toEqual([2, expect.stringContaining('Unknown semantics "net". Did you mean "network"?')])
    const other = await relock(['explore', 'stale-dma', '--semantics', 'network'])
    expect([other.code, other.err]).toEqual([2, expect.stringContaining('stale-dma is not told with --semantics.')])
  })
})

describe('what was taken for granted is told where something is wrong:', () => {
  const load = fromPromise(async () => ({ rows: [1] }))
  const table = (rows: unknown): AnyActorLogic =>
    setup({ actors: { load } }).createMachine({
      id: 'table',
      initial: 'loading',
      states: {
        loading: {
          invoke: { src: 'load', onDone: { target: 'shown', actions: assign({ n: rows }) }, onError: 'shown' },
        },
        shown: {},
      },
    } as never)
  const length = ({ event }: { readonly event: { readonly output: { readonly rows: number[] } } }): number =>
    event.output.rows.length

  test('a promise of which nobody has said what it answers', async () => {
    const { findings, remarks, coverage } = await explore(table(length))
    expect(findings.map(({ kind }) => kind)).toEqual(['uncaught'])
    expect(remarks).toEqual([
      "Nobody has said what load resolves to, so it was nothing: system(machine, { answers: { load: { resolves: [ … ], rejects: ['no'] } } }).",
    ])
    expect(coverage[0]!.untaken).toEqual(['table.loading on done of load → table.shown'])
    expect((await explore(table(() => 1))).remarks).toEqual([])
    expect((await explore(system(table(length), { answers: { load: { resolves: [{ rows: [] }] } } }))).remarks).toEqual(
      [],
    )
  })

  test('an event that children send, and users as well, because nobody has said what those send', async () => {
    const worker = setup({}).createMachine({
      id: 'worker',
      on: { GO: { actions: sendParent({ type: 'READY' }) } },
    })
    const boss = setup({ actors: { worker } }).createMachine({
      id: 'boss',
      invoke: { src: 'worker', id: 'w' },
      initial: 'a',
      states: { a: { on: { START: { actions: sendTo('w', { type: 'GO' }) } } }, b: { on: { READY: 'a' } } },
    })
    expect((await explore(boss)).remarks).toContain(
      "Users sent READY as well, which children send. If they do not: system(machine, { events: ['START'] }).",
    )
    expect((await explore(system(boss, { events: ['START'] }))).remarks).toEqual([])
  })

  test('a child to which nobody sends what it waits for', async () => {
    const step = setup({}).createMachine({
      id: 'step',
      initial: 'open',
      states: { open: { on: { NEXT: 'over' } }, over: { type: 'final' } },
    })
    const wizard = setup({ actors: { step } }).createMachine({
      id: 'wizard',
      initial: 'first',
      states: { first: { invoke: { src: 'step', id: 'one', onDone: 'over' } }, over: {} },
    })
    const { findings, remarks } = await explore(wizard)
    expect(findings.map(({ title }) => title)).toEqual([
      'deadlock: one waits in open for NEXT, which cannot come any more',
      'deadlock: wizard waits in first for done of one, which cannot come any more',
    ])
    expect(remarks).toContain(
      "Never sent to one: NEXT. If users do: system(machine, { events: [ …, { send: 'NEXT', to: 'one' }] }).",
    )
    const sending = await explore(system(wizard, { events: [{ send: 'NEXT', to: 'one' }] }))
    expect([sending.findings, sending.remarks]).toEqual([[], []])
  })
})

test('who throws dice is told where he does', async () => {
  writeFileSync(
    join(folder, 'clock.ts'),
    "import { createMachine } from 'xstate'\n\nexport default createMachine({ context: () => ({ id: crypto.randomUUID() }) })\n",
  )
  const { code, err } = await relock(['explore', './clock.ts'])
  expect(code).toBe(2)
  expect(err).toMatch(/uses crypto\.randomUUID\(\)\.[^]*place {4}\S*clock\.ts:3\n/)
})

test('what the matchers of tests say of a report, they say of one of XState actors', async () => {
  const door = setup({}).createMachine({
    id: 'door',
    initial: 'shut',
    states: { shut: { on: { OPEN: 'open' } }, open: { on: { SHUT: 'shut' } } },
  })
  const report = await explore(door, [always('never open', (w) => w.root.matches('shut'))])
  expect(matchers.toHold(await explore(door)).pass).toBe(true)
  expect(matchers.toHold(report).pass).toBe(false)
  expect(matchers.toHold(report).message()).toContain('never open')
})

describe('a walk through a file', () => {
  const walked = async (typed: readonly string[]) => {
    const said = { out: '', err: '' }
    const lines = [...typed]
    const code = await run(['walk', join(folder, 'before.ts')], {
      ...silentDesk(said),
      line: async () => lines.shift(),
    })
    return { code, ...said }
  }

  test('says what may come next, and what came of it, to what a search finds', async () => {
    const { code, out } = await walked(['1', '1', 'q'])
    expect(out.split('> q')[0]).toMatchInlineSnapshot(`
      "  a number   that comes next (Enter alone: the only thing that can)
        u [n]      back a step, or n
        s [word]   what everybody is in and holds, or who has the word in his name
        l          the run so far, in lanes
        q          leave; the run keeps its address

        1) user: START at boss  ● state a → b
           boss: GO at w  ● state idle → busy
      > 1
         1  user: START at boss  ● state a → b
            boss: GO at w  ● state idle → busy

        1) boss: after 50 ms  ● state b → a
        2) user: START at boss  ● ignored
      > 1
         2  boss: after 50 ms  ● state b → a

        1) w: after 100 ms  ● state busy → idle
           w: READY at boss  ● ignored
           ✗ READY is not handled: boss in a
        2) user: START at boss  ● state a → b
           boss: GO at w  ● ignored
           ✗ GO is not handled: w in busy
      "
    `)
    expect(code).toBe(0)
  })

  test('goes back', async () => {
    const { out } = await walked(['1', 'u', 'q'])
    expect(out).toContain('At the start.')
  })
})
