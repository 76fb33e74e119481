/** A process that searches is killed by SIGKILL, wherever it is, again and again: in the end it reports what it reports when it is left alone. RELOCK_SEEDS=<n> kills n times. */
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, expect, test } from 'vitest'
import { dice } from '../../streams/dice.ts'

const kills = Number(process.env['RELOCK_SEEDS'] ?? 12)
const first = Number(process.env['RELOCK_SEED'] ?? 1)

const home = mkdtempSync(join(tmpdir(), 'relock-killed-'))
const program = join(home, 'dist/searches.mjs')
buildSync({
  entryPoints: [fileURLToPath(new URL('searches.mjs', import.meta.url))],
  ...{ bundle: true, platform: 'node', format: 'esm', outfile: program },
  external: ['vitest'],
})
// It says whose version it is.
cpSync(fileURLToPath(new URL('../../package.json', import.meta.url)), join(home, 'package.json'))
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** What it says in the end; undefined: it was killed, in the middle of what comes after so many checkpoints. */
const search = (words: readonly string[], after = Infinity): Promise<string | undefined> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
    let told = ''
    child.stdout.on('data', (text: Buffer) => {
      told += text.toString()
      if (told.length >= after && !told.includes('\n')) child.kill('SIGKILL')
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0 ? told.slice(told.indexOf('\n') + 1) : undefined))
  })

test.each([
  ['states', 2176],
  ['orbits', 660],
] as const)(`${kills} times SIGKILL change nothing of what a process reports that searches %s`, async (whom, count) => {
  const whole = await search([whom])
  const faults: string[] = []
  let killed = 0
  for (let seed = first; killed < kills; seed++) {
    const chance = dice(seed)
    const path = join(home, whom, `${seed}`, 'search.checkpoint')
    let said: string | undefined
    for (let here = 0; said === undefined; here++) {
      said = await search([whom, path, `${100 + chance(400)}`], here < 5 ? 1 + chance(4) : Infinity)
      if (said !== undefined) break
      killed++
      if (!existsSync(path)) faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1: nothing was kept`)
    }
    if (said !== whole) faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1`)
  }
  expect(whole).toContain(`"states":${count}`)
  expect(faults).toEqual([])
})
