/** A thread that searches, one scenario after the other, as it is told. */
import { parentPort } from 'node:worker_threads'
import type { Taken } from '../explore/taken.ts'
import { loadScenario } from '../scenarios/load.ts'
import { builtInScenario } from './built-in.ts'
import type { AskedToSearch, Told, ToSearch } from './elsewhere.ts'
import { searched } from './searched.ts'
import { isPath } from './subject.ts'

const port = parentPort!
const tell = (told: Told): void => port.postMessage(told)

let stop = new AbortController()

const search = async ({ name, choices, flags, taken: isWanted }: ToSearch): Promise<void> => {
  stop = new AbortController()
  const scenario = isPath(name) ? await loadScenario(name) : await builtInScenario(name)
  if (!scenario) throw new Error(`${name} is no built-in scenario`)
  const taken: Taken[] = []
  const report = await searched(
    ...([scenario, choices, flags, { stop: stop.signal, known() {} }] as const),
    (progress) => tell({ say: 'progress', progress }),
    isWanted ? (each) => taken.push(each) : undefined,
  )
  tell({ say: 'found', report, taken })
}

port.on('message', (asked: AskedToSearch) => {
  if (asked.ask === 'stop') return stop.abort()
  search(asked.search).catch((error: unknown) =>
    tell({ say: 'failed', error: error instanceof Error ? error : new Error(String(error)) }),
  )
})
