/** Results as a case or an outcome of a race has them: one for each operation. */
import { misfit, resultFields } from './results.ts'
import { called, count, isBag, unknownField, wrong, type Bag } from './wrong.ts'

export const checkResults = (given: unknown, ops: readonly Bag[], field: string): void => {
  if (!Array.isArray(given) || given.length !== ops.length)
    return wrong({
      of: 'the case',
      field,
      fact: Array.isArray(given)
        ? `has ${count(ops.length, 'op')} and ${count(given.length, 'result')}`
        : `has "${field}" that are no list`,
      expected: `${count(ops.length, 'result')}, one for each op`,
      ...(Array.isArray(given) ? {} : { found: given }),
      attempt: 'write null where nothing is expected, or leave out "results" to see what relock says',
    })
  given.forEach((result: unknown, index) =>
    checkResult(result, called(index, ops[index]!['op']).replace('op', 'result')),
  )
}

const checkResult = (result: unknown, of: string): void => {
  if (result === null) return
  if (!isBag(result))
    return wrong({ of, fact: 'is no record', expected: 'a record, as {"ret": 0}, or null', found: result })
  for (const [field, value] of Object.entries(result)) {
    if (!resultFields.includes(field)) unknownField(of, field, resultFields, value)
    const expected = misfit(field, value)
    if (expected === undefined) continue
    wrong({ of, field, fact: `has a "${field}" that does not fit`, expected, found: value })
  }
  if ('ret' in result || 'pending' in result) return
  wrong({
    of,
    field: 'ret',
    fact: 'has no "ret"',
    expected: 'a number, -1 beside an "err"',
    found: result,
    attempt: 'add "ret": 0, or write null if nothing is expected here',
  })
}
