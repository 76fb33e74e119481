/** A saved run that somebody has edited, or of which a part is missing. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { atDesk, type Outcome } from '../../cli/at-desk.ts'
import type { Attempt, Door } from '../attempt.ts'
import { changeIn, slipIn, type Chance } from '../chance.ts'

/** The run at an address as `relock replay --json` prints it, which is how it is saved. */
export const traceOf = async (address: string): Promise<string> => (await atDesk(['replay', address, '--json'])).out

const replayed = (path: string): Promise<Outcome> => atDesk(['replay', path, '--json'])

export const tracesDoor = (traces: readonly string[]): Door => ({
  name: 'traces',
  attempt: (chance: Chance, folder: string): Attempt => {
    const text = chance.pick(traces)
    const path = join(folder, 'run.trace.json')
    if (chance.oneIn(4)) {
      writeFileSync(path, slipIn(chance, text))
    } else {
      const { trace, ...told } = JSON.parse(text) as { readonly trace: unknown }
      // What happened at each step is for others to read; what is replayed stands beside it.
      const { what, at, value: changed } = changeIn(chance, chance.oneIn(3) ? { ...told, trace } : told)
      const value = { trace, ...(changed as object) }
      writeFileSync(path, `${JSON.stringify(value)}\n`)
      return {
        said: `a trace with ${what} ${at.join('.')}: ${JSON.stringify(value).slice(0, 200)}`,
        ask: () => replayed(path),
        fits: (answer) => accepted(answer, text) ?? unnamed(answer, path),
      }
    }
    return {
      said: `a trace with a slip: ${readFileSync(path, 'utf8').slice(0, 200)}`,
      ask: () => replayed(path),
      fits: (answer) => accepted(answer, text) ?? unnamed(answer, path),
    }
  },
})

/** Nobody is shown another run than the one that was saved. */
const accepted = ({ code, out }: Outcome, text: string): string | undefined =>
  code === 2 || out === text ? undefined : 'it is accepted, and is another run'

const unnamed = ({ code, err }: Outcome, path: string): string | undefined =>
  code !== 2 || err.replaceAll(/\s/g, '').includes(path.replaceAll(/\s/g, '')) ? undefined : 'the file is not named'
