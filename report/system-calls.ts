/**
 * Stories told as system calls, in the manner of strace. The call is said once, with its arguments: `unmap_dma(c0, 0x1000+0x1000, VADDR)`.
 * The functions that it runs go by their own names, with what has not been said yet; what they return is told where it comes from, and
 * when the call comes back: `unmap_dma = -EINVAL`. To find the file behind a descriptor and to let go of it is no news, unless it fails or
 * was the last reference.
 */
import type { Message } from '../explore/system.ts'
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { answer, counted, fields, value } from './words.ts'

/** What a row says instead of the message as it stands. */
export interface Said {
  readonly head: string
  readonly asked: string
}

export interface SystemCalls {
  /** No row of its own: of a request this takes its answer with it. */
  isQuiet(step: TraceStep, reply: TraceStep | undefined): boolean
  /** A call, a return, or what is asked of an object. */
  said(step: TraceStep): Said | undefined
  answered(reply: TraceStep): string
  /** One step by itself, in a line. */
  words(step: TraceStep): string
}

const door = '.syscall'

/** Is this actor's thread one that makes system calls? */
const isCaller = (trace: Trace, id: string): boolean => {
  const thread = trace.threads[id]
  return thread !== undefined && trace.threads[`${thread}${door}`] === thread
}

/** `type1_map_dma` for `p0.container0.type1_map_dma`, `my_ioctl` for `p0/my_ioctl`: thread and object are in the lane and in the call already. */
export const functionName = (trace: Trace, id: string): string | undefined => {
  const thread = trace.threads[id]
  if (!isCaller(trace, id) || id === thread) return undefined
  return id.startsWith(`${thread}/`) ? id.slice(`${thread}/`.length) : id.slice(id.lastIndexOf('.') + 1)
}

const flagsOf: Readonly<Record<string, readonly string[]>> = {
  map_dma: ['r', 'w', 'VADDR'],
  unmap_dma: ['GET_DIRTY_BITMAP', 'ALL', 'VADDR'],
  dirty_pages: ['START', 'STOP', 'GET_BITMAP'],
  mremap: ['MAYMOVE', 'FIXED', 'DONTUNMAP'],
}

const iommuTypes: Readonly<Record<string, string>> = { 1: 'TYPE1', 3: 'TYPE1v2', 8: 'NOIOMMU' }

/** `argsz` when nobody says otherwise. */
const usualSizes: Readonly<Record<string, number>> = {
  group_get_status: 8,
  iommu_get_info: 4096,
  map_dma: 32,
  unmap_dma: 24,
  dirty_pages: 8,
  bind_iommufd: 24,
  attach_pt: 12,
  detach_pt: 8,
  destroy: 8,
  device_info: 16,
  region_info: 4096,
  irq_info: 16,
  hot_reset_info: 4096,
  hot_reset_devs: 4096,
  ioas_alloc: 12,
  ioas_map: 40,
  ioas_map_file: 40,
  ioas_unmap: 24,
  ioas_copy: 40,
  ioas_iova_ranges: 32,
  ioas_allow_iovas: 24,
  vfio_ioas: 12,
  iommufd_option: 24,
  hwpt_alloc: 48,
  hwpt_set_dirty: 16,
  hwpt_get_dirty: 48,
  hwpt_invalidate: 32,
  get_hw_info: 40,
  change_process: 8,
  fault_queue_alloc: 16,
  viommu_alloc: 40,
  vdevice_alloc: 24,
  veventq_alloc: 32,
  hw_queue_alloc: 40,
  dma_buf: 4096,
}
/** VFIO_DEVICE_FEATURE_DMA_BUF, asked for. */
const dmaBufFeature = 0x1000b
/** MREMAP_MAYMOVE. */
const mayMove = 1
const sizeWithBitmap = 48

/** What a call gets when its maker says nothing of it; tested against the table that it comes from. */
export const isUsual = (op: string, name: string, x: unknown): boolean => {
  if (name === 'argsz') return x === usualSizes[op] || (op !== 'map_dma' && op in flagsOf && x === sizeWithBitmap)
  if (op === 'dma_buf' && name === 'flags') return x === dmaBufFeature
  if (op === 'mremap' && name === 'flags') return x === mayMove
  if (['flags', 'prefill', 'bitmap_size', 'arg', 'start', 'count'].includes(name)) return Number(x) === 0
  if (name === 'pgsize') return x === 4096n
  return (op === 'mmap' && name === 'kind' && x === 'anon') || (name === 'device' && x === 'mock0')
}

/** Names and places that the program was given rather than gave: what comes back says them. */
const handedOut = new Set(['as', 'file', 'id', 'makes', 'inode', 'fixed', 'addr', 'at'])
const unsaid = new Set(['type', 'from', 'task', 'op'])

