/**
 * Checkpoints in files. One is written beside the last, brought to the disk and only then put in its place: whoever is killed meanwhile leaves
 * the last. A file is a line that says what it is, and parts, each with its length and a checksum; without the last part it is no whole file.
 */
import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { crc32 } from 'node:zlib'
import { otherCheckpoint, type Checkpoint, type Checkpoints } from './checkpoint.ts'
import { ModelError } from '../errors.ts'
import { LockFile } from './lock-file.ts'
import { versionOf } from '../version.ts'

/** When there is time for one. */
export interface Pace {
  isDue(expanded: number): boolean
  /** One was kept, or could not be, and took that long. */
  took(milliseconds: number): void
}

/** How often. */
export interface Often {
  /** Seconds between two at least (30). */
  readonly every?: number
  /** Of the time, they may take so much (0.05). */
  readonly share?: number
}

/** What is asked of a disk. */
export type Disk = Pick<
  typeof fs,
  | ('closeSync' | 'existsSync' | 'fstatSync' | 'fsyncSync' | 'mkdirSync' | 'openSync' | 'readdirSync' | 'readSync')
  | ('renameSync' | 'rmSync' | 'writeSync')
>

/**
 * Keeps a search breadth first in a folder, and goes on from what is there: `explore(system, properties, { checkpoint: checkpointIn('./kept') })`.
 * One folder is for one search.
 */
export const checkpointIn = (folder: string, often: Often = {}): Checkpoints =>
  checkpointFile(join(folder, 'search.checkpoint'), byClock(often))

/** Of one process at a time. */
export const checkpointFile = (path: string, pace: Pace): CheckpointFile =>
  new CheckpointFile(path, pace, fs, new LockFile(`${path}.lock`))

/** How many times it is asked whether one is due before somebody looks at the clock. */
const slice = 256

export const byClock = ({ every = 30, share = 0.05 }: Often = {}): Pace => {
  let next = performance.now() + every * 1000
  let asked = 0
  return {
    isDue: () => asked++ % slice === 0 && performance.now() >= next,
    took(milliseconds) {
      next = performance.now() + Math.max(every * 1000, milliseconds * (1 / share - 1))
    },
  }
}

/** Long lists that are parts of their own, one for each of their arrays. */
interface Segments {
  readonly packed: Checkpoint['states']['packed']
  readonly parents: Checkpoint['states']['parents']
  readonly lanes: Checkpoint['states']['lanes']
  readonly depths: Checkpoint['depths']
}

const title = 'relock checkpoint'
const longestTitle = 200
const ofHead = 8

export class CheckpointFile implements Checkpoints {
  trouble: string | undefined
  readonly #path: string
  readonly #pace: Pace
  readonly #disk: Disk
  readonly #lock: LockFile | undefined
  #isClean = false

  constructor(path: string, pace: Pace, disk: Disk = fs, lock?: LockFile) {
    this.#lock = lock
    this.#path = path
    this.#pace = pace
    this.#disk = disk
  }

  isDue(expanded: number): boolean {
    return this.#pace.isDue(expanded)
  }

