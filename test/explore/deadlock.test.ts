import { describe, expect, test } from 'vitest'
import { explore, replay } from '../../explore/index.ts'
import type { System } from '../../explore/system.ts'
import { closed } from '../toys/closed.ts'
import { begin, component } from '../toys/component.ts'
import { guardedCounter } from '../toys/counters.ts'
import * as deadlocks from '../toys/deadlocks.ts'
import { diningPhilosophers, diningProperties } from '../toys/dining-philosophers.ts'
import { mutex } from '../toys/objects.ts'
import { readersWriters } from '../toys/readers-writers.ts'
import { lock, thread } from '../toys/thread.ts'

const deadlocksOf = async (system: System<any>, reduction: boolean) =>
  (await explore(system, [], { reduction })).findings.filter(({ kind }) => kind === 'deadlock')

describe.each([true, false])('reduction: %s', (reduction) => {
  test.each([
    { system: deadlocks.unanswered(), titles: ['deadlock: nothing is in flight'] },
    { system: deadlocks.neverUnlocked(), titles: ['deadlock at lock'] },
    { system: deadlocks.twoCircles(), titles: ['deadlock at a'] },
    { system: deadlocks.readsTwice(), titles: ['deadlock at sem'] },
    {
      system: deadlocks.bystander(),
      titles: ['deadlock at a and b', 'deadlock at a and c', 'deadlock at b and c', 'deadlock at c'],
    },
    { system: deadlocks.completesUnderLock(), titles: ['deadlock at done and m'] },
    { system: deadlocks.forgotten(), titles: ['deadlock at done'] },
    { system: deadlocks.waitsForItself(), titles: ['deadlock at done'] },
    { system: deadlocks.eitherCompletes(), titles: [] },
    { system: deadlocks.bothComplete(), titles: ['deadlock at done and m'] },
  ])('$system.name: $titles', async ({ system, titles }) => {
    expect((await deadlocksOf(system, reduction)).map(({ title }) => title).toSorted()).toEqual(titles)
  })

  test('a circle comes first and in order, whoever else waits', async () => {
    const found = await deadlocksOf(deadlocks.bystander(), reduction)
    const { schedule } = found.find(({ title }) => title === 'deadlock at a and b')!
    const { waiting } = replay(deadlocks.bystander(), schedule)
    expect(waiting.map(({ thread: who, at, on }) => [who, at, on])).toEqual([
      ['t1', 'b', ['t2']],
      ['t2', 'a', ['t1']],
      ['aside', 'c', ['t1']],
    ])
  })

  test('a reader that comes again waits for the queued writer, and the writer for the reader', async () => {
    const [found] = await deadlocksOf(deadlocks.readsTwice(), reduction)
    const { waiting, steps } = replay(deadlocks.readsTwice(), found!.schedule)
    const sends = (type: string) =>
      steps.findLast((step) => step.sends.some(({ message }) => message.type === type))!.number
    expect(waiting).toEqual([
      { thread: 'reader', from: 'reader', at: 'sem', type: 'DOWN_READ', sentAt: sends('DOWN_READ'), on: ['writer'] },
      { thread: 'writer', from: 'writer', at: 'sem', type: 'DOWN_WRITE', sentAt: sends('DOWN_WRITE'), on: ['reader'] },
    ])
  })
})

test('is reported with its threads, and its run ends in the cycle of who waits for whom', async () => {
  const system = diningPhilosophers(3)
  const report = await explore(system, diningProperties(3))
  const [finding, ...others] = report.findings.filter(({ kind }) => kind === 'deadlock')
  expect(others).toEqual([])
  expect(finding).toMatchObject({ title: 'deadlock at fork0 and fork1 and fork2' })
  expect(finding!.actors.toSorted()).toEqual(['p0', 'p1', 'p2'])
  const { end, waiting, steps } = replay(system, finding!.schedule)
  expect(end).toBe('deadlock')
  expect(waiting).toHaveLength(3)
  for (const [index, edge] of waiting.entries()) {
    const seat = Number(edge.thread.slice(1))
    const at = `fork${(seat + 1) % 3}`
    expect(edge).toMatchObject({ at, type: 'LOCK', on: [`p${(seat + 1) % 3}`] })
    expect(waiting[(index + 1) % 3]!.thread).toBe(edge.on[0])
    // The step in which it got its first fork is the one that asks for the second.
    expect(steps[edge.sentAt - 1]).toMatchObject({ to: edge.thread, message: { type: 'LOCKED' }, sends: [{ to: at }] })
  }
})

