import { describe, expect, test } from 'vitest'
import { forms } from '../../machines/type1/device-memory/forms.ts'
import { vmaPrivate } from '../../machines/type1/device-memory/vma-private.ts'
import { feed } from './feed.ts'

const at = {
  processes: { vmm: { mmapLock: 'vmm.mmap_lock', mm: 'vmm.mm', ptes: 'vmm.ptes' } },
  containers: { container0: { lock: 'container0.lock', type1: 'container0.type1' } },
  devices: {
    dev2: {
      ...{ device: 'dev2', container: 'container1', closeContainer: 't1/container1.close' },
      ...{ notifier: 'dev2.notifier', guard: 'dev2.srcu', bars: { 0: 0xfe000n, 2: 0xfe800n } },
    },
  },
  ...{ fault: 't1/fault', hardware: 'hardware', pfnmaps: 'pfnmaps', privates: 'privates', events: 'events' },
  worker: 'kworker/protocol',
}
const input = (form: object = {}) => ({ task: 't1', at, form: { ...forms['vma-private'].posted, ...form } })
const call = (what: string, more: object) => ({ type: 'CALL', do: what, ...more })
const answered = (fields: object) => ({ type: 'ANSWER', ...fields })
const done = answered({ ret: 0 })

const shared = { id: 'private0', gen: 1 }
const vma = {
  ptr: { id: 'vmm.vma0', gen: 1 },
  ...{ start: 0x7f000n, size: 0x2000n, device: 'dev2', bar: 2, pgoff: (2n << 28n) + 1n, ops: 'vfio', private: shared },
}
const driverVma = { ...vma, ops: 'driver', private: null }

