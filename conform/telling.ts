/** Which operations of a race tell its outcomes apart. */
import type { Race, Result } from './case.ts'
import { isSame } from './compare.ts'

/** Where some outcomes differ; where all are the same, what the threads came back with. */
export const tellingOps = ({ ops }: Race, outcomes: readonly (readonly Result[])[]): readonly number[] => {
  const all = ops.map((_, index) => index)
  const differing = all.filter((index) => outcomes.some((results) => !isSame(results[index], outcomes[0]![index])))
  return differing.length > 0 ? differing : all.filter((index) => ops[index]!.op === 'await')
}
