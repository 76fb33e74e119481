import { describe, expect, test } from 'vitest'
import { allocPasid } from '../../machines/sva/pasid/alloc-pasid.ts'
import { bonds, type Bond } from '../../machines/sva/bond/bonds.ts'
import { pasid } from '../../machines/sva/pasid/pasid.ts'
import { drive, last, type Message } from './drive.ts'
import { feed, type Fed } from './feed.ts'

const mm = (n: number, gen = 1) => ({ id: `mm${n}`, gen })
const ok = 't1 ANSWER ret=0'
const busy = 't1 ANSWER ret=-EBUSY'
const nobody = 't1 ANSWER ret=-ESRCH'

type Heard = Parameters<typeof feed>[2]

describe('a PASID', () => {
  const input = { pasid: 1, waitsForMarker: true }
  const alloc = (n: number) => ({ type: 'ALLOC', mm: mm(n) })
  const release = (how: string, others?: number) => ({ type: 'RELEASE', how, ...(others !== undefined && { others }) })
  const after = (...heard: Heard[]): Fed => feed(pasid, input, ...heard)
  const value = ({ snapshot }: Fed): unknown => snapshot.value

  test('is given to one address space at a time', () => {
    const run = after(alloc(0), alloc(1))
    expect(run.said).toEqual(['~ pasid1 given to mm0#1', 't1 ANSWER ret=0 pasid=1', busy])
    expect(run.snapshot.context.mm).toBe('mm0#1')
  })

  test('that the device is done with is free', () => {
    const run = after(alloc(0), 'STOP', release('clean'))
    expect(run.said.slice(2)).toEqual(['~ pasid1 stopping', ok, '~ pasid1 free', ok])
    expect(run.atRest).toBe(true)
  })

  test('that was flushed goes to nobody until its stop marker came', () => {
    const run = after(alloc(0), 'STOP', release('flushed'), alloc(1), 'MARKER', alloc(1))
    expect(run.said.slice(4)).toEqual([
      ...['~ pasid1 waits for its stop marker', ok, busy],
      ...['~ pasid1 stop marker', '~ pasid1 free', ok],
      ...['~ pasid1 given to mm1#1', 't1 ANSWER ret=0 pasid=1'],
    ])
  })

  test('that waits for its stop marker has no owner', () => {
    expect(after(alloc(0), 'STOP', release('flushed')).snapshot.context.mm).toBe(null)
    expect(after(alloc(0), 'STOP', release('flushed'), 'STOP', 'KEEP', release('clean')).said.slice(-3)).toEqual(
      Array(3).fill(nobody),
    )
  })

  test.each([
    ['before it was stopped', [alloc(0), 'MARKER', 'STOP']],
    ['while it was stopped', [alloc(0), 'STOP', 'MARKER']],
  ])('whose stop marker came %s is free as soon as it was flushed', (_, heard) => {
    const run = after(...heard, release('flushed'))
    expect(run.said.slice(-2)).toEqual(['~ pasid1 free', ok])
    expect(run.atRest).toBe(true)
  })

  test('is free at once where nobody waits for stop markers', () => {
    const run = feed(pasid, { ...input, waitsForMarker: false }, alloc(0), 'STOP', release('flushed'))
    expect(run.said.slice(-2)).toEqual(['~ pasid1 free', ok])
    expect(run.atRest).toBe(true)
  })

  test('remembers no stop marker of an earlier life', () => {
    const run = after(alloc(0), 'MARKER', 'STOP', release('flushed'), alloc(1), 'STOP', release('flushed'))
    expect(value(run)).toBe('waiting for stop marker')
  })

  test('takes a stop marker that comes too late for that of its new owner', () => {
    const run = after(alloc(0), 'STOP', release('clean'), alloc(1), 'MARKER', 'STOP', release('flushed'))
    expect(value(run)).toBe('free')
  })

  test('of which nobody knows whether it is still used is never given again', () => {
    const run = after(alloc(0), 'STOP', release('unknown'), alloc(1), 'FREE', alloc(1))
    expect(run.said.slice(4)).toEqual(['~ pasid1 leaked by design', ok, busy, ok, busy])
    expect(value(run)).toBe('leaked')
    expect(run.snapshot.context.mm).toBe(null)
  })

  test.each([
    ['free', []],
    ['leaked', [alloc(0), release('unknown')]],
  ])('that is %s has no use for a stop marker', (state, heard) => {
    const run = after(...heard, 'MARKER')
    expect(run.said.slice(-2)).toEqual(['~ pasid1 stray stop marker', ok])
    expect(run.snapshot.context).toEqual(after(...heard).snapshot.context)
    expect(value(run)).toBe(state)
  })

  test.each([
    ['free', []],
    ['leaked', [alloc(0), release('unknown')]],
  ])('that is %s cannot be stopped, kept or released', (state, heard) => {
    const run = after(...heard, 'STOP', 'KEEP', release('clean'), 'DRAINED', 'FREE')
    expect(run.said.slice(-5)).toEqual([nobody, nobody, nobody, ok, ok])
    expect(value(run)).toBe(state)
  })

  test('is stopped once', () => {
    expect(after(alloc(0), 'STOP', 'STOP', alloc(1)).said.slice(3)).toEqual([ok, busy, busy])
  })

  test('is bound again if it could not be unbound', () => {
    const run = after(alloc(0), 'KEEP', 'STOP', 'KEEP')
    expect(run.said.slice(2)).toEqual([nobody, '~ pasid1 stopping', ok, '~ pasid1 bound again', ok])
    expect(value(run)).toBe('bound')
    expect(run.snapshot.context.mm).toBe('mm0#1')
  })

  test('waits for its stop marker no longer once the queue that lost it is drained', () => {
    const run = after(alloc(0), 'STOP', release('flushed'), 'DRAINED')
    expect(run.said.slice(-2)).toEqual(['~ pasid1 free', ok])
    expect(run.atRest).toBe(true)
  })

  test('waits for no stop marker that was lost while its device was being stopped', () => {
    const run = after(alloc(0), 'STOP', 'DRAINED', release('flushed'))
    expect(run.said.slice(-2)).toEqual(['~ pasid1 free', ok])
    expect(run.atRest).toBe(true)
    expect(value(after(alloc(0), 'DRAINED', 'STOP', release('flushed')))).toBe('waiting for stop marker')
  })

  test('that could not be unbound after its device was flushed waits for both stop markers', () => {
    const again = [alloc(0), 'STOP', release('flushed', 1), 'STOP', release('flushed', 0), 'MARKER']
    expect(value(after(...again))).toBe('waiting for stop marker')
    expect(after(...again, 'MARKER').atRest).toBe(true)
  })

  test('is not given back because a queue is drained', () => {
    expect(value(after(alloc(0), 'DRAINED'))).toBe('bound')
    expect(value(after(alloc(0), 'STOP', 'DRAINED'))).toBe('stopping')
  })

  test.each([
    ['bound', [alloc(0)]],
    ['stopping', [alloc(0), 'STOP']],
    ['waiting for stop marker', [alloc(0), release('flushed')]],
  ])('that is %s is free as soon as its address space gives it back', (state, heard) => {
    expect(value(after(...heard))).toBe(state)
    const run = after(...heard, 'FREE')
    expect(run.said.slice(-2)).toEqual(['~ pasid1 free', ok])
    expect(run.atRest).toBe(true)
  })

  test('may be released without having been stopped', () => {
    expect(value(after(alloc(0), release('clean')))).toBe('free')
  })

  describe('that several devices use', () => {
    test.each([[['STOP']], [[]]])('is free when the last has let go of it', (stop: readonly string[]) => {
      const once = after(alloc(0), ...stop, release('clean', 1))
      expect(once.said.slice(-2)).toEqual(['~ pasid1 still in use', ok])
      expect(value(once)).toBe('bound')
      expect(value(after(alloc(0), ...stop, release('clean', 1), ...stop, release('clean', 0)))).toBe('free')
    })

    test('is leaked in the end if one of them said nothing', () => {
      expect(value(after(alloc(0), release('unknown', 1), release('clean', 0)))).toBe('leaked')
    })

    test.each([[['STOP']], [[]]])('waits for no stop marker that was lost', (stop: readonly string[]) => {
      const run = after(alloc(0), release('flushed', 1), ...stop, 'DRAINED', release('clean', 0))
      expect(value(run)).toBe('free')
      const late = after(alloc(0), 'MARKER', ...stop, 'DRAINED', release('flushed', 0))
      expect(value(late)).toBe('free')
    })

    test('waits for a stop marker of each that was flushed', () => {
      const flushed = [alloc(0), release('flushed', 1), release('flushed', 0), 'MARKER']
      expect(value(after(...flushed))).toBe('waiting for stop marker')
      expect(after(...flushed, 'MARKER').atRest).toBe(true)
      expect(value(after(alloc(0), release('flushed', 1), release('clean', 0)))).toBe('waiting for stop marker')
    })
  })
})

