/** A step as one line of text: the same step always gives the same line, so that two runs can be compared byte for byte. */
import type { TraceStep } from '../explore/runs/trace.ts'

/** JSON with the names of fields in order; a bigint, which JSON does not know, as the string `"4096n"`. */
export const traceLine = (step: TraceStep): string => JSON.stringify(inOrder(step))

/** Made before it is written: JSON takes longer where it asks about each value while it writes. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inOrder)
  // Without a prototype a name means nothing but itself.
  const record = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(value).sort()) record[name] = inOrder(value[name as never])
  return record
}
