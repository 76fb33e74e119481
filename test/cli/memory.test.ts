/** `--max-memory` and `--workers`: what is said of them, and what is refused. What a process really takes is measured by `npm run bench:memory`. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { atDeskIn } from './at-desk.ts'
import { forget, scratch, start } from './run.ts'

const folder = scratch()
const relock = (...words: readonly string[]) => atDeskIn(folder, words)
afterAll(() => forget(folder))

const withoutTime = (text: string): string => text.replace(/\d+(\.\d+)? (ms|s)\b/g, 'so long')
const memoryLine = /\n *Of 1\.0G of memory[^]*?\.\n/

test('what has room says so, and is otherwise the report of a search without a bound', async () => {
  const free = await relock('explore', 'stale-dma', '--list')
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(2 ** 27)
  const { out, code, err } = await relock('explore', 'stale-dma', '--list', '--max-memory', '1G')
  vi.restoreAllMocks()
  expect([code, err]).toEqual([free.code, ''])
  expect(out).toMatch(/Of 1\.0G of memory the process took \S+ at most; all states had room in\s+it\./)
  const saved = /Saved [^]*/
  expect(withoutTime(out).replace(memoryLine, '\n').replace(saved, '')).toBe(withoutTime(free.out).replace(saved, ''))
})

test('what has none goes to the disk, in a folder that is empty then, and comes to the same findings', async () => {
  const spill = join(folder, 'temporary')
  mkdirSync(spill)
  vi.stubEnv('TMPDIR', spill)
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(2 ** 30)
  const { out, code } = await relock('explore', 'stale-dma', '--json', '--max-memory', '1G')
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  const free = await relock('explore', 'stale-dma', '--json')
  const { memory, seconds: _, ...report } = JSON.parse(out)
  const { seconds: __, ...expected } = JSON.parse(free.out)
  expect([code, report]).toEqual([free.code, expected])
  expect(memory).toMatchObject({ within: 2 ** 30, disk: expect.any(Number) })
  expect(memory.disk).toBeGreaterThan(0)
  expect(readdirSync(spill)).toEqual([])
})

test('a search that has to end for want of memory says what stood against going on', async () => {
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(2 ** 30)
  const { out, code } = await relock('explore', 'stale-dma', '--max-memory', '1G', '--checkpoint', 'kept')
  vi.restoreAllMocks()
  expect(code).toBe(3)
  expect(out.replace(/\s+/g, ' ')).toMatch(
    /no memory for more than [\d,]+ states? \(what is kept as a checkpoint does not go to the disk\)/,
  )
})

test('what is known by hashes has a verdict of its own in every format, and its own code', async () => {
  vi.spyOn(process.memoryUsage, 'rss').mockReturnValue(2 ** 30)
  const asked = ['explore', 'well-behaved', '--max-memory', '1G', '--compact'] as const
  const { out, code } = await relock(...asked)
  const json = await relock(...asked, '--json')
  const junit = await relock(...asked, '--reporter', 'junit')
  vi.restoreAllMocks()
  expect([code, json.code, junit.code]).toEqual([3, 3, 3])
  const words = /not exhaustive: states known by hashes, a chance of 1 in [\d,]+ at most that one was left out/
  expect(out.replace(/\s+/g, ' ')).toMatch(words)
  expect(junit.out.replace(/\s+/g, ' ')).toMatch(words)
  expect(out).not.toMatch(/all of them/)
  const told = JSON.parse(json.out)
  expect(told).toMatchObject({ verdict: 'undecided', exhaustive: false, stopped: { by: 'hashes', waiting: 0 } })
  expect(told.stopped.omission).toBe((told.states * (told.states - 1)) / 2 ** 65)
})

test('a disk that takes no files is told of before anything is searched', async () => {
  vi.stubEnv('TMPDIR', '/proc')
  const { code, out, err } = await relock('explore', 'stale-dma', '--max-memory', '2G')
  vi.unstubAllEnvs()
  expect([code, out]).toEqual([2, ''])
  expect(err).toContain('States cannot be put on the disk.')
  expect(err.replace(/\s+/g, ' ')).toMatch(/\w+: .*, in \/proc TMPDIR says where they go/)
})

test('--compact without a bound is refused', async () => {
  const { code, err } = await relock('explore', 'stale-dma', '--compact')
  expect(code).toBe(2)
  expect(err).toContain('--compact does nothing without a bound.')
})

