import { expect, test } from 'vitest'
import { live } from '../../actors/running/live.ts'
import { toSystem } from '../../actors/running/system.ts'
import { replay as replayed } from '../../explore/index.ts'
import type { TraceStep } from '../../explore/runs/trace.ts'
import { random, replay, roundRobin } from '../../streams/strategies.ts'
import { manyTurns } from '../streams/turns.ts'
import { linesOf, recordLive, replayLive, runLive } from './recording.ts'
import { clumsy, crossing, early, gossips, troubled, workers } from './worlds.ts'

const worlds = { 'one worker round': workers(1), 'three worker rounds': workers(3), troubled, gossips, crossing }

test.each(Object.entries(worlds))('%s: what ran live replays live and in the checker, byte for byte', (_, world) => {
  const system = toSystem(world)
  for (let seed = 0; seed < 25; seed++) {
    const { schedule, lines } = recordLive(world, seed)
    expect(lines.length).toBeGreaterThan(0)
    expect(linesOf(replayed(system, schedule))).toEqual(lines)
    expect(replayLive(world, schedule)).toEqual(lines)
  }
})

test('a schedule of names replays like one of indices', () => {
  const { schedule, lines } = recordLive(workers(2), 5)
  const names = runLive(workers(2), replay(schedule)).map(({ possible, choice }) => possible[choice]!)
  expect(replayLive(workers(2), names)).toEqual(lines)
})

test('the same seed gives the same run, other seeds others', () => {
  expect(recordLive(workers(2), 1)).toEqual(recordLive(workers(2), 1))
  expect(
    new Set(Array.from({ length: 20 }, (_, seed) => recordLive(workers(2), seed).schedule.join())).size,
  ).toBeGreaterThan(5)
})

test('a held mutex leaves the request for it in its lane', () => {
  const steps = runLive(
    workers(1),
    replay(['env → w0 GO', 'env → w1 GO', 'w0 → a.lock LOCK', 'a.lock → w0 LOCKED', 'w0 → a.lock UNLOCK']),
  )
  expect(steps.map(({ possible }) => possible.includes('w1 → a.lock LOCK'))).toEqual([false, false, true, false, false])
  const [taken] = runLive(workers(1), roundRobin()).filter(
    ({ from, message }) => from === 'w1' && message.type === 'LOCK',
  )
  expect(taken!.sentAt).toBeLessThan(taken!.number - 1)
})

test('emits of one step keep their order, and each sender its own lane', () => {
  const steps = runLive(gossips, replay(['env → anna', 'env → bert', 'anna → bert', 'bert → anna', 'anna → bert']))
  expect(steps[0]!.sends.map(({ message }) => message.type)).toEqual(['FIRST', 'SECOND'])
  expect(steps[0]!.findings).toEqual([{ kind: 'warn', title: 'mutters', fatal: false, object: 'bert' }])
  expect(steps.at(-1)!.after.data).toEqual({ to: 'anna', heard: ['GO', 'FIRST', 'SECOND'] })
})

test('a run ends with its fatal finding', () => {
  const steps = runLive(troubled, replay(['env → r READ', 'env → r WRITE']))
  expect(steps.map(({ findings }) => findings.map(({ title }) => title))).toEqual([['use-after-free in reader']])
})

test('a message that nobody expects is seen to be ignored', () => {
  const steps = runLive(troubled, replay(['env → w0 TWICE', 'w0 → a.lock UNLOCK', 'a.lock → w0 UNLOCKED']))
  expect(steps.map(({ ignored }) => ignored)).toEqual([false, false, true])
})

test('two consumers of a live run see the same steps', async () => {
  const run = live(workers(2), random(9))
  const seen: [TraceStep[], TraceStep[]] = [[], []]
  run.subscribe((step) => seen[0].push(step))
  const ended = new Promise<void>((resolve) => run.subscribe({ next: (step) => seen[1].push(step), complete: resolve }))
  run.connect()
  await ended
  expect(seen[0].length).toBe(18)
  expect(seen[1]).toEqual(seen[0])
})

test('unsubscribing stops a live run', async () => {
  const run = live(workers(1_000_000), random(9))
  let taken = 0
  const connection = run.connect()
  await new Promise<void>((resolve) =>
    run.subscribe(() => {
      if (++taken === 300) resolve(connection.unsubscribe())
    }),
  )
  await manyTurns()
  expect(taken).toBe(300)
})

test('an error inside a machine ends the run it happened in', () => {
  expect(() => runLive(clumsy, roundRobin())).toThrow('stumbled over GO')
})

test('a machine that speaks before it was spoken to is refused', () => {
  expect(() => runLive(early, roundRobin())).toThrow('loud speaks before it was spoken to')
})
