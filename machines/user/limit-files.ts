/** setrlimit(RLIMIT_NOFILE): the process says whether it may, the descriptor table goes by it. */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface LimitFilesInput {
  readonly task: string
  readonly process: string
  readonly table: string
}

type LimitFilesContext = LimitFilesInput & { readonly caller: string | null; readonly val: bigint }

type LimitFilesEvent =
  | (Heard & { readonly type: 'CALL'; readonly val: bigint })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })
  | (Heard & { readonly type: 'LIMITED' })

const start = ({ task, process, table }: LimitFilesInput): LimitFilesContext => ({
  task,
  process,
  table,
  caller: null,
  val: 0n,
})

export const limitFiles = setup({
  types: {
    context: {} as LimitFilesContext,
    events: {} as LimitFilesEvent,
    emitted: {} as Said,
    input: {} as LimitFilesInput,
  },
  guards: {
    mayNot: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, val: event.val }
    }),
    ask: emit(({ context: { task, process, val } }) => send(process, 'SET_NOFILE', { task, val })),
    limit: emit(({ context: { task, table, val } }) => send('files', 'NOFILE', { task, table, limit: Number(val) })),
    refuse: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: '-EPERM' })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'limitFiles',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'asking', actions: 'begin' } } },
    asking: {
      entry: 'ask',
      on: {
        ANSWER: [{ guard: 'mayNot', target: 'idle', actions: ['refuse', 'reset'] }, { target: 'limiting' }],
      },
    },
    limiting: { entry: 'limit', on: { LIMITED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
