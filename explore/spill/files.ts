/**
 * Files for what a search has no memory for. They lose their names as soon as they are opened: who is killed leaves none, or an empty one, and
 * nobody takes for whole what is half.
 */
import * as fs from 'node:fs'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { NoRoom } from '../states/columns.ts'

/** A file of words. Positions are in words, too. */
export interface SpillFile {
  write(words: Int32Array, at: number): void
  /** Throws where less than that is there. */
  read(words: Int32Array, at: number): void
  /** Its room is free again. */
  remove(): void
}

/** Where such files are made. What it throws for want of room is NoRoom. */
export interface SpillFiles {
  make(): SpillFile
  /** The most bytes that lay there at once. */
  readonly most: number
  removeAll(): void
}

/** What is asked of a disk. */
export type SpillDisk = Pick<
  typeof fs,
  'closeSync' | 'mkdirSync' | 'openSync' | 'readSync' | 'unlinkSync' | 'writeSync'
>

const bytesOf = (words: Int32Array): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength)

class OpenFile implements SpillFile {
  readonly #disk: SpillDisk
  readonly #file: number
  readonly #folder: string
  readonly #grew: (bytes: number) => void
  #end = 0
  /** By position: of what was written there. It is read as it was written, block by block. */
  readonly #sums = new Map<number, number>()
  #isOpen = true

  constructor(disk: SpillDisk, folder: string, file: number, grew: (bytes: number) => void) {
    this.#grew = grew
    this.#folder = folder
    this.#disk = disk
    this.#file = file
  }

  write(words: Int32Array, at: number): void {
    const bytes = bytesOf(words)
    this.#sums.set(at, crc32(bytes))
    for (let done = 0; done < bytes.length;)
      done += whereRoom(this.#folder, () =>
        this.#disk.writeSync(this.#file, bytes, done, bytes.length - done, at * 4 + done),
      )
    this.#became(Math.max(this.#end, at * 4 + bytes.length))
  }

  read(words: Int32Array, at: number): void {
    const bytes = bytesOf(words)
    for (let done = 0; done < bytes.length;) {
      const read = whereRoom(this.#folder, () =>
        this.#disk.readSync(this.#file, bytes, done, bytes.length - done, at * 4 + done),
      )
      if (read === 0) throw new NoRoom(new Error('what was put on the disk is not there any more'))
      done += read
    }
    if (crc32(bytes) !== this.#sums.get(at))
      throw new NoRoom(new Error('what was put on the disk is something else now'))
  }

  remove(): void {
    if (this.#isOpen) this.#disk.closeSync(this.#file)
    this.#isOpen = false
    this.#became(0)
  }

  #became(bytes: number): void {
    this.#grew(bytes - this.#end)
    this.#end = bytes
  }
}

/** Whatever a disk cannot do is want of room: a search then tells what is known, and where the room is that there is too little of. */
function whereRoom<T>(folder: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new NoRoom(new Error(`${cause instanceof Error ? cause.message : String(cause)}, in ${folder}`, { cause }))
  }
}

/** What the system has for what is temporary is often memory, but where it is said that it is not. */
const largeFiles = (): string =>
  process.env['TMPDIR'] === undefined && fs.existsSync('/var/tmp') ? '/var/tmp' : tmpdir()

/** In this folder; unless it is said, in that of the system for what is temporary. */
export class SpillFolder implements SpillFiles {
  most = 0
  #bytes = 0
  readonly #folder: string
  readonly #disk: SpillDisk
  readonly #open = new Set<OpenFile>()

  constructor(folder = largeFiles(), disk: SpillDisk = fs) {
    this.#folder = folder
    this.#disk = disk
  }

  make(): SpillFile {
    const disk = this.#disk
    const path = join(this.#folder, `.relock-${randomUUID()}`)
    const file = whereRoom(this.#folder, () => {
      disk.mkdirSync(this.#folder, { recursive: true })
      const opened = disk.openSync(path, 'wx+', 0o600)
      disk.unlinkSync(path)
      return opened
    })
    const made = new OpenFile(disk, this.#folder, file, (bytes) => {
      this.#bytes += bytes
      this.most = Math.max(this.most, this.#bytes)
    })
    this.#open.add(made)
    return made
  }

  /** Throws NoRoom where no file can be made: it is better known before a search than in the middle of it. */
  insist(): void {
    this.make().remove()
  }

  removeAll(): void {
    for (const each of this.#open) each.remove()
    this.#open.clear()
  }
}
