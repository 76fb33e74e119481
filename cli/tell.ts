import * as errors from '../report/errors.ts'
import type { Desk } from './desk.ts'

/** Tells what went wrong, and says which exit code that makes. */
export const tell = (error: unknown, { err, files }: Desk): number => {
  const { text, code } = errors.sayError(error, { files, width: Math.min(100, err.columns ?? 80) })
  err.write(`${text}\n`)
  return code
}
