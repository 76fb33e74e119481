import { linux } from '../../actors/kernel/linux.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { buffer, everybodyComesThrough, failedWith, page, succeeded, thread } from '../system-calls/linux-words.ts'
import { scenarioOf } from '../told.ts'

/** One thread maps into an IOAS while another destroys it: what put-object tells in procedures, as system calls. */
export const destroyedInUse = scenarioOf({
  name: 'destroyed-in-use',
  family: 'iommufd',
  source:
    'Linux commit 6f9c4d8c468c ("iommufd: Do not UAF during iommufd_put_object()", 6.7), after a report of a use-after-free in up_read() by syzbot.',
  why:
    'IOAS_MAP finds the IOAS and holds a lock that lies in it until it is through; IOMMU_DESTROY waits for that lock. It has it, and frees the ' +
    'object, when up_read() of the other has not come back yet. Since 6.7 a call in progress is counted, DESTROY fails with EBUSY, and who is ' +
    'through last wakes a queue that lies elsewhere.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) =>
    linux({
      name: 'destroyed-in-use',
      systemCalls: {
        profile: 'iommufd-type1v2',
        but: { iommufdObjects: protocol === 'posted' ? 'rwsem' : 'counted' },
      },
      before: [{ op: 'open_iommufd', as: 'i0' }, { op: 'ioas_alloc', fd: 'i0' }, ...buffer(1), thread()],
      tasks: {
        p0: [{ op: 'ioas_map', fd: 'i0', ioas: 1, iova: page, size: page, vaddr: 'b0' }],
        t1: [{ op: 'destroy', fd: 'i0', id: 1 }],
      },
    }),
  properties: [
    sometimes<LinuxView>('it is mapped, and destroyed afterwards', (w) =>
      [w.result('p0', 'ioas_map'), w.result('t1', 'destroy')].every(succeeded),
    ),
    sometimes<LinuxView>('it is destroyed before it is found', (w) => failedWith(w.result('p0', 'ioas_map'), 'ENOENT')),
    everybodyComesThrough,
  ],
  expected: [
    { protocol: 'posted', findings: ['use-after-free in iommufd_put_object'], states: 236 },
    { protocol: 'repaired', findings: [], states: 177 },
  ],
})
