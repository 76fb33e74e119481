/** What the program answers to what people type: exit codes, near misses, bounds, streams that end, and Ctrl-C. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands, forget, hasControl, processIn, program, relockIn, scratch, start } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
const asProcess = processIn(folder)
afterAll(() => forget(folder))

describe.concurrent('exit codes', () => {
  test.each([
    [0, 'everything holds', ['explore', 'three-party-deadlock']],
    [0, 'help was asked for', ['--help']],
    [0, 'the version was asked for', ['--version']],
    [1, 'something is violated', ['explore', 'stale-dma']],
    [1, 'one of several is violated', ['explore', 'stale-dma,unmap=restart', 'stale-dma']],
    [2, 'nothing was asked', []],
    [2, 'the command is unknown', ['explor']],
    [2, 'an option is unknown', ['explore', 'stale-dma', '--unmapp', 'restart']],
    [2, 'a number is none', ['explore', 'stale-dma', '--states', 'many']],
    [2, 'there are too many tasks', ['explore', 'stale-dma', '--tasks', '9']],
    [3, 'a bound was met', ['explore', 'well-behaved', '--states', '100']],
    [3, 'only samples were taken', ['explore', 'stale-dma,unmap=restart', '--strategy', 'random', '--runs', '5']],
  ])('%i: %s', async (code, _, args) => {
    expect((await asProcess(args)).code).toBe(code)
  })

  test('4 is a fault of ours, and says so', async () => {
    const errors = await import('../../report/errors.ts')
    expect(errors.sayError(new Error('x'))).toMatchObject({ code: 4, text: expect.stringContaining('relock itself') })
    expect(errors.sayError(new Error('one\ntwo')).text).toContain('Error: one\n  | two\n')
  })
})

describe.concurrent('names', () => {
  test('an unknown scenario is answered with the nearest name', async () => {
    const { code, out, err } = await relock(['explore', 'late-pn'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('Did you mean "late-pin"?')
    expect(err).toContain('npx relock explore late-pin\n')
  })

  test('where there are many names the answer is short', async () => {
    const answers = await Promise.all([
      relock(['explore', 'foo']),
      relock(['explore', 'late-pn']),
      relock(['export', 'mermaid', 'mutx']),
      relock(['machines', 'qqqqq']),
    ])
    for (const { err } of answers) expect(err.split('\n').length).toBeLessThanOrEqual(8)
  })

  test('a slip in the last name is told before the first is explored', async () => {
    expect((await relock(['explore', 'stale-dma', 'late-pn'])).out).toBe('')
  })

  test.each([
    ['a protocol', ['explore', 'stale-dma', '--unmap', 'mapping'], 'Did you mean "per-mapping"?'],
    ['a property', ['show', 'stale-dma', 'every task gets thru its script'], 'every task gets through its script'],
    ['a machine', ['export', 'dot', 'restrat'], 'Did you mean "restart"?'],
    ['a format', ['export', 'mermade', 'restart'], 'Did you mean "mermaid"?'],
    ['an option', ['explore', 'stale-dma', '--unmapp', 'restart'], 'Did you mean --unmap?'],
    ['a scenario instead of an address', ['replay', 'stale-dma'], 'npx relock explore stale-dma'],
    ['half an address', ['replay', 'stale-dma@11f6'], 'is not fingerprint:schedule'],
    ['an address that was cut', ['replay', 'stale-dma@11f6:0x11.1.0x'], 'Not an address: stale-dma@11f6:0x11.1.0x'],
    ['a file that is not there', ['replay', 'x.trace.json'], 'no such file'],
    [
      'a run instead of a scenario',
      ['show', 'stale-dma@94a8858205d3:0x11.1'],
      'npx relock replay stale-dma@94a8858205d3:0x11.1',
    ],
    [
      'a run, compared',
      ['compare', 'stale-dma@94a8858205d3:0x11.1'],
      'npx relock replay stale-dma@94a8858205d3:0x11.1',
    ],
    [
      'a family where one is wanted',
      ['show', 'unmap'],
      'unmap is a family of 13 scenarios, and show takes one of them.',
    ],
    ['a family, misspelt', ['compare', 'device-memry'], 'Did you mean "device-memory"?'],
    ['no family, no scenario', ['compare', 'foo'], 'a family (unmap, drivers, register'],
    ['all protocols', ['explore', 'stale-dma', '--unmap', 'all'], 'npx relock compare stale-dma'],
    [
      'a scenario instead of a machine',
      ['export', 'mermaid', 'stale-dma'],
      'npx relock explore stale-dma prints the address',
    ],
    ['nothing to explore', ['explore'], 'npx relock explore stale-dma'],
    ['nothing to export', ['export'], 'npx relock machines'],
    ['a list of what can be exported', ['export', '--list'], 'Of a machine: mermaid, dot, json, xstate, scxml, smcat.'],
    ['a name too long for a file', ['explore', 'x'.repeat(400)], 'Unknown scenario'],
    ['a verb of another tool', ['step', 'stale-dma'], 'npx relock walk stale-dma'],
    ['a scenario without a verb', ['stale-dma'], 'npx relock explore stale-dma'],
    ['a family without a verb', ['unmap,unmap=restart'], 'npx relock explore unmap,unmap=restart'],
    [
      'no runs at all',
      ['explore', 'stale-dma', '--strategy', 'random', '--runs', '0'],
      '--runs 0: not a whole number from 1',
    ],
    ['a seed of nothing', ['explore', 'stale-dma', '--seed', '4'], '--seed does nothing with --strategy breadth.'],
  ])('%s', async (_, args, answer) => {
    const { code, err } = await relock(args)
    expect(code).toBe(2)
    expect(err).toContain(answer)
    expect(err).toContain('To go on: ')
    expect(err).not.toMatch(/^ {4}at /m)
  })
})

describe.concurrent('a search that is not complete', () => {
  /** A clock that ticks for ever: a search of it can end only by what stops it. Says so on the error stream when it is looked at. */
  const clock = `
import { writeSync } from 'node:fs'
import { always, toScenario } from 'relock'
import { assign, emit, setup } from 'xstate'

let begun = false
const tick = emit({ type: 'send', to: 'clock', message: { type: 'TICK' } })
const machine = setup({}).createMachine({
  id: 'clock',
  context: { ticks: 0 },
  on: { TICK: { actions: [assign({ ticks: ({ context }) => context.ticks + 1 }), tick] } },
})
export default toScenario({
  name: 'clock',
  world: () => ({
    name: 'clock',
    actors: [{ id: 'clock', machine, input: undefined }],
    start: [{ to: 'clock', message: { type: 'TICK', from: 'env' } }],
    view: () => null,
  }),
  properties: [
    always('time passes', () => {
      if (!begun) writeSync(2, 'ticking')
      begun = true
      return true
    }),
  ],
})
`
  beforeAll(() => writeFileSync(join(folder, 'clock.ts'), clock))

  test.each([
    ['--states', '100', 'bound of 100 states'],
    ['--depth', '20', 'bound of depth 20'],
    ['--ms', '1', 'bound of 1 ms'],
  ])('says that it is %s', async (option, value, words) => {
    const { code, out } = await asProcess(['explore', './clock.ts', '--no-reduction', option, value])
    expect(code).toBe(3)
    expect(out).toContain(`not exhaustive: ${words}`)
    expect(out).toContain(`\`${option}\``)
  })

  test('says seed and runs when it only sampled', async () => {
    const { code, out } = await relock([
      ...['explore', 'stale-dma', '--unmap', 'restart', '--strategy', 'pct', '--runs', '7', '--seed', '3'],
    ])
    expect(code).toBe(3)
    expect(out).toContain('sampled: 7 pct runs of its orders, seed 3')
    expect(out).toContain('only `--strategy breadth` can show that nothing is wrong')
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s reports what is known and exits 3', async (signal) => {
    const { ended, speaks, interrupt } = start(folder, ['explore', './clock.ts', '--no-reduction'])
    await speaks
    interrupt(signal)
    const { code, out } = await ended
    expect(code).toBe(3)
    expect(out).toContain('nothing violated so far')
    expect(out).toMatch(/stopped by you at depth \d+/)
  })
})

