/** `--checkpoint`: what is asked again goes on, in the words of a search that was not interrupted. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { forget, relockIn, scratch, start } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const withoutTime = (text: string): string => text.replace(/\d+(\.\d+)? (ms|s)\b/g, 'so long')

test('a search that a bound has ended goes on behind it, and says what one without the bound says', async () => {
  const whole = await relock(['explore', 'stale-dma', '--list'])
  const bounded = await relock(['explore', 'stale-dma', '--list', '--states', '20', '--checkpoint', 'kept'])
  expect(bounded.out).toContain('not exhaustive')
  const again = await relock(['explore', 'stale-dma', '--list', '--checkpoint', 'kept'])
  expect(again.code).toBe(whole.code)
  const saved = /Saved .*/s
  expect(withoutTime(again.out).replace(saved, '')).toBe(withoutTime(whole.out).replace(saved, ''))
  expect(again.err).toBe('')
  expect(readdirSync(join(folder, 'kept'))).toEqual([expect.stringMatching(/^stale-dma-.*\.checkpoint$/)])
})

test('what is kept of other scenarios, choices or ways to search is refused with what differs, and left', async () => {
  const [file = ''] = readdirSync(join(folder, 'kept'))
  const before = readFileSync(join(folder, 'kept', file))
  for (const [words, differs] of [
    [['late-pin'], file],
    [['stale-dma', '--unmap', 'gated'], file],
    [['stale-dma', '--no-reduction'], 'was true, and is false'],
    [['stale-dma', '--depth', '9'], 'was any, and is 9'],
  ] as const) {
    const { code, out, err } = await relock(['explore', ...words, '--checkpoint', 'kept'])
    expect([code, out]).toEqual([2, ''])
    expect(err.replace(/\s+/g, ' ')).toContain(differs)
    expect(err).toMatch(/To go on|Go on with/)
  }
  expect(readFileSync(join(folder, 'kept', file)).equals(before)).toBe(true)
})

test('what is damaged is refused with its place', async () => {
  const [file = ''] = readdirSync(join(folder, 'kept'))
  const whole = readFileSync(join(folder, 'kept', file))
  writeFileSync(join(folder, 'kept', file), whole.subarray(0, whole.length - 30))
  const { code, err } = await relock(['explore', 'stale-dma', '--checkpoint', 'kept'])
  expect(code).toBe(2)
  expect(err).toContain('is damaged')
  expect(err).toContain(`of ${whole.length - 30}`)
  writeFileSync(join(folder, 'kept', file), whole)
})

test('a family is kept as a file for each of its stories, and asked again it is told at once', async () => {
  const once = await relock(['explore', 'drivers', '--checkpoint', 'family'])
  expect(readdirSync(join(folder, 'family')).length).toBeGreaterThan(3)
  const again = await relock(['explore', 'drivers', '--checkpoint', 'family'])
  expect(withoutTime(again.out)).toBe(withoutTime(once.out))
  expect(again.code).toBe(once.code)
})

test('a folder that cannot be one is refused before anything is searched, and so is a search that cannot be kept', async () => {
  writeFileSync(join(folder, 'a-file'), '')
  const file = await relock(['explore', 'stale-dma', '--checkpoint', 'a-file'])
  expect([file.code, file.out]).toEqual([2, ''])
  expect(file.err).toContain('Nothing can be kept in a-file.')
  const takesNone = await relock(['explore', 'stale-dma', '--checkpoint', '/proc'])
  expect([takesNone.code, takesNone.out]).toEqual([2, ''])
  expect(takesNone.err).toContain('Nothing can be kept in /proc.')
  const sampled = await relock(['explore', 'stale-dma', '--strategy', 'random', '--checkpoint', 'kept'])
  expect(sampled.code).toBe(2)
  expect(sampled.err).toContain('--checkpoint does nothing with --strategy random.')
})

/** It waits in a step for ever, so the search is never over. */
const waits = `
import { writeSync } from 'node:fs'
import { always, toScenario } from 'relock'
import { assign, setup } from 'xstate'

const next = () => {
  if (process.env.WAITS) {
    writeSync(2, 'searching')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
  return 1
}
const machine = setup({}).createMachine({
  id: 'clock',
  context: { ticks: 0 },
  on: { TICK: { actions: assign({ ticks: next }) } },
})
export default toScenario({
  name: 'clock',
  world: () => ({
    name: 'clock',
    actors: [{ id: 'clock', machine, input: undefined }],
    start: [{ to: 'clock', message: { type: 'TICK', from: 'env' } }],
    view: () => null,
  }),
  properties: [always('time passes', () => true)],
})
`

test('of two processes that keep one search in one folder the second is refused, until the first is gone, however it went', async () => {
  writeFileSync(join(folder, 'waits.ts'), waits)
  const asked = ['explore', './waits.ts', '--checkpoint', 'shared'] as const
  const first = start(folder, asked, undefined, { WAITS: 'yes' })
  await first.says('searching')
  const second = await start(folder, asked).ended
  expect([second.code, second.out]).toEqual([2, ''])
  expect(second.err).toContain('Another process keeps this very search there.')
  expect(second.err).toMatch(/process \d+ on /)
  expect(second.err).toMatch(/clock-.*\.checkpoint\.lock/)
  first.interrupt('SIGKILL')
  await first.ended
  const third = await start(folder, asked).ended
  expect([third.code, third.err]).toEqual([0, ''])
  expect(readdirSync(join(folder, 'shared'))).toEqual([expect.stringMatching(/\.checkpoint$/)])
})
