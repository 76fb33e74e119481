import { describe, expect, test } from 'vitest'
import { forms } from '../../machines/type1/device-memory/forms.ts'
import { vmaToPfn } from '../../machines/type1/device-memory/vma-to-pfn.ts'
import { feed } from './feed.ts'

const device = (id: string, pfn: bigint) => ({
  ...{ device: id, container: 'container1', closeContainer: 't1/container1.close' },
  ...{ notifier: `${id}.notifier`, guard: `${id}.srcu`, bars: { 0: pfn } },
})
const at = {
  processes: { vmm: { mmapLock: 'vmm.mmap_lock', mm: 'vmm.mm', ptes: 'vmm.ptes' } },
  containers: { container0: { lock: 'container0.lock', type1: 'container0.type1' } },
  devices: { dev2: device('dev2', 0xfe000n), dev3: device('dev3', 0xfd000n) },
  ...{ fault: 't1/fault', hardware: 'hardware', pfnmaps: 'pfnmaps', events: 'events', worker: 'kworker/protocol' },
}
const { posted, repaired } = forms['vma-to-pfn']
const input = (form: object = posted) => ({ task: 't1', at, form })
const call = (what: string, more: object) => ({ type: 'CALL', do: what, ...more })
const answered = (fields: object) => ({ type: 'ANSWER', ...fields })
const done = answered({ ret: 0 })

const dma0 = { id: 'container0.dma0', gen: 1 }
const pfnmap0 = { id: 'pfnmap0', gen: 1 }
const pfnmap1 = { id: 'pfnmap1', gen: 1 }
const covering = (ptr: object, device: string, iova: bigint) => ({ ptr, device, iova, size: 0x1000n })
const dma = (...pfnmaps: object[]) => ({
  ptr: dma0,
  ...{ iova: 0x1000n, size: 0x2000n, process: 'vmm', vaddr: 0x7f000n, pfnmaps },
})
const vma = (device: string | null, start: bigint) => ({
  ptr: { id: 'vmm.vma0', gen: 1 },
  ...{ start, size: 0x1000n, device, bar: 0, pgoff: 0n, ops: device && 'driver', private: null },
})
const fields = { container: 'container0', device: 'dev2', dma: dma0, base: 0xfe000n }

