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

test('a run that was kept goes by its file, its folder, or the name of that, wherever a run is asked for', async () => {
  await relock(['explore', 'stale-dma'])
  const [name = ''] = Object.keys(kept())
  const file = `.relock/${name}/run.trace.json`
  const { address } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as { readonly address: string }
  for (const words of [['replay'], ['lockdep'], ['export', 'json'], ['export', 'mermaid']]) {
    const [of, ...others] = await Promise.all(
      [address, file, `.relock/${name}`, `.relock/${name}/`, `./.relock/${name}`, name].map((run) =>
        relock([...words, run]),
      ),
    )
    expect(of!.out).not.toBe('')
    for (const other of others) expect(other).toEqual(of)
  }
})

test('a run where a scenario is asked for is answered with what tells it', async () => {
  const [name = ''] = Object.keys(kept())
  for (const verb of ['explore', 'show', 'compare'])
    for (const run of [`.relock/${name}/run.trace.json`, `.relock/${name}`, name]) {
      const { code, err } = await relock([verb, run])
      expect(code).toBe(2)
      expect(err).toContain('That is one run; a scenario is asked for here.')
      expect(err).toContain(`To go on: npx relock replay ${run}`)
    }
})

test('a run that is not proved to be the shortest says so, and neither it nor a smaller search replaces one that is', async () => {
  const whole = await relock(['explore', 'stale-dma'])
  expect(whole.out).toContain('The shortest run that shows it (54 steps)')
  const before = kept()
  const [best] = Object.entries(before)

  const sampled = await relock(['explore', 'stale-dma', '--strategy', 'random', '--runs', '50'])
  expect(sampled.out).toMatch(/A run that shows it; there may be shorter ones \((?!54)\d+ steps\)/)
  const bounded = await relock(['explore', 'stale-dma', '--states', '33'])
  expect(bounded.out.replace(/\s+/g, ' ')).toContain(
    `Saved nothing new: .relock/${best![0]} has this run already, proved to be the shortest`,
  )
  const after = kept()
  expect(Object.keys(after)).toHaveLength(2)
  expect(after).toMatchObject(before)
  expect((await relock(['replay', `.relock/${best![0]}/run.trace.json`])).out).toContain('use-after-free')
})
