import { describe, expect, test } from 'vitest'
import { devices as deviceList } from '../../machines/type1/notify/devices.ts'
import { map } from '../../machines/type1/map/map.ts'
import { notifyDevices } from '../../machines/type1/notify/notify-devices.ts'
import { pin } from '../../machines/type1/pin/pin.ts'
import { type1 } from '../../machines/type1/backend/type1.ts'
import { unpin } from '../../machines/type1/pin/unpin.ts'
import { calls, drive, type Driven, last, tell, wrongs } from './drive.ts'

const page = 0x1000n
const backend = (v2 = true, era = 'v6.0') =>
  drive(type1, { v2, era, mapped: [{ iova: 0x1000n, size: 0x4000n, prot: 'r', mm: 'mm0', pinned: [] }] })
const ask = (object: Driven, type: string, more: object): unknown => last(object.hear({ type, ...more }))
const dma0 = { id: 'dma0', gen: 1 }
const pinPage = (object: Driven, iova: bigint, prot = 'r') => ask(object, 'PIN', { iova, prot, device: 'mdev0' })

describe('mapping', () => {
  const mapped = (iova: bigint, size: bigint) => ask(backend(), 'MAP', { iova, size, prot: 'rw', mm: 'mm0' })

  test('a range that overlaps another is refused with -EEXIST', () => {
    expect(mapped(0x4000n, 0x2000n)).toMatchObject({ type: 'MAPPED', ret: '-EEXIST' })
    expect(mapped(0x5000n, 0x2000n)).toMatchObject({ ret: 0 })
  })

  test('an empty, unaligned or wrapping range is refused with -EINVAL', () => {
    expect(mapped(0x8000n, 0n)).toMatchObject({ ret: '-EINVAL' })
    expect(mapped(0x8001n, page)).toMatchObject({ ret: '-EINVAL' })
    expect(mapped(2n ** 64n - page, 2n * page)).toMatchObject({ ret: '-EINVAL' })
  })

  test('a mapping of the last page of the address space is never found again', () => {
    const object = drive(type1, { v2: true })
    const top = { iova: 2n ** 64n - page, size: page, prot: 'r', mm: 'mm0' }
    expect(ask(object, 'MAP', top)).toMatchObject({ ret: 0 })
    expect(ask(object, 'MAP', top)).toMatchObject({ ret: 0 })
    expect(pinPage(object, top.iova)).toMatchObject({ ret: '-EINVAL' })
  })

  test('a freed address is used again and starts another life', () => {
    const object = backend()
    expect(tell(object.hear({ type: 'REMOVE', dma: dma0, site: 'vfio_remove_dma' }))).toEqual([
      'dma0#1 freed',
      'REMOVED t1',
    ])
    expect(tell(object.hear({ type: 'MAP', iova: 0x9000n, size: page, prot: 'r', mm: 'mm0' }))).toEqual([
      'dma0#2 mapped',
      'MAPPED t1',
    ])
    object.hear({ type: 'MAP', iova: 0x2000n, size: page, prot: 'r', mm: 'mm0' })
    expect(ask(object, 'FIND', { iova: 0n, size: 0x10000n })).toMatchObject({
      dma: { id: 'dma1', gen: 1 },
      iova: 0x2000n,
    })
  })
})

