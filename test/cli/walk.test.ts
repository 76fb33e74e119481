/** A run made by hand says what a search says of it, and loses nothing that was typed. */
import { afterAll, expect, test } from 'vitest'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../../cli/run.ts'
import { explore, replay } from '../../explore/index.ts'
import { printAddress } from '../../report/address.ts'
import { following } from '../../report/walked.ts'
import { decided } from '../../scenarios/choices.ts'
import { findScenario, scenarios } from '../../scenarios/index.ts'
import { silentDesk } from './at-desk.ts'
import { commands, forget, relockIn, root, scratch, start, widest } from './run.ts'

const folder = scratch()
afterAll(() => forget(folder))

/** What is said to these lines, one after the other; nobody types more. */
const walked = async (subject: readonly string[], typed: readonly string[]) => {
  const said = { out: '', err: '' }
  const lines = [...typed]
  const code = await run(['walk', ...subject], { ...silentDesk(said), line: async () => lines.shift() })
  return { code, ...said }
}

const scenario = findScenario('stale-dma')!
const choices = decided(scenario.choices, { unmap: 'per-mapping' })
const system = scenario.system(choices)
const found = await explore(system, scenario.properties(choices))
const { schedule, title } = found.findings[0]!
/** What can come after the beginning of a run. */
const nextAfter = (run: readonly number[]) =>
  following(replay(system, run), (choice) => replay(system, [...run, choice]))
const addressOf = (run: readonly number[]): string =>
  printAddress({ scenario: 'stale-dma', choices: { ...choices }, fingerprint: system.fingerprint, schedule: run })
const replayed = (out: string): string => commands(out).at(-1)![1]!

test('step by step one comes to what the search has found, under the address that it gave it', async () => {
  const { code, out } = await walked(
    ['stale-dma'],
    schedule.map((choice) => String(choice + 1)),
  )
  expect(out).toContain(`BUG: relock: ${title}`)
  expect(replayed(out)).toBe(addressOf(schedule))
  expect(code).toBe(1)
  expect(widest(out)).toBeLessThanOrEqual(80)
})

test('a claim is told where it breaks, and no longer when one goes back', async () => {
  const broken = scenarios.flatMap((of) =>
    of.expected
      .filter(({ findings, verdicts = {} }) => findings.length === 0 && Object.values(verdicts).includes('violated'))
      .map((expected) => ({ of, so: decided(of.choices, expected) })),
  )
  const { of, so } = broken[0]!
  const model = of.system(so)
  const { properties } = await explore(model, of.properties(so))
  const claim = properties.find(({ kind, verdict }) => kind === 'always' && verdict === 'violated')!
  const address = { scenario: of.name, choices: { ...so }, fingerprint: model.fingerprint, schedule: claim.schedule! }
  const { code, out } = await walked([printAddress(address)], ['u'])
  const [before = '', after = ''] = out.split('\n> u\n')
  expect(before.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`BUG: relock: [a-z-]+: ${claim.name}`))
  expect(after).toContain('Replay')
  expect(after).not.toContain('BUG')
  expect(code).toBe(0)
})

test('what can come is told with what comes of it, all of it and nothing else', () => {
  for (let at = 0; at < schedule.length; at++) {
    const next = nextAfter(schedule.slice(0, at))
    const { possible } = replay(system, [...schedule.slice(0, at), 0]).steps.at(-1)!
    expect(next).toHaveLength(possible.length)
    expect(next.every(([first = '']) => first !== '')).toBe(true)
  }
  expect(nextAfter(schedule)).toEqual([])
})

test('back is where one was, and before the start there is nothing', async () => {
  const { out, code } = await walked(['stale-dma'], ['1', '2', '1', 'u 2', 'u', 'undo 99', '2', 'q', '1'])
  expect(out.match(/At the start\./g)).toHaveLength(2)
  expect(replayed(out)).toBe(addressOf([1]))
  expect(code).toBe(0)
})

test.each(['0', '3', '99', 'x', '-1', '1 2', 'u x', '\x1b[2J'])(
  '%j is refused, says what can be typed, and loses nothing',
  async (slip) => {
    const { out, code } = await walked(['stale-dma'], ['2', slip])
    expect(out).toContain('is not among what can be typed here: 1 to 2, or h for help.')
    expect(out).not.toContain('\x1b')
    expect(replayed(out)).toBe(addressOf([1]))
    expect(code).toBe(0)
  },
)

test('Enter takes what alone can come, and where there is a choice takes nothing', async () => {
  const { out } = await walked(['stale-dma', '--tasks', '1'], ['', '', 's iommu'])
  expect(replayed(out)).toMatch(/:0x2$/)
  expect(out).toContain('  iommu.lock  free')
  expect(replayed((await walked(['stale-dma'], ['', ''])).out)).toBe(addressOf([]))
})

test('the lanes of a walk are those of its replay', async () => {
  const { out } = await walked([addressOf(schedule.slice(0, 20))], ['l'])
  const { out: again } = await relockIn(folder)(['replay', addressOf(schedule.slice(0, 20)), '--all'])
  const rows = (text: string): readonly string[] => text.split('\n').filter((line) => /^ +\d+ .*│/.test(line))
  expect(rows(again).length).toBeGreaterThan(3)
  expect(rows(out.slice(out.indexOf('> l')))).toEqual(rows(again))
})

/** Has the file in the folder, in which `relock` and `xstate` are found; its path. */
const written = (name: string, source: string): string => {
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  for (const each of ['relock', 'xstate'])
    if (!existsSync(join(folder, 'node_modules', each)))
      symlinkSync(each === 'relock' ? root : join(root, 'node_modules', each), join(folder, 'node_modules', each))
  writeFileSync(join(folder, name), source)
  return join(folder, name)
}

