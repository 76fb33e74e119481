/** `trace.json`: a run that can be replayed, by its choices or, after the model changed, by the names of its steps. */
import type { Trace } from '../../explore/trace.ts'
import { parseAddress, type Chosen } from '../address.ts'
import { UserError } from '../errors.ts'
import { printJson } from '../json.ts'

export const traceVersion = 1

export interface SavedRun {
  readonly address: string
  readonly scenario: string
  readonly choices: Chosen
  readonly fingerprint: string
  readonly schedule: readonly number[]
  /** `from → to TYPE` for each step. */
  readonly names: readonly string[]
}

export const stepNames = (trace: Trace): readonly string[] =>
  trace.steps.map(({ from, to, message }) => `${from} → ${to} ${message.type}`)

export const traceJson = (trace: Trace, address: string): string =>
  printJson({ version: traceVersion, address, ...parseAddress(address), names: stepNames(trace), trace })

const isNumbers = (x: unknown): x is number[] => Array.isArray(x) && x.every((n) => Number.isInteger(n) && n >= 0)
const isStrings = (x: unknown): x is string[] => Array.isArray(x) && x.every((s) => typeof s === 'string')

export const readTraceJson = (text: string, path: string): SavedRun => {
  const wrong = (why: string): UserError =>
    new UserError(`${path} is not a trace saved by relock.`, {
      evidence: [why],
      attempt: 'give one of the files named .relock/<scenario>-<fingerprint>.trace.json',
    })
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch (error) {
    throw wrong((error as Error).message)
  }
  const file = (typeof read === 'object' && read !== null ? read : {}) as Readonly<Record<string, unknown>>
  if (file['version'] !== traceVersion)
    throw wrong(`Its version is ${String(file['version'])}; this relock reads ${traceVersion}.`)
  const { address, schedule, names } = file
  if (typeof address !== 'string' || !isNumbers(schedule) || !isStrings(names))
    throw wrong('It lacks an address, a schedule or names of steps.')
  const { scenario, choices, fingerprint } = parseAddress(address)
  return { address, scenario, choices, fingerprint, schedule, names }
}
