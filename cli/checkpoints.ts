/** `--checkpoint`: where searches are kept while they go on, a file for each, in one folder. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { byClock, checkpointFile, type CheckpointFile } from '../explore/several/checkpoint-files.ts'
import { printSubject } from '../report/address.ts'
import { noFolder, otherSearches } from '../report/errors.ts'
import { stemOf } from '../report/save.ts'
import type { Choices } from '../scenarios/choices.ts'
import type { Flags } from './flags.ts'
import type { Subject } from './subject.ts'

const ending = '.checkpoint'

/** What is searched is to be read in it. */
const nameOf = (name: string, choices: Choices): string => {
  const subject = printSubject(name, choices)
  return `${stemOf(subject.replaceAll('=', '-'), subject)}${ending}`
}

/** Where this search is kept, if it is to be. */
export const checkpointOf = ({ checkpoint }: Flags, name: string, choices: Choices): CheckpointFile | undefined =>
  checkpoint === undefined ? undefined : checkpointFile(join(checkpoint, nameOf(name, choices)), byClock())

/** Before hours are spent: the folder can be had, and holds nothing else than what is asked for. */
export const insistOnFolder = ({ checkpoint }: Flags, subjects: readonly Subject[]): void => {
  if (checkpoint === undefined) return
  const others = there(checkpoint).filter((file) => file.endsWith(ending))
  const own = subjects.map(({ scenario, choices }) => nameOf(scenario.name, choices))
  const strange = others.filter((file) => !own.includes(file))
  if (strange.length > 0) throw otherSearches(checkpoint, strange, own)
}

const there = (folder: string): readonly string[] => {
  try {
    mkdirSync(folder, { recursive: true })
    const names = readdirSync(folder)
    takesFiles(folder)
    return names
  } catch (error) {
    throw noFolder(folder, (error as Error).message)
  }
}

/** Who may write, and where, is a matter of more than the folder's mode: so one is written. It throws what the system says. */
const takesFiles = (folder: string): void => {
  const file = join(folder, `.writable-${process.pid}`)
  writeFileSync(file, '')
  rmSync(file)
}

/** One that could not be kept is nothing that ends a search. */
export const sayTrouble = (trouble: string): string =>
  `A checkpoint could not be kept (${trouble}). What was kept before is there, and the search went on.\n`
