/** Searches that are killed at a moment of one's choice: in the middle of the search, or of what it writes. */
import * as fs from 'node:fs'
import { CheckpointFile, type Disk, type Pace } from '../../explore/several/checkpoint-files.ts'
import { searching, type ExploreOptions } from '../../explore/index.ts'
import type { Report } from '../../explore/outcome/report.ts'
import type { Property, System } from '../../explore/system.ts'

export interface Asked {
  readonly system: System<any>
  readonly properties: readonly Property[]
  readonly options: ExploreOptions
}

export class Killed extends Error {}

/** Kept every so many states; killed when it is asked for the time so often, or at that call of the disk. */
export interface Moment {
  readonly every: number
  readonly asked?: number
  readonly call?: number
}

const never: Pace = { isDue: () => false, took() {} }

/** A disk that does nothing more from this call on: of what is written then, half of it comes to the disk. */
export const dying = (call: number): Disk & { readonly calls: number; readonly isDead: boolean } => {
  let calls = 0
  const live = (does: (...given: any[]) => unknown) =>
    ((...given: readonly unknown[]) => {
      if (++calls >= call) throw new Killed()
      return does(...given)
    }) as never
  return {
    ...{ closeSync: live(fs.closeSync), existsSync: live(fs.existsSync), fstatSync: live(fs.fstatSync) },
    // Whoever is killed leaves to others what is on its way to the disk.
    ...{ fsyncSync: live(() => {}), mkdirSync: live(fs.mkdirSync), openSync: live(fs.openSync) },
    ...{ readdirSync: live(fs.readdirSync), readSync: live(fs.readSync), renameSync: live(fs.renameSync) },
    rmSync: live(fs.rmSync),
    writeSync: ((file: number, bytes: Buffer, at: number) => {
      if (++calls < call) return fs.writeSync(file, bytes, at)
      if (calls === call) fs.writeSync(file, bytes, at, (bytes.length - at) >> 1)
      throw new Killed()
    }) as never,
    get calls() {
      return calls
    },
    get isDead() {
      return calls >= call
    },
  }
}

/** The report; throws Killed. */
export const searchedUntil = (
  { system, properties, options }: Asked,
  path: string,
  { every, asked = Infinity, call = Infinity }: Moment,
): Report => {
  const disk = dying(call)
  let times = 0
  const pace: Pace = {
    ...never,
    isDue() {
      if (disk.isDead || ++times >= asked) throw new Killed()
      return times % every === 0
    },
  }
  const search = searching(system, properties, { ...options, checkpoint: new CheckpointFile(path, pace, disk) })
  for (;;) {
    const step = search.next()
    if (disk.isDead) throw new Killed()
    if (step.done) return step.value
  }
}

/** As it would be without an end before its time. */
export const undisturbed = ({ system, properties, options }: Asked): Report => {
  const search = searching(system, properties, options)
  for (;;) {
    const step = search.next()
    if (step.done) return step.value
  }
}

/** All of a report but how long it took. */
export const textOf = (report: Report): string =>
  JSON.stringify({ ...report, seconds: 0 }, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
