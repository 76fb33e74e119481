/** Thrown for a value that has no canonical form. */
export class NotPlain extends TypeError {}

/** What is nested deeper is a cycle, or as bad. */
const deepest = 500

/**
 * One text for one value. Runs only when something is seen for the first time, so it is chosen for safety, not for speed.
 *
 * Accepts JSON-like values and bigint. A function, symbol, cycle or class instance throws: identifying such values by their content would
 * merge states that behave differently.
 */
export function canonical(value: unknown, depth = 0): string {
  const text = atom(value)
  if (text !== undefined) return text
  if (typeof value === 'object') return compound(value!, depth + 1)
  throw new NotPlain(`a ${typeof value} has no canonical form: contexts and messages must be JSON-like`)
}

/** One text for one value that has no parts; undefined for any other. */
export function atom(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return String(value)
    default:
      return value === null ? 'null' : undefined
  }
}

function compound(value: object, depth: number): string {
  if (depth > deepest) throw new NotPlain(`what is nested more than ${deepest} deep has no canonical form`)
  if (Array.isArray(value)) return `[${value.map((each) => canonical(each, depth)).join(',')}]`
  if (!isRecord(value)) {
    throw new NotPlain(
      `a ${(value as object).constructor?.name ?? 'class instance'} has no canonical form: use readonly records and arrays (a set is a sorted array)`,
    )
  }
  const record = value as Record<string, unknown>
  let text = ''
  for (const name of Object.keys(record).sort()) {
    if (record[name] === undefined) continue
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonical(record[name], depth)}`
  }
  return `{${text}}`
}

/** Freezes a JSON-like value all the way down, so that code which modifies what it was given fails at the spot. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const field of Object.values(value)) deepFreeze(field)
  }
  return value
}

/** The same value with the fields of every record in the opposite order; what is neither a plain record nor a list stays what it is. */
export function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, field]) => [name, reversed(field)]),
  ) as T
}

/** Of two equal JSON-like values: do the fields of their records stand in the same order, all the way down? */
export function isInSameOrder(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return true
  const [names, others] = [Object.keys(one), Object.keys(other)]
  return names.every((name, at) => name === others[at] && isInSameOrder((one as never)[name], (other as never)[name]))
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Where two JSON-like values first differ, as `path: one ≠ other`; null when they are equal. */
export function firstDifference(one: unknown, other: unknown, path = ''): string | null {
  if (Object.is(one, other)) return null
  const bothRecords = typeof one === 'object' && typeof other === 'object' && one !== null && other !== null
  if (!bothRecords) return `${path || 'value'}   ${brief(one)} ≠ ${brief(other)}`
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const step = Array.isArray(one) ? `${path}[${name}]` : path ? `${path}.${name}` : name
    const found = firstDifference((one as never)[name], (other as never)[name], step)
    if (found) return found
  }
  return null
}

/** A value in a few words, whatever it is. */
export function brief(value: unknown): string {
  const text = isPlain(value) ? canonical(value) : typeof value === 'function' ? 'a function' : String(value)
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

/** JSON-like all the way down. */
export function isPlain(value: unknown): boolean {
  try {
    canonical(value)
    return true
  } catch {
    return false
  }
}
