/**
 * ioctl() on a device with a plain number as its argument: where a structure is expected the number is no address of one; the only
 * request without one is the reset.
 *
 * Source: Linux 6.1 vfio_pci_core_ioctl, vfio_device_fops_unl_ioctl; uapi vfio.h for the numbers.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface DeviceIoctlInput {
  readonly task: string
  /** The procedure that resets it. */
  readonly reset: string
}

type DeviceIoctlContext = DeviceIoctlInput & { readonly caller: string | null }
type DeviceIoctlEvent =
  | (Heard & { readonly type: 'CALL'; readonly req?: bigint })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

/** GET_INFO, GET_REGION_INFO, GET_IRQ_INFO, SET_IRQS, hot reset (information and deed), IOEVENTFD, FEATURE. */
const withStructure = [0x3b6b, 0x3b6c, 0x3b6d, 0x3b6e, 0x3b70, 0x3b71, 0x3b74, 0x3b75]
const deviceReset = 0x3b6f

/** The kernel looks at 32 bits of the request. */
const requestOf = (event: DeviceIoctlEvent): number => {
  assertEvent(event, 'CALL')
  return Number(BigInt.asUintN(32, event.req ?? 0n))
}

export const deviceIoctl = setup({
  types: {
    context: {} as DeviceIoctlContext,
    events: {} as DeviceIoctlEvent,
    emitted: {} as Said,
    input: {} as DeviceIoctlInput,
  },
  guards: {
    isReset: ({ event }) => requestOf(event) === deviceReset,
    hasStructure: ({ event }) => withStructure.includes(requestOf(event)),
  },
  actions: {
    call: emit(({ context: { task, reset } }) => send(reset, 'CALL', { task })),
    begin: assign({ caller: ({ event }) => event.from }),
    fail: emit(({ event, context: { task } }, { ret }: { ret: string }) => send(event.from, 'RETURN', { task, ret })),
    pass: emit(({ context: { task, caller }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    forget: assign({ caller: null }),
  },
}).createMachine({
  id: 'deviceIoctl',
  context: ({ input: { task, reset } }) => ({ task, reset, caller: null }),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isReset', target: 'resetting', actions: ['begin', 'call'] },
          { guard: 'hasStructure', actions: { type: 'fail', params: { ret: '-EFAULT' } } },
          { actions: { type: 'fail', params: { ret: '-ENOTTY' } } },
        ],
      },
    },
    resetting: { on: { RETURN: { target: 'idle', actions: ['pass', 'forget'] } } },
  },
})
