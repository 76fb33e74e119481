/**
 * Attaches a device that is bound to an iommufd file to one of its IOASes: the one that stands for the container, or the one that
 * is named, or whose page table is. A device without an IOMMU becomes an access instead.
 *
 * All attached devices of an IOMMU group have one page table: a device that is attached already moves, and all of them with it; one that is not
 * can go nowhere else. Whoever moves is attached to the new one before the old one is left, and stays where it is if that fails.
 *
 * Source: vfio_iommufd_compat_attach_ioas, iommufd_device_attach, iommufd_device_replace, iommufd_access_attach (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { tableOf } from '../abilities.ts'
import type { Attached } from './join-ioas.ts'

export interface AttachDeviceInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
  /** What each device brings; none for one without an IOMMU. */
  readonly hardware: Readonly<Record<string, Attached>>
  /** Objects may be destroyed, so those that are used are counted. */
  readonly counts?: boolean
  /** The IOMMU has to know which page table of an IOAS it is. */
  readonly tells?: boolean
}

/** What its file knows of a device that is to be attached. */
interface Attachable {
  /** Where it is attached, and by which page table. */
  readonly before: string | null
  readonly ptBefore: number | null
  /** It is not, but others of its group are, and not there. */
  readonly elsewhere: boolean
  /** It has this page table already. */
  readonly there: boolean
  /** Those of its group that are attached. */
  readonly movers: readonly string[]
  /** Where it will ask for pages, under which number; and where it does, through which page table. */
  readonly queue?: string | null
  readonly devid?: number | null
  readonly queueBefore?: string | null
  readonly tableBefore?: string | null
}

type Queues = 'queue' | 'devid' | 'queueBefore' | 'tableBefore'

type AttachDeviceContext = AttachDeviceInput &
  Pick<Attachable, 'before' | 'movers'> &
  Required<Pick<Attachable, Queues>> & {
    readonly caller: string | null
    readonly device: string
    /** By its number; null: the one that stands for the container. */
    readonly named: number | null
    readonly ioas: string | null
    /** The page table that was named. */
    readonly table: number | null
    /** Still to be attached, or to be detached; and those that were attached. */
    readonly todo: readonly string[]
    readonly done: readonly string[]
    /** The number of the page table. */
    readonly pt: number | null
    readonly ret: number | string
  }

type Found = Attachable & { readonly ioas?: string | null; readonly ret?: number | string; readonly pt?: number }

type AttachDeviceEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly ioas?: number })
  | (Heard & Found & { readonly type: 'IOAS' })
  | (Heard & Found & { readonly type: 'RETURN' })
  | (Heard & { readonly type: 'NOTED'; readonly pt: number | null })
  | (Heard & { readonly type: 'ATTACHED' | 'ANSWER' })

const start = ({ task, context, hardware, counts = false, tells = false }: AttachDeviceInput): AttachDeviceContext => ({
  ...{ task, context, hardware, counts, ...(tells && { tells }) },
  ...{ caller: null, device: '', named: null, ioas: null, before: null, movers: [], table: null },
  ...{ todo: [], done: [], pt: null, ret: 0 },
  ...{ queue: null, devid: null, queueBefore: null, tableBefore: null },
})

const found = [
  { guard: 'isNone', target: 'idle', actions: ['noneFound', 'finish', 'reset'] },
  { guard: 'neighboursAreElsewhere', target: 'leaving', actions: ['keep', 'invalid'] },
  { guard: 'isThere', target: 'noting', actions: 'keep' },
  { guard: 'willAsk', target: 'opening queue', actions: 'keep' },
  { target: 'attaching', actions: 'keep' },
] as const

const tableIn = ({ ioas, table, tells }: AttachDeviceContext) =>
  tells === true && table !== null ? { table: tableOf(ioas!, table) } : {}

const attachTo = (context: AttachDeviceContext, device: string, ioas: string) => {
  const { task, hardware } = context
  const what = hardware[device]
  return what === undefined
    ? send(`${task}.${ioas}.add_access`, 'CALL', { task, device })
    : send(`${task}.${ioas}.attach`, 'CALL', { task, ...what, ...tableIn(context) })
}

type Asking = Pick<AttachDeviceContext, 'task' | 'device' | 'hardware' | 'queueBefore' | 'tableBefore'>

