/** Numbers of Stateright's own tests and pages, and of the same models at other sizes. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { increment, incrementLock, linearEquation, twoPhase, type Increment, type TwoPhase } from './stateright.ts'
import { counts, orbits, shortestTo } from './worlds.ts'

describe('two-phase commit', () => {
  test.each([
    [1, 12, 19, 5],
    [2, 56, 153, 8],
    [3, 288, 1_145, 11],
    [4, 1_568, 8_257, 14],
    [5, 8_832, 58_145, 17],
  ])('with %i resource managers: %i states, %i transitions, %i levels', async (count, states, transitions, levels) => {
    expect(await counts(twoPhase(count))).toEqual({ states, transitions, levels })
  })

  // Stateright says 665 for five, which is no number of orbits: it sorts by one list only.
  test.each([
    [2, 34],
    [3, 80],
    [4, 166],
    [5, 314],
    [6, 553],
  ])('with %i resource managers that are interchangeable: %i', async (count, states) => {
    expect(await orbits(twoPhase(count))).toBe(states)
  })

  test('never commits here and aborts there, and can do either', async () => {
    const all = (state: string) => (v: { readonly world: TwoPhase }) => v.world.managers.every((each) => each === state)
    const { properties } = await explore(twoPhase(3), [
      always(
        'consistent',
        ({ world: { managers } }: { readonly world: TwoPhase }) =>
          !(managers.includes('committed') && managers.includes('aborted')),
      ),
      sometimes('all commit', all('committed')),
      sometimes('all abort', all('aborted')),
    ])
    expect(properties.map(({ verdict }) => verdict)).toEqual(['holds', 'seen', 'seen'])
  })
})

describe('increment', () => {
  test.each([
    [1, 3, 2],
    [2, 13, 14],
    [3, 84, 111],
    [4, 755, 1_156],
    [5, 8_638, 15_205],
  ])('with %i threads: %i states, %i transitions', async (count, states, transitions) => {
    expect(await counts(increment(count))).toMatchObject({ states, transitions })
  })

  const counted = always(
    'every finished thread was counted',
    ({ world: { count, threads } }: { readonly world: Increment }) =>
      count === threads.filter(({ at }) => at === 'done').length,
  )

  test.each([2, 3])('loses one after four steps with %i threads', async (count) => {
    expect(await shortestTo(increment(count), counted)).toBe(4)
  })

  test.each([
    [1, 5],
    [2, 17],
    [3, 61],
    [4, 257],
    [5, 1_301],
    [6, 7_825],
  ])('with a lock and %i threads: %i states, none is lost', async (count, states) => {
    const report = await explore(
      incrementLock(count),
      [
        always(
          'none is lost',
          ({ world: { count: counted, threads } }) => counted === threads.filter(({ at }) => at > 2).length,
        ),
      ],
      { reduction: false, symmetry: false },
    )
    expect(report).toMatchObject({ states, properties: [{ verdict: 'holds' }] })
  })
})

test('2x + 10y = 14 is solved by the twelfth state that is met breadth first', async () => {
  const solved = sometimes(
    'solved',
    ({ world: { x, y } }: { readonly world: { readonly x: number; readonly y: number } }) =>
      (2 * x + 10 * y) % 256 === 14,
  )
  const report = await explore(linearEquation(), [solved], { reduction: false, within: { states: 100 } })
  expect(report.properties[0]).toMatchObject({ verdict: 'seen', depth: 3 })
})

describe('threads that are interchangeable', () => {
  test.each([
    [2, 8, 9],
    [3, 22, 13],
    [4, 63, 17],
    [5, 184, 21],
  ])('%i of them: %i states, and %i with a lock', async (count, states, locked) => {
    expect([await orbits(increment(count)), await orbits(incrementLock(count))]).toEqual([states, locked])
  })
})
