/** Slips about reporters, and about the files they write. */
import { UserError } from '../user-error.ts'

export const unknownReporter = (word: string, known: readonly string[]): UserError =>
  new UserError(`Unknown reporter "${word}".`, { possible: known, attempt: '--reporter junit=out.xml' })

export const reporterWithoutFile = (format: string): UserError =>
  new UserError(`--reporter ${format}= names no file.`, {
    evidence: ['Without the sign = it is printed in place of the report.'],
    attempt: `--reporter ${format}=relock.${format}`,
  })

export const reportersAtOnePlace = (one: string, other: string, file: string | undefined): UserError =>
  new UserError(`${one} and ${other} are both to be written to ${file ?? 'the output'}.`, {
    attempt: `--reporter ${one}=one.${one} --reporter ${other}=other.${other}`,
  })

export const reportUnwritable = (path: string, why: string): UserError =>
  new UserError(`${path} cannot be written.`, { evidence: [why], attempt: '--reporter junit=relock.xml' })
