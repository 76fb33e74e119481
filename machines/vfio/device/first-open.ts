/**
 * A device is opened for the first time, or closed for the last, where the kernel has iommufd: it is bound to the file of iommufd, or uses the
 * container that its group is in; it is made ready by its driver and, if it came through a group, attached to the IOAS that stands for the container; and all that
 * backwards. What binding and attaching are is for the file or the container to say (`bind_device`, `attach_device`). What fails is undone.
 * Called under dev_set->lock.
 *
 * Source: vfio_df_device_first_open, vfio_df_group_open, vfio_df_device_last_close (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface FirstOpenInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly emulated: boolean
}

interface FirstOpenContext extends FirstOpenInput {
  readonly caller: string | null
  /** The actor of the file of iommufd, or of the container. */
  readonly context: string | null
  readonly backend: Pointer | null
  /** The descriptor of the device's own that it is for; absent: a group's, which attaches it at once. */
  readonly file: string | null
  /** The number iommufd gave the device. */
  readonly devid: number | null
  /** The group's file, where this was the last reference to it. */
  readonly releases: string | null
  readonly ret: number | string
}

type FirstOpenEvent =
  | (Heard & { readonly type: 'CALL'; readonly how: 'open'; readonly context: string; readonly file?: string })
  | (Heard & { readonly type: 'CALL'; readonly how: 'close' })
  | (Heard & { readonly type: 'BINDING'; readonly context: string; readonly backend: Pointer | null })
  | (Heard & {
      readonly type: 'RETURN'
      readonly ret: number | string
      readonly devid?: number
      readonly backend?: Pointer
      readonly releases?: string
    })

const start = ({ task, device, group, emulated }: FirstOpenInput): FirstOpenContext => ({
  ...{ task, device, group, emulated },
  ...{ caller: null, context: null, backend: null, file: null, devid: null, releases: null, ret: 0 },
})

const bindingOf = ({ device }: FirstOpenInput): string => `${device}.binding`
const driverCall = ({ task, device, emulated, context, backend }: FirstOpenContext, what: 'open' | 'close') =>
  send(callOf(task, device, `${emulated ? 'emu' : 'pci'}_${what}`), 'CALL', { task, container: context, backend })

export const firstOpen = setup({
  types: {
    context: {} as FirstOpenContext,
    events: {} as FirstOpenEvent,
    emitted: {} as Said,
    input: {} as FirstOpenInput,
  },
  guards: {
    closes: ({ event }) => event.type === 'CALL' && event.how === 'close',
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    attaches: ({ context }) => context.file === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const opens = event.how === 'open'
      return {
        caller: event.from,
        context: opens ? event.context : null,
        file: (opens ? event.file : undefined) ?? null,
      }
    }),
    bind: emit(({ context: { task, context, device, group, emulated } }) =>
      send(callOf(task, context!, 'bind_device'), 'CALL', { task, how: 'bind', device, group, emulated }),
    ),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    keepBound: assign(({ event }) =>
      event.type === 'RETURN' ? { devid: event.devid ?? null, backend: event.backend ?? null } : {},
    ),
    keepReleased: assign(({ event }) => (event.type === 'RETURN' ? { releases: event.releases ?? null } : {})),
    makeReady: emit(({ context }) => driverCall(context, 'open')),
    attach: emit(({ context: { task, context, device } }) =>
      send(callOf(task, context!, 'attach_device'), 'CALL', { task, device }),
    ),
    set: emit(({ context }) => {
      const { task, context: bound, backend, file } = context
      return send(bindingOf(context), 'SET', { task, context: bound, backend, ...(file !== null && { file }) })
    }),
    clear: emit(({ context }) => send(bindingOf(context), 'CLEAR', { task: context.task })),
    keepContext: assign(({ event }) => {
      assertEvent(event, 'BINDING')
      return { context: event.context, backend: event.backend }
    }),
    putAtRest: emit(({ context }) => driverCall(context, 'close')),
    unbind: emit(({ context: { task, context, device, group, emulated } }) =>
      send(callOf(task, context!, 'bind_device'), 'CALL', { task, how: 'unbind', device, group, emulated }),
    ),
    finish: emit(({ context: { caller, task, ret, devid, releases } }) =>
      send(caller!, 'RETURN', {
        ...{ task, ret },
        ...(ret === 0 && devid !== null && { devid }),
        ...(releases !== null && { releases }),
      }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'firstOpen',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'closes', target: 'clearing', actions: 'begin' },
          { target: 'binding', actions: 'begin' },
        ],
      },
    },
    binding: {
      entry: 'bind',
      on: {
        RETURN: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { target: 'making ready', actions: 'keepBound' },
        ],
      },
    },
    'making ready': {
      entry: 'makeReady',
      on: {
        RETURN: [{ guard: 'failed', target: 'unbinding', actions: 'keepRet' }, { target: 'ready' }],
      },
    },
    ready: { always: [{ guard: 'attaches', target: 'attaching' }, { target: 'setting' }] },
    attaching: {
      entry: 'attach',
      on: { RETURN: [{ guard: 'failed', target: 'putting at rest', actions: 'keepRet' }, { target: 'setting' }] },
    },
    setting: { entry: 'set', on: { BINDING: { target: 'idle', actions: ['finish', 'reset'] } } },

    clearing: { entry: 'clear', on: { BINDING: { target: 'putting at rest', actions: 'keepContext' } } },
    'putting at rest': { entry: 'putAtRest', on: { RETURN: 'unbinding' } },
    unbinding: { entry: 'unbind', on: { RETURN: { target: 'idle', actions: ['keepReleased', 'finish', 'reset'] } } },
  },
})
