import { expect, test } from 'vitest'
import { removeDma } from '../../machines/type1/unmap/remove-dma.ts'
import { feed } from './feed.ts'

const ptr = { id: 'container0.dma0', gen: 1 }
const at = { type1: 'container0.type1', hardware: 'hardware', protocol: 't1/none' }
const input = { task: 't1', container: 'container0', at }
const remove = { type: 'REMOVE', dma: ptr, site: 'vfio_remove_dma' }
const dma = { ptr, iova: 0x1000n, size: 0x1000n, prot: 'rw', mm: 'vmm', pins: [] }

test('memory of a process is freed, and there is nothing to take out of the IOMMU', () => {
  const run = feed(removeDma, input, remove, { type: 'ANSWER', dma }, 'REMOVED')
  expect(run.said).toEqual([
    'container0.type1 USE dma=container0.dma0#1 site=vfio_unmap_unpin',
    'container0.type1 REMOVE dma=container0.dma0#1 site=vfio_remove_dma',
    't1 REMOVED',
  ])
  expect(run.atRest).toBe(true)
})

test('memory of a device leaves the IOMMU and is forgotten by the protocol before its mapping is freed', () => {
  const run = feed(removeDma, input, remove, { type: 'ANSWER', dma: { ...dma, vaddr: 0n, pfnmaps: [] } }, 'ANSWER')
  expect(run.said.slice(1)).toEqual([
    'hardware UNMAP domain=container0 iova=0x1000 size=0x1000',
    expect.stringMatching(/^t1\/none CALL do=FORGET container=container0 dma=/),
  ])
})
