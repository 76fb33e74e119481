/**
 * A way that was gone, as look-ups: where everything that is asked on it looks at one field at most. It is the way again as long as all answers that
 * decide are the same.
 */
import type { End, FieldQuestion, Question, Way } from './paths.ts'
import type { Rows } from './rows.ts'

export interface LookUp {
  readonly question: Question | FieldQuestion
  /** The field that the answer depends on, and where it stands for each value; without rows it is always the same. */
  readonly slot: number
  readonly rows: Rows | undefined
  readonly column: number
  /** The field that becomes what the answer is; 0: none does. */
  readonly into: number
  /** What it has to be; or any. */
  readonly wanted: number
  /** What it is without rows. */
  readonly answer: number
  /** Something was written on the way before. */
  readonly isLate: boolean
}

export interface Shortcut {
  readonly lookUps: readonly LookUp[]
  readonly end: End
  /** The one field that is looked at and written; 0: none; several: -1. */
  readonly only: number
  /** Where it turned out not to be the way. */
  readonly otherwise: Shortcut | undefined
}

export const any = -1

/** So many for what is sent in a configuration. */
const most = 4

/** With that of the way that was gone last, if there can be one. */
export const withShortcut = (
  known: Shortcut | undefined,
  gone: readonly Way[],
  names: number,
  end: End,
): Shortcut | undefined => {
  let many = 0
  for (let each = known; each; each = each.otherwise, many++) if (each.end === end) return known
  const lookUps = many < most ? lookUpsOf(gone, names) : undefined
  if (!lookUps) return known
  const slots = new Set(lookUps.flatMap(({ slot, into }) => [slot, into]).filter((slot) => slot > 0))
  const [only = 0] = slots
  return { lookUps, end, only: slots.size > 1 || end.emitted.length > 0 ? several : only, otherwise: known }
}

const several = -1

const nowhere = { slot: 0, rows: undefined, column: 0 }

const lookUpsOf = (gone: readonly Way[], names: number): readonly LookUp[] | undefined => {
  const lookUps: LookUp[] = []
  let isLate = false
  for (const [at, way] of gone.entries()) {
    const { kind, question, fields } = way
    if (kind === 'chosen' || kind === 'end') continue
    // What is written together must not be seen by whoever writes.
    if (kind === 'assign' && (!fields || (isLate && fields.length > 1))) return undefined
    if (kind === 'raise' || kind === 'emit') return undefined
    const answer = kind === 'run' ? any : Number(gone[at + 1] === way.yes)
    for (const each of fields ?? [question]) {
      const look = each.memo?.firstLook(names)
      if (look === undefined) return undefined
      const into = 'slot' in each ? each.slot : 0
      const { slot, rows, column } = typeof look === 'number' ? nowhere : look
      if (rows === undefined && into === 0) continue
      lookUps.push({
        question: each,
        slot,
        rows,
        column,
        into,
        wanted: into > 0 || rows === undefined ? any : answer,
        answer: typeof look === 'number' ? look : any,
        isLate,
      })
    }
    isLate ||= kind === 'assign'
  }
  return lookUps
}
