/**
 * A process as far as its limits and rights go (struct signal_struct, struct cred). Limits belong to the process, capabilities to each of its
 * threads. Its memory is another after each exec; `life` says which, where there was one.
 *
 * Source: kernel/sys.c, do_prlimit; capset leaves a thread without what it drops, and what it starts inherits that.
 * Left out: every capability apart from CAP_IPC_LOCK stands for all others together (CAP_SYS_RESOURCE, CAP_SYS_RAWIO).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

interface Capabilities {
  readonly ipcLock: boolean
  readonly others: boolean
}

interface Limit {
  readonly soft: bigint
  readonly hard: bigint
}

export interface Rights {
  readonly memlock: Limit
  readonly nofile: Limit
  /** Thread → what it may do. */
  readonly capabilities: Readonly<Record<string, Capabilities>>
}

type ProcessContext = Rights & { readonly life?: number }

type ProcessEvent =
  | (Heard & { readonly type: 'DROP_IPC_LOCK' | 'DROP_ALL' | 'EXIT' | 'EXIT_THREAD' | 'EXEC' })
  /** `of`: it is the memory of this thread that matters. */
  | (Heard & { readonly type: 'LIMITS'; readonly of?: string })
  | (Heard & { readonly type: 'HAS_THREAD'; readonly thread: string })
  | (Heard & { readonly type: 'SET_MEMLOCK' | 'SET_NOFILE'; readonly val: bigint })
  | (Heard & { readonly type: 'CLONE' | 'FORK'; readonly as: string })
  | (Heard & { readonly type: 'BORN'; readonly rights: Rights })

const unlimited = (1n << 64n) - 1n
const pageShift = 12n
/** The most that RLIMIT_NOFILE can be (fs.nr_open). */
const mostFiles = 1n << 20n

/** How the first process begins: root, with the limits that the kernel gives to init. */
export const initialRights = (thread: string): Rights => ({
  memlock: { soft: 8n << 20n, hard: 8n << 20n },
  nofile: { soft: 1024n, hard: 4096n },
  capabilities: { [thread]: { ipcLock: true, others: true } },
})

/** Others may ask about a process, too: they have no rights in it. */
const mayOf = (rights: Rights, task: string): Capabilities =>
  rights.capabilities[task] ?? { ipcLock: false, others: false }

/** Raising a hard limit takes CAP_SYS_RESOURCE. */
const mayRaise = (rights: Rights, task: string, { hard }: Limit, val: bigint): boolean =>
  val <= hard || mayOf(rights, task).others

const without = (rights: Rights, task: string, dropped: Partial<Capabilities>): Partial<Rights> => ({
  capabilities: { ...rights.capabilities, [task]: { ...mayOf(rights, task), ...dropped } },
})

export const process = setup({
  types: {
    context: {} as ProcessContext,
    events: {} as ProcessEvent,
    emitted: {} as Said,
    input: {} as { readonly thread: string },
  },
  guards: {
    mayNotLock: ({ context, event }) => {
      assertEvent(event, 'SET_MEMLOCK')
      return !mayRaise(context, event.task, context.memlock, event.val)
    },
    mayNotOpen: ({ context, event }) => {
      assertEvent(event, 'SET_NOFILE')
      return event.val > mostFiles || !mayRaise(context, event.task, context.nofile, event.val)
    },
    isOnlyThread: ({ context }) => Object.keys(context.capabilities).length === 1,
  },
  actions: {
    limits: emit(({ context, event }) => {
      assertEvent(event, 'LIMITS')
      const { soft } = context.memlock
      const { ipcLock, others } = mayOf(context, event.task)
      const isLimited = soft !== unlimited
      return answer(event, 'LIMITS', {
        memlock: isLimited ? Number(soft >> pageShift) : null,
        memlockBytes: isLimited ? soft : null,
        ipcLock,
        rawio: others,
        alive: event.of === undefined || event.of in context.capabilities,
        ...(context.life !== undefined && { life: context.life }),
      })
    }),
    noLimits: emit(({ event }) =>
      answer(event, 'LIMITS', { memlock: 0, memlockBytes: 0n, ipcLock: false, rawio: false, alive: false }),
    ),
    setMemlock: assign(({ event }) => {
      assertEvent(event, 'SET_MEMLOCK')
      return { memlock: { soft: event.val, hard: event.val } }
    }),
    setNofile: assign(({ event }) => {
      assertEvent(event, 'SET_NOFILE')
      return { nofile: { soft: event.val, hard: event.val } }
    }),
    dropIpcLock: assign(({ context, event }) => without(context, event.task, { ipcLock: false })),
    dropAll: assign(({ context, event }) => without(context, event.task, { ipcLock: false, others: false })),
    clone: assign(({ context, event }) => {
      assertEvent(event, 'CLONE')
      return without(
        { ...context, capabilities: { ...context.capabilities, [event.as]: mayOf(context, event.task) } },
        event.as,
        {},
      )
    }),
    fork: emit(({ context, event }) => {
      assertEvent(event, 'FORK')
      const { memlock, nofile } = context
      const capabilities = { [event.as]: mayOf(context, event.task) }
      return answer(event, 'FORKED', { rights: { memlock, nofile, capabilities } })
    }),
    beBorn: assign(({ event }) => {
      assertEvent(event, 'BORN')
      return event.rights
    }),
    /** One thread is left, whose memory is new. */
    exec: assign(({ context, event }) => ({
      capabilities: { [event.task]: mayOf(context, event.task) },
      life: (context.life ?? 0) + 1,
    })),
    hasThread: emit(({ context, event }) => {
      assertEvent(event, 'HAS_THREAD')
      return answer(event, 'THREAD', { there: event.thread in context.capabilities })
    }),
    hasNone: emit(({ event }) => answer(event, 'THREAD', { there: false })),
    exitThread: assign(({ context, event }) => {
      const { [event.task]: _, ...capabilities } = context.capabilities
      return { capabilities }
    }),
    left: emit(({ event }, { last }: { last: boolean }) => answer(event, 'LEFT', { last })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    notPermitted: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EPERM' })),
    gone: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ESRCH' })),
  },
}).createMachine({
  id: 'process',
  context: ({ input }) => initialRights(input.thread),
  initial: 'alive',
  states: {
    alive: {
      on: {
        LIMITS: { actions: 'limits' },
        SET_MEMLOCK: [{ guard: 'mayNotLock', actions: 'notPermitted' }, { actions: ['setMemlock', 'done'] }],
        SET_NOFILE: [{ guard: 'mayNotOpen', actions: 'notPermitted' }, { actions: ['setNofile', 'done'] }],
        DROP_IPC_LOCK: { actions: ['dropIpcLock', 'done'] },
        DROP_ALL: { actions: ['dropAll', 'done'] },
        CLONE: { actions: ['clone', 'done'] },
        FORK: { actions: 'fork' },
        BORN: { actions: ['beBorn', 'done'] },
        EXEC: { actions: ['exec', 'done'] },
        HAS_THREAD: { actions: 'hasThread' },
        EXIT_THREAD: [
          { guard: 'isOnlyThread', actions: { type: 'left', params: { last: true } } },
          { actions: ['exitThread', { type: 'left', params: { last: false } }] },
        ],
        EXIT: { target: 'exited', actions: 'done' },
      },
    },
    exited: {
      on: {
        LIMITS: { actions: 'noLimits' },
        HAS_THREAD: { actions: 'hasNone' },
        EXIT: { actions: 'gone' },
      },
    },
  },
})
