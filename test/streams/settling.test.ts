/** A world that is run to rest: as the controller would run it, always taking the first lane that can be taken. */
import { expect, test } from 'vitest'
import { Controller, type End, type Utterance } from '../../streams/controller.ts'
import { stepName } from '../../streams/offers.ts'
import { Settling, type Settled } from '../../streams/settling.ts'
import { crowd, crowdStart, end, send } from './ends.ts'

const nameOf = ({ from, to, message }: Settled) => stepName(from, to, message.type)

const settled = (settling: Settling): readonly Settled[] => {
  const steps: Settled[] = []
  for (let step = settling.next(); step; step = settling.next()) steps.push(step)
  return steps
}

/** Hears anything, says what it is given, and is changed by it or not. */
const saying = (id: string, said: Partial<Utterance>, changed = false): End => {
  let listener: (utterance: Utterance) => void = () => {}
  return {
    id,
    accepts: () => true,
    hear: () => (listener({ sends: [], findings: [], notes: [], ...said }), changed),
    listen: (to) => ((listener = to), () => {}),
    show: () => ({ state: '', data: {} }),
  }
}

test('the same steps as the controller, which takes the first that is offered', () => {
  const controller = new Controller(crowd(), crowdStart)
  const names: string[] = []
  for (let [first] = controller.offers(); first; [first] = controller.offers()) {
    names.push(first.name)
    controller.take(0)
  }
  expect(names.length).toBeGreaterThan(8)
  expect(settled(new Settling(crowd(), crowdStart)).map(nameOf)).toEqual(names)
})

test('a deferred message keeps its lane waiting; other lanes go on, and what waits is known', () => {
  const actors = [end('a', {}, ['LOCK']), end('b')]
  const settling = new Settling(actors, [send('env', 'a', 'LOCK'), send('env', 'a', 'UNLOCK'), send('env', 'b', 'GO')])
  expect(settled(settling).map(nameOf)).toEqual(['env → b GO'])
  expect(settling.heads()).toEqual([send('env', 'a', 'LOCK')])
})

test('what is posted when all is at rest goes on from there', () => {
  const settling = new Settling(crowd(), [])
  expect(settled(settling)).toEqual([])
  settling.post(send('env', 'c', 'HELLO'))
  expect(settled(settling).map(nameOf)).toEqual(['env → c HELLO', 'c → a THANKS'])
})

test('nothing happens after a fatal finding; after another it goes on', () => {
  const start = [send('env', 'a', 'GO'), send('x', 'a', 'GO')]
  const stepsWith = (fatal: boolean) =>
    settled(new Settling([saying('a', { findings: [{ kind: 'bug', title: 'BUG in a', fatal }] })], start)).length
  expect([stepsWith(true), stepsWith(false)]).toEqual([1, 2])
})

test('ignored is what changes nothing, and of which nothing is said', () => {
  const isIgnored = (said: Partial<Utterance>, changed = false) =>
    settled(new Settling([saying('a', said, changed), end('b')], [send('env', 'a', 'GO')]))[0]!.ignored
  expect(isIgnored({})).toBe(true)
  expect(isIgnored({}, true)).toBe(false)
  expect(isIgnored({ notes: [{ object: 'a', what: 'mapped' }] })).toBe(false)
  expect(isIgnored({ sends: [send('a', 'b', 'GO')] })).toBe(false)
})

test('what is said at several goes in one step is put together', () => {
  const [one, other] = [
    { object: 'a', what: 'mapped' },
    { object: 'a', what: 'freed' },
  ]
  let listener: (utterance: Utterance) => void = () => {}
  const twice: End = {
    ...saying('a', {}),
    hear: () => {
      for (const note of [one, other]) listener({ sends: [], findings: [], notes: [note] })
      return true
    },
    listen: (to) => ((listener = to), () => {}),
  }
  expect(settled(new Settling([twice], [send('env', 'a', 'GO')]))[0]!.notes).toEqual([one, other])
})

test('a message to nobody fails the step that sent it', () => {
  const settling = new Settling([end('a', { GO: [['contaner0', 'MAP']] })], [send('env', 'a', 'GO')])
  expect(() => settling.next()).toThrow('a writes to "contaner0", and nobody has that name. Known: a.')
})