/** A descriptor that was opened under a name in use has a number behind it. */
const plainName = (x: unknown): string => value(x).replace(/~\d+$/, '')

const flagWords = (op: string, flags: unknown): string => {
  const names = flagsOf[op]
  const bits = Number(flags)
  if (names === undefined || bits >= 2 ** names.length) return `flags 0x${bits.toString(16)}`
  const words = names.filter((_, bit) => bits & (1 << bit)).join('|')
  return words.replace('r|w', 'rw')
}

const protections = ['none', 'r', 'w', 'rw']

/** `0x1000+0x1000`, `rw`, `VADDR`; a number goes with its name, unless there is only one thing that it can be. */
const argument = (op: string, name: string, x: unknown): string => {
  if (name === 'flags') return flagWords(op, x)
  if (name === 'type' || (op === 'set_iommu' && name === 'arg')) return iommuTypes[String(x)] ?? value(x)
  if (name === 'prot' && typeof x === 'number') return protections[x] ?? `prot ${x}`
  if (name === 'npage') return counted(Number(x), 'page')
  if (['vaddr', 'len', 'off'].includes(name)) return value(x)
  if (x === '') return `no ${name}`
  return typeof x === 'string' ? plainName(x) : `${name} ${value(x)}`
}

/** `unmap_dma(c0, 0x1000+0x1000, VADDR)` */
const callWords = (message: Message): string => {
  const op = message['op'] as string
  const { fd, iova, size } = message
  const words = fd === undefined ? [] : [fd === '' ? 'no descriptor' : plainName(fd)]
  const isRange = typeof iova === 'bigint' && typeof size === 'bigint'
  if (isRange) words.push(`${value(iova)}+${value(size)}`)
  for (const [name, x] of Object.entries(message)) {
    if (unsaid.has(name) || name === 'fd' || x === undefined) continue
    // What is destroyed is the program's to say.
    if (handedOut.has(name) && op !== 'destroy') continue
    if (isRange && (name === 'iova' || name === 'size')) continue
    if (op !== 'set_iommu' && isUsual(op, name, x)) continue
    words.push(name === 'iova' ? value(x) : argument(op, name, x))
  }
  return `${op}(${words.join(', ')})`
}

/** What a call came back with: what it made, or its number and what else it wrote. */
const resultWords = (call: Message, returned: Message): string => {
  const { type: _type, from: _from, task: _task, ret, ...more } = returned
  if (typeof ret !== 'number') return value(ret)
  const made = call['as'] === undefined ? value(ret) : plainName(call['as'])
  const written = Object.entries(more).filter(([name, x]) => x !== undefined && x !== call[name])
  return [made, ...written.map(([name, x]) => `${name} ${value(x)}`)].join(', ')
}

/** Which file or memory: in most stories there is one, and what a row is about is in it anyway. */
const never = new Set([
  ...['op', 'fd', 'file', 'kind', 'of', 'table', 'reserved'],
  ...['user', 'life', 'memlockBytes', 'rawio', 'lockCap'],
])
const ofDescriptors = new Set(['fd', 'file'])

const isNothing = (x: unknown): boolean => x === false || (Array.isArray(x) && x.length === 0)
/** The backend's data goes with every call inside a container. */
const isHandle = (name: string, x: unknown): boolean => name === 'backend' && typeof x !== 'string'
const isUnsaid = (name: string, x: unknown): boolean => never.has(name) || isHandle(name, x)
const isHead = (name: string): boolean => name === 'type' || name === 'from' || name === 'task'

/** One call of a thread that has not come back. */
interface Frame {
  readonly actor: string
  readonly message: Message
}

const readable = (name: string, x: unknown): unknown =>
  name === 'prot' && typeof x === 'number' ? (protections[x] ?? x) : x

const isIn = (name: string, x: unknown, frames: readonly Frame[]): boolean =>
  frames.some(({ message }) => value(readable(name, message[name])) === value(readable(name, x)))

const pick = (message: Message, isKept: (name: string, x: unknown) => boolean): Message =>
  Object.fromEntries(
    Object.entries(message).filter(([name, x]) => isHead(name) || isKept(name, x)),
  ) as unknown as Message

/** Without what says nothing, and what the calls that led here have said. A range is one word: both of its fields or none. */
const lean = (message: Message, frames: readonly Frame[], to: string): Message => {
  const { iova, size } = message
  const isNewRange = !isIn('iova', iova, frames) || (size !== undefined && !isIn('size', size, frames))
  const kept = pick(message, (name, x) => {
    if (to === 'files' && ofDescriptors.has(name)) return true
    if (isUnsaid(name, x) || isNothing(x) || x === null) return false
    if (name === 'iova' || (name === 'size' && iova !== undefined)) return isNewRange
    return !isIn(name, x, frames)
  })
  return Object.fromEntries(Object.entries(kept).map(([name, x]) => [name, readable(name, x)])) as unknown as Message
}

