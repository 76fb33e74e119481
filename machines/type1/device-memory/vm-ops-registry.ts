/**
 * vfio.vm_ops_list: which vm_ops some bus driver has spoken for (vfio_register_vma_ops), so that whoever has a vma can be told when its device
 * is released. Looked at and changed under vm_ops_lock.
 *
 * A driver that goes takes its entry away, whoever is still registered through it; then vfio_unregister_vma_nb frees what it has
 * and calls nobody, and notifier and references stay for ever. Where a registration counts as a user of the entry
 * (`keepsOps`), the entry cannot go before.
 *
 * Source: 1/3 of "[PATCH 0/3] vfio: Device memory DMA mapping improvements" (Feb 2021). Left out: -ENOMEM; the two functions themselves
 * (they are the driver's, and run in the caller).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

interface Entry {
  readonly ops: string
  readonly users: number
}

type RegistryEvent =
  | (Heard & { readonly type: 'REGISTER' | 'UNREGISTER'; readonly ops: string })
  /** `users`: by how many its users become more. */
  | (Heard & { readonly type: 'LOOK_UP'; readonly ops: string | null; readonly users: number })

interface Step {
  readonly context: { readonly entries: readonly Entry[] }
  readonly event: RegistryEvent
}

const entryFor = ({ context, event }: Step): Entry | undefined => context.entries.find(({ ops }) => ops === event.ops)

export const vmOpsRegistry = setup({
  types: {
    context: {} as Step['context'],
    events: {} as RegistryEvent,
    emitted: {} as Said,
    input: {} as { readonly registered?: readonly string[] },
  },
  guards: {
    isKnown: (step) => entryFor(step) !== undefined,
    isUsed: (step) => (entryFor(step)?.users ?? 0) > 0,
  },
  actions: {
    add: assign(({ context, event }) => {
      assertEvent(event, 'REGISTER')
      return { entries: [...context.entries, { ops: event.ops, users: 0 }] }
    }),
    drop: assign((step) => ({ entries: step.context.entries.filter((entry) => entry !== entryFor(step)) })),
    count: assign((step) => {
      const { context, event } = step
      assertEvent(event, 'LOOK_UP')
      const counted = (entry: Entry) => ({ ...entry, users: entry.users + event.users })
      return { entries: context.entries.map((entry) => (entry === entryFor(step) ? counted(entry) : entry)) }
    }),
    registered: emit(({ event }) => answer(event, 'ANSWER', { registered: true })),
    unregistered: emit(({ event }) => answer(event, 'ANSWER', { registered: false })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    exists: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EEXIST' })),
    missing: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENOENT' })),
    busy: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBUSY' })),
  },
}).createMachine({
  id: 'vmOpsRegistry',
  context: ({ input: { registered = ['driver'] } }) => ({ entries: registered.map((ops) => ({ ops, users: 0 })) }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        REGISTER: [{ guard: 'isKnown', actions: 'exists' }, { actions: ['add', 'done'] }],
        UNREGISTER: [
          { guard: 'isUsed', actions: 'busy' },
          { guard: 'isKnown', actions: ['drop', 'done'] },
          { actions: 'missing' },
        ],
        LOOK_UP: [{ guard: 'isKnown', actions: ['count', 'registered'] }, { actions: 'unregistered' }],
      },
    },
  },
})
