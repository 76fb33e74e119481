/** Files of cases: one case a line, as it is or compressed; a folder stands for all of them in it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { NoCases } from './malformed.ts'

const isCaseFile = (name: string): boolean => /\.jsonl(?:\.gz)?$/.test(name)

export const caseFiles = (path: string): readonly string[] => {
  // What cannot be a path, such as a name that is too long, is not there either.
  if (!existsSync(path)) throw new NoCases(path, 'There is no such file or folder.')
  const there = statSync(path)
  if (there.isFile()) return [path]
  // A pipe or a device need not have an end.
  if (!there.isDirectory()) throw new NoCases(path, 'It is neither a file nor a folder.')
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(isCaseFile)
    .map((file) => join(path, file))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .toSorted()
  if (files.length === 0) throw new NoCases(path, 'No file in this folder is called *.jsonl or *.jsonl.gz.')
  return files
}

/** Compressed is what begins so, whatever it is called. */
const isCompressed = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

/** Sixteen times all that was recorded, in bytes. What is compressed may be a thousand times as long as it looks. */
const mostBytes = 64 * 1024 * 1024

const tooLong = `It holds more than ${mostBytes / 1024 / 1024} MiB; cases may lie in several files of one folder.`

/** Lines with something in them, and which they are. */
export function* linesOf(file: string): Generator<{ readonly text: string; readonly line: number }, void> {
  const all = textOf(file)
  let line = 1
  for (let at = 0; at < all.length; line++) {
    const newline = all.indexOf('\n', at)
    const end = newline < 0 ? all.length : newline
    // Takes away a mark of the order of bytes, too.
    const text = all.slice(at, end).trim()
    if (text !== '') yield { text, line }
    at = end + 1
  }
}

const textOf = (file: string): string => {
  try {
    if (statSync(file).size > mostBytes) throw new NoCases(file, tooLong)
    const bytes = readFileSync(file)
    return (isCompressed(bytes) ? gunzipSync(bytes, { maxOutputLength: mostBytes }) : bytes).toString('utf8')
  } catch (cause) {
    if (cause instanceof NoCases) throw cause
    const { code, message } = cause as NodeJS.ErrnoException
    throw new NoCases(file, code === 'ERR_BUFFER_TOO_LARGE' ? tooLong : message, { cause })
  }
}
