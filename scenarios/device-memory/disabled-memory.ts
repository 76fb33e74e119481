import { disableMemory, enableMemory, mapMemory, share } from '../../actors/kernel/device-memory/describe.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { onDevices } from './story.ts'
import {
  acrossContainers,
  dmaArrives,
  everybodyFinishes,
  noDmaWhileDisabled,
  nothingLeaks,
  page,
  reads,
} from './words.ts'

/** What the cover letters leave open: COMMAND.MEMORY is cleared while device 1 reads. */
export const disabledMemory = onDevices({
  name: 'disabled-memory',
  windows: ['B-14'],
  source:
    'the cover letters of both series ("What I don’t tackle here is when device memory is disabled"), Feb 2021; vfio-pci of 6.19 for dma-buf',
  why:
    'A CPU that touches disabled device memory is kept from it since 5.8. A device that does so by DMA meets an Unsupported Request; taking the ' +
    'mapping or its permissions away turns that into an IOMMU fault. On a platform that escalates errors either is fatal, and only the program can help it.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: {
    vmm0: [disableMemory('dev2'), enableMemory('dev2')],
    'dev1.engine': reads(1),
  },
  properties: [
    noDmaWhileDisabled,
    nothingLeaks,
    sometimes<LinuxView>(
      'memory is disabled while a DMA is still to come',
      (w) => !w.deviceMemory.memoryOn('dev2') && w.deviceMemory.dmas.length < 1,
    ),
    dmaArrives,
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 36,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 36,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-ops',
      as: 'repaired',
      states: 36,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'device-notifier',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'device-notifier',
      as: 'repaired',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-private',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-private',
      as: 'repaired',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      as: 'repaired',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    { protocol: 'dma-buf', states: 48, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 48, findings: [] },
    { protocol: 'none', platform: 'fatal', states: 28, findings: ['fatal: Unsupported Request of dev1'] },
    { protocol: 'device-notifier', platform: 'fatal', states: 24, findings: ['fatal: Unsupported Request of dev1'] },
    { protocol: 'device-notifier', memory: 'unmap', states: 372, findings: [] },
    { protocol: 'device-notifier', memory: 'revoke', states: 44, findings: [] },
    {
      protocol: 'device-notifier',
      memory: 'revoke',
      platform: 'fatal',
      states: 32,
      findings: ['fatal: IOMMU fault of dev1'],
    },
    { protocol: 'vma-to-pfn', platform: 'fatal', states: 24, findings: ['fatal: Unsupported Request of dev1'] },
    { protocol: 'vma-to-pfn', memory: 'unmap', states: 380, findings: [] },
    { protocol: 'vma-to-pfn', memory: 'revoke', states: 44, findings: [] },
    {
      protocol: 'vma-to-pfn',
      memory: 'revoke',
      platform: 'fatal',
      states: 32,
      findings: ['fatal: IOMMU fault of dev1'],
    },
    { protocol: 'dma-buf', platform: 'fatal', states: 36, findings: ['fatal: IOMMU fault of dev1'] },
    { protocol: 'dma-buf', memory: 'unmap', states: 48, findings: [] },
    { protocol: 'dma-buf', memory: 'revoke', states: 48, findings: [] },
    { protocol: 'dma-buf', memory: 'revoke', platform: 'fatal', states: 36, findings: ['fatal: IOMMU fault of dev1'] },
    {
      protocol: 'dma-buf',
      memory: 'keep',
      states: 32,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
  ],
})
