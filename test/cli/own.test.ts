/** A scenario of the user's own, in a file of theirs: through the built program and the built library, and all that is said of slips in this process. */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { commands, forget, processIn, relockIn, root, scratch, widest } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
const built = processIn(folder)
afterAll(() => forget(folder))

const own = ({ device = 'mdev0', all = '(w) => w.finished', also = '' } = {}): string => `
import { always, map, pin, scenario, sometimes, unmap } from 'relock'
${also}
export default scenario({
  name: 'two-containers',
  unmap: ['per-mapping', 'restart'],
  describe: ({ unmap: protocol }: { unmap: 'per-mapping' | 'restart' }) => ({
    unmap: protocol,
    containers: {
      container0: {
        mappings: [{ iova: 0x1000, size: 0x1000 }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [0x1000] } } } },
      },
      container1: { groups: { group27: { devices: { mdev1: { driver: 'unpins-all' } } } } },
    },
    tasks: {
      vmm0: [unmap(0x1000, 0x1000, { container: 'container0' })],
      vmm1: [unmap(0x1000, 0x1000, { container: 'container0' }), map(0x1000, 0x1000, { container: 'container1' })],
      worker0: [pin('${device}', 0x1000)],
    },
  }),
  properties: [sometimes('all is done', ${all}), always('one is enough', (w) => w.tasks.length === 3)],
})
`

/** A scenario on machines of the user's own: no VFIO in it. */
const machines = (said: string, more = ''): string => `
import { emit, setup } from 'xstate'
import { toSystem } from 'relock'
${more}
const machine = setup({ actions: { speak: emit(() => (${said})) } }).createMachine({
  id: 'lonely',
  initial: 'idle',
  states: { idle: { on: { GO: { target: 'spoke', actions: 'speak' } } }, spoke: {} },
})
const world = {
  name: 'lonely',
  actors: [{ id: 'lonely', machine, input: undefined }],
  start: [{ to: 'lonely', message: { type: 'GO', from: 'env' } }],
  view: () => null,
}
export default {
  name: 'lonely', family: 'own', windows: [], source: '', why: '', expected: [],
  choices: { options: {}, tasks: { least: 1, most: 1 }, default: { tasks: 1 } },
  world: () => world, system: () => toSystem(world), properties: () => [],
}
`

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return `./${name}`
}

test('runs like a built-in one, and so do its addresses, its runs and its comparison', async () => {
  const file = write('my-scenario.ts', own())
  const { code, out } = await built(['explore', file])
  expect(code).toBe(1)
  expect(out).toContain('use-after-free in vfio_dma_do_unmap')
  expect(widest(out)).toBeLessThanOrEqual(80)
  const [again, compared, shown] = await Promise.all([
    built(commands(out)[0]!),
    built(['compare', file]),
    built(['show', `${file},unmap=restart`, 'all is done']),
  ])
  expect(again.code).toBe(1)
  expect(again.out).toContain('use-after-free in vfio_dma_do_unmap')
  expect(compared.out).toMatch(/restart .*holds/)
  expect(shown.code).toBe(0)
})

