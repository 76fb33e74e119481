/**
 * A device of the kernel's own tests (IOMMU_TEST_OP_MOCK_DOMAIN): made, bound and attached to an IOAS in one go. Its domain is like any
 * other, but there is no hardware behind it.
 *
 * Source: drivers/iommu/iommufd/selftest.c, iommufd_test_mock_domain (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface MockDomainInput {
  readonly task: string
  /** The iommufd file's actor. */
  readonly context: string
}

type MockDomainContext = MockDomainInput & {
  readonly caller: string | null
  readonly device: string
  readonly ioas: number
  readonly ret: number | string
}
type MockDomainEvent =
  | (Heard & { readonly type: 'CALL'; readonly device: string; readonly ioas: number })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'BOUND' | 'UNBOUND' })

const start = ({ task, context }: MockDomainInput): MockDomainContext => ({
  ...{ task, context, caller: null, device: '', ioas: 0, ret: 0 },
})

export const mockDomain = setup({
  types: {
    context: {} as MockDomainContext,
    events: {} as MockDomainEvent,
    emitted: {} as Said,
    input: {} as MockDomainInput,
  },
  guards: {
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, device: event.device, ioas: event.ioas }
    }),
    bind: emit(({ context: { task, context, device } }) => send(context, 'BIND', { task, device, group: device })),
    attach: emit(({ context: { task, context, device, ioas } }) =>
      send(`${task}.${context}.attach_device`, 'CALL', { task, device, ioas }),
    ),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'RETURN')
      return { ret: event.ret }
    }),
    unbind: emit(({ context: { task, context, device } }) => send(context, 'UNBIND', { task, device })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mockDomain',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'binding', actions: 'begin' } } },
    binding: { entry: 'bind', on: { BOUND: 'attaching' } },
    attaching: {
      entry: 'attach',
      on: {
        RETURN: [
          { guard: 'failed', target: 'unbinding', actions: 'keepRet' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    unbinding: { entry: 'unbind', on: { UNBOUND: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
