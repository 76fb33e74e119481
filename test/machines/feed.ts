/**
 * Feeds a machine by hand: delivers messages one after the other and writes down what it says, a line for each:
 *
 *   `notifier ADD nb=mdev0`      a message: to whom, its type, its fields (`task` left out)
 *   `! warn WARNING in …`        a finding
 *   `~ area0#1 freed`            a note, or that a life begins or ends
 *
 * What the sanitizer makes of an observation of memory is a finding; that something alive was used or counted has no line.
 */
import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateMachine } from 'xstate'
import { judge } from '../../explore/memory/sanitizer.ts'
import { named, type Pointer } from '../../machines/kernel/heap/pointer.ts'
import type { Observed, Said } from '../../machines/say.ts'

type Answer = string | { readonly type: string; readonly [field: string]: unknown }

export interface Fed {
  readonly said: readonly string[]
  readonly snapshot: AnyMachineSnapshot
  /** It is again exactly as it was before the first message: states of the search can merge. */
  readonly atRest: boolean
}

export const feed = (machine: AnyStateMachine, input: unknown, ...heard: readonly Answer[]): Fed => {
  const [initial] = initialTransition(machine, input as never)
  const said: string[] = []
  let snapshot = initial
  for (const answer of heard) {
    const message = { from: 't1', task: 't1', ...(typeof answer === 'string' ? { type: answer } : answer) }
    const [next, actions] = transition(machine, snapshot, message)
    snapshot = next
    said.push(...actions.flatMap((action) => line((action.params as unknown as { event: Said }).event)))
  }
  const same =
    JSON.stringify([initial.value, initial.context], text) === JSON.stringify([snapshot.value, snapshot.context], text)
  return { said, snapshot, atRest: same }
}

/** What an observation of memory comes to, in a word. */
export const lived = (said: Observed): string | undefined => {
  if (said.act === 'alloc') return said.what ?? 'allocated'
  return said.act === 'free' ? (said.what ?? 'freed') : undefined
}

const line = (said: Said): string | readonly string[] => {
  if (said.type === 'memory') {
    const wrong = judge(said)
    const what = lived(said)
    return wrong ? `! ${wrong.kind} ${wrong.title}` : what === undefined ? [] : `~ ${said.object} ${what}`
  }
  if (said.type === 'finding') return `! ${said.kind} ${said.title}`
  if (said.type === 'note') return `~ ${said.object} ${said.what}`
  const { type, task: _, ...fields } = said.message
  return [said.to, type, ...Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`)].join(' ')
}

const text = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)

const isPointer = (value: unknown): value is Pointer =>
  value !== null && typeof value === 'object' && 'id' in value && 'gen' in value

const show = (value: unknown): string => {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (isPointer(value)) return named(value)
  return String(value)
}