/** Where a list ends, and what a backend knows of itself. */
const unmissed = new Set(['next', 'nb', 'data', 'stopped'])

/** What an answer says beyond "done". Where there is nothing, that is said: `no container`. */
const leanAnswer = (message: Message): string => {
  if (message.type === 'BUSY') return 'busy'
  if (message['dma'] === null) return answer(message)
  const told = pick(message, (name, x) => !isUnsaid(name, x) && !(Array.isArray(x) && x.length === 0))
  const missing = Object.entries(told).flatMap(([name, x]) => (x === null && !unmissed.has(name) ? [`no ${name}`] : []))
  const kept = pick(
    told,
    (name, x) => x !== null && x !== false && !(name === 'ret' && x === 0) && !(name === 'alive' && x === true),
  )
  const words = [...missing, answer(kept)].filter((part) => part !== '').join(' ')
  return words === '' ? answer(told) : words
}

const bookkeeping = new Set(['FDGET', 'FDPUT', 'RESERVE', 'UNRESERVE', 'UNSHARE'])
const isFailure = (x: unknown): boolean => typeof x === 'string' && x.startsWith('-')
const isTurn = ({ to, message }: TraceStep): boolean => /^turn\d+$/.test(to) && /^(COMPLETE|WAIT)$/.test(message.type)

/** The object that a function is called on, unless the calls that led to it have named it. */
const newObject = (actor: string, frames: readonly Frame[]): readonly string[] =>
  actor
    .split('.')
    .slice(1, -1)
    .filter((part) => !frames.some((f) => f.actor.split('.').includes(part) || Object.values(f.message).includes(part)))

/** What a thread is told to do it says itself, call by call. */
const wordsOf = ({ from, message }: TraceStep): string => (from === 'env' ? '' : leanAnswer(message))

/** Undefined for a run that is told otherwise. */
export const systemCallsOf = (trace: Trace): SystemCalls | undefined => {
  if (!Object.entries(trace.threads).some(([id, thread]) => id === `${thread}${door}`)) return undefined
  const said = new Map<number, Said>()
  const quiet = new Set<number>()
  const stacks = new Map<string, Frame[]>()
  /** What the last call of a thread returned: whoever passes it on says nothing new. */
  const last = new Map<string, unknown>()
  for (const step of trace.steps) {
    const { number, from, to, message } = step
    const thread = trace.threads[from] ?? trace.threads[to]
    if (thread === undefined || !isCaller(trace, thread)) continue
    const stack = stacks.get(thread) ?? []
    stacks.set(thread, stack)
    const inside = trace.threads[from] === trace.threads[to]
    if (from === 'env' && message.type === 'START') quiet.add(number)
    else if (inside && message.type === 'CALL') {
      const call = stack[0]?.message['op']
      const name = functionName(trace, to)!
      if (to.endsWith(door)) said.set(number, { head: callWords(message), asked: '' })
      else {
        const words = [
          ...newObject(to, stack),
          fields(pick(lean(message, stack, to), (_, x) => !to.split('.').includes(String(x)))),
        ]
        said.set(number, { head: name, asked: words.join(' ').trim() })
      }
      if (name === call) quiet.add(number)
      stack.push({ actor: to, message })
      last.delete(thread)
    } else if (inside && message.type === 'RETURN') {
      const call = stack.pop()?.message ?? message
      const { ret } = message
      const name = from.endsWith(door) ? value(call['op']) : functionName(trace, from)!
      const result = from.endsWith(door) ? resultWords(call, message) : value(ret)
      said.set(number, { head: `${name} = ${result}`, asked: '' })
      if (!from.endsWith(door) && (ret === 0 || last.get(thread) === ret || name === stack[0]?.message['op']))
        quiet.add(number)
      last.set(thread, ret)
    } else if (trace.threads[from] !== undefined && !inside) {
      said.set(number, { head: message.type, asked: fields(lean(message, stack, to)) })
      if (isTurn(step)) quiet.add(number)
    }
  }
  return {
    isQuiet: (step, reply) =>
      quiet.has(step.number) ||
      (step.to === 'files' &&
        bookkeeping.has(step.message.type) &&
        reply !== undefined &&
        !isFailure(reply.message['ret']) &&
        reply.message['last'] !== true),
    said: ({ number }) => said.get(number),
    answered: ({ message }) => leanAnswer(message),
    words: (step) => {
      const { head, asked } = said.get(step.number) ?? { head: step.message.type, asked: wordsOf(step) }
      return `${head} ${asked}`.trimEnd()
    },
  }
}
