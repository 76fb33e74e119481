import { map, Subject } from 'rxjs'
import { expect, test } from 'vitest'
import type { Message } from '../../explore/system.ts'
import { Lane, travel } from '../../streams/lanes.ts'

const message = (type: string): Message => ({ type, from: 'a' })

function sending() {
  let step = 0
  const lane = new Lane('a', 'b', () => step)
  const sent = new Subject<Message>()
  const arrived: string[] = []
  const travelling = sent
    .pipe(
      travel(lane),
      map(({ type }) => type),
    )
    .subscribe((type) => arrived.push(type))
  return {
    lane,
    arrived,
    travelling,
    send: (type: string) => sent.next(message(type)),
    at: (now: number) => (step = now),
  }
}

test('a message waits in its lane until the lane is taken', () => {
  const { lane, arrived, send } = sending()
  send('LOCK')
  expect(arrived).toEqual([])
  lane.take()
  expect(arrived).toEqual(['LOCK'])
})

test('the oldest message comes out first, and only it', () => {
  const { lane, arrived, send } = sending()
  send('LOCK')
  send('UNLOCK')
  expect(lane.head?.message.type).toBe('LOCK')
  lane.take()
  expect(arrived).toEqual(['LOCK'])
  lane.take()
  expect(arrived).toEqual(['LOCK', 'UNLOCK'])
  expect(lane.head).toBeUndefined()
})

test('a message remembers the step that sent it', () => {
  const { lane, send, at } = sending()
  send('LOCK')
  at(7)
  send('UNLOCK')
  expect(lane.head?.sentAt).toBe(0)
  lane.take()
  expect(lane.head?.sentAt).toBe(7)
})

test('what nobody waits for any more leaves the lane', () => {
  const { lane, travelling, send } = sending()
  send('LOCK')
  send('UNLOCK')
  travelling.unsubscribe()
  expect(lane.head).toBeUndefined()
})

test('a lane has no clock', () => {
  const { lane } = sending()
  expect(() => lane.schedule(() => {}, 10)).toThrow('a lane has no clock')
})

test('work that schedules itself again goes to the end of the lane', () => {
  const { lane, arrived, send } = sending()
  const counted: unknown[] = []
  lane.schedule<number>(
    function (count = 0) {
      counted.push(count)
      if (count < 1) this.schedule(count + 1)
    },
    0,
    0,
  )
  send('LOCK')
  lane.take()
  lane.take()
  expect([counted, arrived]).toEqual([[0], ['LOCK']])
  lane.take()
  lane.take()
  expect(counted).toEqual([0, 1])
})
