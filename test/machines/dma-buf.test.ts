import { describe, expect, test } from 'vitest'
import { dmaBufObject } from '../../machines/type1/device-memory/dma-buf-object.ts'
import { dmaBuf } from '../../machines/type1/device-memory/dma-buf.ts'
import { exportDmaBuf } from '../../machines/type1/device-memory/export.ts'
import { feed } from './feed.ts'

const bar = { pfn: 0xfe000n, pages: 2n }
const places = { device: 'dev2', memoryLock: 'dev2.memory_lock', dmaResv: 'dev2.dma_resv', dmabuf: 'dev2.dmabuf' }
const range = { container: 'container0', iova: 0x1000n, size: 0x2000n }
const answered = (fields: Readonly<Record<string, unknown>>) => ({ type: 'ANSWER', ...fields })
const done = answered({ ret: 0 })

describe('a buffer', () => {
  const input = { device: 'dev2' }
  const exported = { type: 'EXPORT', bar, revoked: false }
  const attach = { type: 'ATTACH', ...range }
  const detach = { type: 'DETACH', container: 'container0', iova: 0x1000n }
  const move = (revoked: boolean) => ({ type: 'MOVE', revoked })

  test('that nobody exported cannot be attached to', () => {
    expect(feed(dmaBufObject, input, attach, detach, 'READ').said).toEqual([
      't1 ANSWER ret=-EBADF',
      't1 ANSWER ret=0',
      't1 ANSWER listed=false revoked=true',
    ])
  })

  test('is exported once', () => {
    expect(feed(dmaBufObject, input, exported, exported).said).toEqual([
      '~ dev2.dmabuf allocated',
      't1 ANSWER ret=0',
      't1 ANSWER ret=-EBUSY',
    ])
  })

  test('tells whoever attaches where it lies, unless he wants more than there is', () => {
    const run = feed(dmaBufObject, input, exported, attach, { ...attach, iova: 0x9000n, size: 0x3000n })
    expect(run.said.slice(2)).toEqual(['t1 ANSWER ret=0 pfn=0xfe000', 't1 ANSWER ret=-EINVAL'])
  })

  test('revoked, tells who has it mapped, once, and lets nobody attach', () => {
    const run = feed(dmaBufObject, input, exported, attach, move(true), attach, move(false), move(true))
    expect(run.said.slice(3)).toEqual([
      '~ dev2.dmabuf revoked',
      't1 ANSWER ret=0 mapped=[[object Object]]',
      't1 ANSWER ret=-ENODEV',
      '~ dev2.dmabuf permitted again',
      't1 ANSWER ret=0 mapped=[]',
      '~ dev2.dmabuf revoked',
      't1 ANSWER ret=0 mapped=[]',
    ])
    expect(run.snapshot.context.attachments).toEqual([{ ...range, mapped: false }])
  })

  test('born revoked can be attached to once memory is enabled', () => {
    const run = feed(dmaBufObject, input, { ...exported, revoked: true }, attach, move(false), attach)
    expect(run.said.filter((line) => !line.startsWith('~')).slice(1)).toEqual([
      't1 ANSWER ret=-ENODEV',
      't1 ANSWER ret=0 mapped=[]',
      't1 ANSWER ret=0 pfn=0xfe000',
    ])
  })

  test('whose device left lives as long as somebody is attached', () => {
    const other = { ...attach, container: 'container1' }
    const run = feed(
      dmaBufObject,
      input,
      ...[exported, other, attach, 'CLEAN_UP', attach, 'READ'],
      ...[detach, { ...detach, container: 'container1' }],
    )
    expect(run.said.slice(4)).toEqual([
      '~ dev2.dmabuf revoked',
      't1 ANSWER ret=0 mapped=[[object Object], [object Object]]',
      't1 ANSWER ret=-ENODEV',
      't1 ANSWER listed=false revoked=true',
      't1 ANSWER ret=0',
      '~ dev2.dmabuf freed',
      't1 ANSWER ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('whose device left does not keep the next owner from exporting', () => {
    const run = feed(dmaBufObject, input, exported, attach, 'CLEAN_UP', exported, { ...attach, iova: 0x9000n })
    expect(run.said.slice(-2)).toEqual(['t1 ANSWER ret=0', 't1 ANSWER ret=0 pfn=0xfe000'])
    expect(run.snapshot.context.attachments.map(({ mapped }: { mapped: boolean }) => mapped)).toEqual([false, true])
  })

  test('that nobody is attached to goes with its device', () => {
    const run = feed(dmaBufObject, input, exported, attach, detach, 'CLEAN_UP')
    expect(run.said.slice(-2)).toEqual(['t1 ANSWER ret=0 mapped=[]', '~ dev2.dmabuf freed'])
    expect(run.atRest).toBe(true)
  })
})

describe('exporting', () => {
  const at = { ...places, file: 'dev2.file', release: 't1/dev2.release', hardware: 'hardware' }
  const input = { task: 't1', device: 'dev2', bars: { 0: bar }, at }
  const call = { type: 'CALL', process: 'vmm' }
  const kept = answered({ last: false })
  const locked = [done, done, 'LOCKED', answered({ on: true }), 'LOCKED']

  test('keeps the device registered, and looks at its memory with memory_lock held', () => {
    const run = feed(exportDmaBuf, input, call, ...locked, done, 'UNLOCKED', 'UNLOCKED', kept)
    expect(run.said).toEqual([
      'dev2.file GET fd=true process=vmm',
      'dev2 GET',
      'dev2.memory_lock DOWN_WRITE',
      'hardware IS_ON device=dev2',
      'dev2.dma_resv LOCK',
      'dev2.dmabuf EXPORT bar=[object Object] revoked=false',
      'dev2.dma_resv UNLOCK',
      'dev2.memory_lock UP_WRITE',
      'dev2.file PUT',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('while memory is disabled makes a revoked buffer', () => {
    const run = feed(exportDmaBuf, input, call, done, done, 'LOCKED', answered({ on: false }), 'LOCKED')
    expect(run.said.at(-1)).toBe('dev2.dmabuf EXPORT bar=[object Object] revoked=true')
  })

  test('fails on a closed device', () => {
    const run = feed(exportDmaBuf, input, call, answered({ ret: '-EBADF' }))
    expect(run.said.slice(1)).toEqual(['t1 RETURN ret=-EBADF'])
    expect(run.atRest).toBe(true)
  })

  test('fails on a device that is going away', () => {
    const run = feed(exportDmaBuf, input, call, done, answered({ ret: '-ENODEV' }), kept)
    expect(run.said.slice(2)).toEqual(['dev2.file PUT', 't1 RETURN ret=-ENODEV'])
    expect(run.atRest).toBe(true)
  })

  test('that fails gives the registration back', () => {
    const run = feed(
      exportDmaBuf,
      input,
      ...[call, ...locked, answered({ ret: '-EBUSY' }), 'UNLOCKED', 'UNLOCKED', answered({ last: false }), kept],
    )
    expect(run.said.slice(-3)).toEqual(['dev2 PUT', 'dev2.file PUT', 't1 RETURN ret=-EBUSY'])
    expect(run.atRest).toBe(true)
  })

  test('releases the device if the descriptor was closed meanwhile', () => {
    const run = feed(
      exportDmaBuf,
      input,
      ...[call, ...locked, done, 'UNLOCKED', 'UNLOCKED', answered({ last: true }), { type: 'RETURN', ret: 0 }],
    )
    expect(run.said.slice(-3)).toEqual([
      'dev2.file PUT',
      't1/dev2.release CALL device=dev2 process=vmm',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })
})

describe('with dma-buf', () => {
  const at = { hardware: 'hardware', devices: { dev2: places } }
  const input = (cleanup: string) => ({ task: 't1', form: { cleanup }, at })
  const merged = input('after-disable')
  const repaired = input('before-disable')
  const dma = { iova: 0x1000n, size: 0x2000n, dmabuf: 'dev2' }
  const call = (what: string, more: object) => ({ type: 'CALL', do: what, ...more })
  const map = call('GET_PFN', { container: 'container0', ...dma })
  const unmap = call('FORGET', { container: 'container0', dma })
  const memory = (on: boolean) => call('MEMORY', { device: 'dev2', on })
  const release = call('RELEASE', { device: 'dev2' })
  const disabled = call('DISABLED', { device: 'dev2' })
  const other = { ...range, container: 'container1' }

  test('a map fills the IOMMU with dma_resv held', () => {
    const run = feed(dmaBuf, merged, map, 'LOCKED', answered({ ret: 0, pfn: 0xfe000n }), done, done, 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.dma_resv LOCK',
      'dev2.dmabuf ATTACH container=container0 iova=0x1000 size=0x2000',
      'hardware MAP domain=container0 iova=0x1000 pfn=0xfe000',
      'hardware MAP domain=container0 iova=0x2000 pfn=0xfe001',
      'dev2.dma_resv UNLOCK',
      't1 RETURN ret=0 mapped=true',
    ])
    expect(run.atRest).toBe(true)
  })

  test('a map of a revoked buffer fails', () => {
    const run = feed(dmaBuf, merged, map, 'LOCKED', answered({ ret: '-ENODEV' }), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['dev2.dma_resv UNLOCK', 't1 RETURN ret=-ENODEV'])
    expect(run.atRest).toBe(true)
  })

  test('there is no mapping a vma of device memory, and nothing to forget of it', () => {
    const mapped = { iova: 0x1000n, size: 0x2000n, process: 'vmm' }
    const run = feed(
      dmaBuf,
      merged,
      call('GET_PFN', { container: 'container0', ...mapped }),
      call('FORGET', { container: 'container0', dma: mapped }),
    )
    expect(run.said).toEqual(['t1 RETURN ret=-EFAULT', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('an unmap detaches', () => {
    const run = feed(dmaBuf, merged, unmap, 'LOCKED', done, 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.dma_resv LOCK',
      'dev2.dmabuf DETACH container=container0 iova=0x1000',
      'dev2.dma_resv UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('memory that is disabled is taken out of every IOMMU with dma_resv held', () => {
    const listed = answered({ listed: true, revoked: false })
    const mapped = answered({ ret: 0, mapped: [range, other] })
    const run = feed(dmaBuf, merged, memory(false), listed, 'LOCKED', mapped, done, done, 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.dmabuf READ',
      'dev2.dma_resv LOCK',
      'dev2.dmabuf MOVE revoked=true',
      'hardware UNMAP domain=container0 iova=0x1000 size=0x2000',
      'hardware UNMAP domain=container1 iova=0x1000 size=0x2000',
      'dev2.dma_resv UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('memory that is enabled again may be mapped anew', () => {
    const listed = answered({ listed: true, revoked: true })
    const run = feed(dmaBuf, merged, memory(true), listed, 'LOCKED', answered({ ret: 0, mapped: [] }), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['dev2.dmabuf MOVE revoked=false', 'dev2.dma_resv UNLOCK', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('nobody is told of a move that changes nothing', () => {
    const none = feed(dmaBuf, merged, memory(false), answered({ listed: false, revoked: true }))
    const same = feed(dmaBuf, merged, memory(false), answered({ listed: true, revoked: true }))
    expect([none.said, same.said]).toEqual([
      ['dev2.dmabuf READ', 't1 RETURN ret=0'],
      ['dev2.dmabuf READ', 't1 RETURN ret=0'],
    ])
  })

  const listed = answered({ listed: true, revoked: false })
  const cleanUp = [
    'dev2.memory_lock DOWN_WRITE',
    'dev2.dmabuf READ',
    'dev2.dma_resv LOCK',
    'dev2.dmabuf CLEAN_UP',
    'hardware UNMAP domain=container0 iova=0x1000 size=0x2000',
    'dev2.dma_resv UNLOCK',
    'dev2 PUT',
    'dev2.memory_lock UP_WRITE',
    't1 RETURN ret=0',
  ]
  const cleaning = ['LOCKED', listed, 'LOCKED', answered({ ret: 0, mapped: [range] }), done, 'UNLOCKED', done]

  test('the last close cleans up, as merged after the device was disabled (B-37)', () => {
    const run = feed(dmaBuf, merged, release, disabled, ...cleaning, 'UNLOCKED')
    expect(run.said).toEqual(['t1 RETURN ret=0', ...cleanUp])
    expect(run.atRest).toBe(true)
  })

  test('the last close cleans up, repaired before the device is disabled', () => {
    const run = feed(dmaBuf, repaired, release, ...cleaning, 'UNLOCKED', disabled)
    expect(run.said).toEqual([...cleanUp, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('a clean-up takes a buffer out of every IOMMU, or out of none', () => {
    const several = answered({ ret: 0, mapped: [range, other] })
    const two = feed(dmaBuf, repaired, release, 'LOCKED', listed, 'LOCKED', several, done, done)
    expect(two.said.filter((line) => line.includes('UNMAP'))).toHaveLength(2)
    const nobody = answered({ ret: 0, mapped: [] })
    const none = feed(dmaBuf, repaired, release, 'LOCKED', listed, 'LOCKED', nobody, 'UNLOCKED', done, 'UNLOCKED')
    expect(none.said).toEqual(cleanUp.filter((line) => !line.includes('UNMAP')))
  })

  test('a device that exported nothing gives nothing back', () => {
    const unlisted = answered({ listed: false, revoked: true })
    const run = feed(dmaBuf, repaired, release, 'LOCKED', unlisted, 'UNLOCKED')
    expect(run.said).toEqual([
      'dev2.memory_lock DOWN_WRITE',
      'dev2.dmabuf READ',
      'dev2.memory_lock UP_WRITE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })
})
