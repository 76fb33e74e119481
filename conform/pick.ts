/** Some of the cases: by name, with `*` for anything. */
import type { Written } from './case.ts'

/** The case of that name; without one, those with the pattern in their name. */
export const casesLike = (cases: readonly Written[], pattern: string): readonly Written[] => {
  const exact = cases.filter(({ one }) => one.name === pattern)
  if (exact.length > 0) return exact
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  const like = new RegExp(parts.join('.*'))
  return cases.filter(({ one }) => like.test(one.name))
}