describe('looking', () => {
  const check = (object: Driven, iova: bigint, size: bigint) => ask(object, 'CHECK', { iova, size })

  test('v2 refuses a range that bisects a mapping at either end, v1 does not', () => {
    expect(check(backend(), 0x2000n, 0x3000n)).toMatchObject({ type: 'CHECKED', ret: '-EINVAL' })
    expect(check(backend(), 0x1000n, page)).toMatchObject({ ret: '-EINVAL' })
    expect(check(backend(), 0n, 0x10000n)).toMatchObject({ ret: 0 })
    expect(check(backend(false), 0x2000n, page)).toMatchObject({ ret: 0 })
  })

  test('nothing in the range is a null pointer', () => {
    expect(ask(backend(), 'FIND', { iova: 0x8000n, size: page })).toEqual({ type: 'FOUND', task: 't1', dma: null })
  })

  test('following a pointer whose life is over is a use-after-free at the place that followed it', () => {
    const object = backend()
    const read = { type: 'READ', dma: dma0, what: 'pfn_list', site: 'vfio_dma_do_unmap' }
    expect(last(object.hear(read))).toMatchObject({ type: 'READ_RESULT', iova: 0x1000n, size: 0x4000n, pinned: false })
    object.hear({ type: 'REMOVE', dma: dma0, site: 'vfio_remove_dma' })
    object.hear({ type: 'MAP', iova: 0x1000n, size: page, prot: 'r', mm: 'mm0' })
    expect(wrongs(object.hear(read))).toEqual([
      {
        kind: 'use-after-free',
        title: 'use-after-free in vfio_dma_do_unmap',
        fatal: true,
        object: 'dma0#1',
        detail: 'reads dma->pfn_list',
      },
    ])
    expect(tell(object.hear({ type: 'REMOVE', dma: dma0, site: 'vfio_remove_dma' }))).toEqual([
      'double-free in vfio_remove_dma',
    ])
  })
})

describe('pinning', () => {
  test('needs a mapping that allows it', () => {
    expect(pinPage(backend(), 0x8000n)).toMatchObject({ type: 'PINNED', ret: '-EINVAL' })
    expect(pinPage(backend(), 0x1000n, 'rw')).toMatchObject({ ret: '-EPERM' })
    expect(pinPage(backend(), 0x1000n)).toMatchObject({ ret: 1 })
  })

  test('pinning one page twice needs two unpins', () => {
    const object = backend()
    const empty = object.context
    pinPage(object, 0x1000n)
    pinPage(object, 0x1000n)
    expect(object.context.dmas[0].pins).toEqual([{ iova: 0x1000n, count: 2 }])
    object.hear({ type: 'UNPIN', iovas: [0x1000n] })
    expect(ask(object, 'FIND', { iova: 0n, size: 0x8000n })).toMatchObject({ pinned: true })
    expect(tell(object.hear({ type: 'UNPIN', iovas: [0x1000n] }))).toEqual(['dma0#1 unpinned', 'UNPINNED t1'])
    expect(object.context).toEqual(empty)
  })

  test('an unpin stops at the first page without a mapping, and counts one that is not pinned', () => {
    const unpinned = (...iovas: readonly bigint[]) => ask(backend(), 'UNPIN', { iovas })
    expect(unpinned(0x1000n, 0x2000n, 0x8000n, 0x3000n)).toMatchObject({ type: 'UNPINNED', ret: 2 })
    expect(unpinned(0x8000n, 0x1000n)).toMatchObject({ ret: '-EINVAL' })
  })

  test('removing a pinned mapping leaks, and warns since 5.15', () => {
    const removed = (era: string) => {
      const object = backend(true, era)
      pinPage(object, 0x2000n)
      return tell(object.hear({ type: 'REMOVE', dma: dma0, site: 'vfio_remove_dma' }))
    }
    const leak = 'leak in vfio_remove_dma: pinned pages left'
    expect(removed('v6.0')).toEqual([
      'WARNING in vfio_remove_dma: pinned pages left',
      leak,
      'dma0#1 freed',
      'REMOVED t1',
    ])
    expect(removed('v4.10')).toEqual([leak, 'dma0#1 freed', 'REMOVED t1'])
  })

  test('when the last group leaves every mapping is freed', () => {
    const object = backend()
    object.hear({ type: 'MAP', iova: 0x8000n, size: page, prot: 'r', mm: 'mm0' })
    expect(tell(object.hear({ type: 'DETACH' }))).toEqual(['dma0#1 freed', 'dma1#1 freed', 'DETACHED t1'])
    expect(object.context.dmas).toEqual([])
  })
})

const at = { lock: 'iommu.lock', type1: 'type1', listeners: 'notifier' }
const everything = { ...at, group: 'group26', groupLock: 'group.lock' }
const pinArgs = { device: 'mdev0', iova: 0x1000n, prot: 'r' }
const listened = { type: 'EMPTY', empty: false }

