/**
 * Attaches a device that is bound to an iommufd file to one of its IOASes: the one that stands for the container, or the one that
 * is named. A device without an IOMMU becomes an access instead.
 *
 * Source: vfio_iommufd_compat_attach_ioas, iommufd_device_attach, iommufd_access_attach (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import type { Attached } from './join-ioas.ts'

export interface AttachDeviceInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
  /** What each device brings; none for one without an IOMMU. */
  readonly hardware: Readonly<Record<string, Attached>>
}

type AttachDeviceContext = AttachDeviceInput & {
  readonly caller: string | null
  readonly device: string
  /** By its number; null: the one that stands for the container. */
  readonly named: number | null
  readonly ioas: string | null
  readonly ret: number | string
}
type AttachDeviceEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly ioas?: number })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'NOTED' })

const start = ({ task, context, hardware }: AttachDeviceInput): AttachDeviceContext => ({
  ...{ task, context, hardware },
  ...{ caller: null, device: '', named: null, ioas: null, ret: 0 },
})

export const attachDevice = setup({
  types: {
    context: {} as AttachDeviceContext,
    events: {} as AttachDeviceEvent,
    emitted: {} as Said,
    input: {} as AttachDeviceInput,
  },
  guards: {
    isNone: ({ event }) => event.type === 'IOAS' && event.ioas === null,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device, named: event.ioas ?? null }
    }),
    find: emit(({ context: { task, context, named } }) =>
      named === null ? send(context, 'COMPAT', { task }) : send(context, 'FIND', { task, ioas: named }),
    ),
    noneFound: assign({ ret: ({ context }) => (context.named === null ? '-ENODEV' : '-ENOENT') }),
    keepIoas: assign(({ event }) => {
      assertEvent(event, 'IOAS')
      return { ioas: event.ioas }
    }),
    attach: emit(({ context: { task, ioas, device, hardware } }) => {
      const what = hardware[device]
      return what === undefined
        ? send(`${task}.${ioas}.add_access`, 'CALL', { task, device })
        : send(`${task}.${ioas}.attach`, 'CALL', { task, ...what })
    }),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    note: emit(({ context: { task, context, device, ioas } }) => send(context, 'ATTACHED', { task, device, ioas })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'attachDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'finding', actions: 'begin' } } },
    finding: {
      entry: 'find',
      on: {
        IOAS: [
          { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
          { target: 'attaching', actions: 'keepIoas' },
        ],
      },
    },
    attaching: {
      entry: 'attach',
      on: {
        RETURN: [{ guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] }, { target: 'noting' }],
      },
    },
    noting: { entry: 'note', on: { NOTED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
