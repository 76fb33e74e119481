/**
 * Stories of procedures that were written in the kernel's words: a message says which word it was sent for (`says`), and the row is that
 * word, on the lane of the thread, with what came back.
 */
import type { AccessKind, Message } from '../explore/system.ts'
import type { Trace, TraceStep, WaitEdge } from '../explore/runs/trace.ts'
import { changes, sayChange, type Change } from './changes.ts'
import { answer, value } from './words.ts'

/** Was it sent by a procedure, for a word? */
export const inWords = ({ message }: TraceStep): boolean => typeof message['says'] === 'string'

/** The function of the kernel that a word is: `mutex_trylock` of `got = mutex_trylock(m)`. */
export const functionOf = (says: string): string => /(\w+)\(/.exec(says)?.[1] ?? says

/** What a word does besides what it says: no row of its own, unless something is wrong. */
export const isQuietWord = ({ message }: TraceStep): boolean => message['quiet'] === true

/** The word, and what became of it; undefined for what was not sent for one. */
export const wordsOf = (
  step: TraceStep,
  reply: TraceStep | undefined,
): { readonly head: string; readonly asked: string; readonly answered: string } | undefined => {
  if (!inWords(step)) return undefined
  const { says, operand } = step.message
  const head = String(says)
  const given = operand === undefined || typeof operand === 'object' ? '' : value(operand)
  // What was computed is said when the word does not say it already: `counter = n + 1 (1)`.
  const asked = given === '' || head.endsWith(`= ${given}`) ? '' : `(${given})`
  return { head, asked, answered: reply === undefined ? '' : answerWords(reply.message) }
}

/** The word that this is the answer to, when it has to be told by itself. */
export const wordAnswered = ({ steps }: Trace, { from, to, number }: TraceStep): string | undefined => {
  const asked = steps.findLast((step) => step.number < number && step.from === to && step.to === from)
  return asked && inWords(asked) ? String(asked.message['says']) : undefined
}

/** The word that was said for a request that nobody took. */
export const wordsWaiting = ({ steps }: Trace, { from, at, sentAt }: WaitEdge): string | undefined => {
  const sent = steps[sentAt - 1]?.sends.find(({ to, message }) => to === at && message.from === from)
  const says = sent?.message['says']
  return typeof says === 'string' ? says : undefined
}

/** An answer is mostly one value, and needs no name. */
const answerWords = (message: Message): string => {
  const { value: got } = message
  if (message.type === 'BUSY') return 'busy'
  return got === undefined ? answer(message) : value(got)
}

/** A read, and a write of the same thread that goes back to it, with a write of another thread in between: what that one wrote is lost. */
export interface LostUpdate {
  readonly what: string
  readonly read: TraceStep
  readonly lost: TraceStep
  readonly write: TraceStep
}

const accessed = ({ memory = [] }: TraceStep): string | undefined => {
  const [first] = memory
  return first?.act === 'use' ? `${first.object}${first.field === undefined ? '' : `->${first.field}`}` : undefined
}

const isPlain = (step: TraceStep, op: 'read' | 'write'): boolean => inWords(step) && step.message['op'] === op
const isWriting = (access: AccessKind | undefined): boolean => access === 'write' || access === 'read-write'
const isWrite = (step: TraceStep): boolean =>
  inWords(step) && isWriting(step.memory?.[0]?.access) && step.message['op'] !== 'touch'

/** The last of a run up to a step. */
export const lostUpdate = (trace: Trace, at: number): LostUpdate | undefined => {
  const steps = trace.steps.slice(0, at)
  const threadOf = ({ from }: TraceStep): string | undefined => trace.threads[from]
  for (const write of steps.filter((step) => isPlain(step, 'write')).reverse()) {
    const what = accessed(write)
    const same = steps.filter((step) => step.number < write.number && accessed(step) === what)
    const read = same.findLast((step) => isPlain(step, 'read') && threadOf(step) === threadOf(write))
    const lost = same.findLast(
      (step) => isWrite(step) && threadOf(step) !== threadOf(write) && step.number > (read?.number ?? write.number),
    )
    if (what !== undefined && read && lost) return { what, read, lost, write }
  }
  return undefined
}

/** What a word did to a variable, or to a field of an object: `counter 0 → 1`. */
export const changesInWords = (step: TraceStep): readonly string[] =>
  isWrite(step) ? changes(step.before, step.after).map((change) => sayChange(ofObject(step, change))) : []

/** Told beside others, a change has to say of what: `counter 0 → 1`. */
export const ofObject = ({ to }: TraceStep, { path, text }: Change): Change => ({
  path: path === 'value' ? to : `${to} ${path}`.replace(/^(\S+) objects (\S+) fields /, '$2->'),
  text,
})
