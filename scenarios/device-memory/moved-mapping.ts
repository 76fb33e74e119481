import { disableMemory, load, mremap, mmap } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, loadIsRefused, noLoadWhileDisabled } from './words.ts'

const elsewhere = 0x7f20_0000_0000n

/** A mapping moves while memory is disabled. */
export const movedMapping = onDevices({
  name: 'moved-mapping',
  windows: ['B-34'],
  source:
    'derived from vfio-pci of 5.8 to 6.9 and mremap (copy_vma, move_page_tables); nobody reported it; reproduced on Linux 6.1.192',
  why:
    'The list of vmas to be zapped is filled by faults. mremap opens the new vma, which zaps what is there (nothing yet), and then moves the page ' +
    'table entries: memory is mapped at an address that is on no list. An inode knows every vma from the start.',
  inTable: true,
  byDefault: 'none',
  devices: { dev2: acrossContainers.dev2 },
  before: [mmap('dev2'), load('dev2')],
  tasks: { vmm0: [disableMemory('dev2')], vmm1: [mremap('dev2', elsewhere), load('dev2', { at: elsewhere })] },
  properties: [noLoadWhileDisabled, loadIsRefused, everybodyFinishes],
  expected: [
    {
      protocol: 'none',
      states: 306,
      findings: ['no CPU access goes through a zapped mapping'],
      verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
    },
    {
      protocol: 'vma-ops',
      states: 306,
      findings: ['no CPU access goes through a zapped mapping'],
      verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
    },
    {
      protocol: 'vma-ops',
      as: 'repaired',
      states: 306,
      findings: ['no CPU access goes through a zapped mapping'],
      verdicts: { 'no CPU access goes through a zapped mapping': 'violated' },
    },
    { protocol: 'device-notifier', states: 113, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 113, findings: [] },
    { protocol: 'vma-private', states: 113, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 113, findings: [] },
    { protocol: 'vma-to-pfn', states: 113, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 113, findings: [] },
    { protocol: 'dma-buf', states: 113, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 113, findings: [] },
  ],
  mutants: [
    {
      name: 'by-inode',
      why: 'Zapped through the inode of the device, as from 6.10 on: every vma is found.',
      but: { zap: 'by-inode' },
      expected: [{ protocol: 'none', states: 113, findings: [] }],
    },
  ],
})
