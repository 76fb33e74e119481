/**
 * A device that is bound to a vfio driver (struct vfio_device). Its registration is a reference, and so is every open
 * descriptor: the unbinding waits until the last is gone, and meanwhile new descriptors can be made as long as there is one
 * (observed on 6.1), or none any more (`opensUnbinding`; observed on 6.12 and 7.2). The open count is changed under dev_set->lock.
 *
 * Source: Linux 6.1 vfio_device_try_get_registration, vfio_unregister_group_dev.
 */
import { assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

type DeviceContext = {
  readonly id: string
  readonly opensUnbinding: boolean
  readonly refs: number
  readonly opens: number
}
type DeviceEvent = Heard & {
  readonly type: 'TAKE_REF' | 'DROP_REF' | 'OPEN' | 'CLOSE' | 'OPEN_COUNT' | 'REGISTER' | 'UNREGISTER' | 'AWAIT_GONE'
}

export const device = setup({
  types: {
    context: {} as DeviceContext,
    events: {} as DeviceEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string; readonly registered: boolean; readonly opensUnbinding?: boolean },
    meta: {} as { readonly defers: readonly string[] },
  },
  guards: {
    isBarred: ({ context }) => !context.opensUnbinding,
    isRegistered: ({ context }) => context.refs > 0,
    isLastRef: ({ context }) => context.refs === 1,
    isFirstOpen: ({ context }) => context.opens === 0,
    isLastOpen: ({ context }) => context.opens === 1,
  },
  actions: {
    take: assign({ refs: ({ context }) => context.refs + 1 }),
    drop: assign({ refs: ({ context }) => context.refs - 1 }),
    ref: emit(({ event }, { ret }: { ret: number | string }) => answer(event, 'REF', { ret })),
    refDropped: emit(({ event }) => answer(event, 'REF_DROPPED')),
    open: assign({ opens: ({ context }) => context.opens + 1 }),
    opened: emit(({ event }, { first }: { first: boolean }) => answer(event, 'OPENED', { first })),
    close: assign({ opens: ({ context }) => context.opens - 1 }),
    closed: emit(({ event }, { last }: { last: boolean }) => answer(event, 'CLOSED', { last })),
    tellOpens: emit(({ context, event }) => answer(event, 'OPEN_COUNT_IS', { count: context.opens })),
    registered: emit(({ event }) => answer(event, 'REGISTERED')),
    unregistered: emit(({ event }, { gone }: { gone: boolean }) => answer(event, 'UNREGISTERED', { gone })),
    gone: emit(({ event }) => answer(event, 'GONE')),
  },
}).createMachine({
  id: 'device',
  context: ({ input: { id, registered, opensUnbinding = true } }) => ({
    ...{ id, opensUnbinding, refs: registered ? 1 : 0, opens: 0 },
  }),
  initial: 'unregistered',
  on: {
    OPEN: [
      { guard: 'isFirstOpen', actions: ['open', { type: 'opened', params: { first: true } }] },
      { actions: ['open', { type: 'opened', params: { first: false } }] },
    ],
    CLOSE: [
      { guard: 'isLastOpen', actions: ['close', { type: 'closed', params: { last: true } }] },
      { actions: ['close', { type: 'closed', params: { last: false } }] },
    ],
    OPEN_COUNT: { actions: 'tellOpens' },
  },
  states: {
    unregistered: {
      always: { guard: 'isRegistered', target: 'registered' },
      on: {
        TAKE_REF: { actions: { type: 'ref', params: { ret: '-ENODEV' } } },
        REGISTER: { target: 'registered', actions: ['take', 'registered'] },
        AWAIT_GONE: { actions: 'gone' },
      },
    },
    registered: {
      on: {
        TAKE_REF: { actions: ['take', { type: 'ref', params: { ret: 0 } }] },
        DROP_REF: { actions: ['drop', 'refDropped'] },
        UNREGISTER: [
          {
            guard: 'isLastRef',
            target: 'unregistered',
            actions: ['drop', { type: 'unregistered', params: { gone: true } }],
          },
          { target: 'in use', actions: ['drop', { type: 'unregistered', params: { gone: false } }] },
        ],
      },
    },
    // Nobody holds the registration any more, but there are descriptors.
    'in use': {
      meta: { defers: ['AWAIT_GONE'] },
      on: {
        TAKE_REF: [
          { guard: 'isBarred', actions: { type: 'ref', params: { ret: '-ENODEV' } } },
          { actions: ['take', { type: 'ref', params: { ret: 0 } }] },
        ],
        DROP_REF: [
          { guard: 'isLastRef', target: 'unregistered', actions: ['drop', 'refDropped'] },
          { actions: ['drop', 'refDropped'] },
        ],
      },
    },
  },
})
