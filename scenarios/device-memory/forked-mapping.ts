import { disableMemory, fork, load, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, loadIsRefused, noLoadWhileDisabled } from './words.ts'

/** A child inherits a mapping while memory is disabled. */
export const forkedMapping = onDevices({
  name: 'forked-mapping',
  windows: ['B-34', 'B-35'],
  source:
    'vfio_pci_mmap_open of 5.8 to 6.9 ("zap_vma_ptes"), and the inode of each device from 6.10 on; 35e351780fa9 (6.9, and stable kernels) for ' +
    'the other order of open and copy',
  why:
    'fork copies page table entries of device memory before the driver hears of the new vma. By list the driver zaps the copy when it is opened, so ' +
    'that the child faults and gets on the list; if it is opened first, what is copied afterwards stays. By inode the copy is found because it is linked before it is filled.',
  inTable: true,
  byDefault: 'none',
  devices: { dev2: acrossContainers.dev2 },
  before: [mmap('dev2'), load('dev2')],
  tasks: {
    vmm0: [disableMemory('dev2')],
    vmm1: [fork('child')],
    child0: { process: 'child', script: [load('dev2')] },
  },
  properties: [noLoadWhileDisabled, loadIsRefused, everybodyFinishes],
  expected: [
    { protocol: 'none', states: 1476, findings: [] },
    { protocol: 'vma-ops', states: 1476, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 1476, findings: [] },
    { protocol: 'device-notifier', states: 662, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 662, findings: [] },
    { protocol: 'vma-private', states: 662, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 662, findings: [] },
    { protocol: 'vma-to-pfn', states: 662, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 662, findings: [] },
    { protocol: 'dma-buf', states: 662, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 662, findings: [] },
  ],
  mutants: [
    {
      name: 'opened-first',
      why: 'As from 6.9 on, and in stable kernels that took over "fork: defer linking file vma until vma is fully initialized", 6.1.192 among them.',
      but: { fork: 'opens-first' },
      properties: [noLoadWhileDisabled, everybodyFinishes],
      expected: [
        {
          protocol: 'none',
          states: 1819,
          findings: ['no CPU access goes through a zapped mapping'],
          verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
        },
        { protocol: 'device-notifier', states: 662, findings: [] },
      ],
    },
    {
      name: 'never-zapped',
      why: 'As it was up to 5.7.',
      but: { zap: 'never' },
      properties: [noLoadWhileDisabled, everybodyFinishes],
      expected: [
        {
          protocol: 'none',
          states: 242,
          findings: ['no CPU access goes through a zapped mapping'],
          verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
        },
      ],
    },
  ],
})
