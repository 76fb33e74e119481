/**
 * vfio-pci asks whoever has a device open to let go of it: by the eventfd that was set for that, or, when there is
 * none, by a line in the log, once. The eventfd is looked up and signalled under igate, as SET_IRQS changes it.
 *
 * Source: Linux 6.1 vfio_pci_core_request; up to 5.x vfio_pci_request does the same.
 * Left out: asking again every ten seconds.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { printk, send, type Heard, type Said } from '../../say.ts'

export interface RequestDeviceInput {
  readonly task: string
  readonly device: string
  /** domain:bus:slot.function */
  readonly address: string
  readonly igate: string
}

type RequestDeviceContext = RequestDeviceInput & { readonly caller: string | null }
type RequestDeviceEvent =
  | (Heard & { readonly type: 'REQUESTED'; readonly eventfd: string | null })
  | (Heard & { readonly type: 'CALL' | 'LOCKED' | 'SIGNALLED' | 'UNLOCKED' })

const WARNING = 4
const NOTICE = 5

const start = ({ task, device, address, igate }: RequestDeviceInput): RequestDeviceContext => ({
  ...{ task, device, address, igate },
  caller: null,
})

export const requestDevice = setup({
  types: {
    context: {} as RequestDeviceContext,
    events: {} as RequestDeviceEvent,
    emitted: {} as Said,
    input: {} as RequestDeviceInput,
  },
  guards: {
    hasNoChannel: ({ event }) => event.type === 'REQUESTED' && event.eventfd === null,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    lock: emit(({ context: { igate, task } }) => send(igate, 'LOCK', { task })),
    ask: emit(({ context: { task, device } }) => send(`${device}.pci`, 'REQUEST', { task, count: 0 })),
    complain: emit(({ context: { address } }) =>
      printk(WARNING, `vfio-pci ${address}: No device request channel registered, blocked until released by user`),
    ),
    relay: emit(({ context: { address } }) =>
      printk(NOTICE, `vfio-pci ${address}: Relaying device request to user (#0)`),
    ),
    signal: emit(({ context: { task }, event }) => {
      assertEvent(event, 'REQUESTED')
      return send(event.eventfd!, 'SIGNAL', { task })
    }),
    unlock: emit(({ context: { igate, task } }) => send(igate, 'UNLOCK', { task })),
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'requestDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
    locking: { entry: 'lock', on: { LOCKED: 'asking' } },
    asking: {
      entry: 'ask',
      on: {
        REQUESTED: [
          { guard: 'hasNoChannel', target: 'unlocking', actions: 'complain' },
          { target: 'signalling', actions: ['relay', 'signal'] },
        ],
      },
    },
    signalling: { on: { SIGNALLED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
