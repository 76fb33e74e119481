/**
 * IOMMU_IOAS_MAP at a fixed iova: takes the range under iova.rwsem, lets go, and fills in the pages under
 * domains.rwsem and iova.rwsem. In between the area is there but has no pages: an unmap that meets it says -EBUSY.
 *
 * Source: iopt_map_pages (6.2 to 7.x); the two phases and their locks from memory, -EBUSY from iopt_unmap_iova_range.
 * Left out: allocating an iova, pinning the user's pages, page tables, protection.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'

export interface IommufdMapInput {
  readonly task: string
  readonly at: { readonly domainsRwsem: string; readonly iovaRwsem: string; readonly ioas: string }
}

type IommufdMapContext = IommufdMapInput & {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
  readonly area: Pointer | null
  readonly ret: number | string
}
type IommufdMapEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'RESERVED'; readonly ret: number | string; readonly area: Pointer | null })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'FILLED' })

const start = ({ task, at }: IommufdMapInput): IommufdMapContext => ({
  task,
  at,
  caller: null,
  iova: 0n,
  size: 0n,
  area: null,
  ret: 0,
})

export const iommufdMap = setup({
  types: {
    context: {} as IommufdMapContext,
    events: {} as IommufdMapEvent,
    emitted: {} as Said,
    input: {} as IommufdMapInput,
  },
  guards: {
    isRefused: ({ context }) => context.area === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova, size: event.size }
    }),
    lockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'DOWN_WRITE', { task })),
    reserve: emit(({ context: { at, task, iova, size } }) => send(at.ioas, 'RESERVE', { task, iova, size })),
    keepArea: assign(({ event }) => {
      assertEvent(event, 'RESERVED')
      return { area: event.area, ret: event.ret, iova: 0n, size: 0n }
    }),
    unlockIova: emit(({ context: { at, task } }) => send(at.iovaRwsem, 'UP_WRITE', { task })),
    lockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'DOWN_READ', { task })),
    fill: emit(({ context: { at, task, area } }) => send(at.ioas, 'FILL', { task, area })),
    unlockDomains: emit(({ context: { at, task } }) => send(at.domainsRwsem, 'UP_READ', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'iommufdMap',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'locking to reserve', actions: 'begin' } } },
    'locking to reserve': { entry: 'lockIova', on: { LOCKED: 'reserving' } },
    reserving: { entry: 'reserve', on: { RESERVED: { target: 'unlocking reserved', actions: 'keepArea' } } },
    'unlocking reserved': {
      entry: 'unlockIova',
      on: {
        UNLOCKED: [{ guard: 'isRefused', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking domains' }],
      },
    },
    'locking domains': { entry: 'lockDomains', on: { LOCKED: 'locking to fill' } },
    'locking to fill': { entry: 'lockIova', on: { LOCKED: 'filling' } },
    filling: { entry: 'fill', on: { FILLED: 'unlocking filled' } },
    'unlocking filled': { entry: 'unlockIova', on: { UNLOCKED: 'unlocking domains' } },
    'unlocking domains': { entry: 'unlockDomains', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
