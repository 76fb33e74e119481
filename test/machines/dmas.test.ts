import { describe, expect, test } from 'vitest'
import { type1 } from '../../machines/type1/backend/type1.ts'
import { mapDeviceMemory } from '../../machines/type1/device-memory/map.ts'
import { unmapDeviceMemory } from '../../machines/type1/device-memory/unmap.ts'
import { calls, drive, type Driven, last, type Message, tell, wrongs } from './drive.ts'

const page = 0x1000n
const dma0 = { id: 'container0.dma0', gen: 1 }
const pfnmap = (gen: number) => ({ id: 'pfnmap0', gen })
const ask = (object: Driven, type: string, more: object = {}): any => last(object.hear({ type, ...more }))
const insert = (object: Driven, iova: bigint, size = page) =>
  ask(object, 'INSERT', { iova, size, process: 'vmm', vaddr: 0x7000_0000n + iova })
const cover = { iova: page, size: page, device: 'dev2' }

function withOne(): Driven {
  const object = drive(type1, { prefix: 'container0.' })
  insert(object, page)
  return object
}

describe('the mappings of a container', () => {
  test('one that overlaps another is refused', () => {
    expect(insert(withOne(), page)).toMatchObject({ ret: '-EEXIST', dma: null })
    expect(insert(withOne(), 2n * page)).toMatchObject({ ret: 0, dma: { id: 'container0.dma1', gen: 1 } })
  })

  test('a range finds what lies in it whole, lowest first', () => {
    const object = drive(type1, { prefix: 'container0.' })
    insert(object, 4n * page, 2n * page)
    insert(object, page)
    const find = (iova: bigint, size: bigint) => ask(object, 'FIND_WHOLE', { iova, size }).dma
    expect(find(0n, 16n * page)).toMatchObject({ iova: page, mm: 'vmm', pfnmaps: [] })
    expect(find(2n * page, 16n * page)).toMatchObject({ iova: 4n * page })
    expect(find(5n * page, page)).toBeNull()
  })

  test('a pfnmap is found by its address: whoever lives there next is taken for it', () => {
    const object = withOne()
    expect(ask(object, 'BY_PFNMAP', { pfnmap: pfnmap(1) }).dma).toBeNull()
    ask(object, 'LINK_PFNMAP', { dma: dma0, pfnmap: pfnmap(2), ...cover })
    expect(ask(object, 'BY_PFNMAP', { pfnmap: pfnmap(1) }).dma).toMatchObject({
      ptr: dma0,
      pfnmaps: [{ ptr: pfnmap(2), ...cover }],
    })
    ask(object, 'UNLINK_PFNMAP', { dma: dma0, pfnmap: pfnmap(2) })
    expect(ask(object, 'BY_PFNMAP', { pfnmap: pfnmap(2) }).dma).toBeNull()
  })

  test('an address is used again for another life, and the old one is over', () => {
    const object = withOne()
    expect(tell(object.hear({ type: 'REMOVE', dma: dma0, site: 'vfio_remove_dma' }))).toEqual([
      'container0.dma0#1 freed',
      'REMOVED t1',
    ])
    expect(insert(object, page).dma).toEqual({ ...dma0, gen: 2 })
    expect(wrongs(object.hear({ type: 'USE', dma: dma0, site: 'vaddr_get_pfn' }))).toMatchObject([
      { kind: 'use-after-free', title: 'use-after-free in vaddr_get_pfn', fatal: true, object: 'container0.dma0#1' },
    ])
    expect(wrongs(object.hear({ type: 'REMOVE', dma: dma0, site: 'vfio_remove_dma' }))).toMatchObject([
      { kind: 'double-free', title: 'double-free in vfio_remove_dma' },
    ])
  })

  test('once the backend is freed every question is a use-after-free of it', () => {
    const object = withOne()
    expect(tell(object.hear({ type: 'FREE' }))).toEqual(['container0.type1 freed', 'ANSWER t1'])
    expect(wrongs(object.hear({ type: 'BY_PFNMAP', pfnmap: pfnmap(1) }))).toMatchObject([
      { title: 'use-after-free in pfnmap_find_dma', object: 'container0.type1' },
    ])
  })

  test('a pfnmap that holds a reference keeps the backend until it is put', () => {
    const object = withOne()
    ask(object, 'GET')
    ask(object, 'REMOVE', { dma: dma0, site: 'vfio_remove_dma' })
    expect(tell(object.hear({ type: 'FREE' }))).toEqual(['ANSWER t1'])
    expect(ask(object, 'BY_PFNMAP', { pfnmap: pfnmap(1) }).dma).toBeNull()
    expect(insert(object, page)).toMatchObject({ ret: '-EINVAL' })
    expect(tell(object.hear({ type: 'PUT' }))).toEqual(['container0.type1 freed', 'ANSWER t1'])
    expect(object.state).toBe('freed')
  })

  test('one put too many is counted as such', () => {
    expect(wrongs(withOne().hear({ type: 'PUT' }))).toMatchObject([{ kind: 'refcount', object: 'container0.type1' }])
  })
})

