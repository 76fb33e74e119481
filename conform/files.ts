/** Files of cases: one case a line, as it is or compressed; a folder stands for all of them in it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { NoCases } from './malformed.ts'

const isCaseFile = (name: string): boolean => /\.jsonl(?:\.gz)?$/.test(name)

export const caseFiles = (path: string): readonly string[] => {
  if (!existsSync(path)) throw new NoCases(path, 'There is no such file or folder.')
  if (!statSync(path).isDirectory()) return [path]
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).filter(isCaseFile).toSorted()
  if (files.length === 0) throw new NoCases(path, 'No file in this folder is called *.jsonl or *.jsonl.gz.')
  return files.map((file) => join(path, file))
}

/** Compressed is what begins so, whatever it is called. */
const isCompressed = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

export const linesOf = (file: string): readonly string[] => {
  try {
    const bytes = readFileSync(file)
    return (isCompressed(bytes) ? gunzipSync(bytes) : bytes)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
  } catch (cause) {
    throw new NoCases(file, (cause as Error).message, { cause })
  }
}
