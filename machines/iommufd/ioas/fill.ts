/**
 * Puts the memory of an area into the domain of its IOAS: gets its pages and maps them. Whoever calls holds domains_rwsem. Without a
 * domain there is nothing to do: the pages are got when somebody needs them.
 *
 * Where mappings are copied, pages that another mapping has got already are not got once more (held-pages.ts).
 *
 * Source: iopt_area_fill_domains (6.2 to 7.x). Left out: pages that an access has pinned already.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Extent } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { chargeOf, chargesFor, pageSize, pagesOf, type Backed, type Pages } from './area-list.ts'
import type { Stretch } from './held-pages.ts'
import type { Domain } from './iova-space.ts'

export interface FillInput {
  readonly task: string
  readonly at: {
    readonly ioas: string
    /** As the IOMMU knows the domain. */
    readonly domain: string
    /** The calls that get pages, and give back what they were charged. */
    readonly getPages: string
    readonly giveBack: string
    /** Where mappings are copied: the pages they have in common, and pages->mutex. */
    readonly held?: string
    readonly pagesMutex?: string
  }
}

/** Pages of what mappings have in common. */
export const stretchOf = ({ iova, size, user }: Backed): Stretch => ({
  of: user.shared!.of,
  first: Number(user.vaddr / pageSize),
  pages: pagesOf({ iova, size, user }).pages,
})

type FillContext = FillInput & {
  readonly caller: string | null
  readonly area: Backed | null
  readonly hardware: boolean
  readonly filled: boolean
  /** Stretches still to be got, and those that were. */
  readonly todo: readonly Stretch[]
  readonly got: readonly (Stretch & { readonly extents: readonly Extent[] })[]
  readonly ret: 0 | string
}

type FillEvent =
  | (Heard & Backed & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'DOMAIN_IS'; readonly domain: Domain | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly extents: readonly Extent[] })
  | (Heard & { readonly type: 'MAPPED'; readonly ret: 0 | string })
  | (Heard & { readonly type: 'MISSING'; readonly missing: readonly Stretch[] })
  | (Heard & { readonly type: 'HELD'; readonly extents: readonly Extent[] })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'DROPPED' })

const start = ({ task, at }: FillInput): FillContext => ({
  ...{ task, at, caller: null, area: null, hardware: false, filled: false, todo: [], got: [], ret: 0 },
})

/** The pages of a stretch, as they are found in memory. */
const memoryOf = ({ area }: FillContext, { first, pages }: Stretch): Pages => ({
  user: { ...area!.user, vaddr: BigInt(first) * pageSize },
  pages,
})

export const fill = setup({
  types: {
    context: {} as FillContext,
    events: {} as FillEvent,
    emitted: {} as Said,
    input: {} as FillInput,
  },
  guards: {
    hasNoDomain: ({ event }) => event.type === 'DOMAIN_IS' && event.domain === null,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    hasHardware: ({ context }) => context.hardware,
    shares: ({ context }) => context.area!.user.shared !== undefined,
    hasAll: ({ context }) => context.todo.length === 0,
    isHeld: ({ context, event }) => event.type === 'HELD' && context.hardware,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, iova, size, user } = event
      return { caller: from, area: { iova, size, user } }
    }),
    askDomain: emit(({ context: { at, task } }) => send(at.ioas, 'DOMAIN', { task })),
    keepDomain: assign(({ event }) => {
      assertEvent(event, 'DOMAIN_IS')
      return { hardware: event.domain!.hardware }
    }),
    getPages: emit(({ context: { at, task, area } }) => send(at.getPages, 'CALL', { task, ...pagesOf(area!) })),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    map: emit(({ context: { at, task, area }, event }) => {
      assertEvent(event, ['RETURN', 'HELD'])
      const { iova, user } = area!
      return send('dmar', 'MAP', { task, domain: at.domain, iova, prot: user.prot, extents: event.extents })
    }),
    giveBack: emit(({ context: { at, task, area } }) => send(at.giveBack, 'CALL', { task, charges: chargeOf(area!) })),
    lockPages: emit(({ context: { at, task } }) => send(at.pagesMutex!, 'LOCK', { task })),
    look: emit(({ context: { at, task, area } }) => send(at.held!, 'LOOK', { task, ...stretchOf(area!) })),
    keepMissing: assign(({ event }) => {
      assertEvent(event, 'MISSING')
      return { todo: event.missing }
    }),
    getNext: emit(({ context }) =>
      send(context.at.getPages, 'CALL', { task: context.task, ...memoryOf(context, context.todo[0]!) }),
    ),
    keepGot: assign(({ context: { todo, got }, event }) => {
      assertEvent(event, 'RETURN')
      return { todo: todo.slice(1), got: [...got, { ...todo[0]!, extents: event.extents }] }
    }),
    letGoGot: emit(({ context }) => {
      const charges = chargesFor(context.got.map((each) => memoryOf(context, each)))
      return send(context.at.giveBack, 'CALL', { task: context.task, charges })
    }),
    hold: emit(({ context: { at, task, area, got } }) => send(at.held!, 'HOLD', { task, ...stretchOf(area!), got })),
    drop: emit(({ context: { at, task, area } }) => send(at.held!, 'DROP', { task, ...stretchOf(area!) })),
    unlockPages: emit(({ context: { at, task } }) => send(at.pagesMutex!, 'UNLOCK', { task })),
    fill: assign({ filled: true }),
    finish: emit(({ context: { caller, task, ret, filled } }) => send(caller!, 'RETURN', { task, ret, filled })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'fill',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking domain', actions: 'begin' } } },
    'asking domain': {
      entry: 'askDomain',
      on: {
        DOMAIN_IS: [
          { guard: 'hasNoDomain', target: 'idle', actions: ['finish', 'reset'] },
          { guard: 'shares', target: 'locking pages', actions: 'keepDomain' },
          { target: 'getting pages', actions: 'keepDomain' },
        ],
      },
    },
    'getting pages': {
      entry: 'getPages',
      on: {
        RETURN: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { guard: 'hasHardware', target: 'mapping', actions: 'map' },
          { target: 'idle', actions: ['fill', 'finish', 'reset'] },
        ],
      },
    },
    mapping: {
      on: {
        MAPPED: [
          { guard: 'failed', target: 'giving back', actions: 'keepRet' },
          { target: 'idle', actions: ['fill', 'finish', 'reset'] },
        ],
      },
    },

    'locking pages': { entry: 'lockPages', on: { LOCKED: 'looking' } },
    looking: { entry: 'look', on: { MISSING: { target: 'getting all', actions: 'keepMissing' } } },
    'getting all': { always: [{ guard: 'hasAll', target: 'holding' }, { target: 'getting next' }] },
    'getting next': {
      entry: 'getNext',
      on: {
        RETURN: [
          { guard: 'failed', target: 'letting go', actions: 'keepRet' },
          { target: 'getting all', actions: 'keepGot' },
        ],
      },
    },
    'letting go': { entry: 'letGoGot', on: { RETURN: 'unlocking pages' } },
    holding: {
      entry: 'hold',
      on: {
        HELD: [
          { guard: 'isHeld', target: 'mapping held', actions: 'map' },
          { target: 'unlocking pages', actions: 'fill' },
        ],
      },
    },
    'mapping held': {
      on: {
        MAPPED: [
          { guard: 'failed', target: 'dropping', actions: 'keepRet' },
          { target: 'unlocking pages', actions: 'fill' },
        ],
      },
    },
    dropping: { entry: 'drop', on: { DROPPED: 'letting go' } },
    'unlocking pages': { entry: 'unlockPages', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
    'giving back': { entry: 'giveBack', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
