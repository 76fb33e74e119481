/** A step as one line of text: the same step always gives the same line, so that two runs can be compared byte for byte. */
import type { TraceStep } from '../explore/runs/trace.ts'

/** JSON with the names of fields in order; a bigint, which JSON does not know, as the string `"4096n"`. */
export const traceLine = (step: TraceStep): string => written(step).text ?? ''

interface Written {
  /** Absent: what JSON leaves out, as `undefined`. */
  readonly text: string | undefined
  /** It is frozen, as is all that is in it. */
  readonly isFixed: boolean
}

/** What an actor is told once for all stands in each of its states: what cannot change is written once. */
const known = new WeakMap<object, Written>()

function written(value: unknown): Written {
  if (typeof value === 'bigint') return { text: `"${value}n"`, isFixed: true }
  if (typeof value !== 'object' || value === null) return { text: JSON.stringify(value), isFixed: true }
  const before = known.get(value)
  if (before) return before
  const now = Array.isArray(value) ? list(value) : record(value as Record<string, unknown>)
  if (now.isFixed) known.set(value, now)
  return now
}

function list(values: readonly unknown[]): Written {
  let isFixed = Object.isFrozen(values)
  let text = ''
  for (const value of values) {
    const each = written(value)
    isFixed &&= each.isFixed
    text += `${text && ','}${each.text ?? 'null'}`
  }
  return { text: `[${text}]`, isFixed }
}

function record(fields: Readonly<Record<string, unknown>>): Written {
  let isFixed = Object.isFrozen(fields)
  let text = ''
  for (const name of Object.keys(fields).sort()) {
    const each = written(fields[name])
    isFixed &&= each.isFixed
    if (each.text !== undefined) text += `${text && ','}${JSON.stringify(name)}:${each.text}`
  }
  return { text: `{${text}}`, isFixed }
}
