/**
 * Which scenario files are run. One that the user names on the command line is; an address and a trace come from elsewhere, and what they
 * name is run only if it lies in the project's folder (then he is told), or if he names it as well.
 */
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Command } from 'commander'
import * as errors from '../report/errors.ts'
import type { Desk } from './desk.ts'

export interface Permission {
  /** Files that the user has named, by `--allow`. */
  readonly allow?: readonly string[]
}

const another = (file: string, before: readonly string[] = []): readonly string[] => [...before, file]

export const withPermission = (
  command: Command,
  about = 'a scenario file that an address or a trace names may be run, wherever it lies (again for another)',
): Command => command.option('--allow <file>', about, another)

const markers = ['package.json', '.git']

/** The nearest folder from here upwards that is a package's or a repository's; this one, where there is none. */
const projectOf = (folder: string): string => {
  for (let at = folder; ; at = dirname(at)) {
    if (markers.some((marker) => existsSync(join(at, marker)))) return at
    if (dirname(at) === at) return folder
  }
}

/** What lies in a package that somebody else wrote is not the project's, though it is in its folder. Links do not lead out of it, or in. */
const isInside = (file: string, project: string): boolean => {
  const path = relative(project, file)
  return (
    path !== '' &&
    !path.startsWith(`..${sep}`) &&
    path !== '..' &&
    resolve(path) !== path &&
    !path.split(sep).includes('node_modules')
  )
}

/** Throws a UserError unless this file, named by an address or a trace, may be run; tells the user if it is. */
export const permit = (file: string, { allow = [] }: Permission, desk: Desk): void => {
  // One that is not there is told as such, by whoever wants to read it.
  if (!existsSync(file)) return
  const real = realpathSync(file)
  if (allow.some((named) => existsSync(named) && realpathSync(named) === real)) return
  const project = realpathSync(projectOf(process.cwd()))
  if (!isInside(real, project)) throw errors.notPermitted(file, project)
  desk.err.write(errors.sayRuns(file))
}
