/**
 * The part of QEMU's `edu` device that copies: a buffer of 4 KiB which it fills from bus addresses, or writes to them, from its beginning on.
 * The buffer keeps what it holds for ever, so at the beginning of a case nobody knows what that is.
 *
 * Source: hw/misc/edu.c of QEMU 7.2. Left out: registers for the transfer, interrupts at its end.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { Heard, Said } from '../../say.ts'
import { padded } from '../function/bytes.ts'

interface EduContext {
  /** What is known of the buffer, from its beginning. */
  readonly buffer: string
}

type EduEvent =
  | (Heard & { readonly type: 'FILL'; readonly bytes: string })
  | (Heard & { readonly type: 'CONTENTS'; readonly len: number })

export const edu = setup({
  types: {
    context: {} as EduContext,
    events: {} as EduEvent,
    emitted: {} as Said,
  },
  actions: {
    fill: assign(({ context: { buffer }, event }) => {
      assertEvent(event, 'FILL')
      return { buffer: event.bytes + buffer.slice(event.bytes.length) }
    }),
    filled: emit(({ event }) => answer(event, 'FILLED')),
    contents: emit(({ context: { buffer }, event }) => {
      assertEvent(event, 'CONTENTS')
      return answer(event, 'BYTES', { bytes: padded(buffer, event.len) })
    }),
  },
}).createMachine({
  id: 'edu',
  context: { buffer: '' },
  initial: 'ready',
  states: {
    ready: {
      on: { FILL: { actions: ['fill', 'filled'] }, CONTENTS: { actions: 'contents' } },
    },
  },
})
