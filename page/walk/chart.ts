/** States by the names that actors tell. */

const pathsOf = (value: unknown, path: string): readonly string[] => {
  if (typeof value === 'string') return [`${path}${value}`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [`${path}${key}`, ...pathsOf(inner, `${path}${key}.`)])
}

/** Boxes that are active in a state as an actor tells it: its name, or `{"on":"idle"}` where states lie in states. */
export const activeIn = (names: readonly string[], state: string): readonly number[] => {
  const paths = state.startsWith('{') ? pathsOf(JSON.parse(state), '') : [state]
  return names.flatMap((name, at) => (paths.includes(name) ? [at] : []))
}
