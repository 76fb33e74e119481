/**
 * One text for one value. Runs only when something is seen for the first time, so it is chosen for safety, not for speed.
 *
 * Accepts JSON-like values and bigint. A function, symbol, cycle or class instance throws: identifying such values by their content would
 * merge states that behave differently.
 */
export function canonical(value: unknown): string {
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
    case 'object':
      return value === null ? 'null' : compound(value)
    default:
      throw new TypeError(`a ${typeof value} has no canonical form: contexts and messages must be JSON-like`)
  }
}

function compound(value: object): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(
      `a ${value.constructor?.name ?? 'class instance'} has no canonical form: use readonly records and arrays (a set is a sorted array)`,
    )
  }
  const record = value as Record<string, unknown>
  const fields = Object.keys(record)
    .filter((name) => record[name] !== undefined)
    .sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(record[name])}`).join(',')}}`
}

/** Freezes a JSON-like value all the way down, so that code which modifies what it was given fails at the spot. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const field of Object.values(value)) deepFreeze(field)
  }
  return value
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

function brief(value: unknown): string {
  try {
    return canonical(value)
  } catch {
    return String(value)
  }
}