test('an XState machine is walked through by what comes from outside', async () => {
  const machine = `import { createMachine, fromPromise } from 'xstate'
    export default createMachine({ id: 'form', initial: 'open', states: {
      open: { on: { SAVE: 'saving' } },
      saving: { invoke: { src: fromPromise(async () => {}), onDone: 'saved', onError: 'open' } },
      saved: { type: 'final' } } })`
  written('form.ts', machine)
  const child = start(folder, ['walk', './form.ts'])
  await child.prints('user: SAVE at form  ● state open → saving')
  child.type('1\n')
  await child.prints('done at form')
  child.type('s\n')
  await child.prints('  form  saving')
  child.type('1\nu\ns\n')
  await child.prints('  form  saving')
  child.type()
  const { code, out } = await child.ended
  expect(out).toMatch(/Replay {3}npx relock replay \.\/form\.ts,tasks=1@[0-9a-f]{12}:0\n$/)
  expect(code).toBe(0)
})

/** A shop that counts, with a till that counts, too; it has a child, a promise, a timer and what is on its way. */
const shop = `import { assign, fromPromise, sendTo, setup } from 'xstate'
  import { system } from 'relock/xstate'
  const count = assign({ n: ({ context }) => context.n + 1 })
  const till = setup({ actors: { ask: fromPromise(async () => {}) } }).createMachine({ id: 'till', context: { n: 0 },
    initial: 'open', states: {
      open: { on: { TAKE: { target: 'asking', actions: count } } },
      asking: { invoke: { src: 'ask', onDone: 'open', onError: 'open' }, after: { 100: 'open' } } } })
  const shop = setup({ actors: { till } }).createMachine({ id: 'shop', context: { n: 0 },
    invoke: { src: 'till', id: 'till' },
    on: { PAY: { actions: [count, sendTo('till', { type: 'TAKE' })] } } })
  export default system(shop, { events: ['PAY'], ignores: ['TAKE'] })`

test.each(['process', 'network'])('back in actors of XState everybody is as he was, under %s', async (semantics) => {
  const subject = [written('shop.ts', shop), '--semantics', semantics]
  const states = (out: string): readonly string[] =>
    out
      .split(/^> s$/m)
      .slice(1)
      .map((part) => part.slice(0, part.indexOf('\n> ')))
  const ways =
    semantics === 'process'
      ? [
          ['1', '1', '1'],
          ['1', '2', '1', '3'],
        ]
      : [
          ['1', '2', '2'],
          ['1', '1', '2', '3', '1'],
        ]
  for (const way of ways) {
    const [there, last] = [way.slice(0, -1), way.at(-1)!]
    // What everybody is in before each step, and again on the way back.
    const { out } = await walked(subject, [
      's',
      ...way.flatMap((each) => [each, 's']),
      ...way.flatMap(() => ['u', 's']),
    ])
    const seen = states(out)
    expect(out).not.toContain('is not among')
    expect(seen).toHaveLength(2 * way.length + 1)
    expect(seen.slice(way.length)).toEqual(seen.slice(0, way.length + 1).toReversed())
    expect(new Set(seen.slice(0, way.length + 1)).size).toBe(way.length + 1)
    // Once more on the same way: what went before has left no trace.
    const { out: once } = await walked(subject, [...way, 's'])
    const { out: again } = await walked(subject, [
      ...way,
      'u',
      last,
      'u 2',
      ...way.slice(-2),
      `u ${way.length}`,
      ...there,
      last,
      's',
    ])
    expect(states(again)).toEqual(states(once))
    expect(replayed(again)).toBe(replayed(once))
  }
})

test('Ctrl-C leaves, and the run keeps its address', async () => {
  const child = start(folder, ['walk', 'stale-dma'])
  child.type('2\n')
  await child.prints('   1  vmm1')
  child.interrupt()
  const { code, out } = await child.ended
  expect(replayed(out)).toBe(addressOf([1]))
  expect(code).toBe(0)
})

test('a walk goes on from a run that was kept, by its folder or the name of that, and says what became of it in a model that has changed', async () => {
  const race = (more: string) =>
    `import { always, field, kernel, procedure, read, toScenario, write } from 'relock/kernel'
    const n = field('n', 0)
    const inc = procedure('inc', { v: 0 }, [${more}read(n, 'v'), write(n, ({ v }) => v + 1)])
    export default toScenario({
      name: 'kept', world: () => kernel({ threads: { a: inc, b: inc } }),
      properties: [always('both count', (w) => w.field('n') === 2, { when: (w) => w.finished })],
    })`
  const relock = relockIn(folder)
  writeFileSync(join(folder, 'kept.ts'), race(''))
  await relock(['explore', './kept.ts'])
  const name = readdirSync(join(folder, '.relock')).find((each) => each.startsWith('kept-'))!
  const walk = async (subject: string) => {
    const child = start(folder, ['walk', subject])
    child.type('q\n')
    return (await child.ended).out
  }
  const told = await walk(name)
  expect(told).toContain('BUG: relock:')
  expect(await walk(`.relock/${name}`)).toBe(told)
  expect(told).not.toContain('the model has changed')
  writeFileSync(join(folder, 'kept.ts'), race("read(n, 'v'), "))
  const adapted = await walk(name)
  expect(adapted).toMatch(/^Adapted: the model has changed, and a run keeps the order of the recorded one\.\n +new /)
  expect(adapted).toContain('BUG: relock:')
})
