import { of, Subject, take } from 'rxjs'
import { expect, test } from 'vitest'
import type { Send } from '../../explore/system.ts'
import type { TraceStep } from '../../explore/runs/trace.ts'
import { Controller } from '../../streams/controller.ts'
import { dice } from '../../streams/dice.ts'
import { drive } from '../../streams/drive.ts'
import type { Choice } from '../../streams/offers.ts'
import { interactive, pct, random, replay, roundRobin, type Strategy } from '../../streams/strategies.ts'
import { crowd, crowdStart, end, send } from './ends.ts'

const stage = () => new Controller(crowd(), crowdStart)

function run(strategy: Strategy): string[] {
  const taken: string[] = []
  const failures: unknown[] = []
  const steps = drive(stage, strategy, { pace: 'at once' })
  steps.subscribe({ next: (step) => taken.push(nameOf(step)), error: (error: unknown) => failures.push(error) })
  steps.connect()
  if (failures.length > 0) throw failures[0]
  return taken
}

const nameOf = ({ from, to, message }: TraceStep) => `${from} → ${to} ${message.type}`

test('the same seed gives the same run, another seed another', () => {
  expect(run(random(7))).toEqual(run(random(7)))
  expect(new Set(Array.from({ length: 20 }, (_, seed) => run(random(seed)).join())).size).toBeGreaterThan(10)
})

test('a strategy may be used twice: it remembers nothing of its first run', () => {
  for (const strategy of [random(3), roundRobin(), pct(3, { preemptions: 2, steps: 10 })])
    expect(run(strategy)).toEqual(run(strategy))
})

test('dice are fair enough and never leave their range', () => {
  const roll = dice(1)
  const counts = [0, 0, 0]
  for (let rolled = 0; rolled < 3000; rolled++) counts[roll(3)]!++
  expect(Math.min(...counts)).toBeGreaterThan(900)
})

test('a schedule of names, of beginnings of names and of indices is the same run', () => {
  expect(run(replay(['env → a GO', 'a → b HELLO', 'c → a GO']))).toEqual(run(replay([0, 'a → b', 'c ->'])))
  expect(run(replay([0, 1, 5]))).toEqual(['env → a GO', 'a → b HELLO', 'c → a GO'])
  expect(run(replay([]))).toEqual([])
})

test('a schedule that does not fit ends the run with what was possible', () => {
  expect(() => run(replay(['env → a GO', 'env → a GO']))).toThrow(
    ['Step not possible: env → a GO', '', '  Possible now:', '    env → c HELLO', '    a → b HELLO'].join('\n'),
  )
  expect(() => run(replay([9]))).toThrow('Step not possible: 9')
})

test('the beginning of two names chooses neither', () => {
  expect(() => run(replay(['env']))).toThrow('More than one step begins with: env')
})

test('round robin takes every lane before it takes one twice', () => {
  const many = () =>
    new Controller(
      [end('a')],
      ['x', 'y', 'z'].flatMap((from) => [send(from, 'a', 'ONE'), send(from, 'a', 'TWO')]),
    )
  const taken: string[] = []
  const steps = drive(many, roundRobin(), { pace: 'at once' })
  steps.subscribe((step) => taken.push(nameOf(step)))
  steps.connect()
  expect(taken).toEqual(['x → a ONE', 'y → a ONE', 'z → a ONE', 'x → a TWO', 'y → a TWO', 'z → a TWO'])
})

/** The threads of a run in their order: x and y both have two messages on their way, one of x's in the hands of an object. */
function threadsIn(strategy: Strategy): string {
  const onBehalf = (from: string, to: string, task: string): Send => ({ to, message: { type: 'GO', from, task } })
  const start = [onBehalf('x', 'a', 'x'), send('y', 'a', 'GO'), send('y', 'b', 'GO'), onBehalf('lock', 'b', 'x')]
  const taken: string[] = []
  const steps = drive(() => new Controller([end('a'), end('b')], start), strategy, { pace: 'at once' })
  steps.subscribe(({ from }) => taken.push(from === 'lock' ? 'x' : from))
  steps.connect()
  return taken.join('')
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed)

test('pct without preemptions runs one thread as long as it can, and what is done for it', () => {
  const runs = new Set(seeds.map((seed) => threadsIn(pct(seed, { preemptions: 0, steps: 10 }))))
  expect([...runs].toSorted()).toEqual(['xxyy', 'yyxx'])
})

test('pct with a preemption at each step runs the other thread each time', () => {
  const runs = new Set(seeds.map((seed) => threadsIn(pct(seed, { preemptions: 1000, steps: 3 }))))
  expect([...runs].toSorted()).toEqual(['xyxy', 'yxyx'])
})

test('an interactive run waits for the next choice, and ends with the last', () => {
  const choices = new Subject<Choice>()
  const taken: string[] = []
  let ended = false
  const steps = drive(stage, interactive(choices), { pace: 'at once' })
  steps.subscribe({ next: (step) => taken.push(nameOf(step)), complete: () => (ended = true) })
  steps.connect()
  expect(taken).toEqual([])
  choices.next('env → c')
  expect(taken).toEqual(['env → c HELLO'])
  choices.next(0)
  expect([taken.at(-1), ended]).toEqual(['env → a GO', false])
  choices.complete()
  expect(ended).toBe(true)
})

test('choices made in advance wait for their turn', () => {
  expect(run(interactive(of(0, 'env → c')))).toEqual(['env → a GO', 'env → c HELLO'])
})

test('a strategy can be cut short like any stream', () => {
  expect(run((offered) => random(1)(offered).pipe(take(2)))).toHaveLength(2)
})