test('does not happen when one philosopher is left-handed', async () => {
  const report = await explore(diningPhilosophers(3, { leftHanded: true }), diningProperties(3))
  expect(report).toMatchObject({ exhaustive: true, findings: [] })
})

test('is found at the very depth that bounds the search', async () => {
  const twice = thread('t0', [lock('lock'), lock('lock')])
  const system = { ...guardedCounter(), components: [twice, mutex('lock')], start: [begin('t0')], view: () => null }
  const unbound = await explore(system, [], { reduction: false })
  expect(unbound.depth).toBe(3)
  const bound = await explore(system, [], { reduction: false, within: { depth: 3 } })
  for (const report of [unbound, bound]) {
    const titles = report.findings.map(({ title }) => title).toSorted()
    expect(titles).toEqual(['deadlock at lock', 'recursive locking of lock'])
  }
})

test('of a queued writer is told by what the lock owes', () => {
  // Nobody ever reads to the end: the readers' first messages are all there is.
  const system = readersWriters(1, 1)
  const stuck = { ...system, components: system.components.map((each) => (each.id === 'data' ? deaf(each) : each)) }
  const schedule = ['env → r0 GO', 'r0 → sem DOWN_READ', 'env → w0 GO', 'w0 → sem DOWN_WRITE', 'sem → r0 LOCKED']
  const { end, waiting } = replay(stuck, schedule)
  expect(end).toBe('deadlock')
  // No circle: by name.
  expect(waiting).toEqual([
    { thread: 'r0', from: 'r0', at: 'data', type: 'READ', sentAt: 5, on: [] },
    { thread: 'w0', from: 'w0', at: 'sem', type: 'DOWN_WRITE', sentAt: 3, on: ['r0'] },
  ])
})

describe('what is waited for and is no lock', () => {
  const waitingIn = async (system: System<any>) => {
    const [found] = await deadlocksOf(system, true)
    return replay(system, found!.schedule).waiting
  }

  test('is waited for by one, and the other who could complete it waits for the lock of the first', async () => {
    expect(await waitingIn(deadlocks.completesUnderLock())).toMatchObject([
      { thread: 'a', at: 'done', type: 'WAIT', on: ['b'], awaited: 'any' },
      { thread: 'b', at: 'm', type: 'LOCK', on: ['a'] },
    ])
  })

  test('is waited for in vain when whoever could complete it has nothing left to do', async () => {
    const [edge, ...others] = await waitingIn(deadlocks.forgotten())
    expect(others).toEqual([])
    expect(edge).toMatchObject({ thread: 'a', at: 'done', on: [], through: ['b'] })
  })

  test('may be waited for by the only one who could complete it', async () => {
    expect(await waitingIn(deadlocks.waitsForItself())).toMatchObject([{ thread: 'a', at: 'done', on: ['a'] }])
  })

  test('when all have to end it, whoever has done so is not waited for', async () => {
    const waiting = await waitingIn(deadlocks.bothComplete())
    expect(waiting).toMatchObject([
      { thread: 'a', on: ['b'], awaited: 'all' },
      { thread: 'b', on: ['a'] },
    ])
  })
})

test('whoever is at rest before an empty queue is no part of it', async () => {
  const worker = component<string>({
    id: 'worker',
    thread: 'worker',
    initial: 'new',
    waits: () => false,
    on: { GO: () => ({ local: 'asks', sends: [{ to: 'queue', type: 'TAKE', task: 'worker' }] }) },
  })
  const queue = component<null>({ id: 'queue', initial: null, on: { TAKE: () => 'defer' } })
  const system = closed('at rest', 'r1', [worker, queue, thread('t0', [lock('lock'), lock('lock')]), mutex('lock')])
  for (const reduction of [true, false]) {
    const { findings } = await explore(system, [], { reduction })
    const found = findings.find(({ kind }) => kind === 'deadlock')!
    expect(found.title).toBe('deadlock at lock')
    expect(replay(system, found.schedule).waiting.map((edge) => edge.thread)).toEqual(['t0'])
  }
})

const deaf = <C extends object>(each: C): C => ({ ...each, accepts: () => false })

test('of two messages on one lane, the first is the one that waits', () => {
  const { waiting } = replay(deadlocks.shutDoor(), ['env → device KNOCK', 'env → device AGAIN'])
  expect(waiting).toEqual([{ thread: 'device', from: 'device', at: 'door', type: 'FIRST', sentAt: 1, on: [] }])
})
