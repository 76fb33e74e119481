/**
 * mmap, munmap, mremap, mprotect, madvise and mlock: the address space changes under mmap_lock, and device files that have lost their last mapping are
 * let go of afterwards (as fput does, on the way back to the user).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import { lowestAddress } from './mappings.ts'

export interface ChangeMappingsInput {
  readonly task: string
  readonly mm: string
  /** What it is asked. */
  readonly ask: 'MMAP' | 'MMAP_DEVICE' | 'MUNMAP' | 'MREMAP' | 'MPROTECT' | 'MADVISE' | 'MLOCK'
  readonly how: 'read' | 'write'
  /** Who knows the limits and rights, where they matter: to mlock and mremap, and to an mmap of low addresses. */
  readonly process: string | null
}

interface ChangeMappingsContext extends ChangeMappingsInput {
  readonly caller: string | null
  readonly args: Readonly<Record<string, unknown>>
  readonly ret: number | string
  readonly moved: boolean
  readonly got: readonly string[]
  readonly put: readonly string[]
}

type ChangeMappingsEvent =
  | (Heard & { readonly type: 'CALL'; readonly addr?: bigint })
  | (Heard & { readonly type: 'RETURN' | 'LOCKED' | 'UNLOCKED' | 'GOT' })
  | (Heard & {
      readonly type: 'LIMITS'
      readonly memlockBytes: bigint | null
      readonly ipcLock: boolean
      readonly rawio: boolean
    })
  | (Heard & {
      readonly type: 'ANSWER'
      readonly ret: number | string
      readonly moved?: true
      readonly got: readonly string[]
      readonly put: readonly string[]
    })

const start = ({ task, mm, ask, how, process }: ChangeMappingsInput): ChangeMappingsContext => ({
  task,
  mm,
  ask,
  how,
  process,
  caller: null,
  args: {},
  ret: 0,
  moved: false,
  got: [],
  put: [],
})

export const changeMappings = setup({
  types: {
    context: {} as ChangeMappingsContext,
    events: {} as ChangeMappingsEvent,
    emitted: {} as Said,
    input: {} as ChangeMappingsInput,
  },
  guards: {
    isLimited: ({ context: { process, ask }, event }) =>
      process !== null &&
      (ask === 'MLOCK' || ask === 'MREMAP' || (event.type === 'CALL' && event.addr! < lowestAddress)),
    gets: ({ context }) => context.got.length > 0,
    puts: ({ context }) => context.put.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      const { type: _type, from, task: _task, ...args } = event
      return { caller: from, args }
    }),
    limits: emit(({ context: { process, task } }) => send(process!, 'LIMITS', { task })),
    keepLimits: assign(({ context, event }) => {
      assertEvent(event, 'LIMITS')
      const { memlockBytes: limit, ipcLock, rawio } = event
      return { args: { ...context.args, limit, ipcLock, rawio } }
    }),
    lock: emit(({ context: { mm, how, task } }) =>
      send(`${mm}.mmap_lock`, how === 'read' ? 'DOWN_READ' : 'DOWN_WRITE', { task }),
    ),
    ask: emit(({ context: { mm, ask, args, task } }) => send(mm, ask, { ...args, task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      const { ret, moved = false, got, put } = event
      return { ret, moved, got, put, args: {} }
    }),
    get: emit(({ context: { got, task } }) => send('files', 'GET', { task, file: got[0] })),
    gotOne: assign({ got: ({ context }) => context.got.slice(1) }),
    unlock: emit(({ context: { mm, how, task } }) =>
      send(`${mm}.mmap_lock`, how === 'read' ? 'UP_READ' : 'UP_WRITE', { task }),
    ),
    put: emit(({ context: { put, task } }) => send(`${task}.put_files`, 'CALL', { task, files: put, released: [] })),
    finish: emit(({ context: { caller, task, ret, moved } }) =>
      send(caller!, 'RETURN', { task, ret, ...(moved && { moved }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'changeMappings',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isLimited', target: 'asking limits', actions: 'begin' },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    'asking limits': { entry: 'limits', on: { LIMITS: { target: 'locking', actions: 'keepLimits' } } },
    locking: { entry: 'lock', on: { LOCKED: 'changing' } },
    changing: { entry: 'ask', on: { ANSWER: { target: 'changed', actions: 'keep' } } },
    changed: { always: [{ guard: 'gets', target: 'getting' }, { target: 'unlocking' }] },
    getting: { entry: 'get', on: { GOT: { target: 'changed', actions: 'gotOne' } } },
    unlocking: {
      entry: 'unlock',
      on: {
        UNLOCKED: [
          { guard: 'puts', target: 'putting' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    putting: { entry: 'put', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
