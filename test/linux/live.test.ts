/** Recordings are replayed on the components that the checker explores. On live XState actors the answers are the same. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { isRace } from '../../conform/case.ts'
import { readCases } from '../../conform/read.ts'
import { profileFor } from '../../machines/versions.ts'

const recordings = join(import.meta.dirname, '..', 'recordings')

/** Every three hundredth: some of each kind. */
const sample = readCases([recordings])
  .flatMap(({ one }) => (isRace(one) ? [] : [one]))
  .filter((_, nth) => nth % 300 === 0)

test.each(sample.map((one) => [one.name, one] as const))('%s: live as stepped', (_, one) => {
  const profile = profileFor(one.profile ?? '6.1')
  const stepped = replayCase(one, profile)
  const live = replayCase(one, profile, { live: true })
  expect(live.results).toEqual(stepped.results)
  expect(live.findings).toEqual(stepped.findings)
  expect(live.steps).toBe(stepped.steps)
})