describe('a PASID for an address space', () => {
  const input = { task: 't1', at: { pasids: ['pasid1', 'pasid2'] } }
  const call = { type: 'CALL', mm: mm(0) }
  const taken = { type: 'ANSWER', ret: '-EBUSY' }

  test('is the first one that is free', () => {
    const run = feed(allocPasid, input, call, taken, { type: 'ANSWER', ret: 0, pasid: 2 })
    expect(run.said).toEqual(['pasid1 ALLOC mm=mm0#1', 'pasid2 ALLOC mm=mm0#1', 't1 RETURN ret=0 pasid=2'])
    expect(run.atRest).toBe(true)
  })

  test('cannot be had when all are taken', () => {
    const run = feed(allocPasid, input, call, taken, taken)
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-ENOSPC')
    expect(run.atRest).toBe(true)
    expect(feed(allocPasid, { task: 't1', at: { pasids: [] } }, call).said).toEqual(['t1 RETURN ret=-ENOSPC'])
  })
})

/** What a question is answered with, which `feed` does not show. */
const asked = (question: Message, ...heard: readonly Message[]): unknown => {
  const driven = drive(bonds, {})
  for (const one of heard) driven.hear(one)
  const { type: _type, task: _task, ...fields } = last(driven.hear(question)) as Message
  return fields
}

