/**
 * vfio_pin_pages where iommufd stands for the container: the driver of a device without an IOMMU pins pages through its access. The
 * lock of the access, then iova_rwsem for read; pages that neither a domain nor another access has got yet are got now. What fails
 * gives all of them back. The sub-page offset of the address does not matter.
 *
 * Source: vfio_pin_pages, iommufd_access_pin_pages (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { addressSpace, chargesFor, pageSize, type Access, type Pages } from '../ioas/area-list.ts'

export interface AccessInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
}

interface Request {
  readonly device: string
  readonly iova: bigint
  readonly npage: number
  readonly prot: number
}

type AccessPinContext = AccessInput & {
  readonly caller: string | null
  readonly request: Request
  readonly ioas: string | null
  readonly todo: readonly Pages[]
  readonly done: readonly Pages[]
  /** What comes of it once everything that is missing was got. */
  readonly ret: number | string
}

type AccessPinEvent =
  | (Heard & Request & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'DEVICE_IS'; readonly ioas: string | null })
  | (Heard & Access & { readonly type: 'ACCESS_IS' })
  | (Heard & { readonly type: 'PINNED' | 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const nothing: Request = { device: '', iova: 0n, npage: 0, prot: 0 }

const start = ({ task, context }: AccessInput): AccessPinContext => ({
  ...{ task, context },
  ...{ caller: null, request: nothing, ioas: null, todo: [], done: [], ret: 0 },
})

/** The lock of a device's access (access->ioas_lock). */
export const accessLock = (device: string): string => `${device}.ioas_lock`

const canWrite = 2

const refusal = ({ request: { iova, npage } }: AccessPinContext): string | undefined =>
  firstFailing([
    [npage <= 0, '-EINVAL'],
    [iova - (iova % pageSize) + BigInt(npage) * pageSize > addressSpace, '-EOVERFLOW'],
  ])

export const accessPin = setup({
  types: {
    context: {} as AccessPinContext,
    events: {} as AccessPinEvent,
    emitted: {} as Said,
    input: {} as AccessInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
    isNone: ({ event }) => event.type === 'DEVICE_IS' && event.ioas === null,
    hasAll: ({ context }) => context.todo.length === 0,
    cannot: ({ context }) => context.ret !== 0,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, iova, npage, prot } = event
      return { caller: from, request: { device, iova, npage, prot } }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    lock: emit(({ context: { task, request } }) => send(accessLock(request.device), 'LOCK', { task })),
    look: emit(({ context: { task, context, request } }) => send(context, 'DEVICE', { task, device: request.device })),
    noIoas: assign({ ret: '-ENOENT' }),
    keepIoas: assign(({ context: { request }, event }) => {
      assertEvent(event, 'DEVICE_IS')
      return { ioas: event.ioas, request: { ...request, iova: request.iova - (request.iova % pageSize) } }
    }),
    lockIova: emit(({ context: { task, ioas } }) => send(`${ioas}.iova_rwsem`, 'DOWN_READ', { task })),
    ask: emit(({ context: { task, ioas, request } }) => {
      const { iova, npage, prot } = request
      return send(ioas!, 'ACCESS', { task, iova, npage, write: (prot & canWrite) !== 0 })
    }),
    keepMissing: assign(({ event }) => {
      assertEvent(event, 'ACCESS_IS')
      return { todo: event.missing, ret: event.ret }
    }),
    getNext: emit(({ context: { task, ioas, todo } }) =>
      send(`${task}.${ioas}.get_pages`, 'CALL', { task, ...todo[0]! }),
    ),
    advance: assign(({ context: { todo, done } }) => ({ todo: todo.slice(1), done: [...done, todo[0]!] })),
    keepRet: assign(({ event }) => (event.type === 'RETURN' || event.type === 'PINNED' ? { ret: event.ret } : {})),
    giveBack: emit(({ context: { task, ioas, done } }) =>
      send(`${task}.${ioas}.give_back`, 'CALL', { task, charges: chargesFor(done) }),
    ),
    pin: emit(({ context: { task, ioas, request } }) =>
      send(ioas!, 'ADD_PINS', { task, iova: request.iova, npage: request.npage }),
    ),
    unlockIova: emit(({ context: { task, ioas } }) => send(`${ioas}.iova_rwsem`, 'UP_READ', { task })),
    unlock: emit(({ context: { task, request } }) => send(accessLock(request.device), 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'accessPin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [{ guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] }, { target: 'locking' }],
    },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        DEVICE_IS: [
          { guard: 'isNone', target: 'unlocking', actions: 'noIoas' },
          { target: 'locking iova', actions: 'keepIoas' },
        ],
      },
    },
    'locking iova': { entry: 'lockIova', on: { LOCKED: 'asking' } },
    asking: { entry: 'ask', on: { ACCESS_IS: { target: 'going on', actions: 'keepMissing' } } },
    'going on': {
      always: [{ guard: 'hasAll', target: 'got' }, { target: 'getting' }],
    },
    getting: {
      entry: 'getNext',
      on: {
        RETURN: [
          { guard: 'failed', target: 'giving back', actions: 'keepRet' },
          { target: 'going on', actions: 'advance' },
        ],
      },
    },
    got: { always: [{ guard: 'cannot', target: 'giving back' }, { target: 'pinning' }] },
    'giving back': { entry: 'giveBack', on: { RETURN: 'unlocking iova' } },
    pinning: { entry: 'pin', on: { PINNED: { target: 'unlocking iova', actions: 'keepRet' } } },
    'unlocking iova': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking' } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
