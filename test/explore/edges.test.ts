/** Where the numbers end, or the memory: a search says what it knows, and that it is not all. */
import { beforeEach, expect, test, vi } from 'vitest'
import type * as columns from '../../explore/states/columns.ts'
import { explore } from '../../explore/index.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'

/** How many states may be numbered, and how many arrays there is memory for. */
const room = vi.hoisted(() => ({ states: 0, arrays: 0 }))

vi.mock('../../explore/states/columns.ts', async (original) => {
  const there = await original<typeof columns>()
  return {
    ...there,
    get mostStates() {
      return room.states
    },
    allocated: <T>(make: () => T): T => {
      if (room.arrays-- > 0) return there.allocated(make)
      throw new there.NoRoom()
    },
  }
})

beforeEach(() => Object.assign(room, { states: 2 ** 30, arrays: Infinity }))

test.each([true, false])('numbers of states that have run out stop a search (reduction: %s)', async (reduction) => {
  const all = await explore(diningPhilosophers(4), diningProperties(4), { reduction })
  room.states = 50
  const report = await explore(diningPhilosophers(4), diningProperties(4), { reduction })
  expect(all.exhaustive).toBe(true)
  expect(report).toMatchObject({ exhaustive: false, states: 50, stopped: { by: 'memory' } })
  expect(report.stopped!.waiting).toBeGreaterThan(0)
  for (const { verdict } of report.properties) expect(['undecided', 'seen']).toContain(verdict)
})

test('with exactly as many numbers as there are states, nothing is stopped', async () => {
  const all = await explore(diningPhilosophers(3), [], { reduction: false })
  room.states = all.states
  const report = await explore(diningPhilosophers(3), [], { reduction: false })
  expect([report.states, report.steps, report.exhaustive]).toEqual([all.states, all.steps, true])
})

test('whenever the memory is full, what was found is told, by runs that happen, and the rest is undecided', async () => {
  const all = await explore(diningPhilosophers(4), diningProperties(4), { reduction: false })
  const stopped: number[] = []
  for (let arrays = 0; arrays < 12; arrays++) {
    room.arrays = arrays
    const report = await explore(diningPhilosophers(4), diningProperties(4), { reduction: false })
    if (report.exhaustive) {
      expect([report.states, report.steps]).toEqual([all.states, all.steps])
      continue
    }
    stopped.push(report.states)
    expect(report.stopped!.by).toBe('memory')
    expect(report.states).toBeLessThan(all.states)
    const known = new Set(all.findings.map(({ title }) => title))
    expect(report.findings.filter(({ title }) => !known.has(title))).toEqual([])
  }
  expect(new Set(stopped).size).toBeGreaterThan(2)
})
