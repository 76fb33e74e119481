/** The trace of a run: what each step was, what was possible, and how it all ended. */
import { describe, expect, test } from 'vitest'
import { replay } from '../../explore/index.ts'
import type { Component, Memory, System } from '../../explore/system.ts'
import { closed } from '../toys/closed.ts'
import { begin, component } from '../toys/component.ts'
import { readsTwice } from '../toys/deadlocks.ts'
import { crashes } from '../toys/faulty.ts'
import { mutex } from '../toys/objects.ts'
import { readersWriters } from '../toys/readers-writers.ts'
import { lock, thread, unlock } from '../toys/thread.ts'

/** Tells its two neighbours at one go, each something else. */
const gossip = (): System<null> => {
  const teller = component<string>({
    id: 'teller',
    initial: 'quiet',
    on: {
      GO: () => ({
        local: 'told',
        sends: [
          { to: 'left', type: 'SECRET' },
          { to: 'right', type: 'RUMOUR' },
        ],
      }),
    },
  })
  const hearer = (id: string) => component<string>({ id, initial: 'new', on: { SECRET: () => ({ local: 'knows' }) } })
  return { ...closed('gossip', 'g1', [teller, hearer('left'), hearer('right')]), start: [begin('teller')] }
}

describe('a step', () => {
  const { steps, end } = replay(gossip(), ['env → teller GO', 'teller → right RUMOUR', 'teller → left SECRET'])

  test('tells what was possible, what was taken, and who was what before and after', () => {
    expect(steps.map(({ number, choice, possible }) => [number, choice, possible])).toEqual([
      [1, 0, ['env → teller GO']],
      [2, 1, ['teller → left SECRET', 'teller → right RUMOUR']],
      [3, 0, ['teller → left SECRET']],
    ])
    expect(steps.map(({ before, after }) => [before.state, after.state])).toEqual([
      ['quiet', 'told'],
      ['new', 'new'],
      ['new', 'knows'],
    ])
    expect(end).toBe('finished')
  })

  test('tells what was sent to whom, and what was heard when it was sent', () => {
    expect(steps[0]!.sends).toEqual([
      { to: 'left', message: { from: 'teller', type: 'SECRET' } },
      { to: 'right', message: { from: 'teller', type: 'RUMOUR' } },
    ])
    expect(steps.map(({ sentAt }) => sentAt)).toEqual([0, 1, 1])
  })

  test('that says two things to one tells both', () => {
    const teller = component<null>({
      id: 'teller',
      initial: null,
      on: { GO: () => ({ sends: ['SECRET', 'RUMOUR'].map((type) => ({ to: 'left', type })) }) },
    })
    const left = component<null>({ id: 'left', initial: null, on: {} })
    const [step] = replay({ ...closed('gossip', 'g2', [teller, left]), start: [begin('teller')] }, [0]).steps
    expect(step!.sends.map(({ message }) => message.type)).toEqual(['SECRET', 'RUMOUR'])
  })

  test('that is ignored is a finding only when asked for, and no other is', () => {
    expect(steps.map(({ ignored, findings }) => [ignored, findings.length])).toEqual([
      [false, 0],
      [true, 0],
      [false, 0],
    ])
    const asked = replay(gossip(), [0, 1, 0], { ignored: 'fail' })
    expect(asked.steps.map(({ findings }) => findings.length)).toEqual([0, 1, 0])
  })

  test('that leaves memory alone says nothing of it', () => {
    expect(steps.every((step) => !('memory' in step))).toBe(true)
  })
})

test('the step that completes an inversion says so', () => {
  const once = ['a', 'b'].map(mutex)
  const twice = thread('t0', [
    ...[lock('a'), lock('b'), unlock('b'), unlock('a')],
    ...[lock('b'), lock('a'), unlock('a'), unlock('b')],
  ])
  const { steps } = replay(closed('both orders', 'b1', [twice, ...once]), Array<number>(12).fill(0))
  const found = steps.flatMap(({ number, message, findings }) =>
    findings.map(({ title }) => [number, message.type, title]),
  )
  expect(found).toEqual([[11, 'LOCKED', 'lock order a → b → a']])
})

