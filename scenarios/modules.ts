/**
 * Modules of the user's as one thread reads them, so that after a change only what has to be is read again: what changed, and whatever imports
 * it. What imports what is read off the text: every word behind `import`, `from` or `require`, and every text that begins as a path does. That
 * is rather too much than too little, but for an import whose path is put together while it runs.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, isAbsolute, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type * as Compiler from 'jiti'
import type { Jiti, JitiOptions, TransformOptions } from 'jiti'
import type { Origins } from './origins.ts'

/** A file that was read, or one that is imported and is not there. */
export interface ReadFile {
  readonly path: string
  /** Of what was read; undefined: it is not there. */
  readonly digest: string | undefined
  /** This thread can read it again. Node itself reads a module once and keeps it. */
  readonly again: boolean
}

const digestOf = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex')

/** Of what stands in a file now; undefined: there is none. */
export const digestOfFile = (path: string): string | undefined => {
  try {
    return digestOf(readFileSync(path))
  } catch {
    return undefined
  }
}

const imported = /\b(?:from|import|require)\b\s*\(?\s*(['"`])([^'"`\n]+)\1|(['"`])((?:\.{1,2}\/|#)[^'"`\n]*)\3/g

const importedIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(imported)].map(([, , behindAWord, , path]) => behindAWord ?? path!))

/** What a file is given without its being installed. */
const isOurs = /^(?:relock|xstate)(?:\/|$)/

const endings = ['', '.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js']

const isFile = (path: string): boolean => {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
const isOfAPackage = (path: string): boolean => /[\\/]node_modules[\\/]/.test(path)
/** Node reads it by itself, unless it was seen that it does not. */
const isTypeScript = (path: string): boolean => /\.[cm]?tsx?$/.test(path)

/** What may be meant by a path in a file: what is there of it, or else all that could be. */
const meantBy = (path: string): readonly string[] => {
  const written = [path, path.replace(/\.([cm]?)js$/, '.$1ts')]
  const all = [...new Set(written.flatMap((each) => endings.map((ending) => `${each}${ending}`)))]
  const found = all.filter(isFile)
  return found.length === 0 ? all : found
}

/**
 * Not in a temporary folder that everybody may write to: what lies there would be run. Its own idea of what the default export is stumbles
 * over `null`.
 */
export const compiledAs = { fsCache: false, interopDefault: false } as const satisfies JitiOptions

/** What the compiler makes of a module. */
export type Compile = (given: TransformOptions) => string

interface Helpers {
  /** Is told what is made of ours in them. */
  readonly origins?: Origins
  /** Compiles in place of the compiler of this thread, if it can. */
  readonly compile?: (given: TransformOptions) => string | undefined
}

export class Modules {
  readonly #origins: Origins | undefined
  readonly #compile: Helpers['compile']
  /** By path, the text that was read. */
  readonly #texts = new Map<string, string>()
  #jiti: Jiti | undefined
  #compiling: Jiti | undefined

  constructor({ origins, compile }: Helpers = {}) {
    this.#origins = origins
    this.#compile = compile
  }

  /** Reads a module, and what it imports, but for what was read before, when it is called; the compiler is there by then. */
  reading(file: string, ours: Pick<JitiOptions, 'virtualModules' | 'alias'>): () => Promise<unknown> {
    // Built-in scenarios need no compiler; most runs of the program are spared its start. By `require`: to import it, Node would first read
    // all of it for names, which takes longer than to run it.
    const { createJiti } = createRequire(import.meta.url)('jiti') as typeof Compiler
    const options = { ...ours, ...compiledAs }
    const plain = createJiti(import.meta.url, options)
    this.#jiti = plain
    const noted = Object.entries(ours.virtualModules ?? {}).map(([name, each]) => [
      name,
      this.#origins?.noting(name, each as object) ?? each,
    ])
    const compiling = createJiti(import.meta.url, {
      ...options,
      virtualModules: Object.fromEntries(noted) as Record<string, unknown>,
      transform: (given) => {
        if (given.filename !== undefined) this.#texts.set(given.filename, given.source)
        return { code: this.#compile?.(given) ?? plain.transform(given) }
      },
    })
    this.#compiling = compiling
    return () => compiling.import(file)
  }

  /** Reads a module, and what it imports, once more, as far as that can be done: what Node has read it keeps, but for the module itself. */
  async readAgain(file: string): Promise<unknown> {
    const isRead = this.#texts.has(file)
    this.forget(this.filesOf(file).map(({ path }) => path))
    return isRead ? this.#compiling!.import(file) : import(`${pathToFileURL(file).href}?again`)
  }

  /** What `file` consists of, as far as that was read. */
  filesOf(file: string): readonly ReadFile[] {
    const found = new Map<string, ReadFile>()
    const waiting = [file]
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      if (found.has(path)) continue
      const text = this.#texts.get(path)
      found.set(path, {
        path,
        digest: text === undefined ? digestOfFile(path) : digestOf(text),
        again: text !== undefined || isTypeScript(path) || !existsSync(path),
      })
      waiting.push(...this.#importedBy(path))
    }
    return [...found.values()]
  }

  /** These have changed: they are read again when they are asked for, and so is what imports them. */
  forget(changed: readonly string[]): void {
    const gone = new Set(changed)
    const importing = [...this.#texts.keys()].map((path) => [path, this.#importedBy(path)] as const)
    for (const path of gone) for (const [importer, all] of importing) if (all.includes(path)) gone.add(importer)
    for (const path of gone) {
      this.#texts.delete(path)
      delete this.#jiti?.cache[path]
    }
  }

  /** Files of the user's alone. */
  #importedBy(path: string): readonly string[] {
    const text = this.#texts.get(path) ?? (isFile(path) ? readFileSync(path, 'utf8') : '')
    return [...importedIn(text)]
      .flatMap((name) => (/^\.{0,2}\//.test(name) ? this.#besides(path, name) : this.#called(path, name)))
      .filter((found) => isAbsolute(found) && !isOfAPackage(found))
  }

  #besides(path: string, name: string): readonly string[] {
    const found = meantBy(resolve(dirname(path), name))
    const read = found.filter((each) => this.#texts.has(each))
    return read.length > 0 ? read : found
  }

  /** A name that the user's project has for a file: `#races/lock`. */
  #called(path: string, name: string): readonly string[] {
    if (isOurs.test(name)) return []
    const found = this.#jiti?.esmResolve(name, { parentURL: pathToFileURL(path).href, try: true }) ?? ''
    return [found.startsWith('file://') ? fileURLToPath(found) : found]
  }
}
