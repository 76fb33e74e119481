/** What a step follows from, and what follows from it: by the message it delivers, and by what its receiver did before. */
import type { Step } from './run.ts'

export type Relation = 'self' | 'past' | 'future' | 'beside'

/** By step, from 1 on (place 0 is unused). `beside`: nothing orders the two, either might have come first. */
export const relations = (steps: readonly Step[], focus: number): readonly Relation[] => {
  const found: Relation[] = Array.from({ length: steps.length + 1 }, () => 'beside')
  if (!steps[focus - 1]) return found
  found[focus] = 'self'
  for (let at = focus; at > 0; at--) {
    if (found[at] !== 'past' && found[at] !== 'self') continue
    const { sentAt, before } = steps[at - 1]!
    for (const cause of [sentAt, before]) if (cause > 0) found[cause] = 'past'
  }
  for (const { number, sentAt, before } of steps.slice(focus)) {
    if ([sentAt, before].some((cause) => cause >= focus && ['self', 'future'].includes(found[cause]!)))
      found[number] = 'future'
  }
  return found
}