  read(): Checkpoint | undefined {
    this.#lock?.take()
    if (!this.#disk.existsSync(this.#path)) return undefined
    const file = this.#disk.openSync(this.#path, 'r')
    try {
      return new Reader(this.#path, file, this.#disk).checkpoint()
    } finally {
      this.#disk.closeSync(file)
    }
  }

  end(): void {
    this.#lock?.release()
  }

  write(make: () => Checkpoint): void {
    const begun = performance.now()
    try {
      this.#replace(make())
      this.trouble = undefined
    } catch (cause) {
      this.trouble = cause instanceof Error ? cause.message : String(cause)
    }
    this.#pace.took(performance.now() - begun)
  }

  #replace(checkpoint: Checkpoint): void {
    const disk = this.#disk
    const [folder, name] = [dirname(this.#path), `${basename(this.#path)}.new-`]
    const made = join(folder, `${name}${process.pid}`)
    disk.mkdirSync(folder, { recursive: true })
    // Of those who were killed in the middle of it.
    if (!this.#isClean)
      for (const each of disk.readdirSync(folder))
        if (each.startsWith(name)) disk.rmSync(join(folder, each), { force: true })
    this.#isClean = true
    try {
      const file = disk.openSync(made, 'w')
      try {
        this.#write(file, Buffer.from(`${title} ${versionOf()}\n`))
        for (const part of partsOf(checkpoint)) this.#writePart(file, serialize(part))
        disk.fsyncSync(file)
      } finally {
        disk.closeSync(file)
      }
      disk.renameSync(made, this.#path)
    } catch (cause) {
      disk.rmSync(made, { force: true })
      throw cause
    }
    this.#bringFolder(folder)
  }

  /** That it has another name now has to come to the disk, too, where folders can be brought there. */
  #bringFolder(folder: string): void {
    let file: number
    try {
      file = this.#disk.openSync(folder, 'r')
    } catch {
      return
    }
    try {
      this.#disk.fsyncSync(file)
    } finally {
      this.#disk.closeSync(file)
    }
  }

  #writePart(file: number, part: Buffer): void {
    const head = Buffer.alloc(ofHead)
    head.writeUInt32LE(part.length, 0)
    head.writeUInt32LE(crc32(part), 4)
    this.#write(file, head)
    this.#write(file, part)
  }

  #write(file: number, bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) at += this.#disk.writeSync(file, bytes, at)
  }
}

/** All but the segments, how many of these there are, and each of them. */
function* partsOf({ states, depths, ...rest }: Checkpoint): Iterable<unknown> {
  const { packed, parents, lanes, ...others } = states
  const segments: Segments = { packed, parents, lanes, depths }
  yield rest
  yield others
  yield Object.values(segments).map(({ length }) => length)
  for (const each of Object.values(segments)) yield* each
  yield title
}

class Reader {
  readonly #path: string
  readonly #file: number
  readonly #disk: Disk
  readonly #size: number
  #at = 0

  constructor(path: string, file: number, disk: Disk) {
    this.#path = path
    this.#file = file
    this.#disk = disk
    this.#size = disk.fstatSync(file).size
  }

  checkpoint(): Checkpoint {
    this.#readTitle()
    const rest = this.#part() as Omit<Checkpoint, 'states' | 'depths'>
    const states = this.#part() as Omit<Checkpoint['states'], keyof Segments>
    const [packed, parents, lanes, depths] = (this.#part() as readonly number[]).map((many) =>
      Array.from({ length: many }, () => this.#part()),
    ) as unknown as [Segments['packed'], Segments['parents'], Segments['lanes'], Segments['depths']]
    if (this.#part() !== title || this.#at !== this.#size) throw this.#damaged('it goes on behind its end')
    return { ...rest, states: { ...states, packed, parents, lanes }, depths }
  }

  #readTitle(): void {
    const begins = this.#bytes(Math.min(longestTitle, this.#size)).toString('latin1')
    const [line = ''] = begins.split('\n')
    this.#at = 0
    if (!line.startsWith(`${title} `) || line.length === begins.length) throw this.#damaged('it is no checkpoint')
    this.#at = line.length + 1
    const [was, is] = [line.slice(title.length + 1), versionOf()]
    if (was !== is) throw otherCheckpoint([['relock', `was ${was}, and is ${is}`]])
  }

  #part(): unknown {
    const begins = this.#at
    const head = this.#bytes(ofHead)
    const part = this.#bytes(head.readUInt32LE(0))
    if (crc32(part) === head.readUInt32LE(4)) return deserialize(part)
    this.#at = begins
    throw this.#damaged('its checksum is another')
  }

  #bytes(many: number): Buffer {
    if (this.#at + many > this.#size) throw this.#damaged('it ends too early')
    const bytes = Buffer.alloc(many)
    for (let read = 0; read < many;) {
      const more = this.#disk.readSync(this.#file, bytes, read, many - read, this.#at + read)
      if (more === 0) throw this.#damaged('it ends too early')
      read += more
    }
    this.#at += many
    return bytes
  }

  #damaged(why: string): ModelError {
    return new ModelError(
      'bad-checkpoint',
      `What was kept of a search cannot be read: ${this.#path} is damaged.`,
      [
        ['at byte', `${this.#at} of ${this.#size}`],
        ['because', why],
      ],
      'Nothing was changed. Remove the file, and the search begins again.',
    )
  }
}