describe('the struct behind vm_private_data', () => {
  const mmap = call('MMAP', { process: 'vmm', device: 'dev2' })
  const mmapped = (ret: number | string) =>
    call('MMAPPED', { process: 'vmm', device: 'dev2', vma: ret === 0 ? driverVma : null, private: shared, ret })

  test('is allocated before the driver is called, with one reference', () => {
    const run = feed(vmaPrivate, input(), mmap, answered({ ptr: shared }))
    expect(run.said).toEqual(['privates ALLOC fields=[object Object]', 't1 RETURN ret=0 private=private0#1'])
    expect(run.atRest).toBe(true)
  })

  test('wraps the vm_ops of a driver that left it alone', () => {
    const run = feed(vmaPrivate, input(), mmapped(0), done)
    expect(run.said).toEqual(['vmm.mm SET vma=vmm.vma0#1 ops=vfio private=private0#1', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('is freed when the driver opts out', () => {
    const run = feed(vmaPrivate, input({ optsOut: true }), mmapped(0), done)
    expect(run.said).toEqual(['privates FREE ptr=private0#1 site=vfio_device_fops_mmap', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('is leaked when the driver fails, since nobody looks at what it returned', () => {
    const run = feed(vmaPrivate, input(), mmapped('-EINVAL'))
    expect(run.said).toEqual(['t1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('repaired, is freed when the driver fails', () => {
    const run = feed(vmaPrivate, input({ wrapsFailed: false }), mmapped('-EINVAL'), done)
    expect(run.said[0]).toBe('privates FREE ptr=private0#1 site=vfio_device_fops_mmap')
    expect(run.atRest).toBe(true)
  })

  test('has a reference more for every copy of the vma', () => {
    const run = feed(vmaPrivate, input(), call('OPEN', { process: 'vmm', vma }), answered({ value: 2 }))
    expect(run.said).toEqual(['privates ADD ptr=private0#1 site=vfio_vma_open field=kref by=1', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('is freed when the last vma goes', () => {
    const close = call('CLOSE', { process: 'vmm', vma })
    const put = 'privates ADD ptr=private0#1 site=vfio_vma_close field=kref by=-1'
    expect(feed(vmaPrivate, input(), close, answered({ value: 1 })).said).toEqual([put, 't1 RETURN ret=0'])
    const run = feed(vmaPrivate, input(), close, answered({ value: 0 }), done)
    expect(run.said).toEqual([put, 'privates FREE ptr=private0#1 site=vfio_vma_close', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('getting a pfn', () => {
  const ptr = { id: 'container0.dma0', gen: 1 }
  const dma = { ptr, iova: 0x1000n, size: 0x2000n, process: 'vmm', vaddr: 0x7f000n, pfnmaps: [] }
  const pfnmap = { id: 'pfnmap0', gen: 1 }
  const getPfn = call('GET_PFN', { container: 'container0', process: 'vmm', dma: ptr, vaddr: 0x80000n })
  const found = (vma: object | null) => answered({ vma })
  const device = answered({ fields: { device: 'dev2', kref: 1 } })

  test('takes it from the struct, and registers for the device that the struct names', () => {
    const run = feed(
      vmaPrivate,
      input(),
      ...[getPfn, 'LOCKED', found(vma), device, answered({ dma }), done, answered({ ptr: pfnmap })],
      ...[done, 'ADDED', done, 'UNLOCKED'],
    )
    expect(run.said).toEqual([
      'vmm.mmap_lock DOWN_READ',
      'vmm.mm FIND vaddr=0x80000',
      'privates USE ptr=private0#1 site=vfio_device_get_from_vma',
      expect.stringMatching(/^container0.type1 USE dma=container0.dma0#1/),
      'dev2 GET',
      'pfnmaps ALLOC fields=[object Object]',
      'container1 ADD_USER',
      'dev2.notifier ADD nb=pfnmap0#1',
      expect.stringMatching(/^container0.type1 LINK_PFNMAP dma=container0.dma0#1 pfnmap=pfnmap0#1/),
      'vmm.mmap_lock UP_READ',
      't1 RETURN ret=0 pfn=0xfe802',
    ])
    expect(run.atRest).toBe(true)
  })

  test('registers once', () => {
    const known = { ...dma, pfnmaps: [{ ptr: pfnmap, device: 'dev2', iova: 0x1000n, size: 0x2000n }] }
    const run = feed(vmaPrivate, input(), getPfn, 'LOCKED', found(vma), device, answered({ dma: known }), 'UNLOCKED')
    expect(run.said.slice(4)).toEqual(['vmm.mmap_lock UP_READ', 't1 RETURN ret=0 pfn=0xfe802'])
    expect(run.atRest).toBe(true)
  })

  test('fails where nothing is mapped', () => {
    const run = feed(vmaPrivate, input(), getPfn, 'LOCKED', found(null), 'UNLOCKED')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EFAULT pfn=null')
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['a driver that opted out', driverVma],
    ['something without vm_ops', { ...driverVma, device: null, ops: null }],
  ])('fails for a vma of %s under strict_mmio_maps', (_, vma) => {
    const run = feed(vmaPrivate, input(), getPfn, 'LOCKED', found(vma), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['vmm.mmap_lock UP_READ', 't1 RETURN ret=-ENODEV pfn=null'])
    expect(run.atRest).toBe(true)
  })

  test('of a vma that takes no part otherwise looks at its pte, through a fault if need be', () => {
    const run = feed(
      vmaPrivate,
      input({ strict: false }),
      ...[getPfn, 'LOCKED', found(driverVma), answered({ pfn: null }), { type: 'RETURN', ret: 0 }],
      ...[answered({ pfn: 0xfe802n }), 'UNLOCKED'],
    )
    expect(run.said.slice(2)).toEqual([
      'vmm.ptes GET vaddr=0x80000',
      't1/fault CALL process=vmm vaddr=0x80000 vma=[object Object]',
      'vmm.ptes GET vaddr=0x80000',
      'vmm.mmap_lock UP_READ',
      't1 RETURN ret=0 pfn=0xfe802',
    ])
    expect(run.atRest).toBe(true)
  })

  test('fails where the fault does', () => {
    const fault = { type: 'RETURN', ret: '-SIGBUS' }
    const asked = [getPfn, 'LOCKED', found(driverVma), answered({ pfn: null })]
    const run = feed(vmaPrivate, input({ strict: false }), ...asked, fault, 'UNLOCKED')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EFAULT pfn=null')
    const again = [...asked, { type: 'RETURN', ret: 0 }, answered({ pfn: null }), 'UNLOCKED']
    expect(feed(vmaPrivate, input({ strict: false }), ...again).said.at(-1)).toBe('t1 RETURN ret=-EFAULT pfn=null')
  })

  test('of a device whose container is gone undoes the registration', () => {
    const run = feed(
      vmaPrivate,
      input(),
      ...[getPfn, 'LOCKED', found(vma), device, answered({ dma }), done, answered({ ptr: pfnmap })],
      ...[answered({ ret: '-EINVAL' }), done, done, 'UNLOCKED'],
    )
    expect(run.said.slice(7)).toEqual([
      expect.stringMatching(/^pfnmaps FREE ptr=pfnmap0#1/),
      'dev2 PUT',
      'vmm.mmap_lock UP_READ',
      't1 RETURN ret=-EINVAL pfn=null',
    ])
    expect(run.atRest).toBe(true)
  })
})
