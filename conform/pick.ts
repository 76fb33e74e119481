/** Some of the cases: by name, with `*` for anything. */
import type { Written } from './case.ts'

/** The case of that name; without one, those with the pattern in their name. */
export const casesLike = (cases: readonly Written[], pattern: string): readonly Written[] => {
  const exact = cases.filter(({ one }) => one.name === pattern)
  if (exact.length > 0) return exact
  const parts = pattern.split('*')
  return cases.filter(({ one }) => isLike(one.name, parts))
}

/** One part after the other, with anything between them and around. */
const isLike = (name: string, parts: readonly string[]): boolean => {
  let at = 0
  for (const part of parts) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return true
}
