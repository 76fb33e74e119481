import { describe, expect, test } from 'vitest'
import { accesses, accessesFacts } from '../../machines/iommufd/access/accesses.ts'
import { ioas } from '../../machines/iommufd/ioas/ioas.ts'
import { iommufdMap } from '../../machines/iommufd/ioas/iommufd-map.ts'
import { iommufdPin } from '../../machines/iommufd/access/iommufd-pin.ts'
import { iommufdUnpin } from '../../machines/iommufd/access/iommufd-unpin.ts'
import { notifyAccesses } from '../../machines/iommufd/access/notify-accesses.ts'
import { gatedNoCursor } from '../../machines/iommufd/unmap/gated-no-cursor.ts'
import { gatedUnlockedCheck } from '../../machines/iommufd/unmap/gated-unlocked-check.ts'
import { gated } from '../../machines/iommufd/unmap/gated.ts'
import { feed } from './feed.ts'

const at = {
  domainsRwsem: 'domains.rwsem',
  iovaRwsem: 'iova.rwsem',
  ioas: 'ioas',
  notify: 't1/notify',
  ioasLock: 'ioas.lock',
}
const area0 = { id: 'area0', gen: 1 }
const area1 = { id: 'area1', gen: 1 }
const call = { type: 'CALL', iova: 0x1000n, size: 0x2000n }
const found = (area: object | null, more = {}) =>
  area === null
    ? { type: 'FOUND', area }
    : { type: 'FOUND', area, iova: 0x1000n, size: 0x1000n, pages: true, accesses: 0, ...more }
const removed = ['CLEARED', 'UNLOCKED', 'FREED', 'LOCKED']

