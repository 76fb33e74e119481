/** Pieces of what lockdep says: a lock with its class, how it is used and where it was asked for; the calls of a thread; what it holds. */
import { waitTypeWords, type Acquisition, type Frame, type Lockdep, type OrderEdge } from '../explore/locks/lockdep.ts'
import type { Interruption } from '../explore/system.ts'
import { functionOf } from './procedures.ts'
import { counted } from './words.ts'

interface Kind {
  /** Who asks is in this function. */
  readonly function: string
  /** What the table of the unsafe order says. */
  readonly verb: 'lock' | 'rlock' | 'sync'
}

const kinds: Readonly<Record<string, Kind>> = {
  LOCK: { function: 'mutex_lock', verb: 'lock' },
  LOCK_KILLABLE: { function: 'mutex_lock_killable', verb: 'lock' },
  LOCK_INTERRUPTIBLE: { function: 'mutex_lock_interruptible', verb: 'lock' },
  TRYLOCK: { function: 'mutex_trylock', verb: 'lock' },
  DOWN_READ: { function: 'down_read', verb: 'rlock' },
  TRY_READ: { function: 'down_read_trylock', verb: 'rlock' },
  DOWN_WRITE: { function: 'down_write', verb: 'lock' },
  TRY_WRITE: { function: 'down_write_trylock', verb: 'lock' },
  READ_LOCK: { function: 'srcu_read_lock', verb: 'rlock' },
  SYNCHRONIZE: { function: 'synchronize_srcu', verb: 'sync' },
}

/** Of a lock of somebody's own: it is called as its message is, unless the message says for which word it was sent. */
const kindOf = (acquisition: Acquisition): Kind => {
  const kind = kindOfMessage(acquisition)
  return acquisition.says === undefined ? kind : { ...kind, function: functionOf(acquisition.says) }
}

const kindOfMessage = ({ type, exclusive, awaited }: Acquisition): Kind =>
  awaited
    ? { function: type?.toLowerCase() ?? 'yet to be ended', verb: 'lock' }
    : (kinds[type ?? ''] ?? {
        function: type?.toLowerCase() ?? 'held from the start',
        verb: exclusive === undefined ? 'sync' : exclusive ? 'lock' : 'rlock',
      })

/** `dma_unmap [mdev0]` for `vmm0/mdev0.dma_unmap`: as the kernel names a function and its module. */
export const functionName = (thread: string, call: string): string => {
  if (call === thread) return thread
  const own = call.startsWith(thread) && /^[/.]/.test(call.slice(thread.length)) ? call.slice(thread.length + 1) : call
  const [, of, name] = /^(.+)\.([a-z_]\w*)$/.exec(own) ?? []
  return of === undefined ? own : `${name} [${of}]`
}

/** The step in which the lock heard of it; the last step of a run may only ask. */
export const stepOf = ({ heard, sent }: Acquisition): number => heard ?? sent

const place = (acquisition: Acquisition): string => {
  const [frame] = acquisition.stack
  if (frame === undefined) return acquisition.awaited ? 'at: waited for from the start' : 'at: held from the start'
  return `at: ${functionName(acquisition.thread, frame.call)}, step ${stepOf(acquisition)}`
}

/** Taken in an interrupt, where one may come, or both: `-`, `+`, `?`. Whoever sleeps lets all of them in, and of a lock that says nothing it is taken for granted. */
const usedAt = ({ lockClass, waitType }: Acquisition, level: Interruption, { classes, edges }: Lockdep): string => {
  const lets = classes.find(({ name }) => name === lockClass)?.lets ?? []
  const isOn = waitType === undefined || waitType.inner === 'sleep' || lets.includes(level)
  const isIn = edges.some(({ from, to }) => from === level && to === lockClass)
  return isIn ? (isOn ? '?' : '-') : isOn ? '+' : '.'
}

/** How locks of a class were taken, as far as these runs show: with interrupts, then softirqs, each for itself and to read. */
const usageOf = (acquisition: Acquisition, order: Lockdep): string => {
  const { exclusive = false, shared = false } = order.classes.find(({ name }) => name === acquisition.lockClass) ?? {}
  const { verb } = kindOf(acquisition)
  const types = waitTypeWords(acquisition.waitType)
  if (acquisition.awaited) return `{+.+.}-${types}`
  const [write, read] = [exclusive || verb === 'lock', shared || verb === 'rlock']
  const used = (['(hardirq)', '(softirq)'] as const).map((level) => usedAt(acquisition, level, order))
  return `{${used.map((each) => (write ? each : '.') + (read ? each : '.')).join('')}}-${types}`
}

export const className = (acquisition: Acquisition, order: Lockdep): string =>
  `(${acquisition.lockClass})${usageOf(acquisition, order)}`

export const lockLine = (acquisition: Acquisition, order: Lockdep): string =>
  `${acquisition.lock} ${className(acquisition, order)}, ${place(acquisition)}`

/** Calls, the newest first, with the step in which each was entered. */
export const stackLines = (acquisition: Acquisition): string[] => {
  const { thread, stack, heard } = acquisition
  const told = ({ call, since }: Frame) => [functionName(thread, call), `step ${since}`] as const
  const asked = `step ${stepOf(acquisition)}${heard === undefined ? ', asked for' : ''}`
  const rows = [[kindOf(acquisition).function, asked] as const, ...stack.map(told)]
  const width = Math.max(20, ...rows.map(([name]) => name.length))
  return rows.map(([name, step]) => `       ${name.padEnd(width)}  ${step}`)
}

export const verbOf = (acquisition: Acquisition): string => `${kindOf(acquisition).verb}(${acquisition.lockClass});`

export const heldLines = (thread: string, held: readonly Acquisition[], order: Lockdep): string[] =>
  held.length === 0
    ? [`no locks held by ${thread}.`]
    : [
        `${counted(held.length, 'lock')} held by ${thread}:`,
        ...held.map((each, index) => ` #${index}: ${lockLine(each, order)}`),
      ]

export const headLines = ({ asked, held }: OrderEdge, title: string, release: string, order: Lockdep): string[] => [
  title,
  release,
  '-'.repeat(54),
  `${asked.thread} is trying to acquire lock:`,
  lockLine(asked, order),
  '',
  'but task is already holding lock:',
  lockLine(held, order),
]
