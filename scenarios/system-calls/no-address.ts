import { eventually, sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  emulated,
  everybodyComesThrough,
  map,
  pin,
  succeeded,
  thread,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

const vaddr = 0b100

/** A program takes the address of a mapping away and forgets to give it anew; a driver wants to pin there. */
export const noAddress = onLinux({
  name: 'no-address',
  family: 'lifecycle',
  windows: ['B-18'],
  source:
    '898b9eaeb3fe (5.12) made pinning wait; ef3a3f6a294b, da4f1c2e1c9c, a5ac1f816563 and e592296cd6e1 (6.3, and stable kernels before) took it ' +
    'out again',
  why:
    'From 5.12 to 6.2 whoever pinned a page waited until every mapping had an address again (vfio_wait). The address is taken away by one ' +
    'ioctl of user space and given by another, and nobody makes it do so: a driver’s kernel thread waits for ever for a program that ' +
    'does not care. The fix refuses to take addresses away where a driver may pin, and deletes the waiting.',
  profiles: ['5.15', '6.1', '7.2'],
  before: [...containerWith('emu0'), emulated('emu0', 'g0', 'd0'), ...buffer(1), map(0), thread()],
  tasks: { p0: [unmap(0, 1, { flags: vaddr })], t1: [pin()] },
  properties: [
    eventually('whoever pins comes back', (w) => w.result('t1', 'emu_pin') !== undefined),
    sometimes('the page is pinned', (w) => succeeded(w.result('t1', 'emu_pin'))),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '5.15',
      states: 28,
      findings: ['deadlock at container0.type1'],
      verdicts: { 'whoever pins comes back': 'violated' },
    },
    { profile: '6.1', states: 16, findings: [] },
    { profile: '7.2', states: 16, findings: [] },
  ],
  mutants: [
    {
      name: 'given-anew',
      why: 'What the interface was made for: the program gives the mapping a new address, and whoever waits goes on.',
      profiles: ['5.15'],
      tasks: { p0: [unmap(0, 1, { flags: vaddr }), map(0, { flags: vaddr })], t1: [pin()] },
      expected: [{ profile: '5.15', states: 52, findings: [] }],
    },
    {
      name: 'group-joins',
      why: 'A group with an IOMMU joins, for which everything mapped has to be pinned: up to 6.2 it waits, too, with group_lock held.',
      profiles: ['5.15', '6.1'],
      before: [...containerWith('emu0'), ...buffer(1), map(0), { op: 'open_group', dev: 'edu0', as: 'g1' }, thread()],
      tasks: {
        p0: [unmap(0, 1, { flags: vaddr })],
        t1: [{ op: 'group_set_container', fd: 'g1', container: 'c0' }],
      },
      properties: [
        eventually('whoever joins comes back', (w) => w.result('t1', 'group_set_container') !== undefined),
        sometimes('the group joins', (w) => succeeded(w.result('t1', 'group_set_container'))),
        everybodyComesThrough,
      ],
      expected: [
        {
          profile: '5.15',
          states: 86,
          findings: ['deadlock at container0.type1'],
          verdicts: { 'whoever joins comes back': 'violated' },
        },
        { profile: '6.1', states: 63, findings: [] },
      ],
    },
  ],
})
