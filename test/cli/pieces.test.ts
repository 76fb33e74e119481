/** Large samples are taken in pieces, in threads of their own. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { elsewhere, type Elsewhere } from '../../cli/threads/elsewhere.ts'
import { piecesOf } from '../../cli/pieces.ts'
import { run } from '../../cli/run.ts'
import type { Flags } from '../../cli/flags.ts'
import { piece } from '../../explore/sampling/schedulers.ts'
import { silentDesk } from './at-desk.ts'
import { forget, processIn, relockIn, root, scratch } from './run.ts'

const folder = scratch()
afterAll(() => forget(folder))
const relock = relockIn(folder)
const program = pathToFileURL(join(root, 'dist/relock-search.js'))

const flags = (given: Partial<Flags>): Flags => given as Flags

describe('pieces', () => {
  test('are whole ones, at most sixteen, and all runs are in them', () => {
    for (const runs of [3 * piece, 3 * piece + 1, 16 * piece, 16 * piece + 1, 1_000_000]) {
      const pieces = piecesOf(flags({ strategy: 'pct', runs }))
      expect(pieces.length).toBeGreaterThan(1)
      expect(pieces.length).toBeLessThanOrEqual(16)
      let next = 0
      for (const each of pieces) {
        expect([each.firstRun, next % piece]).toEqual([next, 0])
        next += each.runs!
      }
      expect(next).toBe(runs)
    }
  })

  test('a small sample is one, and so is one that stops at the first violation', () => {
    const large = { runs: 100 * piece }
    expect(piecesOf(flags({ strategy: 'random', runs: 3 * piece - 1 }))).toHaveLength(1)
    expect(piecesOf(flags({ strategy: 'random' }))).toHaveLength(1)
    expect(piecesOf(flags({ strategy: 'random', ...large, stopAtFirst: true }))).toHaveLength(1)
    expect(piecesOf(flags({ strategy: 'breadth', ...large }))).toHaveLength(1)
  })
})

const sampling = (strategy: string): readonly string[] =>
  ['explore', 'put-object', '--strategy', strategy, '--runs', '6500', '--json', '--quiet'] as const

/** In two threads; how often they were asked. */
const inThreads = async (words: readonly string[], change: (threads: Elsewhere) => Elsewhere = (same) => same) => {
  const said = { out: '', err: '' }
  let asked = 0
  const real = elsewhere(program, 2)
  const threads = change({ ...real, search: (...all) => (asked++, real.search(...all)) })
  try {
    return { code: await run(words, { ...silentDesk(said), elsewhere: threads }), ...said, asked }
  } finally {
    real.end()
  }
}

const timeless = (json: string): object => ({ ...(JSON.parse(json) as object), seconds: 0 })

describe('the report', () => {
  test.each(['random', 'pct', 'pos', 'coverage'])('%s: is that of one thread', async (strategy) => {
    const there = await inThreads(sampling(strategy))
    const here = await relock(sampling(strategy))
    expect([there.code, there.asked]).toEqual([here.code, 4])
    expect(timeless(there.out)).toEqual(timeless(here.out))
  })

  test('has fewer runs where a thread had no memory for its piece, and says so', async () => {
    let asked = 0
    const { code, out } = await inThreads([...sampling('random')], (real) => ({
      ...real,
      search: (...all) =>
        ++asked === 2 ? Promise.resolve({ outOfMemory: { states: 1, findings: [] } }) : real.search(...all),
    }))
    expect([1, 3]).toContain(code)
    expect(JSON.parse(out)).toMatchObject({ sampled: { runs: 4500 }, stopped: { by: 'memory', waiting: 2000 } })
  })

  test('is that of this thread where a piece fails', async () => {
    const fails = (real: Elsewhere): Elsewhere => ({ ...real, search: () => Promise.reject(new Error('gone')) })
    const { out } = await inThreads(sampling('random'), fails)
    expect(JSON.parse(out)).toMatchObject({ sampled: { runs: 6500 } })
  })

  test('without time for all pieces, those that were not begun count as waiting', async () => {
    const words = [...sampling('random'), '--ms', '6000000']
    let asked = 0
    // As if the second were begun when the time is over.
    const { out } = await inThreads(words, (real) => ({
      ...real,
      many: 1,
      search: (search, ...others) => {
        expect(search.flags.ms).toBeLessThanOrEqual(6_000_000)
        return ++asked > 1 ? Promise.resolve(undefined) : real.search(search, ...others)
      },
    }))
    expect(JSON.parse(out)).toMatchObject({ sampled: { runs: 2000 }, stopped: { by: 'ms', waiting: 4500 } })
  })
})

describe('a file of one’s own', () => {
  const own = processIn(folder)
  const written = (name: string, claim: string): string => {
    const text = `
      import { always, map, scenario, unmap } from 'relock'
      export default scenario({
        name: 'own',
        describe: () => ({
          unmap: 'restart',
          containers: { container0: { mappings: [{ iova: 0x1000, size: 0x1000 }], groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } } } },
          tasks: { vmm0: [unmap(0x1000, 0x1000)], vmm1: [unmap(0x1000, 0x1000), map(0x1000, 0x1000)] },
        }),
        properties: [always('theirs', (w) => ${claim})],
      })`
    writeFileSync(join(folder, name), text)
    return `./${name}`
  }
  const words = (file: string, runs: number) =>
    ['explore', file, '--strategy', 'pos', '--runs', String(runs), '--json'] as const

  test('is sampled in pieces, too', async () => {
    const file = written('holds.ts', 'w.tasks.length === 2')
    const { code, out, err } = await own(words(file, 3 * piece))
    expect([code, err]).toEqual([3, ''])
    expect(JSON.parse(out)).toMatchObject({ sampled: { seed: 1, runs: 3 * piece }, findings: [] })
  })

  test('that throws is told of as in a small sample', async () => {
    const file = written('throws.ts', "{ throw new Error('mine') }")
    const [large, small] = [await own(words(file, 3 * piece)), await own(words(file, 10))]
    expect(small.err).toContain('mine')
    expect(large).toEqual(small)
    expect(large.code).toBe(2)
  })
})
