/**
 * Whoever is killed leaves nothing half-written: each kept run has its text and its trace, whole and of one run. RELOCK_SEEDS=<n> kills n
 * times (a thousand take a few minutes).
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildSync } from 'esbuild'
import { afterAll, expect, test } from 'vitest'
import { readTraceJson } from '../../report/formats/json.ts'
import { folderOf } from '../../report/save.ts'
import { dice } from '../../streams/dice.ts'

const kills = Number(process.env['RELOCK_SEEDS'] ?? 50)
const first = Number(process.env['RELOCK_SEED'] ?? 1)

const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const

const home = mkdtempSync(join(tmpdir(), 'relock-kills-'))
const saver = join(home, 'saves-for-ever.mjs')
buildSync({
  entryPoints: [fileURLToPath(new URL('saves-for-ever.mjs', import.meta.url))],
  ...{ bundle: true, platform: 'node', format: 'esm', outfile: saver },
})
afterAll(() => rmSync(home, { recursive: true, force: true }))

/** Starts the one who saves, lets it save a little, and ends it. */
const killed = (folder: string, signal: NodeJS.Signals, after: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [saver, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let saved = 0
    child.stdout.on('data', (dots: Buffer) => {
      saved += dots.length
      // So many saves, and a moment that nobody chose: somewhere in the next one.
      if (saved >= after) child.kill(signal)
    })
    child.on('error', reject)
    child.on('close', () => resolve())
  })

/** What is wrong with a folder of kept runs. */
const faultsIn = (folder: string): readonly string[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => !name.startsWith('.new-'))
    .flatMap((name) => {
      const [text, path] = [join(folder, name, 'run.txt'), join(folder, name, 'run.trace.json')]
      if (!existsSync(text) || !existsSync(path)) return [`${name} has only ${readdirSync(join(folder, name)).join()}`]
      const { address } = readTraceJson(readFileSync(path, 'utf8'), path)
      const told = readFileSync(text, 'utf8')
      const whole = told.startsWith(`${address}\n`) && told.endsWith(`\n${address}\n`)
      return whole && folderOf(address) === name ? [] : [`${name} holds half a report, or another run`]
    })

test(`${kills} kills leave nothing half-written`, async () => {
  const faults: string[] = []
  let kept = 0
  for (let seed = first; seed < first + kills; seed++) {
    const chance = dice(seed)
    // Some begin with nothing, others where somebody else was killed before.
    const folder = join(home, `runs${Math.floor(seed / 5)}`)
    await killed(folder, signals[chance(signals.length)]!, 1 + chance(12))
    faults.push(...faultsIn(folder).map((fault) => `RELOCK_SEED=${seed} RELOCK_SEEDS=1: ${fault}`))
    kept += readdirSync(folder).filter((name) => !name.startsWith('.new-')).length
  }
  expect(faults).toEqual([])
  expect(kept).toBeGreaterThan(kills / 2)
})
