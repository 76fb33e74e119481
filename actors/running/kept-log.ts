/**
 * The kernel's log, where a world keeps it: what an actor has written stands among its data, each line once and in the order of their texts. How often a
 * line came, and which of two came first, is not part of a state: orders of lines would multiply states, and a loop that complains would have no end.
 */
import type { AnyMachineSnapshot } from 'xstate'
import type { Finding, LogLine, Note, Outcome } from '../../explore/system.ts'
import { inOrder, linesIn } from '../world/lines.ts'

interface Said {
  readonly findings: readonly Finding[]
  readonly notes: readonly Note[]
}

/** What Linux itself would print; that a mapping is stale, or a result wrong, nobody tells it. */
const printed: ReadonlySet<string> = new Set(['warn', 'bug', 'use-after-free', 'double-free', 'refcount'])

/** What an actor writes to the log with what it says. */
export const linesOf = (by: string, { findings, notes }: Said): readonly LogLine[] => [
  ...notes.flatMap(({ object, what }) => (object === 'kmsg' ? [{ by, ...levelled(what) }] : [])),
  ...findings.flatMap(({ kind, title }) => (printed.has(kind) ? [{ by, text: title }] : [])),
]

/** As dmesg prints it: `<4>text`. */
function levelled(what: string): Omit<LogLine, 'by'> {
  const [, level, text] = /^<(\d)>(.*)$/s.exec(what)!
  return { text: text!, level: Number(level) }
}

/** The same outcome, with what was written in it. */
export function withLines(id: string, outcome: Outcome<AnyMachineSnapshot>): Outcome<AnyMachineSnapshot> {
  const { local } = outcome
  const before = linesIn(local.context)
  const after = inOrder([...before, ...linesOf(id, outcome)])
  if (after.length === before.length) return outcome
  const context = Object.freeze({ ...local.context, kmsg: after })
  return { ...outcome, local: { ...local, context } as AnyMachineSnapshot }
}

/** As it would stand if nobody kept its log. */
export function withoutLines(local: AnyMachineSnapshot): AnyMachineSnapshot {
  const { kmsg: _, ...context } = local.context as { readonly kmsg?: readonly LogLine[] }
  return { ...local, context } as AnyMachineSnapshot
}
