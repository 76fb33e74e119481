/** A fault queue is given up before user space has its file: the file is released some time later, by a worker. */
import {
  call,
  choose,
  field,
  kernel,
  kfree,
  kzalloc,
  pointer,
  procedure,
  READ_ONCE,
  refcount_dec,
  refcount_inc,
  refcount_read,
  refcount_t,
  ret,
  schedule_work,
  sometimes,
  steps,
  struct,
  WARN_ON,
  work_struct,
  WRITE_ONCE,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const iommufd_fault = struct('iommufd_fault', { users: refcount_t(1) })
  const fault = pointer(iommufd_fault)
  const private_data = field<typeof fault>('private_data', null)
  const release = procedure('iommufd_fault_fops_release', { fault }, [
    READ_ONCE(private_data, 'fault'),
    refcount_dec('fault->users'),
  ])
  const delayed_fput = work_struct('delayed_fput', release)
  const locals = { fault, users: 0 }
  const mustBeAlone = steps<typeof locals>(
    refcount_read('fault->users', 'users'),
    WARN_ON(({ users }) => users > 1),
  )
  const alloc = procedure('iommufd_fault_alloc', locals, [
    kzalloc(iommufd_fault, 'fault'),
    // The file holds the queue.
    refcount_inc('fault->users'),
    WRITE_ONCE(private_data, ({ fault }) => fault),
    // Its number and its descriptor are copied to user space, or cannot be.
    choose([ret(0)], []),
    // fput() of what nobody else has
    protocol === 'posted' ? schedule_work(delayed_fput) : call(release),
    ...(protocol === 'posted' ? [] : [mustBeAlone]),
    kfree('fault'),
    ret('-EFAULT'),
  ])
  return kernel({ threads: { vmm: alloc } })
}
export const abortedQueue = scenarioOf({
  name: 'aborted-queue',
  family: 'iommufd',
  source:
    '4e034bf045b1 "iommufd: Fix race during abort for file descriptors" (CVE-2025-39966: 6.11 to 6.16.9), reported by syzbot; the warning came with it (53d0584eeb2c)',
  why:
    'fput() does not release a file, it has that done. Who gives a new object up, puts its file and frees it, leaves the file’s release with an ' +
    'object that is gone.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    sometimes('it is made', (w) => w.thread('vmm').returned === 0),
    sometimes('it is given up', (w) => w.thread('vmm').returned === '-EFAULT'),
  ],
  expected: [
    { protocol: 'posted', findings: ['use-after-free in iommufd_fault_fops_release'], states: 24 },
    { protocol: 'repaired', findings: [], states: 7 },
  ],
})
