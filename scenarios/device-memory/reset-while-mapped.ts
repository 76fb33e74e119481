import { hotReset, mapMemory, reset, share } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
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

/** A device is reset while another reads from it. */
export const resetWhileMapped = onDevices({
  name: 'reset-while-mapped',
  windows: ['B-14'],
  source:
    'the cover letter of [RFC PATCH 0/3] ("or while the device is in reset") and the review of 10/10, Feb 2021; vfio-pci of 6.19 for dma-buf; ' +
    'that type1 of today leaves it mapped, reproduced on Linux 6.1.192',
  why:
    'A reset clears COMMAND.MEMORY and everything else, for as long as it takes; afterwards it is written back. CPU mappings are zapped for that ' +
    'time. A DMA of another device meets a device that does not answer, unless its mapping was taken away, or its permissions.',
  inTable: true,
  byDefault: 'dma-buf',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2')],
  tasks: { vmm0: [reset('dev2')], 'dev1.engine': reads(1) },
  properties: [
    noDmaWhileDisabled,
    nothingLeaks,
    sometimes<LinuxView>(
      'the device is in reset while a DMA is still to come',
      (w) => !w.deviceMemory.memoryOn('dev2') && w.deviceMemory.dmas.length < 1,
    ),
    dmaArrives,
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'none',
      states: 30,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 30,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-ops',
      as: 'repaired',
      states: 30,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'device-notifier',
      states: 26,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'device-notifier',
      as: 'repaired',
      states: 26,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-private',
      states: 26,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-private',
      as: 'repaired',
      states: 26,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      states: 26,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    {
      protocol: 'vma-to-pfn',
      as: 'repaired',
      states: 26,
      findings: ['no DMA reaches a device whose memory is disabled'],
      verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
    },
    { protocol: 'dma-buf', states: 42, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 42, findings: [] },
    { protocol: 'device-notifier', memory: 'unmap', states: 318, findings: [] },
    { protocol: 'device-notifier', memory: 'revoke', states: 38, findings: [] },
    { protocol: 'vma-to-pfn', memory: 'unmap', states: 326, findings: [] },
    { protocol: 'vma-to-pfn', memory: 'revoke', states: 38, findings: [] },
    { protocol: 'dma-buf', platform: 'fatal', states: 32, findings: ['fatal: IOMMU fault of dev1'] },
  ],
  mutants: [
    {
      name: 'hot',
      why: 'A hot reset of the bus does the same to every device on it.',
      tasks: { vmm0: [hotReset('dev2')], 'dev1.engine': reads(1) },
      expected: [
        { protocol: 'dma-buf', states: 48, findings: [] },
        {
          protocol: 'device-notifier',
          states: 26,
          findings: ['no DMA reaches a device whose memory is disabled'],
          verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
        },
        { protocol: 'device-notifier', memory: 'revoke', states: 44, findings: [] },
        {
          protocol: 'none',
          states: 30,
          findings: ['no DMA reaches a device whose memory is disabled'],
          verdicts: { 'no DMA reaches a device whose memory is disabled': 'violated' },
        },
      ],
    },
  ],
})
