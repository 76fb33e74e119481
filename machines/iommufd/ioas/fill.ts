/**
 * Puts the memory of an area into the domain of its IOAS: gets its pages and maps them. Whoever calls holds domains_rwsem. Without a
 * domain there is nothing to do: the pages are got when somebody needs them.
 *
 * Source: iopt_area_fill_domains (6.2 to 7.x). Left out: pages that an access has pinned already.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Extent } from '../../mm/extent.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { chargeOf, pagesOf, type Backed } from './area-list.ts'
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
  }
}

type FillContext = FillInput & {
  readonly caller: string | null
  readonly area: Backed | null
  readonly hardware: boolean
  readonly filled: boolean
  readonly ret: 0 | string
}

type FillEvent =
  | (Heard & Backed & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'DOMAIN_IS'; readonly domain: Domain | null })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly extents: readonly Extent[] })
  | (Heard & { readonly type: 'MAPPED'; readonly ret: 0 | string })

const start = ({ task, at }: FillInput): FillContext => ({
  ...{ task, at, caller: null, area: null, hardware: false, filled: false, ret: 0 },
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
      assertEvent(event, 'RETURN')
      const { iova, user } = area!
      return send('dmar', 'MAP', { task, domain: at.domain, iova, prot: user.prot, extents: event.extents })
    }),
    giveBack: emit(({ context: { at, task, area } }) => send(at.giveBack, 'CALL', { task, charges: chargeOf(area!) })),
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
    'giving back': { entry: 'giveBack', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