const at = { users: 'C', lock: 'C.lock', type1: 'C.type1', hardware: 'hardware', protocol: 'protocol' }
const input = { task: 't1', container: 'C', at }
const added: Message = { type: 'ANSWER', ret: 0, dma: dma0 }
const done: Message = { type: 'ANSWER', ret: 0 }
const dissolved: Message = { type: 'ANSWER', ret: '-EINVAL' }
const pfn = (number: bigint): Message => ({ type: 'RETURN', ret: 0, pfn: number })
const record = { ptr: dma0, iova: page, size: 2n * page, mm: 'vmm', prot: 'rw', vaddr: 0x7000n, pins: [], pfnmaps: [] }

describe('mapping device memory', () => {
  const args = { iova: page, size: 2n * page, process: 'vmm', vaddr: 0x7000n }
  const map = (...answers: (string | Message)[]) => calls(mapDeviceMemory, input, args, answers)

  test('asks the protocol for each page, and puts it where it belongs', () => {
    const run = map(done, 'LOCKED', added, pfn(7n), done, pfn(9n), done, 'UNLOCKED')
    expect(run.told).toEqual([
      'HAS_IOMMU C',
      'LOCK C.lock',
      'INSERT C.type1',
      'CALL protocol',
      'MAP hardware',
      'CALL protocol',
      'MAP hardware',
      'UNLOCK C.lock',
      'RETURN t1',
    ])
    const messages = run.said.map((said) => (said.type === 'send' ? said.message : {}))
    expect(messages[3]).toMatchObject({ do: 'GET_PFN', container: 'C', process: 'vmm', dma: dma0, vaddr: 0x7000n })
    expect(messages[6]).toMatchObject({ domain: 'C', iova: 2n * page, pfn: 9n })
    expect(last(run.said)).toEqual({ type: 'RETURN', task: 't1', ret: 0 })
    expect(run.call.context).toEqual(drive(mapDeviceMemory, input).context)
  })

  test('a page that is refused takes the whole mapping back', () => {
    const refused = { type: 'RETURN', ret: '-ENODEV', pfn: null }
    const read = { type: 'ANSWER', dma: record }
    const run = map(done, 'LOCKED', added, pfn(7n), done, refused, done, read, 'RETURN', 'REMOVED', 'UNLOCKED')
    expect(run.told.slice(-6)).toEqual([
      'UNMAP hardware',
      'USE C.type1',
      'CALL protocol',
      'REMOVE C.type1',
      'UNLOCK C.lock',
      'RETURN t1',
    ])
    expect(last(run.said)).toMatchObject({ ret: '-ENODEV' })
  })

  test('an overlap is refused before anything happens', () => {
    const run = map(done, 'LOCKED', { type: 'ANSWER', ret: '-EEXIST', dma: null }, 'UNLOCKED')
    expect(run.told).toEqual(['HAS_IOMMU C', 'LOCK C.lock', 'INSERT C.type1', 'UNLOCK C.lock', 'RETURN t1'])
    expect(last(run.said)).toMatchObject({ ret: '-EEXIST' })
  })

  test('in a container that was dissolved is refused before anything is locked', () => {
    const run = map(dissolved)
    expect(run.told).toEqual(['HAS_IOMMU C', 'RETURN t1'])
    expect(last(run.said)).toEqual({ type: 'RETURN', task: 't1', ret: '-EINVAL' })
    expect(run.call.context).toEqual(drive(mapDeviceMemory, input).context)
  })

  test('a dma-buf is put into the IOMMU by the protocol, all at once', () => {
    const buf = { iova: page, size: 2n * page, process: null, dmabuf: 'dev2' }
    const run = calls(mapDeviceMemory, input, buf, [done, 'LOCKED', added, { type: 'RETURN', ret: 0, mapped: true }])
    expect(run.told).toEqual(['HAS_IOMMU C', 'LOCK C.lock', 'INSERT C.type1', 'CALL protocol', 'UNLOCK C.lock'])
    expect(run.said[3]).toMatchObject({ message: { do: 'GET_PFN', dmabuf: 'dev2', iova: page, size: 2n * page } })
  })
})

describe('unmapping device memory', () => {
  test('takes each mapping out of the IOMMU, has it forgotten and frees it, under one lock', () => {
    const found = { type: 'ANSWER', dma: record }
    const none = { type: 'ANSWER', dma: null }
    const answers = [done, 'LOCKED', found, done, 'RETURN', 'REMOVED', none, 'UNLOCKED']
    const run = calls(unmapDeviceMemory, input, { iova: 0n, size: 16n * page }, answers)
    expect(run.told).toEqual([
      'HAS_IOMMU C',
      'LOCK C.lock',
      'FIND_WHOLE C.type1',
      'UNMAP hardware',
      'CALL protocol',
      'REMOVE C.type1',
      'FIND_WHOLE C.type1',
      'UNLOCK C.lock',
      'RETURN t1',
    ])
    expect(run.said[4]).toMatchObject({ message: { do: 'FORGET', container: 'C', dma: record } })
    expect(last(run.said)).toEqual({ type: 'RETURN', task: 't1', ret: 0, size: 2n * page })
    expect(run.call.context).toEqual(drive(unmapDeviceMemory, input).context)
  })
  test('in a container that was dissolved is refused before anything is locked', () => {
    const run = calls(unmapDeviceMemory, input, { iova: 0n, size: 16n * page }, [dissolved])
    expect(run.told).toEqual(['HAS_IOMMU C', 'RETURN t1'])
    expect(last(run.said)).toEqual({ type: 'RETURN', task: 't1', ret: '-EINVAL', size: 0n })
    expect(run.call.context).toEqual(drive(unmapDeviceMemory, input).context)
  })
})
