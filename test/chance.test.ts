/** What is drawn by chance is drawn until enough of it was. */
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { overChance } from './chance.ts'

afterEach(() => void vi.unstubAllEnvs())

/** Counts what is drawn, and wants so many. */
const drawing = (wanted: number, holds: (drawn: number) => boolean = () => true) => {
  const met = { drawn: 0 }
  const drawn = overChance(
    fc.property(fc.nat(), () => holds(met.drawn++)),
    { runs: 5, enough: () => expect(met.drawn).toBeGreaterThanOrEqual(wanted) },
  )
  return drawn.then(() => met.drawn)
}

test('as many are drawn as are wanted, and more where they were not enough', async () => {
  await expect(drawing(5)).resolves.toBe(5)
  await expect(drawing(12)).resolves.toBe(15)
})

test('where there are never enough, it fails', async () => {
  await expect(drawing(51)).rejects.toThrow('expected 50 to be greater than or equal to 51')
})

test('what does not hold of one that is drawn later is told', async () => {
  await expect(drawing(12, (drawn) => drawn < 7)).rejects.toThrow('Property failed after')
})

test('whoever asks for fewer, or for the same again, has these', async () => {
  vi.stubEnv('RELOCK_SEEDS', '3')
  await expect(drawing(12)).resolves.toBe(3)
  vi.stubEnv('RELOCK_SEEDS', '20')
  await expect(drawing(12)).resolves.toBe(20)
  vi.unstubAllEnvs()
  vi.stubEnv('RELOCK_SEED', '7')
  await expect(drawing(12)).resolves.toBe(5)
})
