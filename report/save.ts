/**
 * Keeps the first finding of an exploration: its report as text, its run as JSON. Every run has a folder of its own, which is written aside
 * and gets its name in one step, so that both files are there or neither is, whenever somebody looks or the power fails. Never a reason to fail.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { join } from 'node:path'
import type { Trace } from '../explore/runs/trace.ts'
import { parseSubject, printAddress, type Address } from './address.ts'
import { readTraceJson, traceJson, type ReadRun } from './formats/json.ts'
import type { Saved } from './text.ts'

/** What is asked of the disk; tests put a failing one in its place. */
export type Disk = Pick<
  typeof fs,
  | 'closeSync'
  | 'fsyncSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'mkdtempSync'
  | 'openSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'renameSync'
  | 'rmSync'
  | 'writeFileSync'
>

export interface FoundRun {
  readonly address: string
  readonly trace: Trace
  readonly text: string
  /** A complete search proved that no shorter run shows it. */
  readonly shortest: boolean
  /** What is wrong with it, by its name. */
  readonly shows?: string
  /** The search has seen every order: its report says all there is to say. */
  readonly complete: boolean
}

const files = { text: 'run.txt', run: 'run.trace.json' } as const

/** The end of a long path says more than its beginning, and a file's name has an end, too. */
const longestStem = 60

/** A scenario, as far as a file's name may say it, and twelve digits that no other text has. */
export const stemOf = (scenario: string, whole: string): string => {
  const stem = scenario
    .replace(/\.[cm]?[jt]s$/, '')
    .replace(/[^\w-]+/g, '-')
    .slice(-longestStem)
    .replace(/^-+|-+$/g, '')
  return `${stem || 'run'}-${createHash('sha256').update(whole).digest('hex').slice(0, 12)}`
}

/** The folder of a run. */
export const folderOf = (address: string): string =>
  stemOf(parseSubject(address.slice(0, address.lastIndexOf('@'))).scenario, address)

/** Where a page goes that nobody has named; `about` is what was typed. */
export const nameOfPage = (about: string): string => join('.relock', `${stemOf(about.replace(/@.*/s, ''), about)}.html`)

export const saveRun = (run: FoundRun, folder = '.relock', disk: Disk = fs): Saved => {
  const { address, trace, text, complete, ...known } = run
  const home = join(folder, folderOf(address))
  const there = { said: join(home, 'run.{txt,trace.json}'), run: join(home, files.run) }
  if (disk.lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink())
    return { said: `nothing: ${folder} is a symbolic link, and it is not followed` }
  // The same run in a report that says less would be worse; another run has another folder.
  if (!(known.shortest && complete) && earlier(there.run, disk)?.shortest === true)
    return { ...there, said: `nothing new: ${home} has this run already, proved to be the shortest` }
  let aside: string | undefined
  try {
    disk.mkdirSync(folder, { recursive: true })
    forgetHalves(folder, disk)
    aside = disk.mkdtempSync(join(folder, half))
    write(disk, join(aside, files.text), text)
    write(disk, join(aside, files.run), traceJson(trace, address, known))
    sync(disk, aside)
    publish(disk, aside, home)
    sync(disk, folder)
    return there
  } catch (error) {
    if (aside !== undefined) forget(disk, aside)
    return { said: `nothing: ${why(error as NodeJS.ErrnoException, folder)}` }
  }
}

/** Where a run is written before it gets its name. */
const half = '.new-'

/** Nobody writes for so long: whoever began this was killed. */
const abandoned = 10 * 60_000

const forgetHalves = (folder: string, disk: Disk): void => {
  for (const name of disk.readdirSync(folder)) {
    if (!name.startsWith(half)) continue
    const path = join(folder, name)
    const since = disk.lstatSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (since !== undefined && Date.now() - since > abandoned) forget(disk, path)
  }
}

const forget = (disk: Disk, path: string): void => {
  try {
    disk.rmSync(path, { recursive: true, force: true })
  } catch {
    // It stays what it is, half a run that has no name; the next save tries again.
  }
}

/** A new file, and on the disk when this returns. */
const write = (disk: Disk, path: string, text: string): void => {
  const file = disk.openSync(path, 'wx')
  try {
    disk.writeFileSync(file, text)
    disk.fsyncSync(file)
  } finally {
    disk.closeSync(file)
  }
}

/** The names in a folder, on the disk when this returns. */
const sync = (disk: Disk, folder: string): void => {
  // Windows knows no such thing.
  if (process.platform === 'win32') return
  const file = disk.openSync(folder, 'r')
  try {
    disk.fsyncSync(file)
  } finally {
    disk.closeSync(file)
  }
}

/**
 * One step, and it is there. Where the same run was kept before, its two files are replaced one after the other: both are whole and of this
 * run all the time. A name that somebody made a link of is not followed: a folder does not replace it.
 */
const publish = (disk: Disk, aside: string, home: string): void => {
  try {
    disk.renameSync(aside, home)
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    if (!disk.lstatSync(home).isDirectory()) throw error
    for (const name of [files.run, files.text]) disk.renameSync(join(aside, name), join(home, name))
    forget(disk, aside)
  }
}

const why = ({ code, message }: NodeJS.ErrnoException, folder: string): string => {
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return `${code === 'ENOSPC' ? 'the disk is full' : 'the quota is used up'} (${code}); what ${folder} held is as it was`
  return `${folder} cannot be written (${code ?? message})`
}

const earlier = (path: string, disk: Disk): ReadRun | undefined => {
  try {
    return readTraceJson(disk.readFileSync(path, 'utf8'), path)
  } catch {
    return undefined
  }
}

/** The file of a kept run, by the path of its folder or by the folder's name. */
export const runFileOf = (typed: string, folder = '.relock'): string | undefined =>
  typed === ''
    ? undefined
    : [join(typed, files.run), join(folder, typed, files.run)].find(
        (path) => fs.existsSync(path) && fs.statSync(path).isFile(),
      )

export interface Kept {
  readonly path: string
  readonly run: ReadRun
}

/** The saved run of an address, if it was kept. Throws a UserError if what lies there is something else. */
export const savedRun = (address: Address, folder = '.relock'): Kept | undefined => {
  const path = join(folder, folderOf(printAddress(address)), files.run)
  let text: string
  try {
    text = fs.readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  return { path, run: readTraceJson(text, path) }
}
