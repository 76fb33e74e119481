/** A property answers yes or no. Whatever else it answers ends the search: it would pass for a proof. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { always, eventually, sometimes } from '../../explore/claims/properties.ts'
import { replay } from '../../explore/runs/replay.ts'
import type { Property } from '../../explore/system.ts'
import { brokenClaim } from '../../report/claims.ts'
import { lostUpdate } from '../toys/counters.ts'

type Answer = (view: { readonly value: number }) => boolean

const slips: readonly (readonly [string, unknown, returned: RegExp, slip: RegExp])[] = [
  [
    'nothing',
    ({ value }: { value: number }) => {
      void value
    },
    /returned nothing/,
    /`return` is missing/,
  ],
  ['a promise', async () => false, /returned a promise/, /leave out `async`/],
  [
    'a promise that is broken later',
    async () => {
      throw new Error('too late')
    },
    /returned a promise/,
    /leave out `async`/,
  ],
  ['a number', ({ value }: { value: number }) => value && value > 1, /returned the number 0/, /&& b > 0/],
  ['a text', () => 'no', /returned the string "no"/, /Compare it/],
  ['null', () => null, /returned null/, /Compare it/],
  ['a list', () => [1], /returned \[1\]/, /Compare it/],
  ['a function', () => () => true, /returned a function/, /Call it/],
]

const kinds: readonly (readonly [string, (answer: Answer) => Property])[] = [
  ['always', (answer) => always('claim', answer)],
  ['sometimes', (answer) => sometimes('claim', answer)],
  ['eventually', (answer) => eventually('claim', answer)],
  ['when', (answer) => always('claim', () => true, { when: answer })],
]

describe.each(kinds)('%s that answers', (_, property) => {
  test.each(slips)(
    '%s: the search ends, and says whose answer it was, what, and why',
    async (_what, answer, returned, slip) => {
      const report = explore(lostUpdate(), [property(answer as Answer)])
      await expect(report).rejects.toMatchObject({ name: 'ModelError', problem: 'bad-property' })
      await expect(report).rejects.toThrow(/The property "claim" must answer true or false/)
      await expect(report).rejects.toThrow(returned)
      await expect(report).rejects.toThrow(slip)
    },
  )

  test('nothing, when sampled', async () => {
    const search = { random: { seed: 1, runs: 1 } }
    const report = explore(lostUpdate(), [property((() => {}) as never)], { search })
    await expect(report).rejects.toThrow(/The property "claim" must answer true or false/)
  })

  test('nothing, when a run is told', () => {
    const system = lostUpdate()
    const told = () => brokenClaim(system, [property((() => {}) as never)], replay(system, [0]))
    expect(told).toThrow(/The property "claim" must answer true or false/)
  })
})

test.each<[string, () => never, string]>([
  [
    'an error',
    () => {
      throw new Error('no such page')
    },
    'no such page',
  ],
  [
    'null',
    () => {
      throw null
    },
    'it threw null',
  ],
  [
    'nothing',
    () => {
      throw undefined
    },
    'it threw undefined',
  ],
  [
    'a text',
    () => {
      throw 'oops'
    },
    'it threw "oops"',
  ],
])('a property that throws %s is named, with what it threw', async (_, throws, what) => {
  await expect(explore(lostUpdate(), [always('claim', throws)])).rejects.toThrow(
    `The property "claim" failed to answer: ${what}`,
  )
})