/** Nobody asks any more where a device and its group did. */
export const closeOld = ({ task, device, hardware, queueBefore, tableBefore }: Asking) =>
  send(queueBefore!, 'CLOSE', { task, devices: hardware[device]!.devices, table: tableBefore })

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
    neighboursAreElsewhere: ({ event }) => 'elsewhere' in event && event.elsewhere,
    willAsk: ({ event }) => 'queue' in event && event.queue !== undefined,
    asks: ({ context }) => context.queue !== null,
    asked: ({ context }) => context.queueBefore !== null,
    isThere: ({ event }) => 'there' in event && event.there,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    isAttached: ({ context }) => context.todo.length === 0,
    hasMoved: ({ context }) => context.before !== null,
    changesTable: ({ context }) => context.tells === true && context.before === context.ioas,
    isClear: ({ context }) => context.done.length === 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, ioas = null } = event
      return { caller: from, device, named: ioas }
    }),
    find: emit(({ context: { task, context, named, counts, device, hardware } }) => {
      // An access has no page table.
      const translated = hardware[device] !== undefined
      const what = { attaches: device, translated, ...(named !== null && { ioas: named }) }
      if (counts) return send(`${task}.${context}.get_object`, 'CALL', { task, ...what })
      return send(context, named === null ? 'COMPAT' : 'FIND', { task, ...what })
    }),
    noneFound: assign(({ context, event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      return { ret: event.ret ?? (context.named === null ? '-ENODEV' : '-ENOENT') }
    }),
    keep: assign(({ context: { device }, event }) => {
      assertEvent(event, ['IOAS', 'RETURN'])
      const { ioas = null, before, movers, pt: table = null } = event
      const { queue = null, devid = null, queueBefore = null, tableBefore = null } = event
      const queues = { queue, devid, queueBefore, tableBefore }
      const todo = before === null ? [device] : movers
      // In another page table of the same IOAS all is as it was, but for which it is.
      return { ...queues, ioas, table, before, movers, todo: before === ioas ? [] : todo }
    }),
    openQueue: emit(({ context }) => {
      const { task, device, hardware, queue, devid } = context
      const { devices } = hardware[device]!
      return send(queue!, 'OPEN', { task, devices, devid, ...tableIn(context) })
    }),
    closeQueue: emit(({ context }) => closeOld(context)),
    closeNew: emit(({ context }) => {
      const { task, device, hardware, queue } = context
      return send(queue!, 'CLOSE', { task, devices: hardware[device]!.devices, ...tableIn(context) })
    }),
    changeTable: emit(({ context }) => {
      const { task, ioas, device, hardware } = context
      const { devices } = hardware[device]!
      return send('dmar', 'ATTACH', { task, domain: ioas, devices, ...tableIn(context) })
    }),
    put: emit(({ context: { task, context, ioas } }) => send(`${task}.${context}.put_object`, 'CALL', { task, ioas })),
    invalid: assign({ ret: '-EINVAL' }),
    attachNext: emit(({ context }) => attachTo(context, context.todo[0]!, context.ioas!)),
    advance: assign(({ context: { todo, done } }) => ({ todo: todo.slice(1), done: [...done, todo[0]!] })),
    keepRet: assign(({ event }) => (event.type === 'RETURN' ? { ret: event.ret ?? 0 } : {})),
    detachOld: emit(({ context }) => detachFrom(context, context.done[0]!, context.before!)),
    detachNew: emit(({ context }) => detachFrom(context, context.done[0]!, context.ioas!)),
    detached: assign({ done: ({ context }) => context.done.slice(1) }),
    note: emit(({ context: { task, context, device, ioas, hardware, table } }) => {
      const named = table === null ? {} : { pt: table }
      return send(context, 'ATTACHED', { task, device, ioas, translated: hardware[device] !== undefined, ...named })
    }),
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
    attaching: {
      always: [
        { guard: 'changesTable', target: 'changing table' },
        { guard: 'isAttached', target: 'attached' },
        { target: 'attaching next' },
      ],
    },
    'changing table': { entry: 'changeTable', on: { ATTACHED: 'left' } },
    'opening queue': { entry: 'openQueue', on: { ANSWER: 'attaching' } },
    /** Who still asks through the old page table is answered. */
    left: { always: [{ guard: 'asked', target: 'closing queue' }, { target: 'noting' }] },
    'closing queue': { entry: 'closeQueue', on: { ANSWER: 'noting' } },
    'attaching next': {
      entry: 'attachNext',
      on: {
        RETURN: [
          { guard: 'failed', target: 'going back', actions: 'keepRet' },
          { target: 'attaching', actions: 'advance' },
        ],
      },
    },
    attached: { always: [{ guard: 'hasMoved', target: 'leaving old' }, { target: 'noting' }] },
    'leaving old': { always: [{ guard: 'isClear', target: 'left' }, { target: 'leaving old next' }] },
    'leaving old next': { entry: 'detachOld', on: { RETURN: { target: 'leaving old', actions: 'detached' } } },
    'going back': { always: [{ guard: 'isClear', target: 'gone back' }, { target: 'going back next' }] },
    'going back next': { entry: 'detachNew', on: { RETURN: { target: 'going back', actions: 'detached' } } },
    'gone back': { always: [{ guard: 'asks', target: 'closing new' }, { target: 'leaving' }] },
    'closing new': { entry: 'closeNew', on: { ANSWER: 'leaving' } },
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
