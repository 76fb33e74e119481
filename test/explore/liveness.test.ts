/** `eventually`: what counts as a run on which it never came true. */
import { describe, expect, test } from 'vitest'
import { explore } from '../../explore/index.ts'
import { eventually } from '../../explore/claims/properties.ts'
import type { System } from '../../explore/system.ts'
import { bruteForce } from '../toys/brute-force.ts'
import { closed } from '../toys/closed.ts'
import { begin, component } from '../toys/component.ts'
import { lostUpdate } from '../toys/counters.ts'
import { crashes } from '../toys/faulty.ts'
import { thread, type Thread } from '../toys/thread.ts'
import { expected, outcomeOf } from './compare.ts'

test.each([true, false])('what is true at the start has come true on every run (reduction: %s)', async (reduction) => {
  const properties = [eventually<{ value: number }>('nothing was added', ({ value }) => value === 0)]
  const report = await explore(lostUpdate(), properties, { reduction })
  expect(outcomeOf(report)).toEqual(expected(bruteForce(lostUpdate(), properties)))
  expect(report.properties[0]!.verdict).toBe('holds')
})

test.each([true, false])('a run that crashes has not ended without it (reduction: %s)', async (reduction) => {
  const properties = [eventually('pigs fly', () => false)]
  const report = await explore(crashes(), properties, { reduction })
  expect(outcomeOf(report)).toEqual(expected(bruteForce(crashes(), properties)))
  expect(report.properties[0]!.verdict).toBe('holds')
})

/** Counts its own ticks, and goes where it is told from each number; from what is not listed it goes nowhere. */
const clock = (goes: readonly number[]): System<number> => ({
  ...closed('clock', 'c1', [
    component<number>({
      id: 'clock',
      initial: 0,
      on: {
        TICK: (now) => {
          const next = goes[now]!
          return { local: next, sends: goes[next] === undefined ? [] : [{ to: 'clock', type: 'TICK' }] }
        },
      },
    }),
  ]),
  start: [begin('clock', 'TICK')],
  view: (read) => read('clock') as number,
})

describe.each([true, false])('reduction: %s', (reduction) => {
  test.each([
    ['ends', [1, 2]],
    ['goes round for ever', [1, 2, 3, 2]],
  ])('what came true once has come true, though the run %s without', async (_, goes) => {
    const properties = [0, 1, 9].map((number) => eventually<number>(`it is ${number}`, (now) => now === number))
    const { properties: told } = await explore(clock(goes), properties, { reduction })
    expect(told.map(({ verdict }) => verdict)).toEqual(['holds', 'holds', 'violated'])
  })

  test('two ways that meet are no circle', async () => {
    const ids = ['t0', 't1']
    const own = (id: string) =>
      component<null>({
        id: `${id} alone`,
        initial: null,
        on: { ASK: (_, { from }) => ({ sends: [{ to: from, type: 'DONE' }] }) },
      })
    const threads = ids.map((id) => thread(id, [{ to: `${id} alone`, type: 'ASK' }]))
    const system: System<boolean> = {
      ...closed('diamond', 'd1', [...threads, ...ids.map(own)]),
      view: (read) => ids.every((id) => (read(id) as Thread).state === 'done'),
    }
    const done = eventually<boolean>('both are done', (areDone) => areDone)
    expect((await explore(system, [done], { reduction })).properties[0]!.verdict).toBe('holds')
  })
})
