import { expect, test } from 'vitest'
import type { TraceStep } from '../../explore/runs/trace.ts'
import { Controller } from '../../streams/controller.ts'
import { crowd, crowdStart, end, send } from './ends.ts'

const names = (controller: Controller) => controller.offers().map(({ name }) => name)

test('lanes are offered by sender, the environment first, then by receiver', () => {
  const controller = new Controller(crowd(), crowdStart)
  expect(names(controller)).toEqual(['env → a GO', 'env → c HELLO', 'c → a GO'])
  controller.take(0)
  expect(names(controller)).toEqual(['env → c HELLO', 'a → b HELLO', 'a → c HELLO', 'c → a GO'])
})

test('what one actor writes to another arrives in the order it was written', () => {
  const [a, b, c] = crowd() as [ReturnType<typeof end>, ReturnType<typeof end>, ReturnType<typeof end>]
  const controller = new Controller([a, b, c], [send('env', 'a', 'GO')])
  controller.take(0)
  while (names(controller).length > 0) controller.take(names(controller).length - 1)
  expect(b.heard.filter((type) => type !== 'REALLY')).toEqual(['HELLO', 'BYE'])
})

test('a deferred message keeps its lane, and everything behind it, waiting', () => {
  const controller = new Controller([end('a', {}, ['LOCK'])], [send('env', 'a', 'LOCK'), send('env', 'a', 'UNLOCK')])
  expect(names(controller)).toEqual([])
  expect(controller.heads().map(({ name }) => name)).toEqual(['env → a LOCK'])
})

test('a step is never taken inside another', () => {
  const controller = new Controller(
    [end('a', { GO: [['a', 'AGAIN']] })],
    [send('env', 'a', 'GO'), send('x', 'a', 'GO')],
  )
  const refused: unknown[] = []
  controller.trace.subscribe(() => {
    try {
      controller.take(0)
    } catch (error) {
      refused.push(String(error))
    }
  })
  controller.take(0)
  expect(refused).toEqual(['Error: A step is already running: choose the next one after it has returned.'])
  expect(names(controller)).toEqual(['x → a GO', 'a → a AGAIN'])
})

test('all consumers of the trace see the same steps in the same order', () => {
  const controller = new Controller(crowd(), crowdStart)
  const one: TraceStep[] = []
  const other: TraceStep[] = []
  controller.trace.subscribe((step) => one.push(step))
  controller.trace.subscribe((step) => other.push(step))
  while (names(controller).length > 0) controller.take(0)
  expect(one.length).toBeGreaterThan(8)
  expect(other).toEqual(one)
  expect(one.map(({ number }) => number)).toEqual(one.map((_, index) => index + 1))
})

test('nothing is possible after a fatal finding', () => {
  const crash = { kind: 'bug', title: 'BUG in a', fatal: true }
  const controller = new Controller([end('a')], [send('env', 'a', 'GO'), send('x', 'a', 'GO')], () => [crash])
  expect(controller.take(0).findings).toEqual([crash])
  expect(names(controller)).toEqual([])
})

test('a choice that is not there is refused with what is', () => {
  const controller = new Controller(crowd(), crowdStart)
  expect(() => controller.take(3)).toThrow('Step not possible: 3')
  expect(() => controller.take(3)).toThrow('env → c HELLO')
})

test('a message to nobody fails the step that sent it', () => {
  const controller = new Controller([end('a', { GO: [['contaner0', 'MAP']] })], [send('env', 'a', 'GO')])
  expect(() => controller.take(0)).toThrow('a writes to "contaner0", and nobody has that name. Known: a.')
})