describe('the bonds', () => {
  const add = (device: string, pasid: number, n: number) => ({ type: 'ADD', device, pasid, mm: mm(n) })
  const about = (type: string, device: string, pasid: number, more: object = {}) => ({ type, device, pasid, ...more })
  const mark = (device: string, pasid: number, state: Bond['state']) => about('MARK', device, pasid, { state })
  const bond = (device: string, pasid: number, n: number, more: Partial<Bond> = {}): Bond => ({
    ...{ device, pasid, mm: mm(n), users: 1, state: 'live' },
    ...more,
  })
  const kept = (...heard: Heard[]): unknown => feed(bonds, {}, ...heard).snapshot.context.bonds
  const told = (...heard: Heard[]) => feed(bonds, {}, ...heard).said.at(-1)

  test('are the same in whatever order they came', () => {
    expect(kept(add('dev1', 2, 1), add('dev0', 3, 2), add('dev1', 1, 0))).toEqual([
      ...[bond('dev0', 3, 2), bond('dev1', 1, 0), bond('dev1', 2, 1)],
    ])
  })

  test('are found by device and PASID, by device and address space, or by either', () => {
    const all = [add('dev0', 1, 0), add('dev1', 1, 0), add('dev1', 2, 1)]
    expect(asked(about('FIND', 'dev1', 2), ...all)).toEqual({ bond: bond('dev1', 2, 1) })
    expect(asked(about('FIND', 'dev0', 2), ...all)).toEqual({ bond: null })
    expect(asked(about('FIND', 'dev1', 2, { mm: mm(0) }), ...all)).toEqual({ bond: null })
    const ofPair = (device: string, n: number) => ({ type: 'FIND_MM', device, mm: mm(n) })
    expect(asked(ofPair('dev1', 0), ...all)).toEqual({ bond: bond('dev1', 1, 0) })
    expect(asked(ofPair('dev0', 1), ...all)).toEqual({ bond: null })
    const ofMm = { type: 'OF_MM', mm: mm(0) }
    expect(asked(ofMm, ...all)).toEqual({ bonds: [bond('dev0', 1, 0), bond('dev1', 1, 0)] })
    const ofDevice = { type: 'OF_DEVICE', device: 'dev1' }
    expect(asked(ofDevice, ...all)).toEqual({ bonds: [bond('dev1', 1, 0), bond('dev1', 2, 1)] })
  })

  test('of an address space are not those of one that lives at its address later', () => {
    expect(asked({ type: 'OF_MM', mm: mm(0, 2) }, add('dev0', 1, 0))).toEqual({ bonds: [] })
  })

  test.each(['dead', 'leaving'] as const)('serve no fault when they are %s', (state) => {
    const lookup = about('LOOKUP', 'dev0', 1)
    expect(told(add('dev0', 1, 0), lookup)).toBe('t1 ANSWER mm=mm0#1')
    expect(told(add('dev0', 1, 0), mark('dev0', 1, state), lookup)).toBe('t1 ANSWER mm=null')
    expect(told(add('dev0', 1, 0), about('LOOKUP', 'dev0', 2))).toBe('t1 ANSWER mm=null')
  })

  test('of two address spaces that are live by one device and PASID serve the faults of the newer', () => {
    const lookup = about('LOOKUP', 'dev0', 1)
    for (const [old, young] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const both = [add('dev0', 1, old), add('dev0', 2, 2), add('dev0', 1, young)]
      expect(told(...both, lookup)).toBe(`t1 ANSWER mm=mm${young}#1`)
      const younger = about('MARK', 'dev0', 1, { mm: mm(young), state: 'dead' })
      expect(told(...both, younger, lookup)).toBe(`t1 ANSWER mm=mm${old}#1`)
    }
  })

  test('count how often they were bound', () => {
    const count = (by: number) => about('COUNT', 'dev0', 1, { by })
    const run = feed(bonds, {}, add('dev0', 1, 0), count(1), count(-1))
    expect(run.said).toEqual([ok, 't1 ANSWER users=2', 't1 ANSWER users=1'])
    expect(told(count(1))).toBe('t1 ANSWER users=0')
  })

  test('that are not there cannot be marked or deleted', () => {
    expect(told(mark('dev0', 1, 'dead'))).toBe(nobody)
    expect(told(about('DEL', 'dev0', 1))).toBe(nobody)
    expect(told(add('dev0', 1, 0), about('DEL', 'dev0', 1, { mm: mm(1) }))).toBe(nobody)
  })

  test('tell when they go how many others have the same PASID', () => {
    const both = [add('dev0', 1, 0), add('dev1', 1, 0), add('dev1', 2, 1)]
    const run = feed(bonds, {}, ...both, about('DEL', 'dev0', 1), about('DEL', 'dev1', 1))
    expect(run.said.slice(3)).toEqual(['t1 ANSWER ret=0 others=1', 't1 ANSWER ret=0 others=0'])
    expect(run.snapshot.context.bonds).toEqual([bond('dev1', 2, 1)])
  })

  describe('of one device and PASID, an old one that is leaving and a new one,', () => {
    const both = [add('dev0', 1, 0), mark('dev0', 1, 'leaving'), add('dev0', 1, 0)]
    const leaving = bond('dev0', 1, 0, { state: 'leaving' })

    test('are both there, and who looks for one finds the new one', () => {
      expect(kept(...both)).toEqual([leaving, bond('dev0', 1, 0)])
      expect(asked(about('FIND', 'dev0', 1), ...both)).toEqual({ bond: bond('dev0', 1, 0) })
      expect(asked({ type: 'FIND_MM', device: 'dev0', mm: mm(0) }, ...both)).toEqual({ bond: bond('dev0', 1, 0) })
    })

    test('are counted and marked as the new one, deleted and brought back as the old one', () => {
      expect(kept(...both, about('COUNT', 'dev0', 1, { by: 1 }))).toEqual([leaving, bond('dev0', 1, 0, { users: 2 })])
      expect(kept(...both, mark('dev0', 1, 'dead'))).toEqual([leaving, bond('dev0', 1, 0, { state: 'dead' })])
      expect(kept(...both, mark('dev0', 1, 'live'))).toEqual([bond('dev0', 1, 0), bond('dev0', 1, 0)])
      expect(kept(...both, about('DEL', 'dev0', 1))).toEqual([bond('dev0', 1, 0)])
    })

    test('are told apart by their address spaces', () => {
      const other = [add('dev0', 1, 0), mark('dev0', 1, 'leaving'), add('dev0', 1, 1)]
      expect(kept(...other, about('DEL', 'dev0', 1, { mm: mm(1) }))).toEqual([leaving])
      expect(asked(about('FIND', 'dev0', 1, { mm: mm(0) }), ...other)).toEqual({ bond: leaving })
    })
  })
})
