/**
 * Takes the memory of an area out of the domain of its IOAS, unpins it and gives back what it was charged. Whoever calls holds
 * domains_rwsem.
 *
 * Source: iopt_area_unfill_domains, update_unpinned (6.2 to 7.x). A process that is gone has taken its account with it.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { chargeOf, type Backed } from './area-list.ts'
import type { Domain } from './iova-space.ts'

export interface UnfillInput {
  readonly task: string
  readonly at: {
    readonly ioas: string
    /** As the IOMMU knows the domain. */
    readonly domain: string
    /** The call that gives locked memory back. */
    readonly giveBack: string
  }
}

type UnfillContext = UnfillInput & { readonly caller: string | null; readonly area: Backed | null }
type UnfillEvent =
  | (Heard & Backed & { readonly type: 'CALL' })
  | (Heard & { readonly type: 'DOMAIN_IS'; readonly domain: Domain })
  | (Heard & { readonly type: 'UNMAPPED' | 'RETURN' })

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
    wasCharged: ({ context }) => context.area!.user.charged,
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
      always: [
        { guard: 'wasCharged', target: 'giving back' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    'giving back': { entry: 'giveBack', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