describe('paper', () => {
  test('a pipe gets no colour and no progress', async () => {
    const { out, err } = await asProcess(['explore', 'late-pin', '--states', '20'], { progress: true })
    expect(hasControl(out)).toBe(false)
    expect(err).toBe('')
  })

  test('FORCE_COLOR paints, NO_COLOR wins over it, and the words stay the same', async () => {
    const tell = (env: Record<string, string>) => relock(['list', 'unmap', 'late-pin'], { env }).then(({ out }) => out)
    const [bare, painted, refused] = await Promise.all([
      tell({}),
      tell({ FORCE_COLOR: '1' }),
      tell({ FORCE_COLOR: '1', NO_COLOR: '1' }),
    ])
    expect(hasControl(painted)).toBe(true)
    // oxlint-disable-next-line no-control-regex
    expect(painted.replace(/\u001b\[\d+m/g, '')).toBe(bare)
    expect(refused).toBe(bare)
  })

  test('TERM=dumb is as good as --ascii', async () => {
    const [dumb, ascii] = await Promise.all([relock(['list'], { env: { TERM: 'dumb' } }), relock(['list', '--ascii'])])
    expect(dumb.out).toBe(ascii.out)
    expect(dumb.out).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('a reader that has seen enough is not an error', async () => {
    const child = spawn('sh', ['-c', `"${process.execPath}" "${program}" list --json | head -1`], { cwd: folder })
    let said = ''
    child.stdout.on('data', (text: Buffer) => (said += text.toString()))
    child.stderr.on('data', (text: Buffer) => (said += text.toString()))
    await new Promise((resolve) => child.on('close', resolve))
    expect(said).toBe('{\n')
  })

  test('where nothing can be written, the report says so and is complete', async () => {
    const other = scratch()
    writeFileSync(join(other, '.relock'), '')
    const { code, out } = await relockIn(other)(['explore', 'stale-dma'])
    forget(other)
    expect(code).toBe(1)
    expect(out).toMatch(/Saved {4}nothing: .relock cannot be written \(E\w+\)/)
  })

  test('every printed command can be pasted: it asks for something that is there', async () => {
    const { out } = await relock(['explore', 'no-notifier', '--unmap', 'per-mapping'])
    const [show] = commands(out)
    expect(show?.slice(0, 2)).toEqual(['show', 'no-notifier,unmap=per-mapping'])
    expect(await relock(show!)).toMatchObject({ code: 0, err: '' })
  })
})
