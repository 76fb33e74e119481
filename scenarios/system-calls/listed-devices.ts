import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  emulated,
  everybodyComesThrough,
  failedWith,
  groupIn,
  map,
  page,
  pin,
  reportsWhatWasMapped,
  sizeOf,
  succeeded,
  thread,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

const source =
  'derived from 8cfc5b60751b (6.0, unchanged in 7.x), shown by the model and reproduced on Linux 6.1.192 with a driver that unpins when it is told'

/** Before the device list, with it, and where iommufd stands for the container. */
const profiles = ['5.15', '6.1', '7.2', 'iommufd-type1v2'] as const

/** One page, pinned by the driver of emu0. */
const pinnedPage = [...containerWith('emu0'), emulated('emu0', 'g0', 'd0'), ...buffer(1), map(0)]

const oneGetsIt = sometimes<LinuxView>('one unmap gets everything and the other nothing', (w) =>
  [
    ['p0', 't1'],
    ['t1', 'p0'],
  ].some(
    ([one, other]) =>
      sizeOf(w.result(one!, 'unmap_dma')) === page &&
      (sizeOf(w.result(other!, 'unmap_dma')) === 0 || failedWith(w.result(other!, 'unmap_dma'), 'EBUSY')),
  ),
)

/** Two threads unmap what an emulated device has pinned. */
export const twoUnmapCalls = onLinux({
  name: 'two-unmap-calls',
  family: 'lifecycle',
  windows: ['D-1', 'B-15', 'M-7'],
  source,
  why:
    'Since 6.0 a pinned mapping is announced with device_list_lock held and iommu->lock let go of; the driver unpins, and takes iommu->lock ' +
    'for that. A second UNMAP_DMA holds iommu->lock and waits for the list: two threads of one program hang for good, and SIGKILL does not ' +
    'help. One unmap alone shows the order of the locks. With the notifier of before, and with iommufd, nobody waits.',
  profiles,
  before: [...pinnedPage, pin(), thread()],
  tasks: { p0: [unmap(0)], t1: [unmap(0)] },
  properties: [reportsWhatWasMapped(1, 'p0', 't1'), oneGetsIt, everybodyComesThrough],
  expected: [
    { profile: '5.15', states: 267, findings: [] },
    {
      profile: '6.1',
      states: 207,
      findings: [
        'deadlock at container0.device_list.lock and container0.iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    {
      profile: '7.2',
      states: 207,
      findings: [
        'deadlock at container0.device_list.lock and container0.iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    { profile: 'iommufd-type1v2', states: 539, findings: [] },
  ],
})

/** One thread unmaps what an emulated device has pinned, another opens a second device of the container. */
export const unmapAndOpen = onLinux({
  name: 'unmap-and-open',
  family: 'lifecycle',
  windows: ['D-2', 'B-16'],
  source,
  why:
    'The same two locks: a device that is opened is put on the list with iommu->lock held (vfio_iommu_type1_register_device), while an ' +
    'unmap holds the list and its callback wants iommu->lock. Opening a device must not depend on what another thread unmaps.',
  profiles,
  before: [...pinnedPage, pin(), ...groupIn('emu1', 'g1'), thread()],
  tasks: { p0: [unmap(0)], t1: [emulated('emu1', 'g1', 'd1')] },
  properties: [
    reportsWhatWasMapped(1, 'p0'),
    sometimes('the device is open', (w) => succeeded(w.result('t1', 'get_device_fd'))),
    everybodyComesThrough,
  ],
  expected: [
    { profile: '5.15', states: 43, findings: [] },
    {
      profile: '6.1',
      states: 69,
      findings: [
        'deadlock at container0.device_list.lock and container0.iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    {
      profile: '7.2',
      states: 69,
      findings: [
        'deadlock at container0.device_list.lock and container0.iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
      ],
    },
    { profile: 'iommufd-type1v2', states: 370, findings: [] },
  ],
})

/** Two devices are told of one mapping, and the first of them is the last that had a page of it. */
export const freedWhileTold = onLinux({
  name: 'freed-while-told',
  family: 'lifecycle',
  windows: ['D-3', 'B-17'],
  source: `${source} (seen there by KASAN in a debug build)`,
  why:
    'For each device on the list the address and size of the mapping are read again, with iommu->lock let go of. Once the first callback has ' +
    'unpinned the last page, another UNMAP_DMA may free the mapping, and the second device is told what is read from freed memory.',
  profiles,
  before: [...pinnedPage, ...groupIn('emu1', 'g1'), emulated('emu1', 'g1', 'd1'), pin('d1'), thread()],
  tasks: { p0: [unmap(0)], t1: [unmap(0)] },
  properties: [reportsWhatWasMapped(1, 'p0', 't1'), oneGetsIt, everybodyComesThrough],
  expected: [
    { profile: '5.15', states: 306, findings: [] },
    {
      profile: '6.1',
      states: 243,
      findings: [
        'deadlock at container0.device_list.lock and container0.iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
        'use-after-free in vfio_notify_dma_unmap',
      ],
    },
    {
      profile: '7.2',
      states: 243,
      findings: [
        'deadlock at container0.device_list.lock and container0.iommu.lock',
        'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
        'use-after-free in vfio_notify_dma_unmap',
      ],
    },
    { profile: 'iommufd-type1v2', states: 692, findings: [] },
  ],
})

const times = (count: number) => Array.from({ length: count }, () => pin())

/** A driver lets go of a page whenever it is told to, and pins it again whenever it is asked to. */
export const pinsMeanwhile = onLinux({
  name: 'pins-meanwhile',
  family: 'lifecycle',
  windows: ['B-02', 'M-1', 'D-4'],
  source:
    'c086de818dd8 (4.10) has the bound; reported as a BUG of 5.4-rc8 with a driver that lets go of nothing (libvfio-user #23). With one that does, ' +
    'and is asked to pin again in time, it is derived, reproduced on Linux 6.1.192',
  why:
    'An unmap tells the driver and looks again, and when it has met the same mapping pinned twelve times it gives up with BUG_ON: the machine ' +
    'is gone. Nothing keeps a well-behaved driver from pinning again between two looks when its guest wants the page. iommufd keeps new pins ' +
    'out while it unmaps.',
  profiles: ['5.15', '4.10', '6.1', '7.2', 'iommufd-type1v2'],
  before: [...pinnedPage, pin(), thread()],
  tasks: { p0: [unmap(0)], t1: times(10) },
  properties: [
    reportsWhatWasMapped(1, 'p0'),
    sometimes(
      'the page is pinned again, and the unmap comes through all the same',
      (w) => succeeded(w.result('t1', 'emu_pin')) && sizeOf(w.result('p0', 'unmap_dma')) === page,
    ),
    sometimes(
      'a pin comes too late',
      (w) => w.result('t1', 'emu_pin') !== undefined && !succeeded(w.result('t1', 'emu_pin')),
    ),
    everybodyComesThrough,
  ],
  expected: [
    { profile: '5.15', states: 10159, findings: [] },
    { profile: '4.10', states: 10676, findings: [] },
    ...(['6.1', '7.2'] as const).map((profile) => ({
      profile,
      states: 11376,
      findings: ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
    })),
    { profile: 'iommufd-type1v2', states: 8728, findings: [] },
  ],
  mutants: [
    {
      name: 'once-more',
      why: 'One pin more, and the mapping is met for the twelfth time.',
      profiles: ['5.15', '4.10', '6.1', '7.2'],
      tasks: { p0: [unmap(0)], t1: times(11) },
      expected: [
        { profile: '5.15', states: 12990, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
        { profile: '4.10', states: 13650, findings: ['kernel BUG in vfio_dma_do_unmap: retries'] },
        ...(['6.1', '7.2'] as const).map((profile) => ({
          profile,
          states: 14573,
          findings: [
            'kernel BUG in vfio_dma_do_unmap: retries',
            'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock',
          ],
        })),
      ],
    },
  ],
})
