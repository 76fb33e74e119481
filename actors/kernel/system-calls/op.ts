/** One operation of a case and what came of it, as they stand in a case file. */
import { flag } from '../../../machines/mm/remap.ts'

/** `op` says what is called; the other fields are its arguments (operations.ts). */
export interface Op {
  readonly op: string
  /** That is how the other words of a script are told. */
  readonly do?: never
  readonly [field: string]: unknown
}

export const isOp = (call: object): call is Op => 'op' in call

/** A name that an operation gives or uses; undefined where it does not. */
export const nameIn = (op: Op, field: string): string | undefined => {
  const name = op[field]
  return typeof name === 'string' ? name : undefined
}

/** What is made by its name is memory that is mapped. */
export const makesBuffer = ({ op }: Op): boolean => ['mmap', 'mmap_bar', 'mmap_fd', 'mremap'].includes(op)

/** A mapping that is elsewhere afterwards, whatever there is (MREMAP_FIXED, MREMAP_DONTUNMAP). */
export const mustMove = ({ op, flags = 0 }: Op): boolean =>
  op === 'mremap' && (Number(flags) & (flag.fixed | flag.keepsOld)) !== 0

/** The process or thread that makes it, by the name it has then. */
export const makerOf = (op: Op): string => nameIn(op, 'proc') ?? 'p0'

/** `ret`, `err` and whatever else was seen; numbers of 64 bits are hexadecimal text. */
export interface Result {
  readonly ret?: number
  readonly err?: string
  /** Fields that the case does not determine: what they hold is worth nothing. */
  readonly unknown?: readonly string[]
  readonly [field: string]: unknown
}