describe('vfio_pin_pages', () => {
  test('v13 pins as a container user, with the container read-locked', () => {
    const run = calls(pin, { task: 't1', era: 'v13', v2: true, at: everything }, pinArgs, [
      { type: 'USER', ret: 0 },
      'LOCKED',
      'LOCKED',
      listened,
      { type: 'PINNED', ret: 1 },
      'UNLOCKED',
      'UNLOCKED',
      { type: 'DROPPED', last: false },
    ])
    expect(run.told).toEqual([
      'ADD_USER group26',
      'DOWN_READ group.lock',
      'LOCK iommu.lock',
      'IS_EMPTY notifier',
      'PIN type1',
      'UNLOCK iommu.lock',
      'UP_READ group.lock',
      'DROP_USER group26',
      'RETURN t1',
    ])
    expect(last(run.said)).toEqual({ type: 'RETURN', task: 't1', ret: 1 })
    expect(run.call.context).toMatchObject({ caller: null, request: null, ret: 0 })
  })

  test('since 6.0 it takes only iommu->lock', () => {
    const run = calls(pin, { task: 't1', era: 'v6.0', v2: true, at: { ...at, group: 'group26' } }, pinArgs, [
      'LOCKED',
      listened,
      { type: 'PINNED', ret: '-EPERM' },
      'UNLOCKED',
    ])
    expect(run.told).toEqual(['LOCK iommu.lock', 'IS_EMPTY notifier', 'PIN type1', 'UNLOCK iommu.lock', 'RETURN t1'])
    expect(last(run.said)).toMatchObject({ ret: '-EPERM' })
  })

  test('nobody may pin while nobody listens', () => {
    const run = calls(pin, { task: 't1', era: 'v6.0', v2: true, at }, pinArgs, [
      'LOCKED',
      { type: 'EMPTY', empty: true },
      'UNLOCKED',
    ])
    expect(run.told).toEqual(['LOCK iommu.lock', 'IS_EMPTY notifier', 'UNLOCK iommu.lock', 'RETURN t1'])
    expect(last(run.said)).toMatchObject({ ret: '-EINVAL' })
  })

  test('a group that is in no container cannot pin', () => {
    const run = calls(pin, { task: 't1', era: 'v4.10', v2: true, at: { ...at, group: 'group26' } }, pinArgs, [
      { type: 'USER', ret: '-EINVAL' },
    ])
    expect(run.told).toEqual(['ADD_USER group26', 'RETURN t1'])
    expect(last(run.said)).toMatchObject({ ret: '-EINVAL' })
  })

  test('a v1 container refuses with -EACCES before any lock of its own, and the user count is given back', () => {
    const run = calls(pin, { task: 't1', era: 'v13', v2: false, at: everything }, pinArgs, [
      { type: 'USER', ret: 0 },
      'LOCKED',
      'UNLOCKED',
      { type: 'DROPPED', last: false },
    ])
    expect(run.told).toEqual([
      'ADD_USER group26',
      'DOWN_READ group.lock',
      'UP_READ group.lock',
      'DROP_USER group26',
      'RETURN t1',
    ])
    expect(last(run.said)).toMatchObject({ ret: '-EACCES' })
  })
})

test('whoever turns out to be the last container user takes the group out of its container', () => {
  const detaching = { ...at, group: 'group26', detach: 't1/detach' }
  const run = calls(unpin, { task: 't1', era: 'v4.10', v2: true, at: detaching }, { iovas: [0x1000n] }, [
    { type: 'USER', ret: 0 },
    'LOCKED',
    { type: 'UNPINNED', ret: 1 },
    'UNLOCKED',
    { type: 'DROPPED', last: true },
    { type: 'RETURN', ret: 0 },
  ])
  expect(run.told.slice(-3)).toEqual(['DROP_USER group26', 'CALL t1/detach', 'RETURN t1'])
  expect(last(run.said)).toMatchObject({ ret: 1 })
})

