/** Who stands in for clock and dice: he alone is asked meanwhile, and afterwards all is as it was. */
import { expect, test } from 'vitest'
import { standIn, type StandIn } from '../../process/chance.ts'

const always = (time: number): StandIn => ({ time: () => time, chance: () => 0.25, name: () => 'one' })

/** What is there to ask, as it is called now. */
const { now: kept } = Date
const call = (of: object, name: string): any => (Reflect.get(of, name) as () => unknown).call(of)
const asked = () => [
  ...[call(Date, 'now'), new Date().getTime(), call(performance, 'now')],
  ...[call(Math, 'random'), call(crypto, 'randomUUID')],
]

test('he is asked for all of it, and what it was stands there again', () => {
  const before = [Date, kept, Math.random, performance.now, crypto.randomUUID]
  const leave = standIn(always(7))
  expect(asked()).toEqual([7, 7, 7, 0.25, 'one'])
  expect(new Date(3).getTime()).toBe(3)
  expect(new Date() instanceof Date).toBe(true)
  leave()
  expect([Date, Date.now, Math.random, performance.now, crypto.randomUUID]).toEqual(before)
  expect(Object.hasOwn(performance, 'now')).toBe(false)
})

test('of two the last is asked, and when he leaves the first again', () => {
  const leaveAll = standIn(always(1))
  const leave = standIn(always(2))
  expect(asked()).toEqual([2, 2, 2, 0.25, 'one'])
  leave()
  expect(asked()).toEqual([1, 1, 1, 0.25, 'one'])
  leaveAll()
  expect(Date.now).toBe(kept)
})

test('who has kept what stood in is answered by clock and dice afterwards, and by the next who stands in', () => {
  const leave = standIn(always(1))
  const [{ now }, { random }] = [Date, Math]
  const OldDate = Date
  leave()
  const from = call(Date, 'now')
  for (const time of [now(), new OldDate().getTime()]) {
    expect(time).toBeGreaterThanOrEqual(from)
    expect(time).toBeLessThanOrEqual(call(Date, 'now'))
  }
  expect(random()).not.toBe(0.25)
  const again = standIn(always(2))
  expect([now(), new OldDate().getTime(), random()]).toEqual([2, 2, 0.25])
  again()
})

test('what others have put in place of the clock is theirs, and is there again', () => {
  const theirs = () => 99
  performance.now = theirs
  const leave = standIn({ ...always(1), time: (_, real) => real() + 1 })
  expect(call(performance, 'now')).toBe(100)
  leave()
  expect(performance.now).toBe(theirs)
  Reflect.deleteProperty(performance, 'now')
})
