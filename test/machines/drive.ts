/**
 * One machine by itself, fed by hand. `hear` delivers a message as if from `t1` on its own behalf and returns what the
 * machine says; `calls` plays a whole procedure: the answers to give, and back come the requests it sent, in order.
 */
import { initialTransition, transition, type AnyStateMachine } from 'xstate'
import { judge } from '../../explore/memory/sanitizer.ts'
import type { Finding } from '../../explore/system.ts'
import type { Said } from '../../machines/say.ts'
import { lived } from './feed.ts'

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

/** A request as it reads in a test: `READ type1`, `RETURN vmm0`; findings by their title; no word of uses of what is alive. */
const told = (said: Said): string | readonly string[] => {
  if (said.type === 'send') return `${said.message.type} ${said.to}`
  if (said.type === 'finding') return said.title
  if (said.type === 'note') return `${said.object} ${said.what}`
  const what = lived(said)
  return judge(said)?.title ?? (what === undefined ? [] : `${said.object} ${what}`)
}

export const tell = (said: readonly Said[]): readonly string[] => said.flatMap(told)

/** What the sanitizer makes of what was said of memory. */
export const wrongs = (said: readonly Said[]): readonly Finding[] =>
  said.flatMap((one) => (one.type === 'memory' ? (judge(one) ?? []) : []))

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
