/** A step as one line of text: the same step always gives the same line, so that two runs can be compared byte for byte. */
import type { TraceStep } from '../explore/trace.ts'

/** JSON with the names of fields in order; a bigint, which JSON does not know, as the string `"4096n"`. */
export const traceLine = (step: TraceStep): string => JSON.stringify(step, plain)

function plain(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
