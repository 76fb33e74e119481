import { setTimeout as timer } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { TraceStep } from '../../explore/runs/trace.ts'
import { Controller } from '../../streams/controller.ts'
import { drive } from '../../streams/drive.ts'
import { random, roundRobin } from '../../streams/strategies.ts'
import { crowd, crowdStart, end, send } from './ends.ts'
import { manyTurns } from './turns.ts'

/** Goes on for ever. */
const pingPong = () =>
  new Controller([end('a', { PING: [['b', 'PONG']] }), end('b', { PONG: [['a', 'PING']] })], [send('env', 'a', 'PING')])

test('nothing runs before connect(), and two consumers see the same run', async () => {
  let begun = 0
  const run = drive(() => (begun++, new Controller(crowd(), crowdStart)), random(1))
  const seen: [TraceStep[], TraceStep[]] = [[], []]
  run.subscribe((step) => seen[0].push(step))
  const ended = new Promise<void>((resolve) => run.subscribe({ next: (step) => seen[1].push(step), complete: resolve }))
  expect(begun).toBe(0)
  run.connect()
  await ended
  expect([begun, seen[0].length > 0]).toEqual([1, true])
  expect(seen[1]).toEqual(seen[0])
})

test('unsubscribing stops a run that would never end', async () => {
  const run = drive(pingPong, roundRobin())
  let taken = 0
  let stopped = 0
  const connection = run.connect()
  await new Promise<void>((resolve) => {
    run.subscribe(() => {
      if (++taken < 1000) return
      connection.unsubscribe()
      stopped = taken
      resolve()
    })
  })
  await manyTurns()
  expect([stopped, taken]).toEqual([1000, 1000])
})

test('a long run leaves room for others: timers fire while it goes on', async () => {
  const run = drive(pingPong, roundRobin())
  const connection = run.connect()
  expect(await timer(5, 'fired')).toBe('fired')
  connection.unsubscribe()
})

test('a run of many steps does not grow the stack', () => {
  const many = Array.from({ length: 10_000 }, () => send('env', 'a', 'GO'))
  const run = drive(() => new Controller([end('a')], many), random(1), { pace: 'at once' })
  let taken = 0
  run.subscribe(() => taken++)
  run.connect()
  expect(taken).toBe(10_000)
})

test('a run that has ended lets go of its actors', () => {
  let listening = 0
  const actor = end('a')
  const counted = {
    ...actor,
    listen: (...given: Parameters<typeof actor.listen>) => {
      const silence = actor.listen(...given)
      listening++
      return () => (listening--, silence())
    },
  }
  const run = drive(() => new Controller([counted], [send('env', 'a', 'GO')]), random(1), { pace: 'at once' })
  const heard: number[] = []
  run.subscribe(() => heard.push(listening))
  run.connect()
  expect([heard, listening]).toEqual([[1], 0])
})
