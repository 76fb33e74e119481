/** What is installed, in the hands of real runners: a project whose tests pass, and one whose tests fail, and what the failure says. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { foundInOwnActors, ownActors } from './own-actors.ts'
import { forget, pack, project, runIn, type Ran } from './packed.ts'
import { failing, passing, twoUnmaps } from './world.ts'

const names = 'always, conform, explore, replay, sometimes, start, unmap, linux'
const asModule = `import { ${names} } from 'relock'\n`
const required = `const { ${names} } = require('relock')\n`
const vitestHead = `import { expect, test } from 'vitest'\nimport 'relock/vitest'\n${asModule}${twoUnmaps}`
const jestHead = `require('relock/jest')\n${required}${twoUnmaps}`

/** One for each runner. */
const snapshots: string[] = []
const said: Record<string, Ran> = {}
let folder = ''

beforeAll(async () => {
  folder = project(pack(inject('shared')), {
    'package.json': '{ "name": "of-a-user", "private": true }',
    'vitest.config.mjs': "export default { test: { include: ['vitest/*.test.mjs'] } }\n",
    'jest.config.cjs':
      "module.exports = { testMatch: ['**/jest/*.test.cjs'], modulePathIgnorePatterns: ['node_modules/relock'] }\n",
    'actors.mjs': ownActors,
    'vitest/passing.test.mjs': vitestHead + passing,
    'vitest/failing.test.mjs': vitestHead + failing,
    'jest/passing.test.cjs': jestHead + passing,
    'jest/failing.test.cjs': jestHead + failing,
    'node.test.cjs': `${required}${twoUnmaps}
const { assertHolds, assertIn } = require('relock')
const { test } = require('node:test')
test('as posted it holds', async () => assertHolds(await explore(twoUnmaps('per-mapping'), [gone])))
test('a lock is held', () => assertIn(start(twoUnmaps('restart')).actor('iommu.lock'), 'free'))
`,
  })
  for (const result of ['passing', 'failing']) {
    said[`vitest ${result}`] = await runIn(folder, 'vitest/vitest.mjs', 'run', result, '--no-color')
    // Not `--ci`, with which no snapshot is written.
    said[`jest ${result}`] = await runIn(folder, 'jest/bin/jest.js', `${result}.test.cjs`, '--no-ci', '--no-watchman')
  }
  said['node'] = await runIn(folder, '../node.test.cjs')
})
afterAll(() => forget(folder))

describe.each(['vitest', 'jest'])('under %s', (runner) => {
  test('what is so passes', () => {
    const { code, said: output } = said[`${runner} passing`]!
    expect(code, output).toBe(0)
    expect(output).toMatch(/4 passed/)
  })

  test('what fails tells the verdict, the lanes of the shortest run, both sides, and how to make it again', () => {
    const { code, said: output } = said[`${runner} failing`]!
    expect(code).toBe(1)
    expect(output).toContain('linux does not hold:')
    expect(output).toContain('use-after-free: use-after-free in vfio_dma_do_unmap (54 steps)')
    expect(output).toMatch(/✗ linux {3}violated at depth 54/)
    expect(output).toMatch(/vmm0 +(?:iommu\.lock +)?type1 +(?:\S+ +)*vmm1/)
    expect(output).toMatch(/54 ① +├─+ read ─+►/)
    expect(output).toContain('BUG: KASAN: slab-use-after-free in vfio_dma_do_unmap')
    expect(output).toContain("Replay   replay(world, '0x11.1.0x2.1")
    expect(output).toContain('It is in `free`, not in `held`.')
  })

  test('a run in a snapshot is its lanes: fewer lines than steps, and no numbers of steps that are not told', () => {
    const [file] = readdirSync(join(folder, runner, '__snapshots__'))
    const text = readFileSync(join(folder, runner, '__snapshots__', file!), 'utf8')
    const [, snapshot = ''] = /= `\n(.*?)\n`;/s.exec(text) ?? []
    snapshots.push(snapshot.trim())
    expect(snapshot).toMatch(/50 ① +├─+ read ─+►/)
    expect(snapshot.split('\n').length).toBeLessThan(54)
  })
})

test('a snapshot is the same under every runner', () => {
  expect(snapshots).toHaveLength(2)
  expect(new Set(snapshots).size).toBe(1)
})

test('under vitest what fails has a page attached', () => {
  const attached = readdirSync(join(folder, '.vitest-attachments')).map((name) =>
    readFileSync(join(folder, '.vitest-attachments', name), 'utf8'),
  )
  expect(said['vitest failing']!.said).toContain('relock: the page of linux')
  expect(attached).toHaveLength(1)
  expect(attached[0]).toMatch(/^<!doctype html>/)
  expect(attached[0]).toContain('use-after-free in vfio_dma_do_unmap')
})

test('under node:test an assertion tells the same', () => {
  const { code, said: output } = said['node']!
  expect(code).toBe(1)
  expect(output).toMatch(/54 ① +├─+ read ─+►/)
  expect(output).toContain("Replay   replay(world, '0x11")
  expect(output).toContain('# pass 1')
})

test('actors of XState are searched as they were when the ends of XState were tried', async () => {
  const { out, said: output } = await runIn(folder, 'relock/dist/relock.js', 'explore', './actors.mjs', '--json')
  const { findings, ...report } = JSON.parse(out) as { readonly findings: readonly unknown[] }
  expect({ ...report, findings: findings.length }, output).toMatchObject(foundInOwnActors)
})
