/** Where in the user's own files something happened, read off a stack. */
import { fileURLToPath } from 'node:url'
import { resolve } from 'node:path'

/** Where relock lies: its sources, or `dist/` once it is built and bundled. */
const home = fileURLToPath(new URL(/\/relock[\w-]*\.js$/.test(import.meta.url) ? '.' : '..', import.meta.url))

const frame = /(?:\(|^at (?:async )?)(?<path>(?:file:\/\/)?\/[^()]*):(?<line>\d+):(?<column>\d+)\)?$/

/**
 * The innermost lines of a stack that lie in code of the user's, as `file.ts:12:3`: in `files` (as they were typed), or in what these import
 * from anywhere but a package.
 */
export const placesIn = (stack: string, files: readonly string[]): readonly string[] =>
  stack.split('\n').flatMap((text) => {
    const { path: at = '', line, column } = frame.exec(text.trim())?.groups ?? {}
    if (at === '') return []
    const path = at.startsWith('file://') ? fileURLToPath(at) : at
    const file = files.find((each) => resolve(each) === path)
    if (file === undefined && (path.startsWith(home) || path.includes('/node_modules/'))) return []
    return [`${file ?? path}:${line}:${column}`]
  })

/** Where the user's own code asked for something, itself or by a package of his; undefined: relock did. */
export const askedAt = (stack: string, files: readonly string[]): string | undefined => {
  const [, caller = ''] = stack.split('\n')
  const isOurs =
    (caller.includes(home) || caller.includes('/node_modules/jiti/')) && placesIn(caller, files).length === 0
  return isOurs ? undefined : placesIn(stack, files)[0]
}
