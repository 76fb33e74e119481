/**
 * A system call on a path that has a device's name in it (/dev/vfio/N of its group, its directory in sysfs): handed to
 * the procedure of what is found there. Of a device that does not exist there is no such file.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface ByNameInput {
  readonly task: string
  readonly procedure: string
  /** Device → what its path leads to. */
  readonly paths: Readonly<Record<string, string>>
}

type ByNameContext = ByNameInput & { readonly caller: string | null }
type ByNameEvent =
  | (Heard & { readonly type: 'CALL'; readonly dev: string })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task, procedure, paths }: ByNameInput): ByNameContext => ({ task, procedure, paths, caller: null })

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Readonly<Record<string, unknown>> =>
  fields

export const byName = setup({
  types: {
    context: {} as ByNameContext,
    events: {} as ByNameEvent,
    emitted: {} as Said,
    input: {} as ByNameInput,
  },
  guards: {
    isThere: ({ context, event }) => event.type === 'CALL' && Object.hasOwn(context.paths, event.dev),
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    noSuchFile: emit(({ event, context: { task } }) => send(event.from, 'RETURN', { task, ret: '-ENOENT' })),
    call: emit(({ context: { task, procedure, paths }, event }) => {
      assertEvent(event, 'CALL')
      return send(callOf(task, paths[event.dev]!, procedure), 'CALL', { ...fieldsOf(event), task })
    }),
    pass: emit(({ context: { task, caller }, event }) => send(caller!, 'RETURN', { ...fieldsOf(event), task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'byName',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [{ guard: 'isThere', target: 'calling', actions: ['begin', 'call'] }, { actions: 'noSuchFile' }],
      },
    },
    calling: { on: { RETURN: { target: 'idle', actions: ['pass', 'reset'] } } },
  },
})
