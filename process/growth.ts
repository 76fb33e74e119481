/** What grows and grows: on one long run by chance, contexts whose lists, texts or numbers are twice as large after twice as many steps. */
import { isMachineSnapshot } from './inside.ts'
import type { Process } from './process.ts'

const steps = 240

/** Less is no growth. */
const least = 12

/** In words, one for each field; of a search that found no end. */
export const growingIn = (process: Process): readonly string[] => {
  let { state } = process.begun
  const half = new Map<string, number>()
  const whole = new Map<string, number>()
  for (let step = 1; step <= steps; step++) {
    const offers = process.offers(state)
    if (offers.length === 0) return []
    // Whatever is offered has its turn again and again.
    const taken = process.take(state, offers[(step * 7 + (step >> 3)) % offers.length]!)!
    if (taken.findings.some(({ fatal }) => fatal)) return []
    state = taken.state
    for (const [actor, name] of process.names(state)) {
      const { _snapshot: snapshot } = actor
      if (!isMachineSnapshot(snapshot)) continue
      for (const [field, value] of Object.entries(snapshot.context)) {
        const size = sizeOf(value)
        if (size === undefined) continue
        const path = `${field} of ${name}`
        for (const sizes of step <= steps / 2 ? [half, whole] : [whole])
          sizes.set(path, Math.max(sizes.get(path) ?? 0, size))
      }
    }
    // What was small up to here is not called growth, however large it becomes by the end.
    if (step === steps / 2 && [...half.values()].every((size) => size < least)) return []
  }
  return [...whole].flatMap(([path, size]) => {
    const before = half.get(path) ?? size
    return before >= least && size >= 1.6 * before
      ? [`${path} grows: ${before} after ${steps / 2} steps, ${size} after ${steps}. A search of it has no end.`]
      : []
  })
}

const sizeOf = (value: unknown): number | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? Math.abs(value) : undefined
  if (typeof value === 'string' || Array.isArray(value)) return value.length
  if (value instanceof Map || value instanceof Set) return value.size
  return undefined
}