describe('gated unmap', () => {
  const unmap = { task: 't1', at }

  test('removes an area: no pages under the lock, freed without it', () => {
    const run = feed(
      gated,
      unmap,
      call,
      'LOCKED',
      'LOCKED',
      found(area0),
      ...removed,
      found(null),
      'UNLOCKED',
      'UNLOCKED',
    )
    expect(run.said).toEqual([
      'domains.rwsem DOWN_READ',
      'iova.rwsem DOWN_WRITE',
      'ioas FIND iova=0x1000 size=0x2000',
      'ioas CLEAR_PAGES area=area0#1',
      'iova.rwsem UP_WRITE',
      'ioas FREE area=area0#1',
      'iova.rwsem DOWN_WRITE',
      'ioas FIND iova=0x2000 size=0x1000',
      'iova.rwsem UP_WRITE',
      'domains.rwsem UP_READ',
      't1 RETURN ret=0 size=0x1000',
    ])
    expect(run.atRest).toBe(true)
  })

  test('stops at the end of the range without another look', () => {
    const whole = found(area0, { size: 0x2000n })
    const run = feed(gated, unmap, call, 'LOCKED', 'LOCKED', whole, ...removed, 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(-3)).toEqual(['iova.rwsem UP_WRITE', 'domains.rwsem UP_READ', 't1 RETURN ret=0 size=0x2000'])
    expect(run.atRest).toBe(true)
  })

  test('gates an area in use, notifies with no lock held, and begins again', () => {
    const answers = ['LOCKED', 'LOCKED', found(area1, { iova: 0x2000n, accesses: 1 })]
    const gating = ['GATED', 'UNLOCKED', 'UNLOCKED', 'RETURN', 'LOCKED', 'LOCKED']
    expect(feed(gated, unmap, call, ...answers, ...gating).said.slice(3)).toEqual([
      'ioas GATE area=area1#1',
      'iova.rwsem UP_WRITE',
      'domains.rwsem UP_READ',
      't1/notify CALL iova=0x2000 size=0x1000',
      'domains.rwsem DOWN_READ',
      'iova.rwsem DOWN_WRITE',
      'ioas FIND iova=0x2000 size=0x1000',
    ])
  })

  test('gives up after the bound with a warning, and reports what it had unmapped', () => {
    const inUse = found(area1, { iova: 0x2000n, accesses: 1 })
    const round = ['LOCKED', 'LOCKED', inUse, 'GATED', 'UNLOCKED', 'UNLOCKED', 'RETURN']
    const first = ['LOCKED', 'LOCKED', found(area0), ...removed, inUse, 'GATED', 'UNLOCKED', 'UNLOCKED', 'RETURN']
    const run = feed(gated, { ...unmap, retryBound: 1 }, call, ...first, ...round)
    expect(run.said.slice(-2)).toEqual([
      '! warn WARNING in iopt_unmap_iova_range: an access did not let go',
      't1 RETURN ret=-EDEADLOCK size=0x1000',
    ])
    expect(run.atRest).toBe(true)
  })

  test('the kernel notifies 101 times before it gives up', () => {
    const round = ['LOCKED', 'LOCKED', found(area0, { accesses: 1 }), 'GATED', 'UNLOCKED', 'UNLOCKED', 'RETURN']
    const rounds = Array.from({ length: 101 }, () => round).flat()
    const { said } = feed(gated, unmap, call, ...rounds)
    expect(said.filter((line) => line.startsWith('t1/notify'))).toHaveLength(101)
    expect(said.at(-1)).toBe('t1 RETURN ret=-EDEADLOCK size=0x0')
  })

  test.each([
    ['is still being mapped', found(area0, { pages: false }), '-EBUSY'],
    ['sticks out of the range', found(area0, { size: 0x4000n }), '-ENOENT'],
    ['is not there', found(null), '-ENOENT'],
  ])('refuses an area that %s', (_, answer, errno) => {
    const run = feed(gated, unmap, call, 'LOCKED', 'LOCKED', answer, 'UNLOCKED', 'UNLOCKED')
    expect(run.said.slice(3)).toEqual([
      'iova.rwsem UP_WRITE',
      'domains.rwsem UP_READ',
      `t1 RETURN ret=${errno} size=0x0`,
    ])
    expect(run.atRest).toBe(true)
  })

  test('finding nothing in the whole address space is no error', () => {
    const everything = { type: 'CALL', iova: 0n, size: 1n << 64n }
    const run = feed(gated, unmap, everything, 'LOCKED', 'LOCKED', found(null), 'UNLOCKED', 'UNLOCKED')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=0 size=0x0')
  })

  test('an empty request is refused at once', () => {
    const run = feed(gated, unmap, { ...call, size: 0n })
    expect(run.said).toEqual(['t1 RETURN ret=-EINVAL size=0x0'])
    expect(run.atRest).toBe(true)
  })

  test('before the cursor, the search goes back to what was unmapped already', () => {
    const run = feed(gatedNoCursor, unmap, call, 'LOCKED', 'LOCKED', found(area0), ...removed)
    expect(run.said.at(-1)).toBe('ioas FIND iova=0x1000 size=0x2000')
  })

  describe('as of 6.2', () => {
    const notified = ['LOCKED', 'LOCKED', found(area0, { accesses: 1 }), 'GATED', 'UNLOCKED', 'UNLOCKED', 'RETURN']

    test('reads the area again with no lock held', () => {
      const run = feed(gatedUnlockedCheck, unmap, call, ...notified, { type: 'ACCESSES', accesses: 0 })
      expect(run.said.slice(-4)).toEqual([
        'domains.rwsem UP_READ',
        't1/notify CALL iova=0x1000 size=0x1000',
        'ioas READ_ACCESSES area=area0#1 site=iopt_unmap_iova_range',
        'domains.rwsem DOWN_READ',
      ])
    })

    test('gives up at once when an access is left, and loses the count', () => {
      const run = feed(gatedUnlockedCheck, unmap, call, ...notified, { type: 'ACCESSES', accesses: 1 })
      expect(run.said.slice(-2)).toEqual([
        '! warn WARNING in iopt_unmap_iova_range: an access did not let go',
        't1 RETURN ret=-EDEADLOCK size=null',
      ])
      expect(run.atRest).toBe(true)
    })
  })
})

