/**
 * vfio-pci asks whoever has a device open to let go of it: by the eventfd that was set for that, or, when there is
 * none, by a line in the log, once.
 *
 * Source: Linux 6.1 vfio_pci_core_request.
 * Left out: asking again every ten seconds.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { printk, send, type Heard, type Said } from '../say.ts'

export interface RequestDeviceInput {
  readonly task: string
  readonly device: string
  /** domain:bus:slot.function */
  readonly address: string
}

type RequestDeviceContext = RequestDeviceInput & { readonly caller: string | null }
type RequestDeviceEvent =
  | (Heard & { readonly type: 'REQUESTED'; readonly eventfd: string | null })
  | (Heard & { readonly type: 'CALL' | 'SIGNALLED' })

const WARNING = 4
const NOTICE = 5

const start = ({ task, device, address }: RequestDeviceInput): RequestDeviceContext => ({
  ...{ task, device, address },
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
    finish: emit(({ context: { task, caller } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'requestDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: {
      entry: 'ask',
      on: {
        REQUESTED: [
          { guard: 'hasNoChannel', target: 'idle', actions: ['complain', 'finish', 'reset'] },
          { target: 'signalling', actions: ['relay', 'signal'] },
        ],
      },
    },
    signalling: { on: { SIGNALLED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
