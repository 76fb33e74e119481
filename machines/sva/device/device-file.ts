/**
 * The open file of a device: each process that has a descriptor holds it, and so does each ioctl under way. Whoever lets go of it last
 * releases the device, and is told so.
 *
 * Source: fs/file_table.c, fdget and fput. A process that closes what it has closed already gets -EBADF, and takes nobody else's descriptor away.
 * Left out: opening; several descriptors in one process; descriptors that are passed on.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'

export interface SvmDeviceFileInput {
  /** The processes that have one. */
  readonly descriptors: readonly string[]
}

interface SvmDeviceFileContext extends SvmDeviceFileInput {
  /** The ioctls under way. */
  readonly entered: number
}

type SvmDeviceFileEvent =
  /** fdget; who does not say which process he is finds any descriptor there is. */
  | (Heard & { readonly type: 'ENTER'; readonly process?: string })
  | (Heard & { readonly type: 'LEAVE' })
  | (Heard & { readonly type: 'CLOSE'; readonly process: string })

export const svmDeviceFile = setup({
  types: {
    context: {} as SvmDeviceFileContext,
    events: {} as SvmDeviceFileEvent,
    emitted: {} as Said,
    input: {} as SvmDeviceFileInput,
  },
  guards: {
    hasDescriptor: ({ context: { descriptors }, event }) => {
      assertEvent(event, ['ENTER', 'CLOSE'])
      return event.process === undefined ? descriptors.length > 0 : descriptors.includes(event.process)
    },
  },
  actions: {
    enter: assign({ entered: ({ context }) => context.entered + 1 }),
    leave: assign({ entered: ({ context }) => context.entered - 1 }),
    close: assign(({ context, event }) => {
      assertEvent(event, 'CLOSE')
      return { descriptors: context.descriptors.filter((process) => process !== event.process) }
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    wasPut: emit(({ context: { descriptors, entered }, event }) =>
      answer(event, 'ANSWER', { ret: 0, last: descriptors.length + entered === 0 }),
    ),
    noDescriptor: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EBADF', last: false })),
  },
}).createMachine({
  id: 'svmDeviceFile',
  context: ({ input: { descriptors } }) => ({ descriptors, entered: 0 }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        ENTER: [{ guard: 'hasDescriptor', actions: ['enter', 'done'] }, { actions: 'noDescriptor' }],
        LEAVE: { actions: ['leave', 'wasPut'] },
        CLOSE: [{ guard: 'hasDescriptor', actions: ['close', 'wasPut'] }, { actions: 'noDescriptor' }],
      },
    },
  },
})
