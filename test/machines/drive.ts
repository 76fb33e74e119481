/**
 * One machine by itself, fed by hand. `hear` delivers a message as if from `t1` on its own behalf and returns what the
 * machine says; `calls` plays a whole procedure: the answers to give, and back come the requests it sent, in order.
 */
import { initialTransition, transition, type AnyStateMachine } from 'xstate'
import type { Said } from '../../machines/say.ts'

export interface Message {
  readonly type: string
  readonly [field: string]: unknown
}

export interface Driven {
  hear(message: Message): readonly Said[]
  defers(type: string): boolean
  readonly state: unknown
  readonly context: any
}

export const drive = (machine: AnyStateMachine, input: unknown): Driven => {
  let [snapshot] = initialTransition(machine, input as never)
  return {
    hear(message) {
      const [next, actions] = transition(machine, snapshot, { from: 't1', task: 't1', ...message })
      snapshot = next
      return actions.map((action) => (action.params as unknown as { event: Said }).event)
    },
    defers: (type) =>
      Object.values(snapshot.getMeta() as Record<string, { defers?: readonly string[] }>).some((meta) =>
        meta.defers?.includes(type),
      ),
    get state() {
      return snapshot.value
    },
    get context() {
      return snapshot.context
    },
  }
}

/** A request as it reads in a test: `READ type1`, `RETURN vmm0`; findings by their title. */
const told = (said: Said): string =>
  said.type === 'send'
    ? `${said.message.type} ${said.to}`
    : said.type === 'finding'
      ? said.title
      : `${said.object} ${said.what}`

export const tell = (said: readonly Said[]): readonly string[] => said.map(told)

/** What a call says when it is called with `args` and then hears `answers`, one after the other. */
export const calls = (
  machine: AnyStateMachine,
  input: unknown,
  args: Readonly<Record<string, unknown>>,
  answers: readonly (string | Message)[],
): { readonly said: readonly Said[]; readonly told: readonly string[]; readonly call: Driven } => {
  const call = drive(machine, input)
  const said = [
    ...call.hear({ type: 'CALL', ...args }),
    ...answers.flatMap((answer) => call.hear(typeof answer === 'string' ? { type: answer } : answer)),
  ]
  return { said, told: tell(said), call }
}

/** The message a machine sent last. */
export const last = (said: readonly Said[]): unknown => said.findLast((one) => one.type === 'send')?.message