describe('an IOAS', () => {
  const input = { mapped: [{ iova: 0x1000n, size: 0x2000n, pinned: [0x2000n] }] }
  const area = (type: string, ptr = area0) => ({ type, area: ptr })
  const pin = (iova: bigint) => ({ type: 'PIN', iova, device: 'mdev0' })

  test('finds the lowest area in a range, and how many accesses it has', () => {
    expect(
      feed(ioas, input, { type: 'FIND', iova: 0n, size: 0x2000n }, { type: 'FIND', iova: 0n, size: 0x1000n }).said,
    ).toEqual(['t1 FOUND area=area0#1 iova=0x1000 size=0x2000 pages=true accesses=1', 't1 FOUND area=null'])
  })

  test('pins behind a gate are refused, where nothing is mapped not found', () => {
    expect(feed(ioas, input, pin(0x1000n), pin(0x9000n), area('GATE'), pin(0x1000n)).said).toEqual([
      '~ area0#1 pinned',
      't1 PINNED ret=1',
      't1 PINNED ret=-ENOENT',
      't1 GATED',
      '~ area0#1 gated',
      't1 PINNED ret=-EINVAL',
    ])
  })

  test('counts pins of the same page, and warns of an unpin too many', () => {
    const unpin = { type: 'UNPIN', iovas: [0x2000n] }
    const run = feed(ioas, input, pin(0x2000n), unpin, unpin, unpin)
    expect(run.said.slice(2)).toEqual([
      '~ area0#1 unpinned',
      't1 UNPINNED ret=1',
      '~ area0#1 unpinned',
      't1 UNPINNED ret=1',
      '! warn WARNING in iommufd_access_unpin_pages: nothing is pinned there',
      't1 UNPINNED ret=1',
    ])
  })

  test('takes a range first and fills it later', () => {
    const reserve = { type: 'RESERVE', iova: 0x3000n, size: 0x1000n }
    const run = feed(ioas, input, reserve, reserve, pin(0x3000n), area('FILL', area1), pin(0x3000n))
    expect(run.said).toEqual([
      '~ area1#1 allocated',
      't1 RESERVED ret=0 area=area1#1',
      't1 RESERVED ret=-EEXIST area=null',
      't1 PINNED ret=-ENOENT',
      't1 FILLED',
      '~ area1#1 mapped',
      '~ area1#1 pinned',
      't1 PINNED ret=1',
    ])
  })

  test('uses the address of a freed area again, in its next life; the old pointer is stale', () => {
    const free = [area('CLEAR_PAGES'), area('FREE'), { type: 'RESERVE', iova: 0x1000n, size: 0x1000n }]
    const check = { ...area('READ_ACCESSES'), site: 'iopt_unmap_iova_range' }
    const run = feed(ioas, input, ...free, check, check)
    expect(run.said.slice(1)).toEqual([
      't1 FREED',
      '~ area0#1 freed',
      '~ area0#2 allocated',
      't1 RESERVED ret=0 area=area0#2',
      '! use-after-free use-after-free in iopt_unmap_iova_range',
    ])
  })
})

describe('accesses', () => {
  const input = { devices: ['mdev0', 'mdev1'] }
  const next = (after: number, task: string) => ({ type: 'TAKE_NEXT', after, task, from: `${task}/notify` })
  const drop = (device: string, task: string) => ({ type: 'DROP', device, task, from: `${task}/notify` })
  const destroy = (device: string) => ({ type: 'DELETE', device, task: 't3', from: 't3/close' })

  test('are taken one after the other', () => {
    const run = feed(
      accesses,
      input,
      next(-1, 't1'),
      drop('mdev0', 't1'),
      next(0, 't1'),
      drop('mdev1', 't1'),
      next(1, 't1'),
    )
    expect(run.said).toEqual([
      't1/notify TAKEN index=0 device=mdev0',
      't1/notify DROPPED',
      't1/notify TAKEN index=1 device=mdev1',
      't1/notify DROPPED',
      't1/notify TAKEN index=null device=null',
    ])
    expect(run.atRest).toBe(true)
  })

  test('are destroyed only when nobody calls them any more', () => {
    const taken = feed(accesses, input, next(-1, 't1'), next(-1, 't2'), destroy('mdev0'), drop('mdev0', 't2'))
    expect(taken.said.slice(2)).toEqual(['t2/notify DROPPED'])
    expect(accessesFacts.owes!(taken.snapshot.context)).toEqual(['t3/close'])
    expect(accessesFacts.holders(taken.snapshot.context).threads).toEqual(['t1'])
    const run = feed(accesses, input, next(-1, 't1'), destroy('mdev0'), drop('mdev0', 't1'), next(-1, 't1'))
    expect(run.said.slice(1)).toEqual([
      't1/notify DROPPED',
      't3/close DELETED ret=0',
      't1/notify TAKEN index=1 device=mdev1',
    ])
  })

  test('of one device do not hold up the end of another', () => {
    expect(feed(accesses, input, next(-1, 't1'), destroy('mdev1')).said.at(-1)).toBe('t3/close DELETED ret=0')
  })

  test('come back at the lowest free index', () => {
    const run = feed(accesses, input, destroy('mdev0'), { type: 'ADD', device: 'mdev2' }, next(-1, 't1'))
    expect(run.said.at(-1)).toBe('t1/notify TAKEN index=0 device=mdev2')
  })
})

