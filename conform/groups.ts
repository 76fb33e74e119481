/** Hundreds of disagreements often have few reasons: they are put together by operation and by the way they differ. */
import type { Result } from './case.ts'
import type { Disagreement, Group } from './report.ts'

/** `EEXIST, not success` for what was recorded and what was said; else which fields differ. */
export const howOf = ({ recorded, said, differences }: Disagreement): string =>
  differences.some(({ field }) => field === 'err' || field === 'ret' || field === 'pending')
    ? `${outcome(recorded)}, not ${outcome(said)}`
    : differences.map(({ field }) => field).join(', ')

const outcome = ({ ret, err, pending }: Result): string => {
  if (err !== undefined) return err
  if (pending === true) return 'pending'
  return ret === 0 ? 'success' : ret === undefined ? 'no ret' : `ret ${ret}`
}

/** The shorter the run that leads there, the easier it is to follow. */
const isShorter = (one: Disagreement, other: Disagreement): boolean =>
  one.before !== other.before && Math.min(one.before, other.before) === 0 ? one.before === 0 : one.index < other.index

export const groupsOf = (disagreements: readonly Disagreement[]): readonly Group[] => {
  const byKind = new Map<string, Disagreement[]>()
  for (const each of disagreements) {
    const kind = `${each.op.op} ${howOf(each)}`
    const there = byKind.get(kind)
    if (there) there.push(each)
    else byKind.set(kind, [each])
  }
  return [...byKind.values()].map(groupOf).toSorted((a, b) => b.first - a.first || b.later - a.later)
}

const groupOf = (of: readonly Disagreement[]): Group => {
  const first = of.filter(({ before }) => before === 0).length
  const shortest = of.reduce((best, each) => (isShorter(each, best) ? each : best))
  const cases = new Set(of.map(({ of: { file, line, name } }) => `${file}:${line} ${name}`)).size
  return { op: shortest.op.op, how: howOf(shortest), shortest, first, later: of.length - first, cases }
}
