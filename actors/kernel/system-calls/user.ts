/**
 * The program that made the calls, as far as it matters: the names it gave to descriptors, buffers and threads, the structures and
 * bitmaps it passed, and what it reported of them afterwards.
 */
import { makesBuffer, nameIn, type Op, type Result } from './op.ts'
import { operations, sizeOf, type FieldType } from './operations.ts'
import { containerId, fileId, inodeId, killer, type CasePlan } from './case-plan.ts'

/** One process's names. Threads share them, a fork copies them. */
interface Names {
  readonly fds: Map<string, string>
  readonly buffers: Map<string, bigint>
}

export interface Args {
  readonly [field: string]: unknown
}

/** What a call came back with, as far as it matters to names. */
export interface Came {
  readonly ret?: unknown
  /** A mapping is elsewhere now. */
  readonly moved?: unknown
}

const place = 1n << 30n
/** Every buffer gets a place of its own, 1 GiB wide. */
const placeOf = (op: number): bigint => (1n << 44n) + BigInt(op) * place

/** Names of descriptors that nobody has to make: /dev/null, for calls that want a descriptor of another kind. */
export const openFromTheStart: readonly string[] = ['devnull']

export class User {
  readonly #plan: CasePlan
  readonly #names = new Map<string, Names>()
  #containers = 0

  constructor(plan: CasePlan) {
    this.#plan = plan
    for (const process of ['p0', killer])
      this.#names.set(process, { fds: new Map(openFromTheStart.map((name) => [name, name])), buffers: new Map() })
  }

  /** What the kernel gets of an operation. */
  args(thread: string, op: Op, index: number): Args {
    const names = this.#namesOf(thread)
    const fields = { ...operations[op.op]! }
    const args: Record<string, unknown> = {}
    for (const [name, field] of Object.entries(fields)) {
      const given = op[name] ?? field.byDefault
      if (given !== undefined) args[name] = this.#value(names, field.type, given)
    }
    const { type: _type, ...all } = { ...args, ...this.#handedOut(names, op, args, index) }
    return all
  }

  /** What was made gets its name, or the name comes to stand for nothing. */
  done(thread: string, op: Op, index: number, args: Args, { ret, moved }: Came): void {
    const names = this.#namesOf(thread)
    const ok = typeof ret === 'number' && ret >= 0
    const as = nameIn(op, 'as')
    if (op.op === 'close' && ok) names.fds.delete(nameIn(op, 'fd')!)
    else if (makesBuffer(op)) {
      const at = (op.op === 'mremap' && moved !== true ? args['vaddr'] : args['addr']) as bigint
      if (as !== undefined) names.buffers.set(as, ok ? at : 0n)
    } else if (op.op === 'fork' || op.op === 'thread') this.#begin(thread, this.#plan.made.get(index)!, op.op)
    else if (as !== undefined && ok) names.fds.set(as, args['as'] as string)
    else if (as !== undefined) names.fds.delete(as)
  }

  #namesOf(thread: string): Names {
    return this.#names.get(thread)!
  }

