/** Recorded system calls, written by hand or damaged on the way; plain and compressed. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { atDesk, type Outcome } from '../../cli/at-desk.ts'
import type { Attempt, Door } from '../attempt.ts'
import { changeIn, slipIn, type Chance } from '../chance.ts'

const recorded = (): readonly string[] =>
  gunzipSync(readFileSync(new URL('../../recordings/kernel-6.1/hand-unmap.jsonl.gz', import.meta.url)))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')

const write = (chance: Chance, folder: string, text: string): string => {
  const path = join(folder, chance.oneIn(2) ? 'cases.jsonl.gz' : 'cases.jsonl')
  writeFileSync(path, path.endsWith('.gz') ? gzipSync(text) : text)
  return path
}

const conformed = (path: string) => (): Promise<Outcome> => atDesk(['conform', path, '--quiet'])

/** Fields whose names people make up, or that nobody compares. */
const isFree = (at: readonly (string | number)[]): boolean => at[0] === 'name' || at.length === 0

export const casesDoor = (): Door => {
  const lines = recorded()
  return {
    name: 'cases',
    attempt: (chance, folder): Attempt => {
      const line = chance.pick(lines)
      if (chance.oneIn(5)) {
        const slipped = slipIn(chance, line)
        const path = write(chance, folder, `${chance.pick(lines)}\n${slipped}\n`)
        return { said: `cases with a slip: ${slipped.slice(0, 300)}`, ask: conformed(path), fits: named(path) }
      }
      if (chance.oneIn(6)) {
        const path = join(folder, 'damaged.jsonl.gz')
        const bytes = gzipSync(line)
        const end = chance.oneIn(2) ? bytes.length : chance.upTo(bytes.length)
        bytes[2 + chance.upTo(bytes.length - 2)]! ^= 1 + chance.upTo(255)
        writeFileSync(path, bytes.subarray(0, end))
        return { said: `${line.slice(0, 60)}…, compressed and damaged`, ask: conformed(path), fits: named(path) }
      }
      if (chance.oneIn(8)) {
        const [, key = 'name'] = /"(\w+)":/.exec(line.slice(chance.upTo(line.length >> 1))) ?? []
        const twice = line.replace(`"${key}":`, `"${key}":"other","${key}":`)
        const path = write(chance, folder, twice)
        return { said: `a key twice: ${twice.slice(0, 200)}`, ask: conformed(path), fits: refused(path) }
      }
      const { what, at, value } = changeIn(chance, JSON.parse(line))
      const path = write(chance, folder, `${JSON.stringify(value)}\n`)
      return {
        said: `a case with ${what} ${at.join('.')}: ${JSON.stringify(value)}`,
        ask: conformed(path),
        fits: (answer) =>
          (what === 'misspelt' && !isFree(at) ? refusedOrTold(answer) : undefined) ?? named(path)(answer),
      }
    },
  }
}

/** Where a slip is told, the file is. */
const named =
  (path: string) =>
  ({ code, err }: Outcome): string | undefined =>
    code !== 2 || err.replaceAll(/\s/g, '').includes(path.replaceAll(/\s/g, '')) ? undefined : 'the file is not named'

const refused =
  (path: string) =>
  (answer: Outcome): string | undefined =>
    answer.code === 2 ? named(path)(answer) : 'it is accepted'

/** A misspelt name is a slip, or makes a difference that is told. */
const refusedOrTold = ({ code }: Outcome): string | undefined => (code === 0 ? 'it is accepted' : undefined)
