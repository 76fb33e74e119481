/** Lines of the kernel's log, where actors keep theirs among their data. */
import type { LogLine } from '../../explore/system.ts'

/** What an actor has written so far. */
export const linesIn = (context: { readonly kmsg?: readonly LogLine[] }): readonly LogLine[] => context.kmsg ?? none

const none: readonly LogLine[] = []

/** Lines of a log, each once: by who has written it, and by what it says. */
export function inOrder(lines: readonly LogLine[]): readonly LogLine[] {
  const byText = new Map(lines.map((line) => [`${line.by}\n${line.text}\n${line.level}`, line]))
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, line]) => line)
}