  #begin(from: string, to: string, how: 'fork' | 'thread'): void {
    const { fds, buffers } = this.#namesOf(from)
    this.#names.set(to, how === 'thread' ? { fds, buffers } : { fds: new Map(fds), buffers: new Map(buffers) })
  }

  #value(names: Names, type: FieldType, given: unknown): unknown {
    if (type === 'u64' || type === 'long') return BigInt.asUintN(64, BigInt(given as string | number))
    if (type === 'int') return Number(given)
    if (type === 'addr') return addressOf(names.buffers, given as string | number)
    if (type === 'fd') return names.fds.get(String(given)) ?? ''
    if (type === 'word') return String(given)
    return given
  }

  /** Identities that the kernel would make up: of files, inodes, containers, addresses. */
  #handedOut(names: Names, op: Op, args: Args, index: number): Args {
    const key = (): string => (names.fds.has(nameIn(op, 'as')!) ? `${nameIn(op, 'as')!}~${index}` : nameIn(op, 'as')!)
    switch (op.op) {
      case 'open_container':
      case 'open_iommufd':
        return { as: key(), file: fileId(index), id: containerId(this.#containers++) }
      // A message has a type of its own.
      case 'set_iommu':
        return { arg: args['type'] }
      case 'get_hw_info':
      case 'viommu_alloc':
      case 'veventq_alloc':
      case 'hw_queue_alloc':
        return { asked: args['type'] }
      case 'bind_iommufd':
        return op['rawfd'] === undefined ? {} : { iommufd: rawDescriptor(args['rawfd'] as number) }
      // `file` is the file the call is made on.
      case 'ioas_map_file':
        return { of_file: args['file'] }
      // One answer to a page request.
      case 'fd_write':
        return op['cookie'] === undefined || op['len'] !== undefined ? {} : { len: 8 }
      case 'fault_queue_alloc':
      case 'dma_buf':
      case 'get_device_fd':
        return { as: key(), makes: fileId(index) }
      case 'open_group':
      case 'open_cdev':
      case 'eventfd':
      case 'memfd':
      case 'heap_buf':
        return { as: key(), file: fileId(index) }
      case 'dup':
        return { as: key() }
      case 'mmap':
      case 'mmap_bar':
      case 'mmap_fd':
        return { addr: args['at'] ?? placeOf(index), fixed: args['at'] !== undefined, inode: inodeId(index) }
      case 'mremap':
        return { addr: args['at'] ?? placeOf(index) }
      case 'unmap_dma':
        return { argsz: args['argsz'] ?? (Number(op['flags'] ?? 0) & 1 ? sizeOf.dmaUnmapWithBitmap : sizeOf.dmaUnmap) }
      case 'dirty_pages':
        return { argsz: args['argsz'] ?? (Number(op['flags']) & 4 ? sizeOf.dirtyGet : sizeOf.dirty) }
      case 'fork':
      case 'thread':
        return { as: this.#plan.made.get(index) }
      default:
        return {}
    }
  }
}

/** A descriptor by its number: none that has a name, or a negative one. */
const rawDescriptor = (number: number): string => ((number | 0) < 0 ? '' : `#${number}`)

/** `b0`, `b0+0x1000` or a number; a buffer that was never made begins at 0. */
export function addressOf(buffers: ReadonlyMap<string, bigint>, text: string | number): bigint {
  if (typeof text === 'number' || /^(0x[\da-f]+|\d+)$/i.test(text)) return BigInt.asUintN(64, BigInt(text))
  const [name, offset = '0'] = text.split('+')
  return (buffers.get(name!.trim()) ?? 0n) + BigInt(offset)
}

/** Beyond this many, words of a bitmap are not reported. */
const reportedWords = 16

/** A message has a type of its own, so an object does not answer with one. */
const renamed = ({ op }: Op, { out_data_type: type, ...others }: Readonly<Record<string, unknown>>) =>
  op === 'get_hw_info' && type !== undefined ? { ...others, type } : others

/** What the program says of a call that came back: errno apart, numbers printed, its own structures read again. */
export function reported(op: Op, args: Args, returned: Readonly<Record<string, unknown>>): Result {
  const { ret, ...out } = renamed(op, returned)
  const failed = typeof ret === 'string'
  const result: Record<string, unknown> = { ret: failed ? -1 : ret }
  if (failed) result['err'] = ret.replace(/^-/, '')
  for (const [name, value] of Object.entries(out)) if (value !== undefined) result[name] = printed(value)
  if (op.op === 'unmap_dma') result['size'] ??= printed(args['size'])
  // Of its structure only this is looked at again.
  if (op.op === 'hwpt_invalidate') result['entry_num'] ??= args['entry_num']
  // It gets no further than the first register.
  if (op.op === 'edu_dma' && failed) result['at'] ??= 'reg'
  if (showsBitmap(op)) result['bitmap'] = printed(readBack(args, out['bitmap'] as readonly bigint[] | undefined))
  // There is no buffer.
  if (op.op === 'hwpt_get_dirty' && op['data'] !== undefined) delete result['bitmap']
  if (op.op === 'iommu_get_info' && op['brief'] && !failed)
    return { ret: result['ret'] as number, avail: result['avail'] }
  return result as Result
}

const showsBitmap = ({ op, flags }: Op): boolean =>
  (op === 'unmap_dma' && (Number(flags ?? 0) & 1) !== 0) || (op === 'dirty_pages' && (Number(flags) & 4) !== 0)

/** The bitmap buffer after the call: what was written, or still what it was filled with before. Zeros at its end are not reported. */
function readBack(args: Args, written: readonly bigint[] = []): readonly bigint[] {
  const size = (args['bitmap_size'] as bigint | undefined) ?? 0n
  const words = Number(size / 8n > BigInt(reportedWords) ? BigInt(reportedWords) : size / 8n)
  const before = BigInt(
    `0x${Number(args['prefill'] ?? 0)
      .toString(16)
      .padStart(2, '0')
      .repeat(8)}`,
  )
  const all = Array.from({ length: words }, (_, word) => written[word] ?? before)
  return all.slice(0, all.findLastIndex((word) => word !== 0n) + 1)
}

const printed = (value: unknown): unknown => {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  if (Array.isArray(value)) return value.map(printed)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, printed(each)]))
  return value
}
