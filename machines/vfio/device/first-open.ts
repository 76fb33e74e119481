/**
 * A device is opened for the first time, or closed for the last, when iommufd stands for the container: it is bound to the iommufd
 * file, made ready by its driver and, if it came through a group, attached to the IOAS that stands for the container; and all that backwards.
 * What fails is undone. Called under dev_set->lock.
 *
 * Source: vfio_df_device_first_open, vfio_df_group_open, vfio_df_device_last_close (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
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
  readonly context: string | null
  /** The descriptor of the device's own that it is for; absent: a group's, which attaches it at once. */
  readonly file: string | null
  /** The number iommufd gave the device. */
  readonly devid: number | null
  readonly ret: number | string
}

type FirstOpenEvent =
  | (Heard & { readonly type: 'CALL'; readonly how: 'open'; readonly context: string; readonly file?: string })
  | (Heard & { readonly type: 'CALL'; readonly how: 'close' })
  | (Heard & { readonly type: 'BINDING'; readonly context: string })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string; readonly devid?: number })

const start = ({ task, device, group, emulated }: FirstOpenInput): FirstOpenContext => ({
  ...{ task, device, group, emulated },
  ...{ caller: null, context: null, file: null, devid: null, ret: 0 },
})

const bindingOf = ({ device }: FirstOpenInput): string => `${device}.binding`
const driverCall = ({ task, device, emulated }: FirstOpenInput, what: 'open' | 'close'): string =>
  callOf(task, device, `${emulated ? 'emu' : 'pci'}_${what}`)

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
    keepNumber: assign(({ event }) => (event.type === 'RETURN' ? { devid: event.devid ?? null } : {})),
    makeReady: emit(({ context }) =>
      send(driverCall(context, 'open'), 'CALL', { task: context.task, container: context.context, backend: null }),
    ),
    attach: emit(({ context: { task, context, device } }) =>
      send(callOf(task, context!, 'attach_device'), 'CALL', { task, device }),
    ),
    set: emit(({ context }) => {
      const { task, context: file, file: own } = context
      return send(bindingOf(context), 'SET', { task, context: file, ...(own !== null && { file: own }) })
    }),
    clear: emit(({ context }) => send(bindingOf(context), 'CLEAR', { task: context.task })),
    keepContext: assign(({ event }) => {
      assertEvent(event, 'BINDING')
      return { context: event.context }
    }),
    putAtRest: emit(({ context }) =>
      send(driverCall(context, 'close'), 'CALL', { task: context.task, container: context.context, backend: null }),
    ),
    unbind: emit(({ context: { task, context, device, group, emulated } }) =>
      send(callOf(task, context!, 'bind_device'), 'CALL', { task, how: 'unbind', device, group, emulated }),
    ),
    finish: emit(({ context: { caller, task, ret, devid } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && devid !== null && { devid }) }),
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
          { target: 'making ready', actions: 'keepNumber' },
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
    unbinding: { entry: 'unbind', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
