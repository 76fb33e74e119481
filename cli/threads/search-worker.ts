/** A thread that searches, one scenario after the other, as it is told. */
import { parentPort, workerData } from 'node:worker_threads'
import { toldFromTheStart } from '../../explore/runs/behind.ts'
import { pieceBehind } from '../../explore/several/cut.ts'
import { replay } from '../../explore/index.ts'
import type { Report, Schedule } from '../../explore/outcome/report.ts'
import type { System } from '../../explore/system.ts'
import type { Taken } from '../../explore/outcome/taken.ts'
import { sayError, slipIn } from '../../report/errors.ts'
import { placesIn } from '../../report/places.ts'
import { Modules } from '../../scenarios/modules.ts'
import type { Scenario } from '../../scenarios/told.ts'
import { builtInScenario } from '../built-in.ts'
import { compiledElsewhere, type Compiling } from './compiling.ts'
import type { AskedToSearch, Shown, Told, ToSearch } from './elsewhere.ts'
import { guard } from './guard.ts'
import { inGivenOrder } from '../order.ts'
import { ownScenario } from '../own.ts'
import { searched } from '../searched.ts'
import { isPath } from '../subject.ts'

const port = parentPort!
const tell = (told: Told): void => port.postMessage(told)

let stop = new AbortController()
const files: string[] = []
const modules = new Modules({ compile: compiledElsewhere(workerData as Compiling) })

/** Of a file of the user's it is told where, since the file is run nowhere else. */
const fail = (error: unknown): void => {
  const isTheirs = files.length > 0
  const slip = isTheirs ? undefined : slipIn(error)
  if (slip) return tell({ say: 'slip', fact: slip.message, about: slip.about })
  tell({
    say: 'failed',
    error: isTheirs ? new Error(inOneLine(error)) : error instanceof Error ? error : new Error(String(error)),
  })
}

/** Fact and evidence; what to do about it stands in no summary. */
const inOneLine = (error: unknown): string =>
  sayError(error, { files, width: Infinity })
    .text.split('\n')
    .filter((line) => line !== '' && !line.startsWith('  To go on:'))
    .map((line) => line.trim())
    .join(' ')

const runs = (file: string): void => {
  if (files.length === 0)
    guard((call, stack) => {
      const [place] = placesIn(stack, [file])
      tell({
        say: 'failed',
        error: new Error(`${file} ended the program. ${call}${place === undefined ? '' : ` at ${place}`}`),
      })
    })
  files.push(file)
}

/** A file, which this thread reads once. */
const own = new Map<string, Scenario>()

const scenarioOf = async (name: string, ms: number | undefined): Promise<Scenario> => {
  const scenario =
    own.get(name) ??
    (isPath(name) ? await ownScenario(name, { files, modules, runs }, ms) : await builtInScenario(name))
  if (!scenario) throw new Error(`${name} is no built-in scenario`)
  if (isPath(name)) own.set(name, scenario)
  return scenario
}

const outline = async (name: string, ms: number | undefined): Promise<void> => {
  const { choices, expected } = await scenarioOf(name, ms)
  tell({ say: 'outline', outline: { choices, expected } })
}

/** Only what comes behind a run. */
const behind = (scenario: Scenario, run: Schedule | undefined): Scenario =>
  run === undefined
    ? scenario
    : { ...scenario, system: (choices) => pieceBehind(scenario.system(choices), run, () => stop.abort(touched)) }

const touched = new Error(
  'it touches memory behind the cut, and whether that is a data race is a question about whole runs: leave out --cut',
)

const search = async (asked: ToSearch): Promise<void> => {
  const { name, choices, flags, taken: isWanted, runs: areWanted, prefix } = asked
  stop = new AbortController()
  const scenario = behind(inGivenOrder(await scenarioOf(name, flags.ms), flags.order), prefix)
  const taken: Taken[] = []
  const found = await searched(
    ...([scenario, choices, { ...flags, order: undefined }, { stop: stop.signal, known() {} }] as const),
    (progress) => tell({ say: 'progress', progress }),
    isWanted ? (each) => taken.push(each) : undefined,
  )
  if (stop.signal.reason === touched) throw touched
  const report = prefix === undefined ? found : toldFromTheStart(found, prefix)
  const told = areWanted ? { runs: runsOf(report, scenario.system(choices)) } : {}
  tell({ say: 'found', report, taken, ...told })
}

/** Those that are drawn, or may be: an order of locks is told by a run for each of its edges. */
const runsOf = ({ findings, properties, lockOrder }: Report, system: System<any>): readonly Shown[] => {
  const inverted = findings.some(({ kind }) => kind === 'lock-order')
  const all: readonly (Schedule | undefined)[] = [
    ...findings.flatMap(({ schedule, judged }) => [
      schedule,
      judged?.verdict === 'confirmed' ? judged.schedule : undefined,
    ]),
    ...properties.map(({ schedule }) => schedule),
    ...(inverted ? lockOrder.map(({ schedule }) => schedule) : []),
  ]
  return all.flatMap((schedule) => (schedule ? [[schedule, replay(system, schedule)] as const] : []))
}

port.on('message', (asked: AskedToSearch) => {
  switch (asked.ask) {
    case 'stop':
      return stop.abort()
    case 'ping':
      return tell({ say: 'pong' })
    case 'outline':
      return void outline(asked.name, asked.ms).catch(fail)
    case 'search':
      return void search(asked.search).catch(fail)
  }
})
