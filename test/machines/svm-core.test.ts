import { describe, expect, test } from 'vitest'
import { bindTask } from '../../machines/sva/bond/bind-task.ts'
import { releaseMm } from '../../machines/sva/bond/release-mm.ts'
import { unbindTask } from '../../machines/sva/bond/unbind-task.ts'
import { feed } from './feed.ts'
import { mm, system, type Net } from './svm-net.ts'

const dev0 = { device: 'dev0', mm: mm(0) }
const dev1 = { device: 'dev1', mm: mm(0) }
const end = (device: string, pasid: number, how = 'clean') => ({ device, pasid, how })
const bondsOf = (net: Net) =>
  net
    .context('bonds')
    .bonds.map((bond: any) => `${bond.device} ${bond.pasid} ${bond.mm.id} ${bond.users} ${bond.state}`)
const entriesOf = (net: Net) =>
  net.context('translation').entries.map((entry: any) => `${entry.device} ${entry.pasid} ${entry.mm.id}`)
const countOf = (net: Net, n: number) =>
  net.context('mms').objects.find(({ ptr }: any) => ptr.id === `mm${n}`)?.fields.count
const isFreed = (net: Net, n: number) => countOf(net, n) === undefined
/** What a call did, without its locks. */
const since = (net: Net, from: number) => net.said.slice(from).filter((line) => !line.startsWith('t1/'))

/** Of an unbind without a queue, and what it hears until it waits for the device. */
const unbinds = {
  ...{ lock: 'lock', bonds: 'bonds', mms: 'mms', pasids: { 1: 'pasid1' } },
  ...{ translation: 'iommu', mmdrop: 'drop' },
}
const answer = { type: 'ANSWER', ret: 0 }
const bondOfDev0 = { device: 'dev0', pasid: 1, mm: mm(0), users: 1, state: 'live' }
const untilUnlocked = [
  ...[{ type: 'CALL', ...end('dev0', 1) }, 'LOCKED', { type: 'ANSWER', bond: bondOfDev0 }, answer, answer, 'UNLOCKED'],
]

describe('binding', () => {
  test('an address space to a device: a PASID, a bond that holds the mm_struct, an entry in the table', () => {
    const net = system()
    expect(net.call('t1', 'bind', dev0)).toEqual({ ret: 0, pasid: 1 })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    expect(entriesOf(net)).toEqual(['dev0 1 mm0'])
    expect(countOf(net, 0)).toBe(2)
    expect(net.state('pasid1')).toBe('bound')
    expect(net.state('core lock')).toBe('free')
  })

  test('another device gets the same PASID, another address space another one', () => {
    const net = system()
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'bind', dev1)).toEqual({ ret: 0, pasid: 1 })
    expect(net.call('t1', 'bind', { device: 'dev0', mm: mm(1) })).toEqual({ ret: 0, pasid: 2 })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live', 'dev0 2 mm1 1 live', 'dev1 1 mm0 1 live'])
    expect(countOf(net, 0)).toBe(3)
  })

  test('fails when there is no PASID left, and leaves nothing', () => {
    const net = system({ pasids: 1 })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'bind', { device: 'dev1', mm: mm(1) })).toEqual({ ret: '-ENOSPC' })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    expect(countOf(net, 1)).toBe(1)
    expect(net.state('core lock')).toBe('free')
  })

  test.each([
    ['uncounted', { ret: 0, pasid: 1 }, 1],
    ['counted', { ret: 0, pasid: 1 }, 2],
    ['refused', { ret: '-EEXIST' }, 1],
  ] as const)('the same pair again is %s', (again, answer, users) => {
    const net = system({ form: { again } })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'bind', dev0)).toEqual(answer)
    expect(bondsOf(net)).toEqual([`dev0 1 mm0 ${users} live`])
    expect(countOf(net, 0)).toBe(2)
  })

  test('while the bond is leaving, its PASID is nobody’s: the next bond has another', () => {
    const net = system({ form: { trusts: 'user' } })
    net.call('t1', 'bind', dev0)
    net.start('t1', 'unbind', end('dev0', 1))
    net.run('t1', 'queue DRAIN')
    expect(net.call('t2', 'bind', dev0)).toEqual({ ret: 0, pasid: 2 })
    expect(net.call('t2', 'bind', dev0)).toEqual({ ret: 0, pasid: 2 })
    expect(net.run('t1')).toEqual({ ret: 0, last: true })
    expect(bondsOf(net)).toEqual(['dev0 2 mm0 2 live'])
    expect(entriesOf(net)).toEqual(['dev0 2 mm0'])
    expect([net.state('pasid1'), net.state('pasid2')]).toEqual(['free', 'bound'])
  })
})

