/** `--reporter`: what was found, for those who read reports by the thousand. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Option, type Command } from 'commander'
import * as errors from '../report/reporters/errors.ts'
import { annotations, summary } from '../report/reporters/github.ts'
import { junit } from '../report/reporters/junit.ts'
import { sarif } from '../report/reporters/sarif.ts'
import { tap } from '../report/reporters/tap.ts'
import type { Explored, Unsearched } from '../report/reporters/told.ts'
import { visible } from '../report/words.ts'
import type { Desk } from './desk.ts'

const formats = { junit, sarif, tap, github: summary } as const
type Format = keyof typeof formats
export const reporterNames = Object.keys(formats)

export interface Reporter {
  readonly format: Format
  /** Undefined: in place of the report. */
  readonly file?: string
}

export interface ReporterFlags {
  readonly reporter?: readonly Reporter[]
}

const isFormat = (word: string): word is Format => Object.hasOwn(formats, word)

/** `junit=out.xml`, again for another. */
export const reporterOf = (word: string, before: readonly Reporter[] = []): readonly Reporter[] => {
  const [, format = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(word)!
  if (!isFormat(format)) throw errors.unknownReporter(format, Object.keys(formats))
  if (file === '') throw errors.reporterWithoutFile(format)
  const other = before.find((each) => each.file === file)
  if (other) throw errors.reportersAtOnePlace(other.format, format, file)
  return [...before, { format, ...(file !== undefined && { file }) }]
}

export const withReporters = (command: Command): Command =>
  command.addOption(
    new Option('--reporter <name[=file]>', 'junit, sarif, tap or github, into a file (again for another)')
      .argParser(reporterOf)
      .conflicts('json'),
  )

/** Whether the report itself is to be printed: no reporter took its place. */
export const isTold = ({ reporter = [] }: ReporterFlags): boolean =>
  reporter.every(({ file, format }) => file !== undefined || format === 'github')

const write = (path: string, text: string): void => {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  } catch (error) {
    throw errors.reportUnwritable(path, (error as Error).message)
  }
}

/** What there is to report: searches, and what could not be searched. */
interface Reported {
  readonly all: readonly Explored[]
  readonly failed?: readonly Unsearched[]
}

/** GitHub reads annotations from the output, and the summary from a file that it names. */
const toGithub = ({ all, failed }: Reported, file: string | undefined, desk: Desk): void => {
  desk.out.write(annotations(all, failed))
  const given = desk.env['GITHUB_STEP_SUMMARY']
  if (file !== undefined) write(file, summary(all, failed))
  else if (given) appendFileSync(given, summary(all, failed))
}

export const writeReports = ({ reporter = [] }: ReporterFlags, reported: Reported, desk: Desk): void => {
  const { all, failed } = reported
  for (const { format, file } of reporter) {
    if (format === 'github') toGithub(reported, file, desk)
    else if (file === undefined) desk.out.write(formats[format](all, failed))
    else write(file, formats[format](all, failed))
    if (file !== undefined) desk.err.write(`${format.padEnd(8)} ${visible(file)}\n`)
  }
}