describe('a schedule that does not fit', () => {
  test('is told by the step, and what could be done there', () => {
    expect(() => replay(gossip(), [0, 2])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('Step 2 of the schedule does not fit: choice 2.'),
        evidence: [
          ['possible', '0  teller → left SECRET'],
          ['', '1  teller → right RUMOUR'],
        ],
      }),
    )
  })

  test('because the kernel has crashed: nothing comes behind that', () => {
    expect(() => replay(crashes(), [0, 0])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('Step 2 of the schedule does not fit'),
        evidence: [['possible', 'nothing: the run ends here']],
      }),
    )
  })
})

describe('the end', () => {
  test('is a crash, whatever is left', () => {
    expect(replay(crashes(), [0])).toMatchObject({ end: 'crashed', waiting: [] })
  })

  test('is open while there is one more step', () => {
    expect(replay(gossip(), [0, 0]).end).toBe('open')
  })

  const page: Memory = { act: 'alloc', object: 'page#1', cache: 'page', live: true }
  /** Keeps a page that nothing leads to. */
  const heap: Component<null> = {
    ...component<null>({ id: 'heap', initial: null, on: {} }),
    heap: () => [{ object: page.object, cache: page.cache, leadsTo: [] }],
  }
  const boom = component<null>({
    id: 'boom',
    initial: null,
    on: { GO: () => ({ findings: [{ kind: 'bug', title: 'boom', fatal: true }] }) },
  })

  test('of a crash is told without leaks, and without whoever waits', () => {
    const system = closed('boom', 'b1', [thread('t0', [lock('m'), lock('m')]), mutex('m'), heap, boom])
    const trace = replay({ ...system, start: [...system.start, begin('boom')] }, [
      'env → t0 GO',
      't0 → m LOCK',
      'm → t0 LOCKED',
      'env → boom GO',
    ])
    expect([trace.end, trace.waiting, trace.leaks]).toEqual(['crashed', [], undefined])
  })

  test('of those who wait for a lock is a deadlock, and nobody has stopped besides', () => {
    const trace = replay(closed('twice', 't1', [thread('t0', [lock('m'), lock('m')]), mutex('m')]), [0, 0, 0])
    expect(trace).toMatchObject({ end: 'deadlock', waiting: [{ thread: 't0', at: 'm', type: 'LOCK', sentAt: 3 }] })
    expect(trace.stopped).toBeUndefined()
  })

  test('names the threads, and no object is one', () => {
    expect(replay(readsTwice(), []).threads).toEqual({ reader: 'reader', writer: 'writer' })
  })

  test('of a queued request is told by the last that was made', () => {
    const system = readersWriters(1, 1)
    // The writer comes a second time; the lock has taken his request, and a reader holds it.
    const writer = thread('w0', [
      { to: 'sem', type: 'DOWN_WRITE' },
      { to: 'sem', type: 'UP_WRITE' },
      { to: 'sem', type: 'DOWN_WRITE' },
    ])
    const reader = thread('r0', [{ to: 'sem', type: 'DOWN_READ' }])
    const sem = system.components.find(({ id }) => id === 'sem')!
    const { waiting, steps, end } = replay(closed('twice', 't2', [reader, writer, sem]), [
      ...['env → w0 GO', 'w0 → sem DOWN_WRITE', 'sem → w0 LOCKED', 'w0 → sem UP_WRITE'],
      ...['env → r0 GO', 'r0 → sem DOWN_READ', 'sem → r0 LOCKED', 'sem → w0 UNLOCKED', 'w0 → sem DOWN_WRITE'],
    ])
    expect(end).toBe('deadlock')
    expect(waiting).toMatchObject([{ thread: 'w0', at: 'sem', type: 'DOWN_WRITE', sentAt: 8, on: ['r0'] }])
    expect(steps).toHaveLength(9)
  })
})
