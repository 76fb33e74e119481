/** One case compared: relock's answers beside those that were recorded, operation by operation to the end. */
import type { CaseReplay } from '../actors/kernel/system-calls/replay.ts'
import type { Case } from './case.ts'
import { compareResults, type Compared } from './compare.ts'
import { nothingExpected } from './not-compared.ts'
import type { Disagreement, SeenObject, Subject } from './report.ts'
import type { Counts } from './tally.ts'

/** A disagreement, and how to look at the objects it is about: the case is replayed up to there. */
export interface Found {
  readonly disagreement: Disagreement
  readonly look: () => readonly SeenObject[]
}

/** Compares what is recorded, counts it, and returns what disagrees. */
export const compareCase = (
  one: Case,
  of: Subject,
  replay: CaseReplay,
  counts: Counts,
  isWanted: (op: string) => boolean,
): readonly Found[] => {
  const bad: { index: number; differences: Compared['differences'] }[] = []
  let compared = 0
  for (const [index, op] of one.ops.entries()) {
    if (!isWanted(op.op)) continue
    const recorded = one.results?.[index]
    if (!recorded) {
      counts.without(op, nothingExpected)
      continue
    }
    const outcome = compareResults(op, recorded, replay.results[index]!)
    const came = counts.op(op, outcome)
    if (came !== 'notCompared') compared++
    if (came === 'disagreed') bad.push({ index, differences: outcome.differences })
  }
  counts.case(bad.length > 0 ? 'disagreed' : compared > 0 ? 'agreed' : 'notCompared')
  return bad.map(({ index, differences }, before) => ({
    disagreement: {
      of,
      index,
      ops: one.ops.length,
      op: one.ops[index]!,
      recorded: one.results![index]!,
      said: replay.results[index]!,
      differences,
      before,
      after: bad.length - 1 - before,
    },
    look: () => replay.objectsAt(index),
  }))
}
