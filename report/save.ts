/** Keeps the first finding of an exploration: its report as text, its run as JSON, with one stem. Never a reason to fail. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Trace } from '../explore/trace.ts'
import { parseAddress } from './address.ts'
import { readTraceJson, traceJson, type SavedRun } from './formats/json.ts'

/** A scenario may be a path; a file's name may not. */
export const stemOf = (scenario: string, fingerprint: string): string =>
  `${
    scenario
      .replace(/\.[cm]?[jt]s$/, '')
      .replace(/[^\w-]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'run'
  }-${fingerprint}`

/** What the report says below the replay command. */
export const saveRun = (
  run: { readonly address: string; readonly trace: Trace; readonly text: string },
  folder = '.relock',
): { readonly said: string; readonly run?: string } => {
  const { scenario, fingerprint } = parseAddress(run.address)
  const stem = join(folder, stemOf(scenario, fingerprint))
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${stem}.txt`, run.text)
    writeFileSync(`${stem}.trace.json`, traceJson(run.trace, run.address))
    return { said: `${stem}.{txt,trace.json}`, run: `${stem}.trace.json` }
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message
    return { said: `nothing: ${folder} cannot be written (${why})` }
  }
}

export interface Kept {
  readonly path: string
  readonly run: SavedRun
}

/** The saved run an address came from, if it is still there. */
export const savedRun = (
  address: { readonly scenario: string; readonly fingerprint: string },
  folder = '.relock',
): Kept | undefined => {
  const path = join(folder, `${stemOf(address.scenario, address.fingerprint)}.trace.json`)
  try {
    return { path, run: readTraceJson(readFileSync(path, 'utf8'), path) }
  } catch {
    return undefined
  }
}
