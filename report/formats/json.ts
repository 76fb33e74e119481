/** `trace.json`: a run that can be replayed, by its choices or, after the model changed, by the names of its steps. */
import type { Trace } from '../../explore/trace.ts'
import { problemsIn, shown } from '../../shapes/insist.ts'
import { readJson, UnsoundJson } from '../../shapes/json.ts'
import { byName, flag, listOf, name, oneOf, optional, record, that, whole } from '../../shapes/shape.ts'
import { parseAddress, type Chosen } from '../address.ts'
import { UserError } from '../errors.ts'
import { printJson } from '../json.ts'
import { shellWord } from '../text.ts'

export const traceVersion = 1

export interface SavedRun {
  readonly address: string
  readonly scenario: string
  readonly choices: Chosen
  readonly fingerprint: string
  readonly schedule: readonly number[]
  /** Of a run that was kept: a complete search proved that no shorter one shows it. */
  readonly shortest?: boolean
  /** `from → to TYPE` for each step. */
  readonly names: readonly string[]
}

export const stepNames = (trace: Trace): readonly string[] =>
  trace.steps.map(({ from, to, message }) => `${from} → ${to} ${message.type}`)

/** `more` is what is known of a run that is kept. */
export const traceJson = (trace: Trace, address: string, more: Pick<SavedRun, 'shortest'> = {}): string =>
  printJson({ version: traceVersion, address, ...parseAddress(address), ...more, names: stepNames(trace), trace })

/** A file as it stands; `trace` is for others to read. */
interface TraceFile extends SavedRun {
  readonly version: typeof traceVersion
  readonly trace?: unknown
}

const choice = that<string | number | undefined>(
  'a word or a number',
  (given) => typeof given === 'string' || Number.isSafeInteger(given),
)

const file = record<TraceFile>({
  version: oneOf([traceVersion]),
  address: name('the address of a run'),
  scenario: name('the name of a scenario, or its path'),
  choices: byName('choices by name', choice),
  fingerprint: name('the digits of a model'),
  schedule: listOf('choices of deliveries', whole(0)),
  shortest: optional(flag),
  names: listOf(
    'names of steps, as `vmm0 → type1 FIND`',
    that<string>('a text', (given) => typeof given === 'string'),
  ),
  trace: optional(that<unknown>('a run', () => true)),
})

/**
 * The run in a file. Throws a UserError that says what is wrong with it, and where: also when one of its fields says something else than its
 * address, which is what is replayed.
 */
export const readTraceJson = (json: string, path: string): SavedRun => {
  const wrong = (...evidence: readonly string[]): UserError =>
    new UserError(`${path} is not a trace saved by relock.`, {
      evidence,
      attempt: 'give one of the files named .relock/<scenario>-<digits>/run.trace.json',
    })
  let given: unknown
  try {
    given = readJson(json)
  } catch (error) {
    if (error instanceof UnsoundJson)
      throw wrong(`${error.path === '' ? 'It' : error.path} ${error.message}; expected ${error.expected}.`)
    throw wrong((error as Error).message)
  }
  const version = typeof given === 'object' && given !== null && 'version' in given ? given.version : undefined
  if (version !== traceVersion) throw wrong(`Its version is ${shown(version)}; this relock reads ${traceVersion}.`)
  const [problem] = problemsIn(file, given)
  if (problem) {
    const { path: where, is, found, expected, guess } = problem
    const what = is === 'unknown' ? 'is not known' : found === undefined ? 'is missing' : `is ${shown(found)}`
    const meant = guess === undefined ? '' : ` Did you mean "${guess}"?`
    throw wrong(`${where === '' ? 'It' : where} ${what}; expected ${expected}.${meant}`)
  }
  const { trace: _trace, version: _version, ...run } = given as TraceFile
  const said = contradiction(run)
  if (said === undefined) return run
  throw new UserError(`${path} contradicts itself: ${said}.`, {
    evidence: ['Its address is what is replayed; nothing else in it may tell of another run.'],
    attempt: `npx relock replay ${shellWord(run.address)}`,
  })
}

/** What a field says, and what the address says of the same. */
const contradiction = ({ address, scenario, choices, fingerprint, schedule, names }: SavedRun): string | undefined => {
  const meant = parseAddress(address)
  const differ = (what: string, one: unknown, other: unknown): string | undefined =>
    one === other ? undefined : `${what} is ${shown(one)}, in its address ${shown(other)}`
  const chosen = new Set([...Object.keys(choices), ...Object.keys(meant.choices)])
  const step = meant.schedule.findIndex((choice, at) => schedule[at] !== choice)
  return (
    differ('scenario', scenario, meant.scenario) ??
    [...chosen].map((one) => differ(`choices.${one}`, choices[one], meant.choices[one])).find(Boolean) ??
    differ('fingerprint', fingerprint, meant.fingerprint) ??
    (step < 0 ? undefined : differ(`schedule[${step}]`, schedule[step], meant.schedule[step])) ??
    differ('the length of schedule', schedule.length, meant.schedule.length) ??
    differ('the length of names', names.length, schedule.length)
  )
}
