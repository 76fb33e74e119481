/**
 * Attaches a device that is bound to an iommufd file to one of its IOASes: the one that stands for the container, or the one that
 * is named (or that has the page table that is named). A device without an IOMMU becomes an access instead.
 *
 * A device that is attached already moves (`moves`), and stays where it is if that fails. The devices of an IOMMU group have one page table:
 * a second of them can go nowhere else.
 *
 * Source: vfio_iommufd_compat_attach_ioas, iommufd_device_attach, iommufd_device_replace, iommufd_access_attach (7.x).
 * Left out: that one device of a group which moves takes the others with it; that one of two which leaves still reaches memory.
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
  /** Objects may be destroyed, so those that are used are counted. */
  readonly counts?: boolean
}

type AttachDeviceContext = AttachDeviceInput & {
  readonly caller: string | null
  readonly device: string
  /** By its number; null: the one that stands for the container. */
  readonly named: number | null
  readonly ioas: string | null
  /** It may be attached already. */
  readonly moves: boolean
  /** Where it was attached. */
  readonly before: string | null
  /** The number of the page table. */
  readonly pt: number | null
  readonly ret: number | string
}
type AttachDeviceEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly ioas?: number; readonly moves?: boolean })
  | (Heard & { readonly type: 'DEVICE_IS'; readonly ioas: string | null; readonly neighbours: string | null })
  | (Heard & { readonly type: 'IOAS'; readonly ioas: string | null; readonly ret?: string })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string; readonly ioas?: string | null })
  | (Heard & { readonly type: 'NOTED'; readonly pt: number | null })

const start = ({ task, context, hardware, counts = false }: AttachDeviceInput): AttachDeviceContext => ({
  ...{ task, context, hardware, counts },
  ...{ caller: null, device: '', named: null, ioas: null, moves: false, before: null, pt: null, ret: 0 },
})

const found = [
  { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
  { guard: 'mayMove', target: 'looking', actions: 'keepIoas' },
  { target: 'attaching', actions: 'keepIoas' },
] as const

const attachTo = ({ task, device, hardware }: AttachDeviceContext, ioas: string) => {
  const what = hardware[device]
  return what === undefined
    ? send(`${task}.${ioas}.add_access`, 'CALL', { task, device })
    : send(`${task}.${ioas}.attach`, 'CALL', { task, ...what })
}

/** Takes a device off an IOAS that it is attached to. */
export const detachFrom = ({ task, hardware }: AttachDeviceInput, device: string, ioas: string) => {
  const what = hardware[device]
  return what === undefined
    ? send(`${task}.${ioas}.remove_access`, 'CALL', { task, device })
    : send(`${task}.${ioas}.detach`, 'CALL', { task, device, devices: what.devices })
}

export const attachDevice = setup({
  types: {
    context: {} as AttachDeviceContext,
    events: {} as AttachDeviceEvent,
    emitted: {} as Said,
    input: {} as AttachDeviceInput,
  },
  guards: {
    isNone: ({ event }) => 'ioas' in event && event.ioas === null,
    holdsObject: ({ context }) => context.counts === true && context.ioas !== null,
    mayMove: ({ context }) => context.moves,
    neighboursAreElsewhere: ({ context, event }) =>
      event.type === 'DEVICE_IS' &&
      event.ioas === null &&
      event.neighbours !== null &&
      event.neighbours !== context.ioas,
    isThere: ({ context, event }) => event.type === 'DEVICE_IS' && event.ioas === context.ioas,
    isElsewhere: ({ event }) => event.type === 'DEVICE_IS' && event.ioas !== null,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    hasMoved: ({ context }) => context.before !== null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, ioas = null, moves = false } = event
      return { caller: from, device, named: ioas, moves }
    }),
    find: emit(({ context: { task, context, named, counts, device, hardware } }) => {
      // An access has no page table.
      const what = named === null ? {} : { ioas: named, ...(hardware[device] !== undefined && { attaches: true }) }
      if (counts) return send(`${task}.${context}.get_object`, 'CALL', { task, ...what })
      return send(context, named === null ? 'COMPAT' : 'FIND', { task, ...what })
    }),
    noneFound: assign(({ context, event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      return { ret: event.ret ?? (context.named === null ? '-ENODEV' : '-ENOENT') }
    }),
    keepIoas: assign(({ event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      return { ioas: event.ioas ?? null }
    }),
    put: emit(({ context: { task, context, ioas } }) => send(`${task}.${context}.put_object`, 'CALL', { task, ioas })),
    look: emit(({ context: { task, context, device } }) => send(context, 'DEVICE', { task, device })),
    keepBefore: assign(({ event }) => {
      assertEvent(event, 'DEVICE_IS')
      return { before: event.ioas }
    }),
    invalid: assign({ ret: '-EINVAL' }),
    detach: emit(({ context }) => detachFrom(context, context.device, context.before!)),
    attach: emit(({ context }) => attachTo(context, context.ioas!)),
    attachAgain: emit(({ context }) => attachTo(context, context.before!)),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    note: emit(({ context: { task, context, device, ioas, hardware } }) =>
      send(context, 'ATTACHED', { task, device, ioas, translated: hardware[device] !== undefined }),
    ),
    keepNumber: assign(({ event }) => {
      assertEvent(event, 'NOTED')
      return { pt: event.pt }
    }),
    finish: emit(({ context: { caller, task, ret, pt } }) =>
      send(caller!, 'RETURN', { task, ret, ...(pt !== null && { pt }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'attachDevice',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'finding', actions: 'begin' } } },
    finding: { entry: 'find', on: { IOAS: found, RETURN: found } },
    looking: {
      entry: 'look',
      on: {
        DEVICE_IS: [
          { guard: 'neighboursAreElsewhere', target: 'leaving', actions: 'invalid' },
          { guard: 'isThere', target: 'noting' },
          { guard: 'isElsewhere', target: 'detaching', actions: 'keepBefore' },
          { target: 'attaching' },
        ],
      },
    },
    detaching: { entry: 'detach', on: { RETURN: 'attaching' } },
    attaching: {
      entry: 'attach',
      on: { RETURN: [{ guard: 'failed', target: 'failed', actions: 'keepRet' }, { target: 'noting' }] },
    },
    failed: { always: [{ guard: 'hasMoved', target: 'going back' }, { target: 'leaving' }] },
    'going back': { entry: 'attachAgain', on: { RETURN: 'leaving' } },
    noting: { entry: 'note', on: { NOTED: { target: 'leaving', actions: 'keepNumber' } } },
    leaving: {
      always: [
        { guard: 'holdsObject', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: { entry: 'put', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
