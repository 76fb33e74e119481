/**
 * Whatever is handed in at any door ends with an answer: exit code 0 to 3, in words that name the place, never a stack, a hang or a silent
 * acceptance. RELOCK_SEED=<seed> begins elsewhere, RELOCK_SEEDS=<n> makes n attempts (docs/TRUST.md has the figures of a long run).
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wrongWith, type Door } from './attempt.ts'
import { chanceFrom } from './chance.ts'
import { addressesDoor, addressesOf } from './doors/addresses.ts'
import { argumentsDoor } from './doors/arguments.ts'
import { casesDoor } from './doors/cases.ts'
import { libraryDoor } from './doors/library.ts'
import { scenarioFilesDoor } from './doors/scenario-files.ts'
import { traceOf, tracesDoor } from './doors/traces.ts'

const attempts = Number(process.env['RELOCK_SEEDS'] ?? 300)
const first = Number(process.env['RELOCK_SEED'] ?? 1)

// Two folders deep: what is above is ours, too, whatever a slip makes of a path.
const home = mkdtempSync(join(tmpdir(), 'relock-fuzz-'))
const before = process.cwd()
let doors: readonly Door[]

beforeAll(async () => {
  process.chdir(home)
  const addresses = await addressesOf()
  const traces = await Promise.all(addresses.map(traceOf))
  doors = [argumentsDoor, addressesDoor(addresses), tracesDoor(traces), casesDoor(), scenarioFilesDoor, libraryDoor]
})

afterAll(() => {
  process.chdir(before)
  rmSync(home, { recursive: true, force: true })
})

test(`${attempts} attempts at every door end with an answer that names the place`, async () => {
  const faults: string[] = []
  const codes = new Map<string, number>()
  for (let seed = first; seed < first + attempts; seed++) {
    const chance = chanceFrom(seed)
    const door = doors[seed % doors.length]!
    const folder = join(home, 'a', String(seed))
    mkdirSync(folder, { recursive: true })
    process.chdir(folder)
    const { said, ask, fits } = door.attempt(chance, folder)
    const answer = await ask()
    const fault = wrongWith(answer) ?? fits?.(answer)
    codes.set(`${door.name} ${answer.code}`, (codes.get(`${door.name} ${answer.code}`) ?? 0) + 1)
    if (fault !== undefined)
      faults.push(`RELOCK_SEED=${seed} RELOCK_SEEDS=1: ${fault}\n  ${said}\n  ${answer.err.slice(0, 400)}`)
    process.chdir(home)
    rmSync(folder, { recursive: true, force: true })
  }
  expect(faults).toEqual([])
  // Every door was tried, and most of what was handed in was refused somewhere, not everything.
  if (attempts >= doors.length)
    for (const { name } of doors) expect([...codes.keys()].filter((key) => key.startsWith(name))).not.toEqual([])
  if (process.env['RELOCK_SEEDS'] !== undefined)
    process.stdout.write(
      `${[...codes]
        .map(([key, count]) => `${key}: ${count}`)
        .toSorted()
        .join('\n')}\n`,
    )
})