test('what is no size, too little for Node, or nothing to the search is refused with what is expected', async () => {
  for (const given of ['2', '2GB', '-2G', '0G', 'all', '99999G', '']) {
    const { code, out, err } = await relock('explore', 'stale-dma', '--max-memory', given)
    expect([code, out], given).toEqual([2, ''])
    expect(err.replace(/\s+/g, ' ')).toContain(`--max-memory ${given}: not a size from 128M to 16384G.`)
    expect(err).toContain('--max-memory 2G')
  }
  for (const given of ['127.9M', '60M', '1M', '0.1K']) {
    const { code, out, err } = await relock('explore', 'stale-dma', '--json', '--max-memory', given)
    expect([code, out], given).toEqual([2, ''])
    expect(err).toContain(`--max-memory ${given}: no search keeps to less than 128M.`)
    expect(err).toContain('To go on: --max-memory 128M\n')
  }
  const sampled = await relock('explore', 'stale-dma', '--max-memory', '2G', '--strategy', 'random')
  expect(sampled.code).toBe(2)
  expect(sampled.err).toContain('--max-memory does nothing with --strategy random.')
})

test('who bounds memory with --memory, which is about memory of devices, is told the option that does', async () => {
  for (const [scenario, value] of [
    ['stale-dma', '2G'],
    ['reset-while-mapped', '512M'],
  ] as const) {
    const { code, err } = await relock('explore', scenario, '--memory', value)
    expect([code, err]).toEqual([2, expect.stringContaining(`npx relock explore ${scenario} --max-memory ${value}\n`)])
  }
})

/** A clock that ticks for ever, in a process that takes its memory to be short: its states are on the disk long before this tick. */
const clock = (at2000: string): string => `
import { writeSync } from 'node:fs'
import { always, toScenario } from 'relock'
import { assign, emit, setup } from 'xstate'

process.memoryUsage.rss = () => 2 ** 30
const next = (ticks) => {
  if (ticks === 2000) ${at2000}
  return ticks + 1
}
const tick = emit({ type: 'send', to: 'clock', message: { type: 'TICK' } })
const machine = setup({}).createMachine({
  id: 'clock',
  context: { ticks: 0 },
  on: { TICK: { actions: [assign({ ticks: ({ context }) => next(context.ticks) }), tick] } },
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

test('who has given V8 less than it needs, whatever --max-memory says, is told what is known, and no process breaks down', async () => {
  const text = `'x'.repeat(3000) + ticks`
  const grows = clock("{ throw new Error('there was room') }")
    .replace('ticks === 2000', 'ticks === 1_000_000')
    .replace('process.memoryUsage.rss = () => 2 ** 30', '')
    .replace('context: { ticks: 0 },', "context: { ticks: 0, text: '' },")
    .replace('next(context.ticks) })', `next(context.ticks), text: ({ context: { ticks } }) => ${text} })`)
  writeFileSync(join(folder, 'grows.ts'), grows)
  const asked = ['explore', './grows.ts', '--no-reduction', '--json', '--quiet', '--max-memory', '8G']
  const { code, out } = await start(folder, asked, undefined, { NODE_OPTIONS: '--max-old-space-size=150' }).ended
  expect(code).toBe(3)
  const { stopped, states } = JSON.parse(out)
  expect(stopped).toMatchObject({ by: 'memory', why: 'V8 has no room for more objects' })
  expect(states).toBeGreaterThan(1000)
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s leaves no file behind, and tells what is known', async (signal) => {
  const spill = join(folder, signal)
  mkdirSync(spill)
  writeFileSync(join(folder, 'clock.ts'), clock("writeSync(2, 'ticking')"))
  const asked = ['explore', './clock.ts', '--no-reduction', '--json', '--max-memory', '1G']
  const { ended, says, interrupt } = start(folder, asked, undefined, { TMPDIR: spill })
  await says('ticking')
  interrupt(signal)
  const { code, out } = await ended
  expect(code).toBe(3)
  const { stopped, memory } = JSON.parse(out)
  expect(stopped).toMatchObject({ by: 'you' })
  expect(memory.disk).toBeGreaterThan(0)
  expect(readdirSync(spill)).toEqual([])
})

test('SIGKILL leaves none, either', async () => {
  const spill = join(folder, 'killed')
  mkdirSync(spill)
  const waits = "{ writeSync(2, 'ticking'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) }"
  writeFileSync(join(folder, 'killed.ts'), clock(waits))
  const asked = ['explore', './killed.ts', '--no-reduction', '--max-memory', '1G']
  const { ended, says, interrupt } = start(folder, asked, undefined, { TMPDIR: spill })
  await says('ticking')
  interrupt('SIGKILL')
  const { code, out } = await ended
  expect([code, out]).toEqual([-1, ''])
  expect(readdirSync(spill)).toEqual([])
})

test('threads that can be of no help are told of, below what is drawn', async () => {
  const told = async (...words: readonly string[]) => (await relock('explore', 'stale-dma,tasks=3', ...words)).err
  expect(await told('--workers', '2')).toBe(
    'One thread has searched, whatever `--workers` says: tasks that are alike count once here. `--no-symmetry` has more states searched, by all threads.\n',
  )
  expect([await told(), await told('--workers', '2', '--no-symmetry')]).toEqual(['', ''])
})
