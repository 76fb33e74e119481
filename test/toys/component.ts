/** Plain components for tests: a table of handlers instead of a statechart. */
import type { Component, Finding, Message, Note, Send } from '../../explore/system.ts'

/**
 * What a handler answers: what changes and what is sent, or `'defer'` to leave the message in its lane, or
 * `'ignore'`.
 */
export type Handled<Local> =
  | 'defer'
  | 'ignore'
  | {
      readonly local?: Local
      readonly sends?: readonly Post[]
      readonly findings?: readonly Finding[]
      readonly notes?: readonly Note[]
    }

/** A message without its sender: `component` adds it. */
export interface Post {
  readonly to: string
  readonly type: string
  readonly [field: string]: unknown
}

export type Handler<Local> = (local: Local, message: Message) => Handled<Local>

type Facts<Local> = Pick<
  Component<Local>,
  | 'waits'
  | 'thread'
  | 'lockClass'
  | 'acquires'
  | 'holders'
  | 'nest'
  | 'tried'
  | 'awaited'
  | 'owes'
  | 'guardedBy'
  | 'unguarded'
>

export interface Table<Local> extends Facts<Local> {
  readonly id: string
  readonly initial: Local
  /** By message type; `'*'` takes what has no handler of its own. A type without a handler is ignored. */
  readonly on: Readonly<Record<string, Handler<Local>>>
}

export const component = <Local>({ id, initial, on, ...facts }: Table<Local>): Component<Local> => {
  const handle = (local: Local, message: Message): Handled<Local> =>
    (on[message.type] ?? on['*'])?.(local, message) ?? 'ignore'
  return {
    id,
    initial,
    ...facts,
    accepts: (local, message) => handle(local, message) !== 'defer',
    receive: (local, message) => {
      const handled = handle(local, message)
      if (typeof handled === 'string') return { local, sends: [], findings: [], notes: [], ignored: true }
      const { sends = [], findings = [], notes = [] } = handled
      return { local: handled.local ?? local, sends: sends.map(from(id)), findings, notes, ignored: false }
    },
    key: canonical,
    show: (local) => ({ state: stateOf(local), data: dataOf(local) }),
  }
}

/** In flight at the start, from the environment. */
export const begin = (to: string, type = 'GO', fields: Record<string, unknown> = {}): Send =>
  from('env')({ to, type, ...fields })

export const from =
  (sender: string) =>
  ({ to, ...message }: Post): Send => ({ to, message: { ...message, from: sender } as Message })

/** JSON with sorted keys, so that equal data has an equal text. */
export const canonical = (value: unknown): string => {
  if (typeof value === 'bigint') return `${value}n`
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'undefined'
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  return `{${fields
    .map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`)
    .toSorted()
    .join()}}`
}

const stateOf = (local: unknown): string => {
  if (typeof local === 'string') return local
  const state = (local as { readonly state?: unknown } | null)?.state
  return typeof state === 'string' ? state : 'only'
}

const dataOf = (local: unknown): Record<string, unknown> =>
  local !== null && typeof local === 'object' ? { ...local } : { value: local }
