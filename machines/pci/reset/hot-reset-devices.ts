/**
 * VFIO_DEVICE_GET_PCI_HOT_RESET_INFO of a device that was opened by its own file: whom a reset of its bus meets, by the numbers that the iommufd file gave
 * them. Everything on a bus of its own is one function here.
 *
 * Source: vfio_pci_ioctl_get_pci_hot_reset_info, vfio_iommufd_device_hot_reset_devid (6.6 to 7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { FunctionFacts } from '../function/facts.ts'
import { informs } from '../function/information.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface HotResetDevicesInput {
  readonly task: string
  readonly facts: FunctionFacts
  readonly addsMsixVectors: boolean
}

type HotResetDevicesContext = HotResetDevicesInput & {
  readonly caller: string | null
  readonly argsz: number
}

type HotResetDevicesEvent =
  | (Heard & { readonly type: 'CALL'; readonly argsz: number })
  | (Heard & { readonly type: 'BINDING'; readonly context: string | null; readonly file: string | null })
  | (Heard & { readonly type: 'DEVICE_IS'; readonly devid: number | null })

/** They are told by number, and all of them are the caller's. */
const flags = { byNumber: 1, areOwned: 2 }

const answerOf = ({ facts, addsMsixVectors, argsz }: HotResetDevicesContext) =>
  informs.hot_reset_info(facts, { argsz, addsMsixVectors })

const start = ({ task, facts, addsMsixVectors }: HotResetDevicesInput): HotResetDevicesContext => ({
  ...{ task, facts, addsMsixVectors, caller: null, argsz: 0 },
})

export const hotResetDevices = setup({
  types: {
    context: {} as HotResetDevicesContext,
    events: {} as HotResetDevicesEvent,
    emitted: {} as Said,
    input: {} as HotResetDevicesInput,
  },
  guards: {
    isRefused: ({ context }) => answerOf(context).ret !== 0,
    isGroups: ({ event }) => event.type === 'BINDING' && event.file === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, argsz: event.argsz }
    }),
    refuse: emit(({ context }) => send(context.caller!, 'RETURN', { ...answerOf(context), task: context.task })),
    look: emit(({ context: { task, facts } }) => send(`${facts.id}.binding`, 'GET', { task })),
    askNumber: emit(({ context: { task, facts }, event }) => {
      assertEvent(event, 'BINDING')
      return send(event.context!, 'DEVICE', { task, device: facts.id })
    }),
    tell: emit(({ context: { caller, task, facts }, event }) => {
      assertEvent(event, 'DEVICE_IS')
      const devices = [{ bdf: facts.address, devid: event.devid }]
      return send(caller!, 'RETURN', { task, ret: 0, flags: flags.byNumber | flags.areOwned, devices })
    }),
    /** Numbers of groups are the machine's. */
    tellGroups: emit(({ context: { caller, task } }) =>
      send(caller!, 'RETURN', { task, ret: 0, flags: 0, devices: [], unknown: ['devices'] }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'hotResetDevices',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'reset'] }, { target: 'looking' }],
    },
    looking: {
      entry: 'look',
      on: {
        BINDING: [
          { guard: 'isGroups', target: 'idle', actions: ['tellGroups', 'reset'] },
          { target: 'asking number', actions: 'askNumber' },
        ],
      },
    },
    'asking number': { on: { DEVICE_IS: { target: 'idle', actions: ['tell', 'reset'] } } },
  },
})
