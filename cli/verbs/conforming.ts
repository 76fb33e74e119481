/** `relock conform`: reads cases, replays them, and lets report/ say where relock answers as the kernel did. */
import { lastValueFrom, tap } from 'rxjs'
import { operations } from '../../actors/kernel/system-calls/operations.ts'
import {
  conforming,
  MalformedCase,
  NoCases,
  ours,
  readCases,
  type ConformOptions,
  type ConformReport,
  type Written,
} from '../../conform/index.ts'
import { isRace } from '../../conform/case.ts'
import { casesLike } from '../../conform/pick.ts'
import { caseCalled, isRaceSubject, raceScenario } from '../../conform/race-scenario.ts'
import { profileNames } from '../../machines/profile.ts'
import { standInFor, standInWords } from '../../machines/versions.ts'
import { conformDocument } from '../../report/conform/json.ts'
import { conformLine } from '../../report/conform/progress.ts'
import { tellConform } from '../../report/conform/text.ts'
import * as errors from '../../report/errors.ts'
import { printJson } from '../../report/json.ts'
import { showLine } from '../../report/progress.ts'
import type { Scenario } from '../../scenarios/unmap/scenario.ts'
import type { Desk } from '../desk.ts'
import { pageOf } from '../flags.ts'

export interface ConformFlags {
  readonly profile?: string
  readonly only?: string
  readonly case?: string
  readonly ops?: boolean
  readonly all?: boolean
  readonly json?: boolean
  readonly ascii?: boolean
  readonly quiet?: boolean
}

const codes = { agrees: 0, disagrees: 1, unsafe: 1, undecided: 3, failed: 4 } as const

/** What is printed, and the exit code. */
export const conformed = async (
  paths: readonly string[],
  flags: ConformFlags,
  desk: Desk,
): Promise<{ readonly text: string; readonly code: number }> => {
  // Every slip in options and files is told before anything is replayed.
  const options = { ...optionsOf(flags), signal: desk.stop }
  const cases = picked(
    reading(() => readCases(paths)),
    flags.case,
  )
  const report = await replayed(paths, cases, options, flags, desk)
  const page = pageOf(desk.out, desk.env, flags)
  const kernel =
    options.profile === undefined ? {} : { kernel: standInWords(options.profile, standInFor(options.profile)!) }
  const again = options.profile === undefined ? [] : ['--profile', options.profile]
  const text = flags.json
    ? printJson(conformDocument(paths, report))
    : tellConform(nameOf(paths), report, page, { ...flags, options: again, ...kernel })
  return { text, code: codes[report.verdict] }
}

/** A shell may have put in many paths for one word. */
const nameOf = ([first = '', ...others]: readonly string[]): string =>
  others.length < 2 ? [first, ...others].join(' ') : `${first} and ${others.length} more`

const optionsOf = ({ profile: typed, only: list, all = false }: ConformFlags): ConformOptions => {
  if (typed !== undefined && standInFor(typed) === undefined) throw errors.unknownProfile(typed, profileNames)
  const only = list?.split(',').map((name) => name.trim())
  const stranger = only?.find((name) => !Object.hasOwn(operations, name))
  if (stranger !== undefined) throw errors.unknownOperation(stranger, Object.keys(operations))
  return { ...(typed !== undefined && { profile: typed }), ...(only && { only }), all }
}

/** What reading complains of, put for people. */
const reading = <T>(read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (error instanceof MalformedCase) throw errors.malformedCase(error)
    if (error instanceof NoCases) throw errors.noCases(error.path, error.message)
    throw error
  }
}

const picked = (cases: readonly Written[], pattern: string | undefined): readonly Written[] => {
  if (pattern === undefined) return cases
  const some = casesLike(cases, pattern)
  if (some.length > 0) return some
  throw errors.noSuchCase(
    pattern,
    cases.map(({ one }) => one.name),
  )
}

/** With its progress on the error stream, so that the report can be piped. */
const replayed = async (
  paths: readonly string[],
  cases: readonly Written[],
  options: ConformOptions,
  { quiet, json, ascii }: ConformFlags,
  { err, env, replaying }: Desk,
): Promise<ConformReport> => {
  const page = pageOf(err, env, { ascii })
  const view = quiet || json ? undefined : showLine(err, page, nameOf(paths), conformLine)
  const threads = replaying && (await replaying())
  try {
    const last = await lastValueFrom(
      conforming(cases, options, { ...ours, ...threads }).pipe(
        tap((event) => event.type === 'progress' && view?.update(event.progress)),
      ),
    )
    if (last.type !== 'report') throw new Error('the cases ended without a report')
    return last.report
  } finally {
    threads?.end()
    view?.done()
  }
}

/** A race among cases as a scenario: its runs have addresses that begin with `<file>#<name>`. */
export const raceNamed = (typed: string): Scenario | undefined => {
  if (!isRaceSubject(typed)) return undefined
  const one = reading(() => caseCalled(typed))
  if (one && isRace(one)) return raceScenario(typed, one)
  const [file = '', name = ''] = typed.split(/#(?=[^#]*$)/)
  if (one) throw errors.noRace(file, name)
  const races = reading(() => readCases(file)).filter(({ one: each }) => isRace(each))
  throw errors.noSuchRace(
    file,
    name,
    races.map(({ one: each }) => each.name),
  )
}
