/**
 * VFIO_DEVICE_PCI_HOT_RESET: the bus is reset when the caller shows the groups of everything on it, by their descriptors. Every function
 * here is alone on its bus, so one group is enough, and more are too many.
 *
 * Source: Linux 6.1 vfio_pci_ioctl_pci_hot_reset, vfio_pci_dev_set_hot_reset.
 * Left out: -EBUSY when memory_lock is taken (it is only tried there; here it is waited for), several functions on a bus.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { FunctionFacts } from '../function/facts.ts'

export interface HotResetInput {
  readonly task: string
  readonly facts: FunctionFacts
  /** Table of descriptors. */
  readonly table: string
  /** dev_set->lock. */
  readonly setLock: string
  readonly memoryLock: string
  readonly to: string
  /** No group at all is refused before anything else is looked at. */
  readonly needsGroups: boolean
}

interface HotResetContext extends HotResetInput {
  readonly caller: string | null
  readonly fd: string
  readonly file: string | null
  /** The group that was shown. */
  readonly group: string | null
  readonly ret: number | string
}

type HotResetEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly group?: string
      readonly count?: number
      readonly flags: number
      readonly argsz?: number
    })
  | (Heard & {
      readonly type: 'FILE'
      readonly ret: number | string
      readonly file: string
      readonly kind: string
      readonly of: string
      readonly light: boolean
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })

const start = ({ task, facts, table, setLock, memoryLock, to, needsGroups }: HotResetInput): HotResetContext => ({
  task,
  facts,
  table,
  setLock,
  memoryLock,
  to,
  needsGroups,
  caller: null,
  fd: '',
  file: null,
  group: null,
  ret: 0,
})

const minimum = 12
const onBus = 1

export const hotReset = setup({
  types: {
    context: {} as HotResetContext,
    events: {} as HotResetEvent,
    emitted: {} as Said,
    input: {} as HotResetInput,
  },
  guards: {
    failed: ({ context }) => context.ret !== 0,
    isForeign: ({ context: { group, facts } }) => group !== facts.group,
    holdsFile: ({ context }) => context.file !== null,
  },
  actions: {
    begin: assign(({ context: { facts, needsGroups }, event }) => {
      assertEvent(event, 'CALL')
      const { from, group, flags } = event
      const { argsz = minimum, count = group === undefined ? 0 : 1 } = event
      const ret = firstFailing([
        [argsz < minimum || flags !== 0, '-EINVAL'],
        [needsGroups && count === 0, '-EINVAL'],
        [!facts.hasOwnBus, '-ENODEV'],
        [count === 0 || count > onBus, '-EINVAL'],
      ])
      return { caller: from, fd: group ?? '', ret: ret ?? 0 }
    }),
    find: emit(({ context: { table, fd, task } }) => send('files', 'FDGET', { task, table, fd })),
    found: assign(({ event }) => {
      assertEvent(event, 'FILE')
      const { ret, kind, of, file, light } = event
      if (ret !== 0) return { ret: '-EBADF' }
      const held = light ? null : file
      return kind === 'group' ? { group: of, file: held } : { ret: '-EINVAL', file: held }
    }),
    lockSet: emit(({ context: { setLock, task } }) => send(setLock, 'LOCK', { task })),
    refuse: assign({ ret: '-EINVAL' }),
    lockMemory: emit(({ context: { memoryLock, task } }) => send(memoryLock, 'DOWN_WRITE', { task })),
    ask: emit(({ context: { to, task } }) => send(to, 'RESET', { task })),
    unlockMemory: emit(({ context: { memoryLock, task } }) => send(memoryLock, 'UP_WRITE', { task })),
    unlockSet: emit(({ context: { setLock, task } }) => send(setLock, 'UNLOCK', { task })),
    put: emit(({ context: { file, task } }) =>
      send(`${task}.put_files`, 'CALL', { task, files: [file], released: [] }),
    ),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'hotReset',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: { always: [{ guard: 'failed', target: 'leaving' }, { target: 'finding' }] },
    finding: { entry: 'find', on: { FILE: { target: 'found', actions: 'found' } } },
    found: { always: [{ guard: 'failed', target: 'leaving' }, { target: 'locking set' }] },
    'locking set': {
      entry: 'lockSet',
      on: {
        LOCKED: [{ guard: 'isForeign', target: 'unlocking set', actions: 'refuse' }, { target: 'locking memory' }],
      },
    },
    'locking memory': { entry: 'lockMemory', on: { LOCKED: 'resetting' } },
    resetting: { entry: 'ask', on: { ANSWER: 'unlocking memory' } },
    'unlocking memory': { entry: 'unlockMemory', on: { UNLOCKED: 'unlocking set' } },
    'unlocking set': { entry: 'unlockSet', on: { UNLOCKED: 'leaving' } },
    leaving: {
      always: [
        { guard: 'holdsFile', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: { entry: 'put', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
