/** kill(SIGKILL), and waiting until the process is gone: what happens then, the dying process does itself. */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

interface KillContext {
  readonly task: string
  readonly caller: string | null
}

type KillEvent =
  | (Heard & { readonly type: 'CALL'; readonly target: string })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

const start = ({ task }: { readonly task: string }): KillContext => ({ task, caller: null })

export const kill = setup({
  types: {
    context: {} as KillContext,
    events: {} as KillEvent,
    emitted: {} as Said,
    input: {} as { readonly task: string },
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    kill: emit(({ context: { task }, event }) => {
      assertEvent(event, 'CALL')
      return send(`${event.target}.exit`, 'CALL', { task })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'kill',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'waiting', actions: ['begin', 'kill'] } } },
    waiting: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
