import { existsSync, readFileSync, statSync } from 'node:fs'
import * as errors from '../report/errors.ts'

/** A file's text; one that cannot be read is the user's to put right. */
export const read = (path: string): string => {
  // A pipe or a device need not have an end.
  if (existsSync(path) && !statSync(path).isFile()) throw errors.unreadable(path, 'It is not a file.')
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw errors.unreadable(path, (error as Error).message)
  }
}
