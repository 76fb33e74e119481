/** Two answers to one operation, field by field: every field that either of them has. */
import type { Op, Result } from './case.ts'
import { whyNotCompared } from './not-compared.ts'

/** Undefined where one of them does not have the field. */
export interface Difference {
  readonly field: string
  readonly recorded: unknown
  readonly said: unknown
}

export interface Compared {
  /** Fields that are the same. */
  readonly agreed: number
  readonly differences: readonly Difference[]
  readonly notCompared: readonly { readonly field: string; readonly reason: string }[]
}

export const compareResults = (op: Op, recorded: Result, said: Result): Compared => {
  const differences: Difference[] = []
  const notCompared: { field: string; reason: string }[] = []
  let agreed = 0
  for (const field of fieldsOf(recorded, said)) {
    const reason = whyNotCompared(op, field, recorded, said)
    if (reason !== undefined) notCompared.push({ field, reason })
    else if (isSame(recorded[field], said[field])) agreed++
    else differences.push({ field, recorded: recorded[field], said: said[field] })
  }
  return { agreed, differences, notCompared }
}

const fieldsOf = (recorded: Result, said: Result): Iterable<string> =>
  new Set([...Object.keys(recorded), ...Object.keys(said)].filter((field) => field !== 'unknown'))

/** The same value; a number is the same in decimal and in hex. */
export const isSame = (one: unknown, other: unknown): boolean => {
  if (one === other) return true
  if (Array.isArray(one))
    return Array.isArray(other) && one.length === other.length && one.every((each, i) => isSame(each, other[i]))
  if (isRecord(one)) {
    if (!isRecord(other)) return false
    const names = Object.keys(one)
    return (
      names.length === Object.keys(other).length &&
      names.every((name) => Object.hasOwn(other, name) && isSame(one[name], other[name]))
    )
  }
  const number = numberOf(one)
  return number !== undefined && number === numberOf(other)
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === 'object' && x !== null && !Array.isArray(x)

const numberOf = (x: unknown): bigint | undefined => {
  if (typeof x === 'bigint') return x
  if (typeof x === 'number') return Number.isSafeInteger(x) ? BigInt(x) : undefined
  return typeof x === 'string' && /^0x[\da-f]+$/i.test(x) ? BigInt(x) : undefined
}
