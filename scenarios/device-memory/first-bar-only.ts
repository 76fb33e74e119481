import { disableMemory, load, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { everybodyFinishes, loadIsRefused, noLoadWhileDisabled } from './words.ts'

/** Zapped is what was asked for, in the numbers it was asked in. */
export const firstBarOnly = onDevices({
  name: 'first-bar-only',
  windows: ['B-12'],
  source:
    'review of [RFC PATCH 05/10] ("only worked in testing because I mmap’d BAR0"), Feb 2021; kept as an index since aac6db75a9fc (6.10)',
  why:
    'mmap wrote the page frame of the BAR into vm_pgoff, unmap_mapping_range() was asked for offsets that encode the region. A BAR below 4 GiB ' +
    'happens to have page frames that look like offsets into region 0; a 64-bit BAR far above is never found, and stays mapped.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: { dev2: { container: 'container1', bars: { 0: 1, 2: 1 } } },
  before: [mmap('dev2', { bar: 0 }), mmap('dev2', { bar: 2 }), load('dev2', { bar: 0 }), load('dev2', { bar: 2 })],
  tasks: { vmm0: [disableMemory('dev2')], vmm1: [load('dev2', { bar: 0 }), load('dev2', { bar: 2 })] },
  properties: [noLoadWhileDisabled, loadIsRefused, everybodyFinishes],
  expected: [
    { protocol: 'none', states: 248, findings: [] },
    { protocol: 'vma-ops', states: 248, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 248, findings: [] },
    {
      protocol: 'device-notifier',
      states: 91,
      findings: ['no CPU access goes through a zapped mapping'],
      verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
    },
    { protocol: 'device-notifier', as: 'repaired', states: 97, findings: [] },
    { protocol: 'vma-private', states: 97, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 97, findings: [] },
    { protocol: 'vma-to-pfn', states: 97, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 97, findings: [] },
    { protocol: 'dma-buf', states: 97, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 97, findings: [] },
  ],
})
