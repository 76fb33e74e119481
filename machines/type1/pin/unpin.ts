/**
 * vfio_unpin_pages, as a driver's task runs it, down into vfio_iommu_type1_unpin_pages: the way in of pin.ts, but
 * nobody need listen. It stops at the first page without a mapping; a page that is mapped but not pinned counts all the
 * same.
 *
 * 6.0 made it void: the driver learns nothing (here: 0), and stopping early is a WARN (observed on 6.1). Since then a call
 * is about pages one after the other; a list of others stands for as many calls.
 *
 * Where a pin means memory (`at.giveBack`), what nobody pins any more is given back to the account of its process, unless an
 * IOMMU has the mapping too: then it stays pinned and charged.
 *
 * Left out: -E2BIG, -ENODEV.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { complain, send, type Heard, type Said } from '../../say.ts'
import * as pages from './pages.ts'

export type UnpinInput = pages.PagesInput

type UnpinContext = pages.PagesContext & {
  readonly iovas: readonly bigint[]
  readonly backend: pages.Backend | null
  readonly charges: readonly pages.Charge[]
}
type UnpinEvent =
  | (Heard & { readonly type: 'CALL'; readonly iovas: readonly bigint[]; readonly backend?: pages.Backend })
  | (Heard & { readonly type: 'USER'; readonly ret: pages.Ret })
  | (Heard & {
      readonly type: 'UNPINNED'
      readonly ret: pages.Ret
      readonly done?: number
      readonly accounts?: readonly pages.Charge[]
    })
  | (Heard & { readonly type: 'DROPPED'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RETURN' })

const start = ({ task, era, v2, at }: UnpinInput): UnpinContext => ({
  task,
  era,
  v2,
  at,
  caller: null,
  iovas: [],
  backend: null,
  charges: [],
  ret: 0,
})

/** How far it came; an errno means not at all. */
const doneBy = (event: UnpinEvent): pages.Ret => {
  assertEvent(event, 'UNPINNED')
  return event.done ?? event.ret
}

export const unpin = setup({
  types: {
    context: {} as UnpinContext,
    events: {} as UnpinEvent,
    emitted: {} as Said,
    input: {} as UnpinInput,
  },
  guards: {
    isNothing: ({ event }) => event.type === 'CALL' && event.iovas.length === 0,
    meansMemory: ({ context }) => context.at.giveBack !== undefined,
    owes: ({ context }) => context.charges.length > 0,
    isGroupUser: ({ context }) => pages.isGroupUser(context),
    isRefused: ({ event }) => event.type === 'USER' && event.ret !== 0,
    takesGroupLock: ({ context }) => pages.takesGroupLock(context),
    wasLastUser: ({ context, event }) => context.at.detach !== undefined && event.type === 'DROPPED' && event.last,
    isV1: ({ context }) => !context.v2,
    isVoid: ({ context }) => context.era === 'v6.0',
    isVoidAndShort: ({ context, event }) =>
      context.era === 'v6.0' && event.type === 'UNPINNED' && doneBy(event) !== context.iovas.length,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iovas: event.iovas, backend: event.backend ?? null }
    }),
    addUser: emit(({ context }) => pages.addUser(context)),
    downRead: emit(({ context }) => pages.downRead(context)),
    lock: emit(({ context }) => pages.lock(context)),
    unpin: emit(({ context: { at, task, iovas } }) => send(at.type1, 'UNPIN', { task, iovas })),
    unpinPages: emit(({ context: { at, task, iovas, backend } }) =>
      send(at.type1, 'UNPIN_PAGES', { task, backend, iovas }),
    ),
    keepCharges: assign(({ event }) => {
      assertEvent(event, 'UNPINNED')
      return { charges: event.accounts ?? [] }
    }),
    giveBack: emit(({ context }) => pages.giveBack(context, context.charges)),
    warn: emit(() => complain('warn', 'WARNING in vfio_iommu_type1_unpin_pages: unpin of a page that is not mapped')),
    keep: assign(({ event }) => {
      assertEvent(event, ['USER', 'UNPINNED'])
      return { ret: event.ret }
    }),
    denied: assign({ ret: '-EACCES' }),
    invalid: assign({ ret: '-EINVAL' }),
    forget: assign({ iovas: [], backend: null, charges: [] }),
    unlock: emit(({ context }) => pages.unlock(context)),
    upRead: emit(({ context }) => pages.upRead(context)),
    dropUser: emit(({ context }) => pages.dropUser(context)),
    dissolve: emit(({ context }) => pages.dissolve(context)),
    finish: emit(({ context }) => pages.finish(context)),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unpin',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isNothing', actions: ['begin', 'invalid', 'finish', 'reset'] },
          { target: 'entering', actions: 'begin' },
        ],
      },
    },
    entering: { always: [{ guard: 'isGroupUser', target: 'joining' }, { target: 'joined' }] },
    joining: {
      entry: 'addUser',
      on: {
        USER: [{ guard: 'isRefused', target: 'idle', actions: ['keep', 'finish', 'reset'] }, { target: 'joined' }],
      },
    },
    joined: { always: [{ guard: 'takesGroupLock', target: 'reading' }, { target: 'inside' }] },
    reading: { entry: 'downRead', on: { LOCKED: 'inside' } },
    inside: { always: [{ guard: 'isV1', target: 'leaving', actions: 'denied' }, { target: 'locking' }] },
    locking: {
      entry: 'lock',
      on: { LOCKED: [{ guard: 'meansMemory', target: 'unpinning memory' }, { target: 'unpinning' }] },
    },
    'unpinning memory': {
      entry: 'unpinPages',
      on: {
        UNPINNED: [
          { guard: 'isVoidAndShort', target: 'settling', actions: ['keepCharges', 'warn'] },
          { target: 'settling', actions: 'keepCharges' },
        ],
      },
    },
    settling: { always: [{ guard: 'owes', target: 'giving back' }, { target: 'unlocking' }] },
    'giving back': { entry: 'giveBack', on: { RETURN: 'unlocking' } },
    unpinning: {
      entry: 'unpin',
      on: {
        UNPINNED: [
          { guard: 'isVoidAndShort', target: 'unlocking', actions: 'warn' },
          { guard: 'isVoid', target: 'unlocking' },
          { target: 'unlocking', actions: 'keep' },
        ],
      },
    },
    unlocking: { entry: ['forget', 'unlock'], on: { UNLOCKED: 'leaving' } },
    leaving: { always: [{ guard: 'takesGroupLock', target: 'unreading' }, { target: 'left' }] },
    unreading: { entry: 'upRead', on: { UNLOCKED: 'left' } },
    left: {
      always: [
        { guard: 'isGroupUser', target: 'dropping' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    dropping: {
      entry: 'dropUser',
      on: {
        DROPPED: [
          { guard: 'wasLastUser', target: 'dissolving' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    dissolving: { entry: 'dissolve', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
