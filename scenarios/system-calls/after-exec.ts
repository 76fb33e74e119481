import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  everybodyComesThrough,
  map,
  mappedPages,
  page,
  sizeOf,
  succeeded,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

const vaddr = 0b100

/** A process maps memory, and is another program with other memory when the mapping goes. */
export const afterExec = onLinux({
  name: 'after-exec',
  family: 'lifecycle',
  windows: ['B-19'],
  source:
    '046eca5018f8, 18e292705ba2, 90fdd158a695 (6.3, and stable kernels before): reported as an underflow of locked_vm through exec',
  why:
    'A container survives exec, and with a new address for each mapping that is how a virtual machine is updated in place. But locked pages were ' +
    'charged to the memory the process had, and up to 6.2 given back to the memory it has by then: a count of nothing goes below zero, and ' +
    'with it every limit. The fix keeps the memory itself and how many pages of it each mapping has locked.',
  profiles: ['5.15', '6.1', '7.2'],
  before: [...containerWith('edu0'), ...buffer(1), map(0), { op: 'fork', as: 'p1' }],
  tasks: { p0: [{ op: 'exec' }, unmap(0)], p1: [unmap(0)] },
  properties: [
    always<LinuxView>(
      'nobody has less than nothing locked',
      (w) => w.system.locked() >= 0 && w.system.locked('p1') >= 0,
      {
        finding: 'wrong-result',
      },
    ),
    always<LinuxView>('nothing is mapped in the end', (w) => mappedPages(w) === 0, {
      when: (w) => w.finished,
      finding: 'wrong-result',
    }),
    sometimes('the new program unmaps it', (w) => sizeOf(w.result('p0', 'unmap_dma')) === page),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '5.15',
      states: 52,
      findings: [
        'WARNING in __account_locked_vm: more is given back than was locked',
        'nobody has less than nothing locked',
      ],
      verdicts: { 'nobody has less than nothing locked': 'violated' },
    },
    { profile: '6.1', states: 74, findings: [] },
    { profile: '7.2', states: 74, findings: [] },
  ],
  mutants: [
    {
      name: 'updated-in-place',
      why: 'As a virtual machine is updated: the address is taken away, exec, new memory, a new address; then it is unmapped.',
      profiles: ['5.15', '6.1'],
      before: [...containerWith('edu0'), ...buffer(1), map(0)],
      tasks: {
        p0: [unmap(0, 1, { flags: vaddr }), { op: 'exec' }, ...buffer(1), map(0, { flags: vaddr }), unmap(0)],
      },
      properties: [
        always<LinuxView>('nobody has less than nothing locked', (w) => w.system.locked() >= 0, {
          finding: 'wrong-result',
        }),
        always<LinuxView>('who gives the new address pays for the pages', (w) => w.system.locked() === 1, {
          when: (w) =>
            succeeded(w.result('p0', 'map_dma')) &&
            w.result('p0', 'unmap_dma', 1) === undefined &&
            mappedPages(w) === 1,
          finding: 'wrong-result',
        }),
        sometimes('the new program unmaps it', (w) => sizeOf(w.result('p0', 'unmap_dma', 1)) === page),
        everybodyComesThrough,
      ],
      expected: [
        {
          profile: '5.15',
          states: 15,
          findings: [
            'WARNING in __account_locked_vm: more is given back than was locked',
            'nobody has less than nothing locked',
            'who gives the new address pays for the pages',
          ],
          verdicts: {
            'nobody has less than nothing locked': 'violated',
            'who gives the new address pays for the pages': 'violated',
          },
        },
        { profile: '6.1', states: 16, findings: [] },
      ],
    },
  ],
})
