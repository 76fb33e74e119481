/** Tells when a file is another than it was: saved where it lies, replaced by one of the same name, gone, or there at last. */
import { realpathSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { digestOfFile, type ReadFile } from '../scenarios/modules.ts'

/** Milliseconds without another save: several in a row are one. */
const pause = 100
/** Milliseconds between two looks at a folder that cannot be watched: it is not there, or the system watches no more of them. */
const look = 500

/** The folders are watched: an editor that replaces a file leaves whoever watches the file itself with the old one. */
export class Changes {
  readonly #heard: (changed: readonly ReadFile[]) => void
  #files: readonly ReadFile[] = []
  #watchers: readonly FSWatcher[] = []
  #timer: NodeJS.Timeout | undefined
  /** A folder is not watched. */
  #isBlind = false

  constructor(heard: (changed: readonly ReadFile[]) => void) {
    this.#heard = heard
  }

  /** These from now on, as they were when they were read: what has changed since then is told, too. */
  of(files: readonly ReadFile[]): void {
    this.#files = files
    this.#watch()
  }

  end(): void {
    clearTimeout(this.#timer)
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }

  /** Again after each change: what is watched is a folder, not its name, and may have been replaced itself. */
  #watch(): void {
    this.end()
    const folders = [...new Set(this.#files.flatMap(({ path }) => foldersOf(path)))]
    this.#watchers = folders.flatMap((folder) => {
      try {
        return [watch(folder, () => this.#lookIn(pause)).on('error', () => this.#lookIn(look))]
      } catch {
        return []
      }
    })
    this.#isBlind = this.#watchers.length < folders.length
    // What happened before they were watched.
    this.#lookIn(this.#isBlind ? look : pause)
  }

  #lookIn(milliseconds: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), milliseconds)
  }

  #look(): void {
    const now = this.#files.map((file) => ({ ...file, digest: digestOfFile(file.path) }))
    const changed = now.filter(({ digest }, at) => digest !== this.#files[at]!.digest)
    this.#files = now
    if (changed.length > 0 || this.#isBlind) this.#watch()
    if (changed.length > 0) this.#heard(changed)
  }
}

/** Where its name stands, and where it lies. */
const foldersOf = (path: string): readonly string[] => {
  try {
    return [dirname(path), dirname(realpathSync(path))]
  } catch {
    return [dirname(path)]
  }
}