describe('vfio_unpin_pages', () => {
  const unpinned = (era: string, ret: number | string, iovas = [0x1000n, 0x2000n]) =>
    calls(unpin, { task: 't1', era, v2: true, at }, { iovas }, ['LOCKED', { type: 'UNPINNED', ret }, 'UNLOCKED'])

  test('returns how many it got through, up to 5.18', () => {
    const run = unpinned('v4.10', 1)
    expect(run.told).toEqual(['LOCK iommu.lock', 'UNPIN type1', 'UNLOCK iommu.lock', 'RETURN t1'])
    expect(last(run.said)).toMatchObject({ ret: 1 })
  })

  test('is void since 6.0 and warns when it stopped early', () => {
    expect(unpinned('v6.0', 2).told).toEqual(['LOCK iommu.lock', 'UNPIN type1', 'UNLOCK iommu.lock', 'RETURN t1'])
    const short = unpinned('v6.0', '-EINVAL')
    expect(short.told[2]).toMatch(/^WARNING in vfio_iommu_type1_unpin_pages/)
    expect(last(short.said)).toMatchObject({ ret: 0 })
  })

  test('of nothing is -EINVAL', () => {
    expect(last(unpinned('v4.10', 0, []).said)).toEqual({ type: 'RETURN', task: 't1', ret: '-EINVAL' })
  })
})

test('a map is one critical section', () => {
  const run = calls(map, { task: 't1', at }, { mm: 'mm0', iova: 0n, size: page, prot: 'rw' }, [
    'LOCKED',
    { type: 'MAPPED', ret: '-EEXIST' },
    'UNLOCKED',
  ])
  expect(run.told).toEqual(['LOCK iommu.lock', 'MAP type1', 'UNLOCK iommu.lock', 'RETURN t1'])
  expect(last(run.said)).toEqual({ type: 'RETURN', task: 't1', ret: '-EEXIST' })
  expect(run.call.context).toEqual(drive(map, { task: 't1', at }).context)
})

describe('device list', () => {
  test('is walked newest first', () => {
    const list = drive(deviceList, {})
    for (const nb of ['mdev0', 'mdev1']) list.hear({ type: 'ADD', nb })
    expect(ask(list, 'NEXT', { after: null })).toMatchObject({ nb: 'mdev1' })
    expect(ask(list, 'NEXT', { after: 'mdev1' })).toMatchObject({ nb: 'mdev0' })
    expect(ask(list, 'NEXT', { after: 'mdev0' })).toMatchObject({ nb: null })
  })

  const input = {
    task: 't1',
    at: {
      lock: 'iommu.lock',
      type1: 'type1',
      devices: 'devices',
      devicesLock: 'device_list.lock',
      callbacks: {
        mdev0: 't1/mdev0.dma_unmap',
        mdev1: 't1/mdev1.dma_unmap',
      },
    },
  }
  const read = { type: 'READ_RESULT', iova: 0x1000n, size: page, mm: 'mm0', pinned: true }

  test('the mapping is read again for every device, after iommu->lock was dropped', () => {
    const run = calls(notifyDevices, input, { iova: 0x1000n, size: page, dma: dma0 }, [
      listened,
      'LOCKED',
      'UNLOCKED',
      { type: 'NB', nb: 'mdev1' },
      read,
      'RETURN',
      { type: 'NB', nb: 'mdev0' },
      read,
      'RETURN',
      { type: 'NB', nb: null },
      'UNLOCKED',
      'LOCKED',
    ])
    expect(run.told).toEqual([
      'IS_EMPTY devices',
      'LOCK device_list.lock',
      'UNLOCK iommu.lock',
      'NEXT devices',
      'READ type1',
      'CALL t1/mdev1.dma_unmap',
      'NEXT devices',
      'READ type1',
      'CALL t1/mdev0.dma_unmap',
      'NEXT devices',
      'UNLOCK device_list.lock',
      'LOCK iommu.lock',
      'RETURN t1',
    ])
    expect(run.call.context).toEqual(drive(notifyDevices, input).context)
  })

  test('with nobody listed no lock is dropped', () => {
    const run = calls(notifyDevices, input, { iova: 0x1000n, size: page, dma: dma0 }, [{ type: 'EMPTY', empty: true }])
    expect(run.told).toEqual(['IS_EMPTY devices', 'RETURN t1'])
  })
})
