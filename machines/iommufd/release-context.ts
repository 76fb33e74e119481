/**
 * The last reference to an iommufd file is gone: what is still attached (devices of the kernel's own tests; a real device holds the file)
 * is detached, page tables leave their IOASes, and everything that is mapped in those is unmapped.
 *
 * Source: iommufd_fops_release, iommufd_ioas_destroy (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import { asUser } from './device/hwpt-alloc.ts'
import { addressSpace } from './ioas/area-list.ts'

export interface ReleaseContextInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
}

type ReleaseContextContext = ReleaseContextInput & {
  readonly caller: string | null
  readonly devices: readonly { readonly device: string }[]
  readonly tables: readonly OwnTable[]
  readonly ioases: readonly string[]
}

/** A page table that was made by itself. */
interface OwnTable {
  readonly id: number
  readonly ioas: string
}

type ReleaseContextEvent =
  | (Heard & {
      readonly type: 'CONTENTS_ARE'
      readonly devices: readonly { readonly device: string }[]
      readonly tables: readonly OwnTable[]
      readonly ioases: readonly string[]
    })
  | (Heard & { readonly type: 'CALL' | 'RETURN' })

const start = ({ task, context }: ReleaseContextInput): ReleaseContextContext => ({
  ...{ task, context, caller: null, devices: [], tables: [], ioases: [] },
})

export const releaseContext = setup({
  types: {
    context: {} as ReleaseContextContext,
    events: {} as ReleaseContextEvent,
    emitted: {} as Said,
    input: {} as ReleaseContextInput,
  },
  guards: {
    hasDevices: ({ context }) => context.devices.length > 0,
    hasTables: ({ context }) => context.tables.length > 0,
    hasIoases: ({ context }) => context.ioases.length > 0,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    ask: emit(({ context: { task, context } }) => send(context, 'CONTENTS', { task })),
    keep: assign(({ event }) => {
      assertEvent(event, 'CONTENTS_ARE')
      return { devices: event.devices, tables: event.tables, ioases: event.ioases }
    }),
    detach: emit(({ context: { task, context, devices } }) =>
      send(`${task}.${context}.detach_device`, 'CALL', { task, device: devices[0]!.device }),
    ),
    nextDevice: assign({ devices: ({ context }) => context.devices.slice(1) }),
    leave: emit(({ context: { task, tables } }) => {
      const { id, ioas } = tables[0]!
      return send(`${task}.${ioas}.detach`, 'CALL', { task, device: asUser(id), devices: [] })
    }),
    nextTable: assign({ tables: ({ context }) => context.tables.slice(1) }),
    unmap: emit(({ context: { task, ioases } }) =>
      send(`${task}.${ioases[0]!}.unmap`, 'CALL', { task, iova: 0n, size: addressSpace, mayBeEmpty: true }),
    ),
    nextIoas: assign({ ioases: ({ context }) => context.ioases.slice(1) }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'releaseContext',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: { entry: 'ask', on: { CONTENTS_ARE: { target: 'going on', actions: 'keep' } } },
    'going on': {
      always: [
        { guard: 'hasDevices', target: 'detaching' },
        { guard: 'hasTables', target: 'leaving' },
        { guard: 'hasIoases', target: 'unmapping' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    detaching: { entry: 'detach', on: { RETURN: { target: 'going on', actions: 'nextDevice' } } },
    leaving: { entry: 'leave', on: { RETURN: { target: 'going on', actions: 'nextTable' } } },
    unmapping: { entry: 'unmap', on: { RETURN: { target: 'going on', actions: 'nextIoas' } } },
  },
})