describe('what is wrong with it is told as theirs, with the place', () => {
  test.each([
    ['a syntax error', own({ also: 'const = 3' }), ['cannot be read.', 'wrong.ts:3']],
    ['an import that leads nowhere', own({ also: "import './nowhere.ts'" }), ['cannot be read.', "'./nowhere.ts'"]],
    ['no default export', own().replace('export default', 'export const x ='), ['It has no default export.']],
    ['nothing said of what can be chosen', machines('{}').replace('options: {}, ', ''), ['Missing: choices.options']],
    [
      'what a machine is made of',
      "export default { initial: 'open', states: { open: {} } }",
      ['is what a machine is made of, and no machine yet.', 'export default createMachine({ … })'],
    ],
    ['a default export that is no scenario', 'export default { name: 1 }', ['Missing: family, windows']],
    [
      'a device that is not there',
      own({ device: 'mdev7' }),
      ['describe(): tasks.worker0[0].device cannot be "mdev7".', 'mdev0, mdev1', 'wrong.ts'],
    ],
    [
      'a field of the story',
      own().replace('properties:', 'propertys:'),
      ['propertys is not known. Did you mean "properties"?', 'wrong.ts:4'],
    ],
    [
      'a field that is described',
      own().replace('driver:', 'drvier:'),
      ['mdev0.drvier is', 'Write "driver" instead of "drvier".', 'wrong.ts'],
    ],
    ['a default export that is nothing', 'export default null', ['Its default export is null.']],
    [
      'one that comes later',
      'export default Promise.resolve({})',
      ['Its default export is a promise', 'export default await'],
    ],
    [
      'an actor',
      "import { createActor, createMachine } from 'xstate'\nexport default createActor(createMachine({}))",
      ['Its default export is an actor', 'in place of createActor(machine)'],
    ],
    ['one that is a list', 'export default []', ['Its default export is a list']],
    ['one of another kind', machines('{}').replace("family: 'own'", 'family: 5'), ['family cannot be 5.', 'wrong.ts']],
    [
      'a world that is none',
      machines('{}').replace('() => toSystem(world)', '() => world'),
      ['actors is not known', 'wrong.ts'],
    ],
    ['a property that throws', own({ all: '(w) => w.finishd.length > 0' }), ['"all is done"', 'wrong.ts:']],
    ['a property about nobody', own({ all: "(w) => w.task('x').finished" }), ['Unknown task "x"', 'wrong.ts:']],
    ['a word we do not have', own().replaceAll('unmap(', 'unnmap('), ['unnmap is not', 'wrong.ts:']],
  ])('%s', async (what, text, words) => {
    const file = write(`${what.replaceAll(/\W/g, '-')}-wrong.ts`, text)
    const { code, out, err } = await relock(['explore', file])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    for (const word of words) expect(err).toContain(word)
    expect(err).not.toContain('relock itself failed')
    expect(err).not.toMatch(/dist\//)
  })

  test('a folder, and a file that is not there', async () => {
    expect((await relock(['explore', '.'])).err).toContain('It is a folder.')
    expect((await relock(['explore', './none.ts'])).err).toContain('There is no such file.')
  })
})

describe('machines of their own', () => {
  const send = (to: string) => `{ type: 'send', to: '${to}', message: { type: 'HELLO' } }`

  test('a machine that is not deterministic is caught, with the step', async () => {
    const file = write('moody.ts', machines(`{ type: 'note', object: 'x', what: String(asked++) }`, 'let asked = 0'))
    const { code, err } = await relock(['explore', file])
    expect(code).toBe(2)
    expect(err).toMatch(/^The model is not deterministic: the same step from the same state gave two\sresults\./)
    expect(err).toContain('Usual causes: Math.random, Date.now')
    expect(err).toMatch(/step +env → lonely GO/)
  })

  test('a machine that sends to nobody is told who is there', async () => {
    const { code, err } = await relock(['explore', write('lost.ts', machines(send('nobody')))])
    expect(code).toBe(2)
    expect(err).toContain('nobody')
    expect(err).toMatch(/known +lonely/)
  })
})

test('the library explores, replays and asserts in a plain node:test file', async () => {
  const test_ = `
import test from 'node:test'
import assert from 'node:assert/strict'
import { always, assertHolds, assertViolates, explore, pin, replay, sometimes, start, unmap, linux } from '${join(root, 'dist/index.js')}'
import { scenarios } from '${join(root, 'dist/scenarios.js')}'

const world = (protocol) => linux({
  unmap: protocol,
  containers: { container0: { mappings: [{ iova: 0x1000, size: 0x1000 }],
    groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [0x1000] } } } } } },
  tasks: { vmm0: [unmap(0x1000, 0x1000)], vmm1: [unmap(0x1000, 0x1000)] },
})
test('per-mapping breaks, restart holds', async () => {
  const broken = await explore(world('per-mapping'), [sometimes('all done', (w) => w.finished)])
  assertViolates(broken, 'use-after-free')
  const trace = replay(world('per-mapping'), broken.findings[0].schedule)
  assert.equal(trace.end, 'crashed')
  assertHolds(await explore(world('restart'), [always('two tasks', (w) => w.tasks.length === 2)]))
})
test('one order by hand', () => {
  assert.ok(start(world('restart')).steps().length > 0)
  assert.ok(scenarios.length > 20)
})
`
  writeFileSync(join(folder, 'own.test.mjs'), test_)
  const { stdout } = await promisify(execFile)(process.execPath, ['--test', join(folder, 'own.test.mjs')], {
    env: { PATH: process.env['PATH'] ?? '' },
  })
  expect(stdout).toMatch(/# fail 0|fail 0/)
})

describe('choices with names of one’s own', () => {
  const chooses = `
import { sometimes, toScenario, unmap, linux } from 'relock'
const page = 0x1000
export default toScenario({
  name: 'chooses',
  options: { driver: { values: ['first', 'all'] }, as: { values: ['posted', 'repaired'], only: { driver: ['all'] } } },
  world: ({ driver, as }) => linux({
    unmap: { protocol: 'restart', retryBound: 3 },
    containers: { container0: { mappings: [{ iova: 0, size: 8 * page }], groups: { group26: { devices: {
      mdev0: { driver: driver === 'all' ? 'unpins-all' : 'unpins-first-page', pinned: [0, 1, 2, 3, 4].map((n) => n * page) },
    } } } } },
    tasks: { vmm0: [unmap(0, 8 * page)] },
  }),
  properties: [sometimes('the unmap comes back', (w) => w.finished)],
})
`

  test('are chosen, printed, replayed, compared and listed', async () => {
    const file = write('chooses.ts', chooses)
    const [explored, all, compared, listed, json] = await Promise.all([
      relock(['explore', file]),
      relock(['explore', file, '--choose', 'driver=all']),
      relock(['compare', file]),
      relock(['list', file]),
      relock(['compare', file, '--json']),
    ])
    expect(explored.code).toBe(1)
    expect(explored.out).toMatch(/^✗ \.\/chooses\.ts,driver=first,tasks=1 /)
    expect(all.code).toBe(0)
    expect(all.out).toMatch(/^✓ \.\/chooses\.ts,as=posted,driver=all,tasks=1 /)
    expect(compared.out).toMatch(/│ form +│ verdict/)
    expect(compared.out).toMatch(/│ first +│ ✗ violated/)
    expect(compared.out).toMatch(/│ all +│ ✓ holds/)
    expect(compared.out).toMatch(/│ repaired all +│ ✓ holds/)
    expect(listed.out).toContain('--as [posted] | repaired')
    expect(listed.out).toContain('--choose driver=[first] | all')
    const { protocols } = JSON.parse(json.out) as { protocols: { protocol: string; choices: object }[] }
    expect(protocols.map(({ protocol, choices }) => ({ protocol, choices }))).toEqual([
      { protocol: 'first', choices: { driver: 'first', tasks: 1 } },
      { protocol: 'all', choices: { as: 'posted', driver: 'all', tasks: 1 } },
      { protocol: 'repaired all', choices: { as: 'repaired', driver: 'all', tasks: 1 } },
    ])
    const again = await relock(commands(explored.out)[0]!)
    expect(again.code).toBe(1)
    expect(again.out).toContain('driver=first,tasks=1@')
  })

  test('that are wrong are told as ours are', async () => {
    const file = write('chooses.ts', chooses)
    const slips = [
      [['--choose', 'driver=al'], 'Unknown driver "al". Did you mean "all"?', '--choose driver=all'],
      [
        ['--choose', 'diver=all'],
        'is not told with --choose diver. Did you mean --choose driver?',
        '--choose driver=…',
      ],
      [['--as', 'repaired'], 'is not told with --as.', '--choose driver=all --as …'],
      [['--choose', 'driver'], '--choose driver: not a name and a value.', '--choose lock=mutex'],
      [['--choose', 'tasks=2'], 'How many tasks race is not told with --choose.', '--tasks 2'],
      [['--unmap', 'restart'], 'is not told with --unmap.', 'explore ./chooses.ts'],
    ] as const
    for (const [flags, fact, attempt] of slips) {
      const { code, err } = await relock(['explore', file, ...flags])
      expect(code).toBe(2)
      expect(err.replaceAll(/\s+/g, ' ')).toContain(fact)
      expect(err.replaceAll(/\s+/g, ' ')).toContain(attempt)
    }
    const { code, err } = await relock(['explore', `${file},driver=al`])
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean "all"?') })
  })
})
