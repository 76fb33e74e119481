/**
 * What counts a device's users: references on it (device->refcount, one of which is its registration) and how often it is open
 * (open_count). Openings are counted under dev_set->lock.
 *
 * Source: Linux 5.15 vfio_device_put, vfio_device_fops_release, struct vfio_device (open_count); the series of 2021 get a
 * reference with the vma (vfio_device_get_from_vma) and put it when they unregister.
 * Left out: unregistering a device, which waits for its last reference (device->comp).
 */
import { assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../../kernel/answer.ts'
import { complain, counted, note, type Heard, type Observed, type Said } from '../../../say.ts'

export interface DeviceLifeInput {
  readonly id: string
  readonly refs: number
  readonly opens: number
}

type DeviceLifeEvent = Heard & { readonly type: 'GET' | 'PUT' | 'OPENED' | 'CLOSED' }

const sites = { '1': 'vfio_device_try_get', '-1': 'vfio_device_put' } as const

const change = ({ id, refs }: DeviceLifeInput, by: 1 | -1): Observed =>
  counted(
    id,
    'vfio_device',
    { field: 'refcount', from: refs, by },
    { site: sites[by], ...(by < 0 && refs === 0 && { detail: sites[by] }) },
  )

export const deviceLife = setup({
  types: {
    context: {} as DeviceLifeInput,
    events: {} as DeviceLifeEvent,
    emitted: {} as Said,
    input: {} as DeviceLifeInput,
  },
  guards: {
    isGone: ({ context }) => context.refs === 0,
    isClosed: ({ context }) => context.opens === 0,
  },
  actions: {
    getting: emit(({ context }) => change(context, 1)),
    get: assign({ refs: ({ context }) => context.refs + 1 }),
    got: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    /** inc_not_zero. */
    notGot: emit(({ event }) => answer(event, 'ANSWER', { ret: '-ENODEV' })),
    put: enqueueActions(({ context, event, enqueue }) => {
      const refs = context.refs - 1
      enqueue.emit(change(context, -1))
      if (refs === 0) enqueue.emit(note(context.id, 'gone'))
      enqueue.assign({ refs })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, last: refs === 0 }))
    }),
    underflow: emit(({ context }) => change(context, -1)),
    notLast: emit(({ event }) => answer(event, 'ANSWER', { ret: 0, last: false })),
    opened: enqueueActions(({ context, event, enqueue }) => {
      enqueue.assign({ opens: context.opens + 1 })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, first: context.opens === 0 }))
    }),
    closed: enqueueActions(({ context, event, enqueue }) => {
      enqueue.assign({ opens: context.opens - 1 })
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, last: context.opens === 1 }))
    }),
    notOpen: emit(({ context }) =>
      complain('warn', 'WARNING in vfio_device_fops_release: not open', { object: context.id }),
    ),
  },
}).createMachine({
  id: 'deviceLife',
  context: ({ input: { id, refs, opens } }) => ({ id, refs, opens }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        GET: [{ guard: 'isGone', actions: 'notGot' }, { actions: ['getting', 'get', 'got'] }],
        PUT: [{ guard: 'isGone', actions: ['underflow', 'notLast'] }, { actions: 'put' }],
        OPENED: { actions: 'opened' },
        CLOSED: [{ guard: 'isClosed', actions: ['notOpen', 'notLast'] }, { actions: 'closed' }],
      },
    },
  },
})
