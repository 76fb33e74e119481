/**
 * The groups that are attached to a container, and with them their devices (iommu->domain_list and the group_list of its domains). Touched
 * with iommu->lock held.
 *
 * Source: drivers/vfio/vfio_iommu_type1.c. Left out: several domains, and what else a group brings: its mappings and its MSI cookie.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

interface AttachedDevicesContext {
  /** In one order, however they came. */
  readonly groups: readonly string[]
}

type AttachedDevicesEvent =
  | (Heard & { readonly type: 'READ' })
  | (Heard & { readonly type: 'ADD' | 'DEL'; readonly group: string })

export const attachedDevices = setup({
  types: {
    context: {} as AttachedDevicesContext,
    events: {} as AttachedDevicesEvent,
    emitted: {} as Said,
    /** `groups`: those that are attached from the start. */
    input: {} as { readonly groups?: readonly string[] },
  },
  actions: {
    tell: emit(({ context, event }) => answer(event, 'ANSWER', { groups: context.groups })),
    add: assign(({ context, event }) => {
      assertEvent(event, 'ADD')
      return { groups: [...context.groups, event.group].sort() }
    }),
    del: assign(({ context, event }) => {
      assertEvent(event, 'DEL')
      return { groups: context.groups.filter((group) => group !== event.group) }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'attachedDevices',
  context: ({ input }) => ({ groups: [...(input.groups ?? [])].sort() }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        READ: { actions: 'tell' },
        ADD: { actions: ['add', 'done'] },
        DEL: { actions: ['del', 'done'] },
      },
    },
  },
})
