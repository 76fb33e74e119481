/** `--max-memory 2G`: what a process may take for its searches. */
import { Option, type Command } from 'commander'
import { memoryWithin, type MemoryBound } from '../explore/spill/bound.ts'
import { SpillFolder } from '../explore/spill/files.ts'
import { NoRoom } from '../explore/states/columns.ts'
import { idleOption, noDisk, tooSmall, wrongSize } from '../report/errors.ts'
import type { Flags } from './flags.ts'

const units = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 } as const
/** Less is what Node takes with nothing to do. */
const [least, most] = ['128M', '16384G'] as const

/** Bytes; not a number where it is no size. */
export const bytesOf = (given: string): number => {
  const [, many, unit] = /^(\d{1,9}(?:\.\d{1,3})?)([KMG])$/i.exec(given) ?? []
  return Math.floor(Number(many) * units[unit?.toUpperCase() as keyof typeof units])
}

const size = (given: string): number => {
  const bytes = bytesOf(given)
  if (bytes > 0 && bytes < bytesOf(least)) throw tooSmall(given, least)
  if (bytes >= bytesOf(least) && bytes <= bytesOf(most)) return bytes
  throw wrongSize(given, least, most)
}

export const withMemory = (command: Command): Command =>
  command
    .addOption(new Option('--max-memory <size>', 'breadth: of memory (2G); then states go to the disk').argParser(size))
    .option('--compact', 'with --max-memory: know those by hashes, and say the chance')
    .hook('preAction', (_, given) => {
      const { maxMemory, compact } = given.opts<Flags>()
      if (compact && maxMemory === undefined) throw idleOption('--compact', 'without a bound', '--max-memory 2G')
      if (maxMemory !== undefined) insistOnDisk()
    })

/** Before hours are spent in memory. */
const insistOnDisk = (): void => {
  try {
    new SpillFolder().insist()
  } catch (error) {
    throw error instanceof NoRoom ? noDisk((error.cause as Error).message) : error
  }
}

export const memoryFor = ({ maxMemory, compact = false }: Flags): MemoryBound | undefined =>
  maxMemory === undefined ? undefined : memoryWithin(maxMemory, { compact })
