import { disableMemory, load, mmap } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, loadIsRefused, noLoadWhileDisabled } from './words.ts'

/** A CPU reads from memory that another thread disables. */
export const cpuAccess = onDevices({
  name: 'cpu-access',
  windows: ['B-30'],
  source: 'CVE-2020-12888; abafbc551fdd with 41311242221e and 11c4cd07ba11 (5.8)',
  why:
    'One thread clears COMMAND.MEMORY, another loads through its mmap: an Unsupported Request, fatal on some hosts. Since 5.8 memory is mapped when ' +
    'it is touched, zapped before it is disabled, and a fault looks under memory_lock whether it is enabled.',
  inTable: true,
  byDefault: 'none',
  devices: { dev2: acrossContainers.dev2 },
  before: [mmap('dev2')],
  tasks: { vmm0: [disableMemory('dev2')], vmm1: [load('dev2'), load('dev2')] },
  properties: [
    noLoadWhileDisabled,
    sometimes<LinuxView>('a load is answered by the device', (w) =>
      w.deviceMemory.loads.some(({ ret }) => ret === 'hit'),
    ),
    loadIsRefused,
    everybodyFinishes,
  ],
  expected: [
    { protocol: 'none', states: 168, findings: [] },
    { protocol: 'vma-ops', states: 168, findings: [] },
    { protocol: 'vma-ops', as: 'repaired', states: 168, findings: [] },
    { protocol: 'device-notifier', states: 103, findings: [] },
    { protocol: 'device-notifier', as: 'repaired', states: 103, findings: [] },
    { protocol: 'vma-private', states: 103, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 103, findings: [] },
    { protocol: 'vma-to-pfn', states: 103, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 103, findings: [] },
    { protocol: 'dma-buf', states: 103, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 103, findings: [] },
  ],
  mutants: [
    {
      name: 'never-zapped',
      why: 'Up to 5.7: mapped when mmap is called, and left alone.',
      but: { zap: 'never' },
      expected: [
        {
          protocol: 'none',
          states: 36,
          findings: ['no CPU access goes through a zapped mapping'],
          verdicts: { 'no CPU access goes through a zapped mapping': 'violated', 'a load gets SIGBUS': 'unseen' },
        },
        {
          protocol: 'none',
          platform: 'fatal',
          states: 24,
          findings: ['fatal: Unsupported Request of the processor'],
          verdicts: { 'a load gets SIGBUS': 'unseen' },
        },
      ],
    },
  ],
})
