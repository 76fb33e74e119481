/** `trace.json`: a run that can be replayed, by its choices or, after the model changed, by the order of its causes. */
import { causesOf, nameOf, readSteps, type Recorded, type RecordedTrace } from '../../explore/runs/causes.ts'
import type { Message } from '../../explore/system.ts'
import type { Trace } from '../../explore/runs/trace.ts'
import { problemsIn, shown } from '../../shapes/insist.ts'
import { readJson, UnsoundJson } from '../../shapes/json.ts'
import { atLeast, byName, flag, listOf, name, oneOf, optional, record, that, whole } from '../../shapes/shape.ts'
import { parseAddress, type Address, type Chosen } from '../address.ts'
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
  /** What is wrong with it, by the name under which reports tell it. */
  readonly shows?: string
  /** `from → to TYPE` for each step. */
  readonly names: readonly string[]
}

/** A run from a file, with what each of its steps followed from. */
export interface ReadRun extends SavedRun {
  readonly recorded: Recorded
}

export const stepNames = (trace: RecordedTrace): readonly string[] =>
  trace.steps.map(({ from, to, message: { type } }) => nameOf({ from, to, type }))

/** What is known of a run besides. */
type Known = Pick<SavedRun, 'shortest' | 'shows'> & { readonly followed?: object }

export const traceJson = (trace: Trace, address: string, more: Known = {}): string =>
  printJson({ version: traceVersion, address, ...parseAddress(address), ...more, names: stepNames(trace), trace })

/** A file as it stands; of `trace` only the order of its causes is read here. */
interface TraceFile extends SavedRun {
  readonly version: typeof traceVersion
  readonly followed?: unknown
  readonly trace?: RecordedTrace
}

const step = atLeast<RecordedTrace['steps'][number]>(
  {
    from: name('who sent it'),
    to: name('who heard it'),
    message: atLeast<Pick<Message, 'type' | 'from'>>({ type: name('its type'), from: name('its sender') }, 'a message'),
    sentAt: whole(0),
  },
  'a step: { from, to, message, sentAt, … }',
)
const trace = atLeast<RecordedTrace>(
  {
    initial: byName(
      'actors by name',
      that<unknown>('an actor', () => true),
    ),
    steps: listOf('a list of steps', step),
  },
  'a run: { initial, steps, … }',
)

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
  shows: optional(name('the title of a finding, or the name of a property')),
  names: listOf(
    'names of steps, as `vmm0 → type1 FIND`',
    that<string>('a text', (given) => typeof given === 'string'),
  ),
  followed: optional(that<unknown>('what became of a run', () => true)),
  trace: optional(trace),
})

/**
 * The run in a file. Throws a UserError that says what is wrong with it, and where: also when one of its fields says something else than its
 * address, which is what is replayed.
 */
export const readTraceJson = (json: string, path: string): ReadRun => {
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
  const { trace: ran, followed: _followed, version: _version, ...run } = given as TraceFile
  const said = contradiction(run, addressIn(run.address, wrong), ran)
  if (said === undefined) return { ...run, recorded: ran ? causesOf(ran) : readSteps(run.names) }
  throw new UserError(`${path} contradicts itself: ${said}.`, {
    evidence: ['Its address is what is replayed; nothing else in it may tell of another run.'],
    attempt: `npx relock replay ${shellWord(run.address)}`,
  })
}

/** One that cannot be read is told as any other slip of the file. */
const addressIn = (text: string, wrong: (...evidence: readonly string[]) => UserError): Address => {
  try {
    return parseAddress(text)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    throw wrong(`address: ${error.message}`, ...(error.about.evidence ?? []))
  }
}

/** What a field says, and what the address says of the same. */
const contradiction = (
  { scenario, choices, fingerprint, schedule, names }: SavedRun,
  meant: Address,
  ran: RecordedTrace | undefined,
): string | undefined => {
  const differ = (what: string, one: unknown, other: unknown): string | undefined =>
    one === other ? undefined : `${what} is ${shown(one)}, in its address ${shown(other)}`
  const chosen = new Set([...Object.keys(choices), ...Object.keys(meant.choices)])
  const happens = ran ? stepNames(ran) : names
  const named = names.findIndex((each, at) => each !== happens[at])
  const late = ran?.steps.findIndex(({ sentAt }, at) => sentAt > at) ?? -1
  const step = meant.schedule.findIndex((choice, at) => schedule[at] !== choice)
  return (
    differ('scenario', scenario, meant.scenario) ??
    [...chosen].map((one) => differ(`choices.${one}`, choices[one], meant.choices[one])).find(Boolean) ??
    differ('fingerprint', fingerprint, meant.fingerprint) ??
    (step < 0 ? undefined : differ(`schedule[${step}]`, schedule[step], meant.schedule[step])) ??
    differ('the length of schedule', schedule.length, meant.schedule.length) ??
    differ('the length of names', names.length, schedule.length) ??
    (named < 0 ? undefined : `names[${named}] is ${shown(names[named])}, and in its trace ${shown(happens[named])}`) ??
    (late < 0 ? undefined : `trace.steps[${late}].sentAt is ${ran!.steps[late]!.sentAt}, which comes behind it`)
  )
}
