import { closeDevice, fork, mapMemory, mmap, mremap, munmap } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, noDmaAfterRelease, nothingLeaks, page, reads, released } from './words.ts'

const at = 0x7f10_0000_0000n
const elsewhere = 0x7f20_0000_0000n

/** Mappings are copied by fork, by mremap and by unmapping a part: each copy is opened, and closed once. */
export const copiedMapping = onDevices({
  name: 'copied-mapping',
  source:
    'the sketch of 4 Mar 2021: a kref that vm_ops open and close get and put; what copies a vma is from mm of 5.11',
  why:
    'A vma is not one thing from mmap to munmap. fork copies it, mremap moves it, and unmapping its middle makes two of it. Whoever counts references ' +
    'by open and close has to see all of that; the file, and with it the device, stays open until the last copy is gone.',
  byDefault: 'vma-private',
  devices: { dev1: acrossContainers.dev1, dev2: { container: 'container1', bars: { 0: 3 } } },
  before: [
    mmap('dev2', { at }),
    mapMemory('container0', page, 'dev2', { at, size: page }),
    fork('child'),
    closeDevice('dev2'),
  ],
  tasks: {
    vmm0: [
      munmap('dev2', { at: at + page, size: page }),
      mremap('dev2', elsewhere, { at }),
      munmap('dev2', { at: elsewhere }),
      munmap('dev2', { at: at + 2n * page, size: page }),
    ],
    child0: { process: 'child', script: [munmap('dev2', { at })] },
    'dev1.engine': reads(1),
  },
  properties: [noDmaAfterRelease, nothingLeaks, released('dev2'), everybodyFinishes],
  expected: [
    { protocol: 'vma-private', states: 3148, findings: [] },
    { protocol: 'vma-private', as: 'repaired', states: 3484, findings: [] },
    {
      protocol: 'none',
      states: 900,
      findings: ['no DMA reaches a device after its last release was answered'],
      verdicts: { 'no DMA reaches a device after its last release was answered': 'violated' },
    },
  ],
})
