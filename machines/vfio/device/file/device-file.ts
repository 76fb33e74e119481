/**
 * The open file of a device (what vma->vm_file points to): a reference for the descriptor, one for each vma that maps it, one
 * for each system call on its way. Whoever drops the last one releases the device, and only when that is over can it be opened
 * again.
 *
 * Source: fs/file_table.c for the counting. That a device has one user at a time is the doing of its group, whose file opens
 * once (-EBUSY) and which has users until its devices are released; the group is not here, so the device's file says it.
 * Left out: several descriptors of one device, descriptors that are inherited or passed on.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../../kernel/answer.ts'
import type { Heard, Said } from '../../../say.ts'

export interface DeviceFileInput {
  /** Whose descriptor is open from the start, if any is. */
  readonly by?: string | null
  /** References from the start; there is one for the descriptor. */
  readonly refs?: number
}

interface DeviceFileContext {
  readonly by: string | null
  readonly refs: number
}

type DeviceFileEvent =
  | (Heard & { readonly type: 'OPEN' | 'PUT' | 'RELEASED' })
  /** The descriptor comes last (fd_install), and goes first. */
  | (Heard & { readonly type: 'INSTALL'; readonly process: string })
  | (Heard & { readonly type: 'CLOSE'; readonly process: string })
  /** By way of the descriptor (fget), or of a reference that is there already (get_file). */
  | (Heard & { readonly type: 'GET'; readonly fd?: boolean; readonly process?: string })

export const deviceFile = setup({
  types: {
    context: {} as DeviceFileContext,
    events: {} as DeviceFileEvent,
    emitted: {} as Said,
    input: {} as DeviceFileInput,
  },
  guards: {
    isReferenced: ({ context }) => context.refs > 0,
    hasNoDescriptor: ({ context, event }) => {
      assertEvent(event, ['GET', 'CLOSE'])
      const isByDescriptor = event.type === 'CLOSE' || event.fd === true
      return isByDescriptor && context.by !== event.process
    },
    isLast: ({ context }) => context.refs === 1,
  },
  actions: {
    install: assign(({ event }) => {
      assertEvent(event, 'INSTALL')
      return { by: event.process, refs: 1 }
    }),
    close: assign({ by: null }),
    get: assign({ refs: ({ context }) => context.refs + 1 }),
    put: assign({ refs: ({ context }) => context.refs - 1 }),
    wasPut: emit(({ context, event }) => answer(event, 'ANSWER', { ret: 0, last: context.refs === 0 })),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    isBusy: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBUSY' })),
    isNoDescriptor: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBADF' })),
  },
}).createMachine({
  id: 'deviceFile',
  context: ({ input: { by = null, refs = by === null ? 0 : 1 } }) => ({ by, refs }),
  initial: 'beginning',
  states: {
    beginning: { always: [{ guard: 'isReferenced', target: 'open' }, { target: 'closed' }] },
    closed: {
      on: {
        OPEN: { target: 'opening', actions: 'done' },
        GET: { actions: 'isNoDescriptor' },
        CLOSE: { actions: 'isNoDescriptor' },
      },
    },
    opening: {
      on: {
        OPEN: { actions: 'isBusy' },
        GET: { actions: 'isNoDescriptor' },
        CLOSE: { actions: 'isNoDescriptor' },
        INSTALL: { target: 'open', actions: ['install', 'done'] },
        RELEASED: { target: 'closed', actions: 'done' },
      },
    },
    open: {
      on: {
        OPEN: { actions: 'isBusy' },
        GET: [{ guard: 'hasNoDescriptor', actions: 'isNoDescriptor' }, { actions: ['get', 'done'] }],
        CLOSE: [
          { guard: 'hasNoDescriptor', actions: 'isNoDescriptor' },
          { guard: 'isLast', target: 'releasing', actions: ['close', 'put', 'wasPut'] },
          { actions: ['close', 'put', 'wasPut'] },
        ],
        PUT: [{ guard: 'isLast', target: 'releasing', actions: ['put', 'wasPut'] }, { actions: ['put', 'wasPut'] }],
      },
    },
    releasing: {
      on: {
        OPEN: { actions: 'isBusy' },
        GET: { actions: 'isNoDescriptor' },
        CLOSE: { actions: 'isNoDescriptor' },
        RELEASED: { target: 'closed', actions: 'done' },
      },
    },
  },
})
