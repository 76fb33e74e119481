/** What is kept of a search: the best run that was found, whatever else is searched after it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { forget, relockIn, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

const kept = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(join(folder, '.relock')).map((name) => [
      name,
      readFileSync(join(folder, '.relock', name, 'run.txt'), 'utf8'),
    ]),
  )

test('a run that is not proved to be the shortest says so, and neither it nor a smaller search replaces one that is', async () => {
  const whole = await relock(['explore', 'stale-dma'])
  expect(whole.out).toContain('The shortest run that shows it (54 steps)')
  const before = kept()
  const [best] = Object.entries(before)

  const sampled = await relock(['explore', 'stale-dma', '--strategy', 'random', '--runs', '50'])
  expect(sampled.out).toMatch(/A run that shows it; there may be shorter ones \((?!54)\d+ steps\)/)
  const bounded = await relock(['explore', 'stale-dma', '--states', '60'])
  expect(bounded.out.replace(/\s+/g, ' ')).toContain(
    `Saved nothing new: .relock/${best![0]} has this run already, proved to be the shortest`,
  )
  const after = kept()
  expect(Object.keys(after)).toHaveLength(2)
  expect(after).toMatchObject(before)
  expect((await relock(['replay', `.relock/${best![0]}/run.trace.json`])).out).toContain('use-after-free')
})