test('every access is told in turn, holding nothing but a reference on it', () => {
  const notify = { task: 't1', at: { accesses: 'accesses', callbacks: { mdev0: 't1/mdev0.dma_unmap' } } }
  const taken = { type: 'TAKEN', index: 0, device: 'mdev0' }
  const run = feed(notifyAccesses, notify, call, taken, 'RETURN', 'DROPPED', {
    type: 'TAKEN',
    index: null,
    device: null,
  })
  expect(run.said).toEqual([
    'accesses TAKE_NEXT after=-1',
    't1/mdev0.dma_unmap CALL iova=0x1000 size=0x2000',
    'accesses DROP device=mdev0',
    'accesses TAKE_NEXT after=0',
    't1 RETURN ret=0',
  ])
  expect(run.atRest).toBe(true)
})

describe('the other calls of iommufd', () => {
  const input = { task: 't1', at }

  test('a map takes its range, lets go, and fills in the pages', () => {
    const reserved = { type: 'RESERVED', ret: 0, area: area0 }
    const answers = ['LOCKED', reserved, 'UNLOCKED', 'LOCKED', 'LOCKED', 'FILLED', 'UNLOCKED', 'UNLOCKED']
    const run = feed(iommufdMap, input, call, ...answers)
    expect(run.said).toEqual([
      'iova.rwsem DOWN_WRITE',
      'ioas RESERVE iova=0x1000 size=0x2000',
      'iova.rwsem UP_WRITE',
      'domains.rwsem DOWN_READ',
      'iova.rwsem DOWN_WRITE',
      'ioas FILL area=area0#1',
      'iova.rwsem UP_WRITE',
      'domains.rwsem UP_READ',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('a map over a mapping is refused', () => {
    const run = feed(iommufdMap, input, call, 'LOCKED', { type: 'RESERVED', ret: '-EEXIST', area: null }, 'UNLOCKED')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EEXIST')
    expect(run.atRest).toBe(true)
  })

  test('a pin holds the lock of its access, then iova.rwsem for read', () => {
    const pin = { type: 'CALL', device: 'mdev0', iova: 0x1000n }
    const run = feed(
      iommufdPin,
      input,
      pin,
      'LOCKED',
      'LOCKED',
      { type: 'PINNED', ret: '-EINVAL' },
      'UNLOCKED',
      'UNLOCKED',
    )
    expect(run.said).toEqual([
      'ioas.lock LOCK',
      'iova.rwsem DOWN_READ',
      'ioas PIN device=mdev0 iova=0x1000',
      'iova.rwsem UP_READ',
      'ioas.lock UNLOCK',
      't1 RETURN ret=-EINVAL',
    ])
    expect(run.atRest).toBe(true)
  })

  test('an unpin takes the same locks', () => {
    const unpin = { type: 'CALL', device: 'mdev0', iovas: [0x1000n] }
    const run = feed(
      iommufdUnpin,
      input,
      unpin,
      'LOCKED',
      'LOCKED',
      { type: 'UNPINNED', ret: 1 },
      'UNLOCKED',
      'UNLOCKED',
    )
    expect(run.said).toEqual([
      'ioas.lock LOCK',
      'iova.rwsem DOWN_READ',
      'ioas UNPIN iovas=[0x1000]',
      'iova.rwsem UP_READ',
      'ioas.lock UNLOCK',
      't1 RETURN ret=1',
    ])
    expect(run.atRest).toBe(true)
  })
})
