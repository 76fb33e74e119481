/**
 * VFIO_DEVICE_SET_IRQS: the structure is checked, the eventfd in it looked up, and the interrupts are set under igate; what enables or
 * disables messages needs the function's memory and holds memory_lock as well. Interrupts sent for a test go out before igate is let go.
 *
 * Source: Linux 6.1 vfio_pci_ioctl_set_irqs, vfio_msi_enable (vfio_pci_memory_lock_and_enable), eventfd_ctx_fdget.
 * Left out: an array of different eventfds; every vector of a request gets the same one.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { irqs, type FunctionFacts } from '../function/facts.ts'
import { invalid, takesEventfd, type IrqSet } from './interrupts.ts'

export interface SetIrqsInput {
  readonly task: string
  readonly facts: FunctionFacts
  /** Table of descriptors. */
  readonly table: string
  readonly igate: string
  readonly memoryLock: string
  readonly to: string
}

interface SetIrqsContext extends SetIrqsInput {
  readonly caller: string | null
  readonly set: IrqSet | null
  /** What the structure names: a descriptor, or none. */
  readonly fd: string
  /** To be put after it was looked at. */
  readonly file: string | null
  readonly ret: number | string
  readonly signals: readonly string[]
}

type SetIrqsEvent =
  | (Heard & Omit<IrqSet, 'eventfd'> & { readonly type: 'CALL'; readonly eventfd?: string })
  | (Heard & {
      readonly type: 'FILE'
      readonly ret: number | string
      readonly file: string
      readonly kind: string
      readonly of: string
      readonly light: boolean
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'SIGNALLED' | 'RETURN' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string; readonly signals: readonly string[] })

const start = ({ task, facts, table, igate, memoryLock, to }: SetIrqsInput): SetIrqsContext => ({
  task,
  facts,
  table,
  igate,
  memoryLock,
  to,
  caller: null,
  set: null,
  fd: '',
  file: null,
  ret: 0,
  signals: [],
})

export const setIrqs = setup({
  types: {
    context: {} as SetIrqsContext,
    events: {} as SetIrqsEvent,
    emitted: {} as Said,
    input: {} as SetIrqsInput,
  },
  guards: {
    isInvalid: ({ context: { set, facts } }) => invalid(set!, facts) !== undefined,
    namesEventfd: ({ context: { set, fd } }) => takesEventfd(set!) && fd !== '',
    holdsFile: ({ context }) => context.file !== null,
    isMessages: ({ context: { set } }) => set!.index === irqs.msi || set!.index === irqs.msix,
    signals: ({ context }) => context.signals.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, index, flags, start: first, count, argsz, bool, eventfd = '' } = event
      const set: IrqSet = {
        index,
        flags,
        start: first,
        count,
        eventfd: null,
        ...(argsz !== undefined && { argsz }),
        ...(bool !== undefined && { bool }),
      }
      return { caller: from, set, fd: eventfd }
    }),
    refuse: assign({ ret: ({ context: { set, facts } }) => invalid(set!, facts)! }),
    find: emit(({ context: { table, fd, task } }) => send('files', 'FDGET', { task, table, fd })),
    found: assign(({ context: { set }, event }) => {
      assertEvent(event, 'FILE')
      const { ret, kind, of, file, light } = event
      if (ret !== 0) return { set: { ...set!, refused: '-EBADF' } }
      const held = light ? null : file
      return kind === 'eventfd'
        ? { set: { ...set!, eventfd: of }, file: held }
        : { set: { ...set!, refused: '-EINVAL' }, file: held }
    }),
    put: emit(({ context: { file, task } }) =>
      send(`${task}.put_files`, 'CALL', { task, files: [file], released: [] }),
    ),
    lock: emit(({ context: { igate, task } }) => send(igate, 'LOCK', { task })),
    lockMemory: emit(({ context: { memoryLock, task } }) => send(memoryLock, 'DOWN_WRITE', { task })),
    ask: emit(({ context: { to, set, task } }) => send(to, 'SET_IRQS', { ...set, task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'ANSWER')
      return { ret: event.ret, signals: event.signals }
    }),
    unlockMemory: emit(({ context: { memoryLock, task } }) => send(memoryLock, 'UP_WRITE', { task })),
    signal: emit(({ context: { signals, task } }) => send(signals[0]!, 'SIGNAL', { task })),
    signalled: assign({ signals: ({ context }) => context.signals.slice(1) }),
    unlock: emit(({ context: { igate, task } }) => send(igate, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'setIrqs',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [
        { guard: 'isInvalid', target: 'idle', actions: ['refuse', 'finish', 'reset'] },
        { guard: 'namesEventfd', target: 'finding' },
        { target: 'locking' },
      ],
    },
    finding: { entry: 'find', on: { FILE: { target: 'found', actions: 'found' } } },
    found: { always: [{ guard: 'holdsFile', target: 'putting' }, { target: 'locking' }] },
    putting: { entry: 'put', on: { RETURN: 'locking' } },
    locking: {
      entry: 'lock',
      on: { LOCKED: [{ guard: 'isMessages', target: 'locking memory' }, { target: 'setting' }] },
    },
    'locking memory': { entry: 'lockMemory', on: { LOCKED: 'setting messages' } },
    'setting messages': { entry: 'ask', on: { ANSWER: { target: 'unlocking memory', actions: 'keep' } } },
    'unlocking memory': { entry: 'unlockMemory', on: { UNLOCKED: 'set' } },
    setting: { entry: 'ask', on: { ANSWER: { target: 'set', actions: 'keep' } } },
    set: { always: [{ guard: 'signals', target: 'signalling' }, { target: 'unlocking' }] },
    signalling: { entry: 'signal', on: { SIGNALLED: { target: 'set', actions: 'signalled' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
