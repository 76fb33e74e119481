/**
 * A map, at a fixed iova or wherever there is room: takes the range under iova.rwsem, lets go, and fills in the pages under domains.rwsem and
 * iova.rwsem. In between the area is there but has no pages: an unmap that meets it says -EBUSY. With memory behind it,
 * its pages are put into the domain between the two, if there is a domain; if that fails the range is given back.
 *
 * Source: iopt_map_pages (6.2 to 7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { named } from '../../kernel/heap/pointer.ts'
import type { Payer, UserMemory } from './area-list.ts'

export interface IommufdMapInput {
  readonly task: string
  readonly at: {
    readonly domainsRwsem: string
    readonly iovaRwsem: string
    readonly ioas: string
    /** The process whose memory is mapped, and the call that puts it into the domain. Absent in stories that are not about memory. */
    readonly memory?: {
      readonly process: string
      readonly fill: string
      /** Mappings are copied, so the memory of each has a name. */
      readonly shares?: boolean
    }
  }
}

type IommufdMapContext = IommufdMapInput & {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
  readonly user: UserMemory | null
  readonly anywhere: boolean
  /** Who is charged without CAP_IPC_LOCK. */
  readonly payer: Payer
  /** The address that was chosen. */
  readonly chosen: bigint | null
  readonly filled: boolean
  readonly area: Pointer | null
  readonly ret: number | string
}
type IommufdMapEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly iova: bigint
      readonly size: bigint
      readonly vaddr?: bigint
      readonly prot?: number
      readonly anywhere?: boolean
      readonly accounts?: Payer
      readonly file?: string | null
      readonly import?: number
    })
  | (Heard & { readonly type: 'LIMITS'; readonly ipcLock: boolean; readonly uid?: number })
  | (Heard & {
      readonly type: 'RESERVED'
      readonly ret: number | string
      readonly area: Pointer | null
      readonly iova?: bigint
    })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string; readonly filled: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FILLED' | 'FREED' })

const start = ({ task, at }: IommufdMapInput): IommufdMapContext => ({
  task,
  at,
  caller: null,
  iova: 0n,
  size: 0n,
  user: null,
  anywhere: false,
  payer: 'memory',
  chosen: null,
  filled: false,
  area: null,
  ret: 0,
})

/** What the pages of an area are called among those of its file. */
const pagesOfArea = ({ at }: IommufdMapInput, area: Pointer): string => `${at.ioas}.${named(area)}`

export const iommufdMap = setup({
  types: {
    context: {} as IommufdMapContext,
    events: {} as IommufdMapEvent,
    emitted: {} as Said,
    input: {} as IommufdMapInput,
  },
  guards: {
    hasMemory: ({ context }) => context.at.memory !== undefined,
    isRefused: ({ context }) => context.area === null,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ context: { at }, event }) => {
      assertEvent(event, 'CALL')
      const {
        from,
        iova,
        size,
        vaddr = 0n,
        prot = 0,
        anywhere = false,
        accounts: payer = 'memory',
        file,
        import: imported,
      } = event
      const user = at.memory && {
        ...{ process: at.memory.process, vaddr, prot, charged: payer },
        ...(file !== undefined && { file }),
        ...(imported !== undefined && { import: imported }),
        ...(at.memory.shares && { shared: { of: '', writable: (prot & 2) !== 0 } }),
      }
      return { caller: from, iova, size, user: user ?? null, anywhere, payer }
    }),
    askLimits: emit(({ context: { at, task } }) => send(`${at.memory!.process}.process`, 'LIMITS', { task })),
    keepCharged: assign(({ context: { user, payer }, event }) => {
      assertEvent(event, 'LIMITS')
      const { ipcLock, uid } = event
      return { user: { ...user!, charged: ipcLock ? 'nobody' : payer, ...(uid !== undefined && { uid }) } }
    }),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    reserve: emit(({ context: { at, task, iova, size, user, anywhere } }) =>
      send(at.ioas, 'RESERVE', { task, iova, size, ...(user && { user }), ...(anywhere && { anywhere }) }),
    ),
    keepArea: assign(({ context, event }) => {
      assertEvent(event, 'RESERVED')
      const { area, ret, iova = null } = event
      const { user } = context
      const isShared = area !== null && user?.shared !== undefined
      return {
        ...{ area, ret, chosen: iova },
        ...(iova !== null && { iova }),
        ...(isShared && { user: { ...user, shared: { ...user.shared, of: pagesOfArea(context, area) } } }),
      }
    }),
    /** What was asked for is in the area now. */
    forgetRange: assign({ iova: 0n, size: 0n, user: null }),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    lockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'DOWN_READ', { task })),
    fillDomain: emit(({ context: { at, task, iova, size, user } }) =>
      send(at.memory!.fill, 'CALL', { task, iova, size, user }),
    ),
    keepFilled: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { filled: event.filled }
    }),
    keepError: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    fill: emit(({ context }) => {
      const { at, task, area, filled } = context
      const of = at.memory?.shares ? { of: pagesOfArea(context, area!) } : {}
      return send(at.ioas, 'FILL', { task, area, ...(filled && { filled }), ...of })
    }),
    abort: emit(({ context: { at, task, area } }) => send(at.ioas, 'FREE', { task, area })),
    unlockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'UP_READ', { task })),
    finish: emit(({ context: { caller, task, ret, chosen } }) =>
      send(caller!, 'RETURN', { task, ret, ...(ret === 0 && chosen !== null && { iova: chosen }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'iommufdMap',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'hasMemory', target: 'asking limits', actions: 'begin' },
          { target: 'locking to reserve', actions: 'begin' },
        ],
      },
    },
    'asking limits': { entry: 'askLimits', on: { LIMITS: { target: 'locking to reserve', actions: 'keepCharged' } } },
    'locking to reserve': { entry: 'lockIova', on: { LOCKED: 'reserving' } },
    reserving: {
      entry: 'reserve',
      on: {
        RESERVED: [
          { guard: 'hasMemory', target: 'unlocking reserved', actions: 'keepArea' },
          { target: 'unlocking reserved', actions: ['keepArea', 'forgetRange'] },
        ],
      },
    },
    'unlocking reserved': {
      entry: 'unlockIova',
      on: {
        UNLOCKED: [{ guard: 'isRefused', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking domains' }],
      },
    },
    'locking domains': {
      entry: 'lockDomains',
      on: { LOCKED: [{ guard: 'hasMemory', target: 'filling domain' }, { target: 'locking to fill' }] },
    },
    'filling domain': {
      entry: 'fillDomain',
      on: {
        RETURN: [
          { guard: 'failed', target: 'giving up', actions: ['keepError', 'forgetRange'] },
          { target: 'locking to fill', actions: ['keepFilled', 'forgetRange'] },
        ],
      },
    },
    'locking to fill': { entry: 'lockIova', on: { LOCKED: 'filling' } },
    filling: { entry: 'fill', on: { FILLED: 'unlocking filled' } },
    'unlocking filled': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },

    'giving up': { entry: 'unlockDomains', on: { UNLOCKED: 'locking to abort' } },
    'locking to abort': { entry: 'lockIova', on: { LOCKED: 'aborting' } },
    aborting: { entry: 'abort', on: { FREED: 'unlocking aborted' } },
    'unlocking aborted': { entry: 'unlockIova', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
