/**
 * Tests over what is drawn by chance say how much of it there has to be, or they might be of nothing. Now and then less of that is drawn than usual: then
 * more is drawn. RELOCK_SEED=<seed> RELOCK_SEEDS=1 draws again what a failure names; RELOCK_SEEDS=<many> draws more.
 */
import fc from 'fast-check'

/** So many times over, at most. */
const rounds = 10

const given = (name: string): number | undefined => {
  const text = process.env[name]
  return text === undefined ? undefined : Number(text)
}

export interface Draws<Drawn extends [unknown, ...unknown[]]> {
  /** How many are drawn, unless RELOCK_SEEDS says otherwise. */
  readonly runs: number
  /** These come first. */
  readonly examples?: Drawn[]
  /** Throws as long as little was put to the test. */
  readonly enough?: () => void
}

/** Holds a property of what is drawn until enough was. */
export const overChance = async <Drawn extends [unknown, ...unknown[]]>(
  property: fc.IRawProperty<Drawn>,
  { runs, examples = [], enough = () => {} }: Draws<Drawn>,
): Promise<void> => {
  const [seed, many = runs] = [given('RELOCK_SEED'), given('RELOCK_SEEDS')]
  await fc.assert(property, { numRuns: many, examples, ...(seed !== undefined && { seed }) })
  // Whoever asks for few knows that they are.
  if (seed !== undefined || many < runs) return
  for (let round = 1; round < rounds && !isSo(enough); round++) await fc.assert(property, { numRuns: many })
  enough()
}

const isSo = (assert: () => void): boolean => {
  try {
    assert()
    return true
  } catch {
    return false
  }
}
