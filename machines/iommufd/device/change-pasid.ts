/**
 * Attaches a PASID of a device to a page table, or takes it off: that of the call, or all that there are, when the device goes. A PASID that has a page
 * table gets the other one in its place; one that has none is taken off without a word. All devices of a group share the page table of a PASID, as
 * they do theirs.
 *
 * Source: vfio_iommufd_physical_pasid_attach_ioas, iommufd_device_attach, iommufd_hwpt_pasid_compat (6.15 to 7.x). Not recorded.
 * Left out: PASID 0, which is the device itself; page requests with a PASID.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { tableOf } from '../abilities.ts'

export interface ChangePasidInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
  readonly how: 'attach' | 'detach'
  /** Device → all of its group. */
  readonly groups: Readonly<Record<string, readonly string[]>>
}

type ChangePasidContext = ChangePasidInput & {
  readonly caller: string | null
  readonly device: string
  /** All of them, where it is null. */
  readonly asked: number | null
  readonly pasid: number
  readonly pt: number | null
  readonly ret: number | string
}

type ChangePasidEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly pasid?: number; readonly ioas?: number })
  | (Heard & {
      readonly type: 'PASID_IS'
      readonly ret: 0 | string
      readonly ioas: string | null
      readonly pasid: number
      /** The only one of its group that has it. */
      readonly last: boolean
    })
  | (Heard & { readonly type: 'ATTACHED' | 'DETACHED' | 'NOTED' })

const start = ({ task, context, how, groups }: ChangePasidInput): ChangePasidContext => ({
  ...{ task, context, how, groups, caller: null, device: '', asked: null, pasid: 0, pt: null, ret: 0 },
})

export const changePasid = setup({
  types: {
    context: {} as ChangePasidContext,
    events: {} as ChangePasidEvent,
    emitted: {} as Said,
    input: {} as ChangePasidInput,
  },
  guards: {
    attaches: ({ context }) => context.how === 'attach',
    failed: ({ event }) => event.type === 'PASID_IS' && event.ret !== 0,
    isNone: ({ event }) => event.type === 'PASID_IS' && event.ioas === null,
    isLast: ({ event }) => event.type === 'PASID_IS' && event.last,
    wantsAll: ({ context }) => context.asked === null,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, device, pasid = null, ioas = null } = event
      return { caller: from, device, asked: pasid, pt: ioas }
    }),
    attach: emit(({ context: { task, context, device, asked, pt } }) =>
      send(context, 'ATTACH_PASID', { task, device, pasid: asked, pt }),
    ),
    look: emit(({ context: { task, context, device, asked } }) =>
      send(context, 'PASID', { task, device, ...(asked !== null && { pasid: asked }) }),
    ),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'PASID_IS')
      return { ret: event.ret, pt: null }
    }),
    keep: assign(({ event }) => {
      assertEvent(event, 'PASID_IS')
      return { pasid: event.pasid }
    }),
    use: emit(({ context, event }) => {
      assertEvent(event, 'PASID_IS')
      const { task, pt, groups, device } = context
      const { ioas, pasid } = event
      const table = tableOf(ioas!, pt!)
      return send('dmar', 'ATTACH', { task, domain: ioas, devices: groups[device]!, pasid, table })
    }),
    leave: emit(({ context, event }) => {
      assertEvent(event, 'PASID_IS')
      const { task, groups, device } = context
      return send('dmar', 'DETACH', { task, domain: event.ioas, devices: groups[device]!, pasid: event.pasid })
    }),
    note: emit(({ context: { task, context, device, pasid } }) =>
      send(context, 'DETACH_PASID', { task, device, pasid }),
    ),
    finish: emit(({ context: { caller, task, ret, pt } }) =>
      send(caller!, 'RETURN', { task, ret, ...(pt !== null && { pt }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'changePasid',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'attaches', target: 'attaching', actions: 'begin' },
          { target: 'looking', actions: 'begin' },
        ],
      },
    },
    attaching: {
      entry: 'attach',
      on: {
        PASID_IS: [
          { guard: 'failed', target: 'idle', actions: ['keepRet', 'finish', 'reset'] },
          { target: 'using', actions: 'use' },
        ],
      },
    },
    using: { on: { ATTACHED: { target: 'idle', actions: ['finish', 'reset'] } } },

    looking: {
      entry: 'look',
      on: {
        PASID_IS: [
          { guard: 'isNone', target: 'idle', actions: ['finish', 'reset'] },
          { guard: 'isLast', target: 'leaving', actions: ['keep', 'leave'] },
          { target: 'noting', actions: 'keep' },
        ],
      },
    },
    leaving: { on: { DETACHED: 'noting' } },
    noting: {
      entry: 'note',
      on: {
        NOTED: [
          { guard: 'wantsAll', target: 'looking' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
  },
})
