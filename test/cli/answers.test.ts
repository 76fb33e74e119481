/** What the program answers to what people type: exit codes, near misses, bounds, streams that end, and Ctrl-C. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, commands, forget, hasControl, program, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
beforeAll(build, 120_000)
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
    expect((await relock(args)).code).toBe(code)
  })

  test('4 is a fault of ours, and says so', async () => {
    const errors = await import('../../report/errors.ts')
    expect(errors.sayError(new Error('x'))).toMatchObject({ code: 4, text: expect.stringContaining('relock itself') })
  })
})

describe.concurrent('names', () => {
  test('an unknown scenario is answered with the nearest name', async () => {
    const { code, out, err } = await relock(['explore', 'late-pn'])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('Did you mean "late-pin"?')
    expect(err).toContain('npx relock explore late-pin\n')
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
  ])('%s', async (_, args, answer) => {
    const { code, err } = await relock(args)
    expect(code).toBe(2)
    expect(err).toContain(answer)
    expect(err).toContain('To go on: ')
    expect(err).not.toMatch(/^ {4}at /m)
  })
})

describe.concurrent('a search that is not complete', () => {
  test.each([
    ['--states', '100', 'bound of 100 states'],
    ['--depth', '20', 'bound of depth 20'],
    ['--ms', '1', 'bound of 1 ms'],
  ])('says that it is %s', async (option, value, words) => {
    const { code, out } = await relock(['explore', 'well-behaved', option, value])
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

  test('Ctrl-C reports what is known and exits 3', async () => {
    const long = ['explore', 'well-behaved', '--tasks', '3', '--unmap', 'gated']
    const child = spawn(process.execPath, [program, ...long], { cwd: folder, env: { ...process.env, COLUMNS: '80' } })
    let out = ''
    child.stdout.on('data', (text: Buffer) => (out += text.toString()))
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    // Once it tells how far it is: it may take its time to come up.
    child.stderr.once('data', () => child.kill('SIGINT'))
    expect(await ended).toBe(3)
    expect(out).toContain('nothing violated so far')
    expect(out).toMatch(/stopped by you at depth \d+/)
  })
})

describe('paper', () => {
  test('a pipe gets no colour and no progress', async () => {
    const { out, err } = await relock(['explore', 'late-pin'])
    expect(hasControl(out)).toBe(false)
    expect(err).toBe('')
  })

  test('FORCE_COLOR paints, NO_COLOR wins over it, and the words stay the same', async () => {
    const tell = (env: Record<string, string>) => relock(['list'], { env }).then(({ out }) => out)
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
