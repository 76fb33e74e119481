/**
 * Takes the memory of an area out of the domain of its IOAS, unpins it and gives back what it was charged. Whoever calls holds
 * domains_rwsem. Where mappings are copied, what another of them needs stays pinned.
 *
 * Source: iopt_area_unfill_domains, update_unpinned (6.2 to 7.x). A process that is gone has taken its account with it.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { chargeOf, chargesFor, type Backed } from './area-list.ts'
import { stretchOf } from './fill.ts'
import type { Domain } from './iova-space.ts'

export interface UnfillInput {
  readonly task: string
  readonly at: {
    readonly ioas: string
    /** As the IOMMU knows the domain. */
    readonly domain: string
    /** The call that gives locked memory back. */
    readonly giveBack: string
    readonly held?: string
    readonly pagesMutex?: string
  }
}

type UnfillContext = UnfillInput & { readonly caller: string | null; readonly area: Backed | null }
type UnfillEvent =
  | (Heard & Backed & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'DOMAIN_IS'; readonly domain: Domain })
  | (Heard & { readonly type: 'DROPPED'; readonly freed: number })
  | (Heard & { readonly type: 'UNMAPPED' | 'RETURN' | 'LOCKED' | 'UNLOCKED' })

const start = ({ task, at }: UnfillInput): UnfillContext => ({ task, at, caller: null, area: null })

export const unfill = setup({
  types: {
    context: {} as UnfillContext,
    events: {} as UnfillEvent,
    emitted: {} as Said,
    input: {} as UnfillInput,
  },
  guards: {
    hasHardware: ({ event }) => event.type === 'DOMAIN_IS' && event.domain.hardware,
    shares: ({ context }) => context.area!.user.shared !== undefined,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, iova, size, user } = event
      return { caller: from, area: { iova, size, user } }
    }),
    askDomain: emit(({ context: { at, task } }) => send(at.ioas, 'DOMAIN', { task })),
    unmap: emit(({ context: { at, task, area } }) =>
      send('dmar', 'UNMAP', { task, domain: at.domain, iova: area!.iova, size: area!.size }),
    ),
    giveBack: emit(({ context: { at, task, area } }) => send(at.giveBack, 'CALL', { task, charges: chargeOf(area!) })),
    lockPages: emit(({ context: { at, task } }) => send(at.pagesMutex!, 'LOCK', { task })),
    drop: emit(({ context: { at, task, area } }) => send(at.held!, 'DROP', { task, ...stretchOf(area!) })),
    giveBackFreed: emit(({ context: { at, task, area }, event }) => {
      assertEvent(event, 'DROPPED')
      const charges = event.freed === 0 ? [] : chargesFor([{ user: area!.user, pages: event.freed }])
      return send(at.giveBack, 'CALL', { task, charges })
    }),
    unlockPages: emit(({ context: { at, task } }) => send(at.pagesMutex!, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'unfill',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking domain', actions: 'begin' } } },
    'asking domain': {
      entry: 'askDomain',
      on: { DOMAIN_IS: [{ guard: 'hasHardware', target: 'unmapping' }, { target: 'unmapped' }] },
    },
    unmapping: { entry: 'unmap', on: { UNMAPPED: 'unmapped' } },
    unmapped: {
      always: [{ guard: 'shares', target: 'locking pages' }, { target: 'giving back' }],
    },
    'locking pages': { entry: 'lockPages', on: { LOCKED: 'dropping' } },
    dropping: { entry: 'drop', on: { DROPPED: { target: 'giving back freed', actions: 'giveBackFreed' } } },
    'giving back freed': { on: { RETURN: 'unlocking pages' } },
    'unlocking pages': { entry: 'unlockPages', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
    'giving back': { entry: 'giveBack', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
