/** What a run shows that is wrong, by the names under which reports tell it. */
import { claimsIn } from './claims.ts'
import { unexpected } from './ignored.ts'
import type { Property, System } from '../system.ts'
import type { Trace } from '../runs/trace.ts'
import { deadlockTitle } from '../locks/waiting.ts'

/** Something wrong. */
export interface Shows {
  readonly kind: string
  readonly title: string
}

/** Findings, what has leaked in the end, and who hangs. */
export const shownBy = (trace: Trace): readonly Shows[] => [
  ...[...trace.steps.flatMap(({ findings }) => findings), ...(trace.leaks ?? [])].map(({ kind, title }) => ({
    kind,
    title,
  })),
  ...(trace.end === 'deadlock' ? [{ kind: 'deadlock', title: deadlockTitle(trace.waiting) }] : []),
]

/** Messages that nobody handled, which are findings only where somebody asks for that. */
export const ignoredIn = (trace: Trace): readonly Shows[] =>
  trace.steps
    .filter(({ ignored }) => ignored)
    .map(({ to, before, message }) => unexpected({ component: to, state: before.state, type: message.type }))

/** Claims that it breaks. */
export const claimsBrokenBy = (system: System<any>, properties: readonly Property[], trace: Trace): readonly Shows[] =>
  claimsIn(system, properties, trace).map(({ name, kind, finding = kind }) => ({ kind: finding, title: name }))

/** A title may name actors; `renamed` has those that are called otherwise than when it was written down. */
export const isCalled = (
  { kind, title }: Shows,
  wanted: string,
  renamed: ReadonlyMap<string, string> = new Map(),
): boolean => kind === wanted || title === wanted || inOldWords(title, renamed) === inOldWords(wanted, renamed)

/** Word by word, and in one order: titles list locks by their names. */
const inOldWords = (title: string, renamed: ReadonlyMap<string, string>): string => {
  const old = new Map([...renamed].map(([before, now]) => [now, before]))
  return title
    .split(' ')
    .map((word) => old.get(word) ?? word)
    .toSorted()
    .join(' ')
}
