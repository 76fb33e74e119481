/**
 * A process as far as its limits and rights go (struct signal_struct, struct cred). Limits belong to the process, capabilities to each of its
 * threads. Its memory is another after each exec; `life` says which, where there was one.
 *
 * Source: kernel/sys.c, do_prlimit; capset leaves a thread without what it drops, and what it starts inherits that.
 * Left out: capabilities apart from CAP_IPC_LOCK, CAP_SYS_RESOURCE and CAP_SYS_RAWIO, which are dropped with all others; that each thread has a user of its own.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../kernel/answer.ts'
import type { Heard, Said } from '../say.ts'

interface Capabilities {
  readonly ipcLock: boolean
  readonly others: boolean
  /** CAP_SYS_RESOURCE and CAP_SYS_RAWIO, once they were dropped by themselves. */
  readonly resource?: false
  readonly rawio?: false
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
  /** Whose process it is; root's, if it does not say. */
  readonly uid?: number
}

type ProcessContext = Rights & { readonly life?: number }

type ProcessEvent =
  | (Heard & {
      readonly type: 'DROP_IPC_LOCK' | 'DROP_ALL' | 'DROP_RESOURCE' | 'DROP_RAWIO' | 'EXIT' | 'EXIT_THREAD' | 'EXEC'
    })
  /** `of`: it is the memory of this thread that matters. */
  | (Heard & { readonly type: 'LIMITS'; readonly of?: string })
  | (Heard & { readonly type: 'HAS_THREAD'; readonly thread: string })
  | (Heard & { readonly type: 'SET_MEMLOCK' | 'SET_NOFILE'; readonly val: bigint })
  | (Heard & { readonly type: 'SETUID'; readonly uid: number })
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

const mayResource = ({ others, resource }: Capabilities): boolean => others && resource !== false
const mayRawio = ({ others, rawio }: Capabilities): boolean => others && rawio !== false

/** Raising a hard limit takes CAP_SYS_RESOURCE. */
const mayRaise = (rights: Rights, task: string, { hard }: Limit, val: bigint): boolean =>
  val <= hard || mayResource(mayOf(rights, task))

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
    mayNotBecome: ({ context, event }) =>
      event.type === 'SETUID' && event.uid !== (context.uid ?? 0) && !mayOf(context, event.task).others,
    isOnlyThread: ({ context }) => Object.keys(context.capabilities).length === 1,
  },
  actions: {
    limits: emit(({ context, event }) => {
      assertEvent(event, 'LIMITS')
      const { soft } = context.memlock
      const may = mayOf(context, event.task)
      const [rawio, resource] = [mayRawio(may), mayResource(may)]
      const isLimited = soft !== unlimited
      return answer(event, 'LIMITS', {
        memlock: isLimited ? Number(soft >> pageShift) : null,
        memlockBytes: isLimited ? soft : null,
        ipcLock: may.ipcLock,
        rawio,
        ...(resource !== rawio && { resource }),
        ...(context.uid !== undefined && { uid: context.uid }),
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
    dropResource: assign(({ context, event }) => without(context, event.task, { resource: false })),
    dropRawio: assign(({ context, event }) => without(context, event.task, { rawio: false })),
    /** Root who becomes somebody else keeps no capability. */
    setuid: assign(({ context, event }) => {
      assertEvent(event, 'SETUID')
      const { uid } = event
      if (uid === (context.uid ?? 0)) return {}
      return { uid, ...(uid !== 0 && without(context, event.task, { ipcLock: false, others: false })) }
    }),
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
      const { memlock, nofile, uid } = context
      const capabilities = { [event.as]: mayOf(context, event.task) }
      return answer(event, 'FORKED', { rights: { memlock, nofile, capabilities, ...(uid !== undefined && { uid }) } })
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
        DROP_RESOURCE: { actions: ['dropResource', 'done'] },
        DROP_RAWIO: { actions: ['dropRawio', 'done'] },
        SETUID: [{ guard: 'mayNotBecome', actions: 'notPermitted' }, { actions: ['setuid', 'done'] }],
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
