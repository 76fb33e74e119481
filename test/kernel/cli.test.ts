/** A race of one's own from a file: it gets everything that a built-in story gets, and its slips are told with file, machine and state. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { machineFormats } from '../../report/statecharts/index.ts'
import { relockIn } from '../cli/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'relock-kernel-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const relock = relockIn(folder)

const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return `./${name}`
}

const race = `
import { always, field, kernel, mutex, mutex_lock, mutex_unlock, procedure, read, sometimes, toScenario, write } from 'relock/kernel'

const m = mutex('m')
const counter = field('counter', 0)
const inc = (lock) => procedure('inc', { n: 0 }, [
  mutex_lock(m),
  read(counter, 'n'),
  ...(lock === 'window' ? [mutex_unlock(m), mutex_lock(m)] : []),
  write(counter, ({ n }) => n + 1),
  mutex_unlock(m),
])

export default toScenario({
  name: 'lost-update',
  options: { lock: { values: ['window', 'kept'] } },
  world: ({ lock }) => kernel({ threads: { a: inc(lock), b: inc(lock) } }),
  properties: [
    always('both count', (w) => w.field('counter') === 2, { when: (w) => w.finished }),
    sometimes('both return', (w) => w.finished),
  ],
})
`

describe('a race of two threads', () => {
  const file = write('race.ts', race)

  test('is told in the words it was written in, with what was lost, and again by its address', async () => {
    const { code, out } = await relock(['explore', file])
    expect(code).toBe(1)
    for (const words of [
      '● mutex_lock(m)',
      '● n = counter → 0',
      '● counter = n + 1 (1)',
      'BUG: relock: violated: both count',
      'had read counter at step 13 and wrote it at step 26: what a wrote is lost',
      'between the unlock and the relock of m (steps 15 and 22)',
    ])
      expect(out).toContain(words)
    // A message of a machine is no word of the kernel.
    expect(out).not.toMatch(/\b(?:LOCK|UNLOCK|ACCESS|LOCKED)\b/)
    const address = /relock replay (\S+(?:\\\n\S+)*)/.exec(out)![1]!.replaceAll('\\\n', '')
    expect((await relock(['replay', address])).out).toContain('what a wrote is lost')
  })

  test('is compared, its repair is proved, its locks and its machines are shown', async () => {
    const [compared, proved, locks, picture, shown] = await Promise.all([
      relock(['compare', file]),
      relock(['explore', file, '--choose', 'lock=kept']),
      relock(['lockdep', file]),
      relock(['export', 'mermaid', `${file}#inc`]),
      relock(['show', file, 'both return']),
    ])
    expect(compared.out).toMatch(/window .*✗ violated/)
    expect(compared.out).toMatch(/kept .*✓ holds/)
    expect([proved.code, proved.out]).toEqual([0, expect.stringContaining('all of them')])
    expect(locks.out).toContain('no inversion')
    expect(picture.out).toContain('state "counter = n + 1" as')
    expect([shown.code, shown.out]).toEqual([0, expect.stringContaining('inc returned 0')])
  })

  test.each(Object.keys(machineFormats))(
    'its machines are written as %s, like those that come with relock',
    async (format) => {
      const { code, out, err } = await relock(['export', format, `${file}#inc`])
      expect({ code, err }).toEqual({ code: 0, err: '' })
      for (const step of ['inc', 'n = c', 'LOCKED']) expect(out).toContain(step)
    },
  )

  test('has no machine of another name', async () => {
    const { code, err } = await relock(['export', 'dot', `${file}#incr`])
    expect(code).toBe(2)
    expect(err).toContain('race.ts#incr". Did you mean "./race.ts#inc"?')
  })
})

const machine = (states: string, imports = '') => `
import { emit, setup, sendTo } from 'xstate'
import { actor, kernel, mutex, mutex_lock, procedure, send, statechart, toScenario${imports} } from 'relock/kernel'
const m = mutex('m')
const own = setup({}).createMachine({ id: 'own', initial: 'a', states: { ${states} } })
export default toScenario({
  name: 'slip',
  world: () => kernel({ threads: { t: statechart('own', own, { uses: [m] }) } }),
})
`

describe('a slip is told as the user’s, with file, machine and state, the rule and the right form', () => {
  test.each([
    [
      'sendTo',
      machine("a: { on: { CALL: { target: 'b', actions: sendTo('m', { type: 'LOCK' }) } } }, b: {}"),
      ['uses sendTo', 'own', 'rule', "send('m', 'LOCK'"],
    ],
    [
      'after',
      machine("a: { after: { 10: 'b' }, on: { CALL: 'b' } }, b: {}"),
      ['waits for a time (after)', 'own', 'rule', "from: 'env'"],
    ],
    ['invoke', machine("a: { invoke: { src: 'x' }, on: { CALL: 'b' } }, b: {}"), ['invokes an actor', 'own', 'rule']],
    [
      'an emitted thing that is none',
      machine("a: { on: { CALL: { target: 'b', actions: emit({ type: 'PING', to: 'm' }) } } }, b: {}"),
      ['emits {"type":"PING","to":"m"}', 'own', 'rule', "send('m', 'PING'"],
    ],
    [
      'a message nobody knows',
      machine("a: { on: { CALL: { target: 'b', actions: emit(() => send('m', 'LOK', { task: 't' })) } } }, b: {}"),
      ['t/own sends LOK to m', 'Did you mean LOCK?', 'LOCK, TRYLOCK, UNLOCK'],
    ],
    [
      'what a function of its own throws',
      machine("a: { on: { CALL: { target: 'b', guard: () => nothing.there } } }, b: {}"),
      ['threw when it heard CALL: nothing is not', 'own'],
    ],
    [
      'a path to nowhere',
      "import { kernel, mutex_lock, procedure, toScenario } from 'relock/kernel'\nexport default toScenario({ name: 'x', world: () => kernel({ threads: { a: procedure('p', [mutex_lock('req->lock')]) } }) })",
      ['Procedure p', 'no local "req" points to a struct'],
    ],
  ])('%s', async (what, text, words) => {
    const file = write(`${what.replaceAll(/\W/g, '-')}.ts`, text)
    const { code, out, err } = await relock(['explore', file])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    for (const word of words) expect(err).toContain(word)
    expect(err).toContain(file.slice(2))
    expect(err).not.toContain('fault in relock')
  })

  test('a thread that stops in a state that is not final is a finding', async () => {
    const file = write('stops.ts', machine("a: { on: { CALL: 'b' } }, b: {}"))
    const { code, out } = await relock(['explore', file])
    expect(code).toBe(1)
    expect(out).toContain('deadlock, nothing is in flight, and t and t/own are not through')
    expect(out).toContain('t/own stops in state b')
  })
})