describe('unbinding', () => {
  test('waits for the device and the queue without the lock, clears the entry before the caches', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    const from = net.said.length
    expect(net.call('t1', 'unbind', end('dev0', 1, 'unknown'))).toEqual({ ret: 0, last: true })
    expect(since(net, from)).toEqual([
      'core lock LOCK',
      'bonds FIND',
      'bonds MARK',
      'pasid1 STOP',
      '~ pasid1 stopping',
      'core lock UNLOCK',
      'dev0.stop CALL',
      'translation CLEAR_ENTRY',
      'translation INVALIDATE',
      'queue DRAIN',
      'core lock LOCK',
      'bonds DEL',
      'pasid1 RELEASE',
      '~ pasid1 free',
      'core lock UNLOCK',
      'mms ADD',
    ])
    expect(bondsOf(net)).toEqual([])
    expect(entriesOf(net)).toEqual([])
    expect(countOf(net, 0)).toBe(1)
  })

  test.each([
    ['user', 'clean', 'unknown', 'free'],
    ['user', 'flushed', 'clean', 'waiting for stop marker'],
    ['user', 'unknown', 'clean', 'leaked'],
    ['device', 'clean', 'unknown', 'leaked'],
    ['device', 'unknown', 'flushed', 'waiting for stop marker'],
    ['anybody', 'unknown', 'flushed', 'free'],
  ] as const)('who trusts the %s: the user says %s, the device %s: %s', (trusts, user, device, state) => {
    const net = system({ form: { trusts }, stops: { dev0: device } })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', end('dev0', 1, user))).toEqual({ ret: 0, last: true })
    expect(net.state('pasid1')).toBe(state)
    expect(net.said.includes('dev0.stop CALL')).toBe(trusts === 'device')
    expect(net.said.includes('queue DRAIN')).toBe(state !== 'leaked')
  })

  test('a device that cannot be asked leaves its PASID in an unknown state', () => {
    const net = system()
    net.call('t1', 'bind', dev0)
    net.call('t1', 'unbind', end('dev0', 1))
    expect(net.state('pasid1')).toBe('leaked')
  })

  test.each([
    ['what is not bound', 'dev0', 2],
    ['what another device is bound to', 'dev1', 1],
  ])('%s: -ESRCH', (_, device, pasid) => {
    const net = system()
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', end(device, pasid))).toEqual({ ret: '-ESRCH' })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    expect(net.state('core lock')).toBe('free')
  })

  test('what somebody else is unbinding: -ESRCH', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.start('t1', 'unbind', end('dev0', 1))
    net.run('t1', 'dev0.stop CALL')
    expect(net.call('t2', 'unbind', end('dev0', 1))).toEqual({ ret: '-ESRCH' })
    expect(net.run('t1')).toEqual({ ret: 0, last: true })
  })

  test('the bond of another address space: -ESRCH, unless that is over', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', { ...end('dev0', 1), mm: mm(1) })).toEqual({ ret: '-ESRCH' })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    net.call('t1', 'mmput', { mm: mm(0) })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 dead'])
    expect(net.call('t1', 'unbind', { ...end('dev0', 1), mm: mm(1) })).toEqual({ ret: 0, last: true })
    expect(isFreed(net, 0)).toBe(true)
  })

  test('its own bond is its own', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', { ...end('dev0', 1), mm: mm(0) })).toEqual({ ret: 0, last: true })
  })

  test('what was bound twice only counts down, and is not told of', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', { ...end('dev0', 1), unbound: mm(0) })).toEqual({ ret: 0, last: false })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    expect(net.context('translation').unbound).toEqual([])
    expect(net.call('t1', 'unbind', { ...end('dev0', 1), unbound: mm(0) })).toEqual({ ret: 0, last: true })
    expect(net.context('translation').unbound).toEqual(['dev0 mm0#1'])
    expect(countOf(net, 0)).toBe(1)
  })

  test('is not told of when the pair is bound anew already', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.start('t1', 'unbind', { ...end('dev0', 1), unbound: mm(0) })
    net.run('t1', 'queue DRAIN')
    net.call('t2', 'bind', dev0)
    expect(net.run('t1')).toEqual({ ret: 0, last: true })
    expect(net.context('translation').unbound).toEqual([])
  })

  test('that cannot invalidate fails: everything is as it was, and the next try may work', () => {
    const net = system({ stops: { dev0: 'clean' }, failures: 1 })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', { ...end('dev0', 1), unbound: mm(0) })).toEqual({ ret: '-ETIMEDOUT' })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 live'])
    expect(entriesOf(net)).toEqual(['dev0 1 mm0'])
    expect([net.state('pasid1'), net.state('core lock'), countOf(net, 0)]).toEqual(['bound', 'free', 2])
    expect(net.context('translation').unbound).toEqual([])
    expect(net.call('t1', 'unbind', end('dev0', 1))).toEqual({ ret: 0, last: true })
    expect(net.state('pasid1')).toBe('free')
  })

  test('that fails leaves a dead bond dead, and no entry for it', () => {
    const net = system({ failures: 2 })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'mmput', { mm: mm(0) })
    expect(net.call('t1', 'unbind', end('dev0', 1))).toEqual({ ret: '-ETIMEDOUT' })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 dead'])
    expect(entriesOf(net)).toEqual([])
  })

  test('that failed after the device was flushed has to do with one stop marker, whenever it comes', () => {
    const failed = () => {
      const net = system({ stops: { dev0: 'flushed' }, failures: 1 })
      net.call('t1', 'bind', dev0)
      expect(net.call('t1', 'unbind', end('dev0', 1))).toEqual({ ret: '-ETIMEDOUT' })
      expect([net.state('pasid1'), net.context('pasid1').markers]).toEqual(['bound', 0])
      return net
    }
    const late = failed()
    late.call('t1', 'unbind', end('dev0', 1))
    expect([late.state('pasid1'), late.context('pasid1').markers]).toEqual(['waiting for stop marker', -1])
    const early = failed()
    early.tell('pasid1', 'MARKER')
    early.call('t1', 'unbind', end('dev0', 1))
    expect(early.state('pasid1')).toBe('free')
  })

  test.each(['clean', 'flushed', 'unknown'])('that failed after the device said %s keeps the PASID', (stop) => {
    const net = system({ stops: { dev0: stop }, failures: 1 })
    net.call('t1', 'bind', dev0)
    const from = net.said.length
    net.call('t1', 'unbind', end('dev0', 1))
    expect(net.said.slice(from).filter((line) => line.startsWith('pasid1'))).toEqual(['pasid1 STOP', 'pasid1 KEEP'])
  })

  test('tells the device whose use of the PASID ends', () => {
    const at = { ...unbinds, stop: { dev0: 't1/dev0.stop' } }
    const form = { trusts: 'device', drains: true, invalidates: true, dropsMm: true } as const
    const { said } = feed(unbindTask, { task: 't1', form, at }, ...untilUnlocked)
    expect(said.at(-1)).toBe('t1/dev0.stop CALL pasid=1 mm=mm0#1')
  })

  test('that does not invalidate leaves what is cached', () => {
    const net = system({ form: { invalidates: false, drains: false }, stops: { dev0: 'clean' }, failures: 1 })
    net.call('t1', 'bind', dev0)
    expect(net.call('t1', 'unbind', end('dev0', 1))).toEqual({ ret: 0, last: true })
    expect(net.said.filter((line) => /INVALIDATE|DRAIN/.test(line))).toEqual([])
  })

  test('that does not invalidate may drain', () => {
    const net = system({ form: { invalidates: false }, stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'unbind', end('dev0', 1))
    expect(net.said.filter((line) => /INVALIDATE|DRAIN/.test(line))).toEqual(['queue DRAIN'])
  })

  test('that does not drain invalidates', () => {
    const net = system({ form: { drains: false }, stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'unbind', end('dev0', 1))
    expect(net.said.filter((line) => /INVALIDATE|DRAIN/.test(line))).toEqual(['translation INVALIDATE'])
  })

  test('the PASID goes on as long as another device has it, and is given back by the last', () => {
    const net = system({ stops: { dev0: 'clean', dev1: 'flushed' } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'bind', dev1)
    net.call('t1', 'unbind', end('dev1', 1))
    expect([net.state('pasid1'), bondsOf(net)]).toEqual(['bound', ['dev0 1 mm0 1 live']])
    net.call('t1', 'unbind', end('dev0', 1))
    expect(net.state('pasid1')).toBe('waiting for stop marker')
  })

  test('waits for a concurrent mm_exit before it takes the lock', () => {
    const net = system({ mmExit: true })
    net.call('t1', 'bind', dev0)
    const from = net.said.length
    net.call('t1', 'unbind', end('dev0', 1))
    expect(since(net, from).slice(0, 2)).toEqual(['gate WAIT', 'core lock LOCK'])
  })
})

describe('an address space that is over', () => {
  test('nobody bound: nothing to do', () => {
    const net = system()
    expect(net.call('t1', 'mmput', { mm: mm(0) })).toEqual({ ret: 0 })
    expect(isFreed(net, 0)).toBe(true)
    expect(net.state('core lock')).toBe('free')
  })

  test('keeps its bonds: they no longer work, and their PASID is nobody else’s', () => {
    const net = system({ stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'bind', dev1)
    net.call('t1', 'mmput', { mm: mm(0) })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 dead', 'dev1 1 mm0 1 dead'])
    expect(entriesOf(net)).toEqual([])
    expect(net.said.filter((line) => line === 'translation INVALIDATE')).toHaveLength(2)
    expect([net.state('pasid1'), net.state('core lock'), countOf(net, 0)]).toEqual(['bound', 'free', 2])
    expect(net.said).not.toContain('dev0.stop CALL')
  })

  test('keeps its bonds, and does not invalidate', () => {
    const net = system({ form: { invalidates: false } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'mmput', { mm: mm(0) })
    expect(bondsOf(net)).toEqual(['dev0 1 mm0 1 dead'])
    expect(net.said).not.toContain('translation INVALIDATE')
  })

  test.each([
    ['user', {}, 'leaked'],
    ['user', { dev0: 'clean' }, 'free'],
    ['user', { dev0: 'flushed' }, 'waiting for stop marker'],
    ['user', { dev0: 'unknown' }, 'leaked'],
    ['device', {}, 'leaked'],
    ['device', { dev0: 'clean' }, 'free'],
    ['device', { dev0: 'flushed' }, 'waiting for stop marker'],
    ['anybody', {}, 'free'],
    ['anybody', { dev0: 'flushed' }, 'free'],
  ] as const)('drops its bonds: who trusts the %s (%o) has the PASID %s', (trusts, stops, state) => {
    const net = system({ form: { atExit: 'drops-bond', trusts }, stops })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'mmput', { mm: mm(0) })
    expect([bondsOf(net), entriesOf(net), net.state('pasid1')]).toEqual([[], [], state])
    expect(isFreed(net, 0)).toBe(true)
    expect(net.said.includes('dev0.stop CALL')).toBe(trusts !== 'anybody' && 'dev0' in stops)
    expect(net.said.includes('queue DRAIN')).toBe(state !== 'leaked')
    expect(net.state('core lock')).toBe('free')
  })

  test('drops the bonds with all devices, however often they were bound', () => {
    const net = system({ form: { atExit: 'drops-bond', trusts: 'anybody', invalidates: false, drains: false } })
    for (const each of [dev0, dev0, dev1]) net.call('t1', 'bind', each)
    net.call('t1', 'mmput', { mm: mm(0) })
    expect([bondsOf(net), net.state('pasid1')]).toEqual([[], 'free'])
    expect(net.said.filter((line) => /INVALIDATE|DRAIN/.test(line))).toEqual([])
    expect(isFreed(net, 0)).toBe(true)
  })

  test('drops its bond and drains, without invalidating', () => {
    const net = system({ form: { atExit: 'drops-bond', trusts: 'anybody', invalidates: false } })
    net.call('t1', 'bind', dev0)
    net.call('t1', 'mmput', { mm: mm(0) })
    expect(net.said.filter((line) => /INVALIDATE|DRAIN/.test(line))).toEqual(['queue DRAIN'])
  })

  test('leaves a bond that somebody is unbinding to him', () => {
    const net = system({ form: { atExit: 'drops-bond' }, stops: { dev0: 'clean' } })
    net.call('t1', 'bind', dev0)
    net.start('t1', 'unbind', end('dev0', 1))
    net.run('t1', 'dev0.stop CALL')
    expect(net.call('t2', 'mmput', { mm: mm(0) })).toEqual({ ret: 0 })
    expect(isFreed(net, 0)).toBe(false)
    expect(net.run('t1')).toEqual({ ret: 0, last: true })
    expect(isFreed(net, 0)).toBe(true)
  })

  test('tells the driver without the lock, and nobody unbinds meanwhile', () => {
    const net = system({ form: { atExit: 'drops-bond' }, stops: { dev0: 'clean' }, mmExit: true })
    net.call('t1', 'bind', dev0)
    const from = net.said.length
    net.call('t1', 'mmput', { mm: mm(0) })
    const said = since(net, from)
    expect(said.slice(said.indexOf('core lock UNLOCK'), said.indexOf('queue DRAIN'))).toEqual([
      'core lock UNLOCK',
      'gate BEGIN',
      'mm_exit CALL MM_EXIT',
      'gate END',
      'dev0.stop CALL',
      'translation CLEAR_ENTRY',
      'translation INVALIDATE',
    ])
  })

  test.each(['user', 'device'] as const)(
    'tells the device whose use of the PASID ends: who trusts the %s',
    (trusts) => {
      const form = { atExit: 'drops-bond', trusts, drains: true, invalidates: true } as const
      const at = { ...unbinds, stop: { dev0: 't1/dev0.stop' } }
      const { said } = feed(
        releaseMm,
        { task: 't1', form, at },
        ...[{ type: 'CALL', mm: mm(0) }, 'LOCKED', { type: 'ANSWER', bonds: [bondOfDev0] }, answer, answer, 'UNLOCKED'],
      )
      expect(said.at(-1)).toBe('t1/dev0.stop CALL pasid=1 mm=mm0#1')
    },
  )

  test('tells a driver where there is no gate', () => {
    const at = {
      lock: 'lock',
      bonds: 'bonds',
      mms: 'mms',
      pasids: { 1: 'pasid1' },
      translation: 'iommu',
      mmExit: 'exit',
    }
    const form = { atExit: 'drops-bond', trusts: 'anybody', drains: true, invalidates: false } as const
    const { said, atRest } = feed(
      releaseMm,
      { task: 't1', form, at },
      ...[{ type: 'CALL', mm: mm(0) }, 'LOCKED', { type: 'ANSWER', bonds: [bondOfDev0] }, answer, answer, 'UNLOCKED'],
      ...[
        'RETURN',
        answer,
        'LOCKED',
        { ...answer, others: 0 },
        answer,
        answer,
        { type: 'ANSWER', bonds: [] },
        'UNLOCKED',
      ],
    )
    expect(said.slice(4)).toEqual([
      'lock UNLOCK',
      'exit CALL do=MM_EXIT device=dev0 pasid=1 mm=mm0#1',
      'iommu CLEAR_ENTRY device=dev0 pasid=1',
      'lock LOCK',
      'bonds DEL device=dev0 pasid=1 mm=mm0#1',
      'pasid1 RELEASE how=clean others=0',
      'mms ADD ptr=mm0#1 site=iommu_notifier_release field=count by=-1',
      'bonds OF_MM mm=mm0#1',
      'lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(atRest).toBe(true)
  })
})

test('the queue’s own thread does not wait for the queue', () => {
  const form = { trusts: 'anybody', drains: true, invalidates: true, dropsMm: true } as const
  const { said, atRest } = feed(
    unbindTask,
    { task: 't1', form, at: unbinds },
    ...untilUnlocked,
    ...[answer, answer, 'LOCKED', { ...answer, others: 0 }, answer, 'UNLOCKED', { type: 'RETURN', ret: 0 }],
  )
  expect(said.slice(5)).toEqual([
    'iommu CLEAR_ENTRY device=dev0 pasid=1',
    'iommu INVALIDATE device=dev0 pasid=1',
    'lock LOCK',
    'bonds DEL device=dev0 pasid=1 mm=mm0#1',
    'pasid1 RELEASE how=clean others=0',
    'lock UNLOCK',
    'drop CALL mm=mm0#1',
    't1 RETURN ret=0 last=true',
  ])
  expect(atRest).toBe(true)
})

test('a bind leaves nothing behind in the call', () => {
  const at = { lock: 'lock', bonds: 'bonds', mms: 'mms', translation: 'iommu', allocPasid: 'alloc' }
  const { said, atRest } = feed(
    bindTask,
    { task: 't1', form: { again: 'counted' }, at },
    ...[{ type: 'CALL', ...dev0 }, 'LOCKED', { type: 'ANSWER', bonds: [] }, { type: 'RETURN', ret: 0, pasid: 7 }],
    ...[answer, answer, answer, 'UNLOCKED'],
  )
  expect(said).toEqual([
    'lock LOCK',
    'bonds OF_MM mm=mm0#1',
    'alloc CALL mm=mm0#1',
    'mms ADD ptr=mm0#1 site=iommu_bind_task field=count by=1',
    'bonds ADD device=dev0 pasid=7 mm=mm0#1',
    'iommu SET_ENTRY device=dev0 pasid=7 mm=mm0#1',
    'lock UNLOCK',
    't1 RETURN ret=0 pasid=7',
  ])
  expect(atRest).toBe(true)
})
