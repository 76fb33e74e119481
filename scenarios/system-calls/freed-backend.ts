import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import {
  buffer,
  containerWith,
  everybodyComesThrough,
  failedWith,
  map,
  mappedPages,
  succeeded,
  thread,
  unmap,
} from './linux-words.ts'
import { onLinux } from './on-linux.ts'

const afterwards = { when: (w: LinuxView) => w.finished, finding: 'leak' }

/** A container's last group leaves while another thread maps and unmaps. */
export const freedBackend = onLinux({
  name: 'freed-backend',
  family: 'lifecycle',
  windows: ['B-25'],
  source:
    '0b43c082338b "vfio: Use down_reads to protect iommu disconnects" (2012, reported by M. Tsirkin); 4.19, 5.10 and 6.x do not hold the lock ' +
    'any more, and what may follow is derived, not reported',
  why:
    'An ioctl on a container that is the IOMMU driver’s business reads which driver it is and where its data are, and follows that. When the ' +
    'last group leaves meanwhile, the data are freed. In 2012 container->group_lock was held for read around it; the kernels since do not hold ' +
    'it, and freeing takes no lock of the backend either.',
  profiles: ['4.10', '5.15', '6.1', '7.2'],
  before: [...containerWith('edu0'), ...buffer(1), thread()],
  tasks: { p0: [map(0), unmap(0)], t1: [{ op: 'group_unset_container', fd: 'g0' }] },
  properties: [
    always('nothing is mapped when its last group has left', (w) => mappedPages(w) === 0, afterwards),
    always('nothing counts as locked any more', (w) => w.system.locked() === 0, afterwards),
    sometimes('all of it comes before the group leaves', (w) => succeeded(w.result('p0', 'unmap_dma')) && w.finished),
    sometimes(
      'the group leaves between the two',
      (w) => succeeded(w.result('p0', 'map_dma')) && failedWith(w.result('p0', 'unmap_dma'), 'EINVAL'),
    ),
    sometimes('the request comes too late and is refused', (w) => failedWith(w.result('p0', 'map_dma'), 'EINVAL')),
    everybodyComesThrough,
  ],
  expected: [
    {
      profile: '4.10',
      states: 173,
      findings: [
        'use-after-free in vfio_dma_do_map',
        'use-after-free in vfio_dma_do_unmap',
        'use-after-free in vfio_remove_dma',
      ],
    },
    {
      profile: '5.15',
      states: 166,
      findings: [
        'use-after-free in vfio_dma_do_map',
        'use-after-free in vfio_dma_do_unmap',
        'use-after-free in vfio_remove_dma',
      ],
    },
    {
      profile: '6.1',
      states: 166,
      findings: [
        'use-after-free in vfio_dma_do_map',
        'use-after-free in vfio_dma_do_unmap',
        'use-after-free in vfio_remove_dma',
      ],
    },
    {
      profile: '7.2',
      states: 166,
      findings: [
        'use-after-free in vfio_dma_do_map',
        'use-after-free in vfio_dma_do_unmap',
        'use-after-free in vfio_remove_dma',
      ],
    },
  ],
  mutants: [
    {
      name: 'holds-group-lock',
      why: 'The fix of 2012 put in again: container->group_lock is held for read from looking up the driver to the end of its ioctl.',
      profiles: ['6.1'],
      but: { holdsGroupLock: true },
      expected: [{ profile: '6.1', states: 142, findings: [] }],
    },
  ],
})
