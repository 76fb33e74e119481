/**
 * Lets go of open files and runs the release of those nobody else refers to, one after the other: `files` are to be put, `released` had their
 * last reference dropped already.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { OpenFile } from './files.ts'
import { isReleased } from '../kernel/released.ts'
import { send, type Heard, type Said } from '../say.ts'

interface PutFilesContext {
  readonly task: string
  readonly caller: string | null
  readonly files: readonly string[]
  readonly released: readonly OpenFile[]
}

type PutFilesEvent =
  | (Heard & { readonly type: 'CALL'; readonly files: readonly string[]; readonly released: readonly OpenFile[] })
  | (Heard & OpenFile & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'RETURN' })

const start = ({ task }: { readonly task: string }): PutFilesContext => ({
  task,
  caller: null,
  files: [],
  released: [],
})

export const putFiles = setup({
  types: {
    context: {} as PutFilesContext,
    events: {} as PutFilesEvent,
    emitted: {} as Said,
    input: {} as { readonly task: string },
  },
  guards: {
    hasFiles: ({ context }) => context.files.length > 0,
    hasReleased: ({ context }) => context.released.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, files: event.files, released: event.released.filter(isReleased) }
    }),
    put: emit(({ context: { task, files } }) => send('files', 'PUT', { task, file: files[0] })),
    keep: assign(({ context, event }) => {
      assertEvent(event, 'PUT')
      const { last, file, kind, of } = event
      const open = { file, kind, of }
      return {
        files: context.files.slice(1),
        released: last && isReleased(open) ? [...context.released, open] : context.released,
      }
    }),
    release: emit(({ context: { task, released } }) => {
      const [{ of, file }] = released as [OpenFile]
      return send(`${task}.${of}.release`, 'CALL', { task, file })
    }),
    releasedOne: assign({ released: ({ context }) => context.released.slice(1) }),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'putFiles',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'next', actions: 'begin' } } },
    next: {
      always: [
        { guard: 'hasFiles', target: 'putting' },
        { guard: 'hasReleased', target: 'releasing' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: { entry: 'put', on: { PUT: { target: 'next', actions: 'keep' } } },
    releasing: { entry: 'release', on: { RETURN: { target: 'next', actions: 'releasedOne' } } },
  },
})
