/**
 * The parameters of the module vfio_iommu_type1, as they are in /sys/module. Reading dma_entry_limit matters when a backend is
 * made; the other two change nothing that can be seen here: interrupts are remapped, and how large the pieces are in which
 * memory is mapped is left out.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { firstFailing } from '../../kernel/checks.ts'
import type { Heard, Said } from '../../say.ts'

export interface ModuleParameters {
  readonly dma_entry_limit: number
  readonly allow_unsafe_interrupts: boolean
  readonly disable_hugepages: boolean
}

type ModuleContext = { readonly params: ModuleParameters }
type ModuleEvent =
  | (Heard & { readonly type: 'READ' })
  | (Heard & { readonly type: 'WRITE'; readonly name: string; readonly val: bigint })

const written = (event: ModuleEvent) => {
  assertEvent(event, 'WRITE')
  return event
}

/** A parameter that is not there cannot be opened; a number too large for it is out of range; a flag is 0 or 1. */
const errorOf = (context: ModuleContext, event: ModuleEvent): string | undefined => {
  const { name, val } = written(event)
  const isNumber = name === 'dma_entry_limit'
  return firstFailing([
    [!Object.hasOwn(context.params, name), '-ENOENT'],
    [isNumber && val >= 2n ** 32n, '-ERANGE'],
    [!isNumber && val > 1n, '-EINVAL'],
  ])
}

export const moduleParameters = setup({
  types: {
    context: {} as ModuleContext,
    events: {} as ModuleEvent,
    emitted: {} as Said,
    input: {} as Partial<ModuleParameters>,
  },
  guards: {
    isRefused: ({ context, event }) => errorOf(context, event) !== undefined,
  },
  actions: {
    tell: emit(({ context, event }) => answer(event, 'PARAMETERS', { params: context.params })),
    refuse: emit(({ context, event }) => answer(event, 'ANSWER', { ret: errorOf(context, event) })),
    set: assign(({ context, event }) => {
      const { name, val } = written(event)
      const value = name === 'dma_entry_limit' ? Number(val) : val === 1n
      return { params: { ...context.params, [name]: value } }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'moduleParameters',
  context: ({ input }) => ({
    params: { dma_entry_limit: 65535, allow_unsafe_interrupts: false, disable_hugepages: false, ...input },
  }),
  initial: 'loaded',
  states: {
    loaded: {
      on: {
        READ: { actions: 'tell' },
        WRITE: [{ guard: 'isRefused', actions: 'refuse' }, { actions: ['set', 'done'] }],
      },
    },
  },
})
