/** Which operations of a race tell its outcomes apart, and an outcome in these words. */
import { isRacing, type AnyRace, type Op, type Result } from './case.ts'
import { isSame } from './compare.ts'
import { resultWords } from './words.ts'

/** Where some outcomes differ; where all are the same, what the threads came back with. */
export const tellingOps = (
  { ops }: Pick<AnyRace, 'ops'>,
  outcomes: readonly (readonly Result[])[],
): readonly number[] => {
  const all = ops.map((_, index) => index)
  const differing = all.filter((index) => outcomes.some((results) => !isSame(results[index], outcomes[0]![index])))
  if (differing.length > 0) return differing
  const awaited = all.filter((index) => ops[index]!.op === 'await')
  return awaited.length > 0 ? awaited : all.filter((index) => isRacing(ops[index]!))
}

/** `t1 unmap_dma: ret=0 size=0x0`, for each of the operations that tell; what a thread was awaited for stands by its own name. */
export const outcomeWords = (
  { ops }: Pick<AnyRace, 'ops'>,
  telling: readonly number[],
  results: readonly Result[],
): readonly string[] =>
  telling.map((index) => {
    const { of, ...result } = results[index]!
    return `${calledOp(ops[typeof of === 'number' ? of : index]!)}: ${resultWords(result)}`
  })

const calledOp = ({ op, proc }: Op): string => (typeof proc === 'string' ? `${proc} ${op}` : op)
