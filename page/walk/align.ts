/** Two runs beside each other: what both do stands in one line, and what comes between is one's own. */
import { diffArrays } from 'diff'
import type { PageData } from '../data.ts'
import type { Run, Step } from './run.ts'
import { turnWords } from './said.ts'

export interface Pair {
  /** Missing on one side: only the other one does it. */
  readonly left?: Step
  readonly right?: Step
}

export interface Fold {
  readonly pairs: readonly Pair[]
  /** Both do the same. */
  readonly same: boolean
}

/** The same step of two runs has the same name, whatever its number. */
const nameIn =
  (page: PageData, { machine }: Run) =>
  (step: Step): string =>
    turnWords(page, machine, step)

const paired = (left: readonly Step[], right: readonly Step[]): readonly Pair[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, at) => ({
    ...(left[at] && { left: left[at] }),
    ...(right[at] && { right: right[at] }),
  }))

/** What one does and then the other, where neither does what the other does, stands beside each other. */
export const aligned = (page: PageData, one: Run, other: Run): readonly Fold[] => {
  const [leftNames, rightNames] = [one.steps.map(nameIn(page, one)), other.steps.map(nameIn(page, other))]
  const folds: Fold[] = []
  let [left, right] = [0, 0]
  let own: { left: Step[]; right: Step[] } = { left: [], right: [] }
  const close = (): void => {
    if (own.left.length + own.right.length > 0) folds.push({ pairs: paired(own.left, own.right), same: false })
    own = { left: [], right: [] }
  }
  for (const { count, added, removed } of diffArrays(leftNames, rightNames)) {
    if (removed) own.left.push(...one.steps.slice(left, (left += count)))
    else if (added) own.right.push(...other.steps.slice(right, (right += count)))
    else {
      close()
      folds.push({
        pairs: paired(one.steps.slice(left, (left += count)), other.steps.slice(right, (right += count))),
        same: true,
      })
    }
  }
  close()
  return folds
}

/** Steps that both begin with. */
export const commonBeginning = (one: readonly number[], other: readonly number[]): number => {
  const at = one.findIndex((lane, index) => lane !== other[index])
  return at < 0 ? one.length : at
}
