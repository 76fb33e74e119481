/** A thread of control: a script of requests. It sends the next one when the answer to the last has come. */
import type { Component, Message } from '../../explore/system.ts'
import { component, type Handled } from './component.ts'

/** What a thread remembers between its steps. */
export type Kept = Readonly<Record<string, unknown>>

export interface Op {
  readonly to: string
  readonly type: string
  /** The state the thread is in until the answer comes. */
  readonly state?: string
  readonly fields?: (kept: Kept) => Record<string, unknown>
  readonly keeps?: (answer: Message, kept: Kept) => Kept
  /** Where to go on after the answer: the number of an op. Without it, the next one. */
  readonly goes?: (answer: Message, kept: Kept) => number
}

export interface Thread {
  readonly state: string
  readonly at: number
  readonly kept: Kept
}

export const thread = (id: string, ops: readonly Op[], kept: Kept = {}): Component<Thread> => {
  const at = (number: number, now: Kept): Handled<Thread> => {
    const op = ops[number]
    if (op === undefined) return { local: { state: 'done', at: number, kept: now } }
    const { to, type, state = 'asks', fields } = op
    return { local: { state, at: number, kept: now }, sends: [{ to, type, task: id, ...fields?.(now) }] }
  }
  return component<Thread>({
    id,
    initial: { state: 'new', at: -1, kept },
    thread: id,
    waits: (local) => ops[local.at] !== undefined,
    on: {
      GO: (local) => (local.at < 0 ? at(0, local.kept) : 'ignore'),
      '*': (local, message) => {
        const op = ops[local.at]
        if (op === undefined) return 'ignore'
        const now = op.keeps?.(message, local.kept) ?? local.kept
        return at(op.goes?.(message, now) ?? local.at + 1, now)
      },
    },
  })
}

export const lock = (to: string): Op => ({ to, type: 'LOCK' })
export const unlock = (to: string): Op => ({ to, type: 'UNLOCK' })
export const write = (to: string, value: number): Op => ({ to, type: 'WRITE', fields: () => ({ value }) })
export const waitFor = (to: string): Op => ({ to, type: 'WAIT' })
export const complete = (to: string): Op => ({ to, type: 'COMPLETE' })
