/** Reports and runs as text, and claims about them, for whoever holds them in a program. */
import { expect, test } from 'vitest'
import {
  always,
  assertDeadlocks,
  assertExplored,
  assertHolds,
  assertIn,
  assertReaches,
  assertViolates,
  explore,
  format,
  replay,
  sometimes,
  start,
} from '../../index.ts'
import { findScenario } from '../../scenarios/index.ts'
import { serializer } from '../../testing/snapshot.ts'
import { readsTwice } from '../toys/deadlocks.ts'
import { widest } from '../cli/run.ts'

const stale = findScenario('stale-dma')!
const choices = { unmap: 'per-mapping', tasks: 2 } as const
const world = stale.world(choices)
const report = await explore(world, stale.properties(choices))
const [found] = report.findings
const trace = replay(world, found!.schedule)

const refusal = (claim: () => void): string => {
  try {
    claim()
  } catch (error) {
    return (error as Error).message
  }
  return 'nothing is said'
}

test.each([60, 80, 140])('a report is as wide as it is asked to be: %i', (columns) => {
  expect(widest(format(report, { columns, color: false }))).toBeLessThanOrEqual(columns)
})

test('of a built-in story the command makes the run again, of any other a line of the test', () => {
  expect(format(report, { columns: 400 })).toContain(
    `npx relock replay stale-dma,unmap=per-mapping,tasks=2@${report.fingerprint}:0x11`,
  )
  const system = readsTwice()
  expect(format(replay(system, []))).toContain("replay(world, '')")
})

test('what stands behind Replay is what replay() takes', () => {
  expect(replay(world, '0x11.1.0x2.1').steps).toHaveLength(15)
  expect(replay(world, '0x11.1.0x2.1').steps).toEqual(trace.steps.slice(0, 15))
})

test('as a list, as a diagram, in colour', () => {
  expect(format(trace, { as: 'list' })).toMatch(/54 ①/)
  expect(format(trace, { as: 'mermaid' })).toMatch(/^sequenceDiagram\n/)
  expect(format(report, { as: 'mermaid' })).toBe(format(trace, { as: 'mermaid' }))
  expect(format(trace, { color: true })).toContain('\u001b[31m')
  expect(format(trace, { color: false })).not.toContain('\u001b')
})

test('of a copy the runs are not drawn, and what was found is said', () => {
  const told = format({ ...report }, { columns: 80 })
  expect(told).toContain('use-after-free: use-after-free in vfio_dma_do_unmap (54 steps)')
  expect(told).not.toContain('Replay')
})

test('what is neither a report nor a run is refused', () => {
  expect(() => format(JSON.parse('{"a":1}') as typeof report)).toThrow(/format\(\)/)
})

test.each([
  ['a property', () => assertHolds(report, 'every task gets through its script')],
  ['what is reached', () => assertReaches(report, 'every task gets through its script')],
  ['a kind of finding', () => assertViolates(report, 'use-after-free')],
  ['a finding of a run', () => assertViolates(trace, 'use-after-free in vfio_dma_do_unmap')],
  ['how much was explored', () => assertExplored(report, { states: report.states, exhaustive: true })],
  ['the state of an actor', () => assertIn(start(world).actor('iommu.lock'), 'free')],
])('a claim that is so passes: %s', (_, claim) => {
  expect(refusal(claim)).toBe('nothing is said')
})

test('claims that are not so tell the run', async () => {
  expect(refusal(() => assertHolds(report))).toContain('The shortest run that shows it (54 steps):')
  expect(refusal(() => assertHolds(report, 'no such'))).toContain('has no property "no such"')
  expect(refusal(() => assertViolates(trace, 'leak'))).toContain('The run does not show "leak".')
  expect(refusal(() => assertReaches(report, 'no such'))).toContain('there is no such property')
  expect(refusal(() => assertExplored(report, { states: 1 }))).toBe(
    'stale-dma was to have 1 state, all of them; it has 34 states, all of them.',
  )
  expect(refusal(() => assertIn(start(world).actor('iommu.lock'), 'held'))).toBe('It is in `free`, not in `held`.')
  expect(refusal(() => assertDeadlocks(report))).toContain('stale-dma has no deadlock.')
  const seen = await explore(readsTwice(), [always('it goes on', () => true), sometimes('never', () => false)])
  expect(refusal(() => assertHolds(seen))).toMatch(/deadlock|never/)
  assertDeadlocks(seen)
})

test('a run in a snapshot has fewer lines than steps, and no number that an unrelated step would change', () => {
  const lanes = serializer.print(trace)
  expect(lanes.split('\n').length).toBeLessThan(trace.steps.length)
  // The story of the same race with one more thread, which does nothing to it, at the beginning of the run.
  const more = { ...choices, tasks: 3 } as const
  const longer = stale.world(more)
  const names = trace.steps.map(({ from, to, message }) => `${from} → ${to} ${message.type}`)
  const again = replay(longer, ['env → vmm2 START', ...names])
  expect(serializer.print(again)).toBe(lanes)
})
