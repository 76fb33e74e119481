import { closeDevice, mapMemory, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import {
  acrossContainers,
  dmaArrives,
  everybodyFinishes,
  noDmaAfterRelease,
  nothingLeaks,
  page,
  reads,
  released,
} from './words.ts'

/** The problem all these series are about: device 2 is closed while its memory is mapped for device 1, which goes on reading. */
export const closedDevice = onDevices({
  name: 'closed-device',
  windows: ['B-13'],
  source: '[RFC PATCH 0/3] and [RFC PATCH 00/10] vfio: Device memory DMA mapping improvements, Feb 2021',
  why:
    'Device memory is mapped for DMA without a pin and without anybody being told when it goes. Device 2 is released, and may be given to ' +
    'somebody else; device 1, in another container, still reads from it. One thread maps while another closes and device 1 reads all along.',
  inTable: ['double-unregister'],
  byDefault: 'none',
  devices: acrossContainers,
  before: [share('dev2')],
  tasks: {
    vmm0: [mapMemory('container0', page, 'dev2')],
    vmm1: [unshare('dev2'), closeDevice('dev2')],
    'dev1.engine': reads(1),
  },
  properties: [noDmaAfterRelease, nothingLeaks, released('dev2'), dmaArrives, everybodyFinishes],
  expected: [
    {
      protocol: 'none',
      states: 924,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 2116,
      findings: ['lock order device->notifier.rwsem → iommu->lock → device->notifier.rwsem'],
    },
    { protocol: 'vma-ops', as: 'repaired', states: 2576, findings: [] },
    { protocol: 'device-notifier', states: 2024, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 2228, findings: [] },
    { protocol: 'vma-private', states: 2020, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 2224, findings: [] },
    { protocol: 'vma-to-pfn', states: 1968, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 2172, findings: [] },
    { protocol: 'dma-buf', states: 616, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 592, findings: [] },
  ],
})