describe('getting a pfn', () => {
  const getPfn = (vaddr: bigint) => call('GET_PFN', { container: 'container0', process: 'vmm', dma: dma0, vaddr })
  const first = vma('dev2', 0x7f000n)
  const second = vma('dev3', 0x80000n)
  const known = dma(covering(pfnmap0, 'dev2', 0x1000n))

  test('asks the driver for the base, registers, and looks at no pte', () => {
    const run = feed(
      vmaToPfn,
      input(),
      ...[getPfn(0x7f000n), 'LOCKED', answered({ vma: first }), answered({ dma: dma() }), done],
      ...[answered({ ptr: pfnmap0 }), done, 'ADDED', done, 'UNLOCKED'],
    )
    expect(run.said).toEqual([
      'vmm.mmap_lock DOWN_READ',
      'vmm.mm FIND vaddr=0x7f000',
      expect.stringMatching(/^container0.type1 USE dma=container0.dma0#1/),
      'dev2 GET',
      'pfnmaps ALLOC fields=[object Object]',
      'container1 ADD_USER',
      'dev2.notifier ADD nb=pfnmap0#1',
      expect.stringMatching(/^container0.type1 LINK_PFNMAP dma=container0.dma0#1 pfnmap=pfnmap0#1/),
      'vmm.mmap_lock UP_READ',
      't1 RETURN ret=0 pfn=0xfe000',
    ])
    expect(run.atRest).toBe(true)
  })

  test('as posted goes by the base of the first vma: wrong pages', () => {
    const run = feed(
      vmaToPfn,
      input(),
      ...[getPfn(0x80000n), 'LOCKED', answered({ vma: second }), answered({ dma: known }), answered({ fields })],
      'UNLOCKED',
    )
    expect(run.said.slice(3)).toEqual([
      'pfnmaps USE ptr=pfnmap0#1 site=vaddr_get_pfn',
      'vmm.mmap_lock UP_READ',
      't1 RETURN ret=0 pfn=0xfe000',
    ])
    expect(run.atRest).toBe(true)
  })

  test('repaired goes by the base of the vma, and registers for its device, too', () => {
    const asked = [getPfn(0x80000n), 'LOCKED', answered({ vma: second })]
    const run = feed(
      vmaToPfn,
      input(repaired),
      ...[...asked, answered({ dma: known }), done, answered({ ptr: pfnmap1 }), done, done, 'ADDED', done, 'UNLOCKED'],
    )
    expect(run.said).toContain('dev3.notifier ADD nb=pfnmap1#1')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=0 pfn=0xfd000')
    expect(run.atRest).toBe(true)
    const both = dma(covering(pfnmap0, 'dev2', 0x1000n), covering(pfnmap1, 'dev3', 0x2000n))
    const again = feed(vmaToPfn, input(repaired), ...asked, answered({ dma: both }), 'UNLOCKED')
    expect(again.said.slice(3)).toEqual(['vmm.mmap_lock UP_READ', 't1 RETURN ret=0 pfn=0xfd000'])
  })

  test('fails under strict_mmio_maps for what is not of a device file', () => {
    const foreign = answered({ vma: vma(null, 0x7f000n) })
    const run = feed(vmaToPfn, input(), getPfn(0x7f000n), 'LOCKED', foreign, answered({ dma: dma() }), 'UNLOCKED')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EINVAL pfn=null')
    expect(run.atRest).toBe(true)
  })

  test('otherwise looks at the pte of what is not of a device file', () => {
    const foreign = answered({ vma: vma(null, 0x7f000n) })
    const run = feed(
      vmaToPfn,
      input({ ...posted, strict: false }),
      ...[getPfn(0x7f000n), 'LOCKED', foreign, answered({ dma: dma() }), answered({ pfn: 0xa0n }), 'UNLOCKED'],
    )
    expect(run.said.slice(3)).toEqual([
      'vmm.ptes GET vaddr=0x7f000',
      'vmm.mmap_lock UP_READ',
      't1 RETURN ret=0 pfn=0xa0',
    ])
  })

  test('fails where nothing is mapped', () => {
    const run = feed(vmaToPfn, input(), getPfn(0x7f000n), 'LOCKED', answered({ vma: null }), 'UNLOCKED')
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EFAULT pfn=null')
  })
})

describe('a device that is released', () => {
  const release = call('RELEASE', { device: 'dev2' })
  const nb = (nb: string | null) => ({ type: 'NB', nb })
  const linked = answered({ fields })
  const unlinked = answered({ fields: { ...fields, dma: null } })
  const mapped = answered({ dma: dma(covering(pfnmap0, 'dev2', 0x1000n)) })

  test('finds the mapping by the pointer in the pfnmap, and clears both pointers together', () => {
    const run = feed(
      vmaToPfn,
      input(),
      ...[
        release,
        'LOCKED',
        nb('pfnmap0#1'),
        linked,
        'LOCKED',
        linked,
        mapped,
        done,
        done,
        done,
        'REMOVED',
        'UNLOCKED',
      ],
      ...[linked, 'QUEUED', nb(null), 'UNLOCKED'],
    )
    const said = run.said.map((line) => line.replace(/ site=.*/, ''))
    expect(said).toEqual([
      'dev2.srcu READ_LOCK',
      'dev2.notifier NEXT after=[]',
      'pfnmaps USE ptr=pfnmap0#1',
      'container0.lock LOCK',
      'pfnmaps USE ptr=pfnmap0#1',
      'container0.type1 USE dma=container0.dma0#1',
      'container0.type1 UNLINK_PFNMAP dma=container0.dma0#1 pfnmap=pfnmap0#1',
      'pfnmaps SET ptr=pfnmap0#1',
      'hardware UNMAP domain=container0 iova=0x1000 size=0x2000',
      'container0.type1 REMOVE dma=container0.dma0#1',
      'container0.lock UNLOCK',
      'pfnmaps USE ptr=pfnmap0#1',
      expect.stringMatching(/^events QUEUE item=pfnmap0#1/),
      'dev2.notifier NEXT after=[pfnmap0#1]',
      'dev2.srcu READ_UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('told again finds no pointer and queues nothing', () => {
    const run = feed(
      vmaToPfn,
      input(),
      ...[release, 'LOCKED', nb('pfnmap0#1'), linked, 'LOCKED', unlinked, answered({ dmas: [] }), 'UNLOCKED'],
      ...[nb(null), 'UNLOCKED'],
    )
    expect(run.said.slice(5)).toEqual([
      'container0.type1 LIST site=vfio_device_nb_cb',
      'container0.lock UNLOCK',
      'dev2.notifier NEXT after=[pfnmap0#1]',
      'dev2.srcu READ_UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('takes what else the mapping reaches into with it', () => {
    const both = answered({ dma: dma(covering(pfnmap0, 'dev2', 0x1000n), covering(pfnmap1, 'dev3', 0x2000n)) })
    const run = feed(
      vmaToPfn,
      input(repaired),
      ...[release, 'LOCKED', nb('pfnmap0#1'), linked, 'LOCKED', linked, both, done, done, done],
      ...[done, done, 'QUEUED', 'REMOVED', 'UNLOCKED'],
    )
    const said = run.said.map((line) => line.replace(/ site=.*/, ''))
    expect(said.slice(8)).toEqual([
      'hardware UNMAP domain=container0 iova=0x1000 size=0x2000',
      'container0.type1 UNLINK_PFNMAP dma=container0.dma0#1 pfnmap=pfnmap1#1',
      'pfnmaps SET ptr=pfnmap1#1',
      expect.stringMatching(/^events QUEUE item=pfnmap1#1/),
      'container0.type1 REMOVE dma=container0.dma0#1',
      'container0.lock UNLOCK',
      'pfnmaps USE ptr=pfnmap0#1',
    ])
  })

  test('whose memory is disabled may lose its permissions only', () => {
    const run = feed(
      vmaToPfn,
      input({ ...posted, memory: 'revoke' }),
      ...[call('MEMORY', { device: 'dev2', on: false }), 'LOCKED', nb('pfnmap0#1'), linked, 'LOCKED', linked, mapped],
      ...[done, 'UNLOCKED', nb(null), 'UNLOCKED'],
    )
    expect(run.said.slice(6, 8)).toEqual([
      'hardware ALLOW domain=container0 iova=0x1000 size=0x1000 allowed=false',
      'container0.lock UNLOCK',
    ])
    expect(run.atRest).toBe(true)
  })
})

describe('a mapping that goes', () => {
  const forget = call('FORGET', { container: 'container0', dma: dma(covering(pfnmap0, 'dev2', 0x1000n)) })

  test('repaired is taken from its pfnmap, which a kworker unregisters', () => {
    const run = feed(vmaToPfn, input(repaired), forget, done, done, 'QUEUED')
    const said = run.said.map((line) => line.replace(/ site=.*/, ''))
    expect(said).toEqual([
      'container0.type1 UNLINK_PFNMAP dma=container0.dma0#1 pfnmap=pfnmap0#1',
      'pfnmaps SET ptr=pfnmap0#1',
      expect.stringMatching(/^events QUEUE item=pfnmap0#1/),
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('as posted waits for every callback under iommu->lock (B-11)', () => {
    const run = feed(vmaToPfn, input(), forget, answered({ fields }), { type: 'DELETED', ret: 0 })
    expect(run.said.at(-1)).toBe('dev2.srcu SYNCHRONIZE')
  })
})
