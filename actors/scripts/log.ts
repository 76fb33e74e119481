/** The kernel's log as properties look at it: which lines were written so far, and by whom. */
import type { LogLine } from '../../explore/system.ts'
import { inOrder, linesIn } from '../world/lines.ts'
import type { ActorSpec } from '../world/world.ts'
import { mustBeAmong, strict } from './asked.ts'

export interface LogView {
  /** Every line that was written since the story began, once, in the order of who has written it and of its text. */
  readonly lines: readonly LogLine[]
  /** Some line says this. */
  has(text: string | RegExp): boolean
  /** What this actor has written: texts. Throws where there is no such actor. */
  by(actor: string): readonly string[]
}

type Viewed = (view: object, read: (id: string) => any, lines: (() => readonly LogLine[]) | undefined) => void

/**
 * Lets a view of these actors tell of their log: `lines` is what was written, where somebody has it; otherwise each actor is asked. Where nobody keeps
 * one, whoever looks at it is told what to write.
 */
export function logIn(actors: readonly ActorSpec[]): Viewed {
  const ids = actors.map(({ id }) => id)
  const isKept = actors.some(({ keepsLog }) => keepsLog)
  return (view, read, lines) => {
    const get = (): LogView => {
      if (!isKept) throw new Error('No log is kept in this world. Write `log: true` beside its tasks or threads.')
      return logOf(ids, inOrder(lines?.() ?? ids.flatMap((id) => linesIn(read(id)))))
    }
    // What cannot be looked at is nothing that a view is printed with.
    Object.defineProperty(view, 'log', { enumerable: isKept, configurable: true, get })
  }
}

const logOf = (ids: readonly string[], lines: readonly LogLine[]): LogView =>
  ({
    __proto__: strict,
    lines,
    has(text: string | RegExp) {
      if (typeof text !== 'string' && !(text instanceof RegExp))
        throw new Error(`Not a text: ${String(text)}. Expected: part of a line, or a regular expression.`)
      return lines.some((line) => (typeof text === 'string' ? line.text.includes(text) : line.text.search(text) >= 0))
    },
    by(actor: string) {
      mustBeAmong('actor', actor, ids)
      return lines.flatMap((line) => (line.by === actor ? line.text : []))
    },
  }) as LogView
