/** A device’s page table is replaced while a fault that it had is on its way to user space. */
import {
  always,
  down_read,
  down_write,
  field,
  kernel,
  kfree,
  kzalloc,
  list_add_tail,
  list_del,
  list_first_entry_or_null,
  list_for_each_entry_safe,
  list_head,
  mutex,
  mutex_lock,
  mutex_unlock,
  not,
  object,
  pointer,
  procedure,
  READ_ONCE,
  ret,
  rw_semaphore,
  sometimes,
  steps,
  struct,
  up_read,
  up_write,
  when,
  WRITE_ONCE,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

type Form = 'wrong-queue' | 'two-lists' | 'repaired'

const world = (protocol: Form) => {
  const attach_handle = struct('iommufd_attach_handle', { devid: 7 })
  const handle = pointer(attach_handle)
  const iopf_group = struct('iopf_group', { handle: pointer(attach_handle) })
  const group = pointer(iopf_group)
  const param_lock = mutex('fault_param->lock')
  /** Whoever takes a page table away waits for requests that are on their way. */
  const requests = rw_semaphore('page_requests')
  const fault_mutex = mutex('fault->mutex')
  const attached = field<typeof handle>('attached', object('handle', attach_handle))
  const [pending, deliver, response] = [list_head('pending'), list_head('deliver'), list_head('response')]
  const answered = field('answered', 0)
  const asked = field('asked', 0)
  const answer = [READ_ONCE(answered, 'n'), WRITE_ONCE(answered, ({ n }: { n: number }) => n + 1)] as const

  const noMorePending = steps<{ group: typeof group }>(
    mutex_lock(param_lock),
    list_del('group', pending),
    mutex_unlock(param_lock),
  )
  const report = procedure('iommu_report_device_fault', { group, handle, n: 0 }, [
    down_read(requests),
    READ_ONCE(attached, 'handle'),
    when(not('handle'), [up_read(requests), ret('-ENODEV')]),
    kzalloc(iopf_group, 'group'),
    WRITE_ONCE('group->handle', ({ handle }) => handle),
    WRITE_ONCE(asked, 1),
    mutex_lock(param_lock),
    list_add_tail('group', pending),
    mutex_unlock(param_lock),
    // iommufd_fault_iopf_handler
    ...(protocol === 'two-lists' ? [] : [noMorePending]),
    mutex_lock(fault_mutex),
    list_add_tail('group', deliver),
    mutex_unlock(fault_mutex),
    up_read(requests),
  ])
  /** read() of the fault queue, and the answer by write(). */
  const serve = procedure('iommufd_fault_fops', { group, handle, devid: 0, n: 0 }, [
    mutex_lock(fault_mutex),
    list_first_entry_or_null(deliver, 'group'),
    when(not('group'), [mutex_unlock(fault_mutex), ret(0)]),
    READ_ONCE('group->handle', 'handle'),
    READ_ONCE('handle->devid', 'devid'),
    list_del('group', deliver),
    list_add_tail('group', response),
    mutex_unlock(fault_mutex),

    mutex_lock(fault_mutex),
    list_first_entry_or_null(response, 'group'),
    when(not('group'), [mutex_unlock(fault_mutex), ret('-EINVAL')]),
    list_del('group', response),
    ...(protocol === 'two-lists' ? [noMorePending] : []),
    ...answer,
    kfree('group'),
    mutex_unlock(fault_mutex),
    ret(({ devid }) => devid),
  ])
  const all = { group, ahead: group, n: 0 }
  const answerThem = (list: typeof deliver) =>
    list_for_each_entry_safe<typeof all>('group', 'ahead', list, [list_del('group', list), ...answer, kfree('group')])
  const autoRespond = steps<typeof all>(
    mutex_lock(fault_mutex),
    answerThem(deliver),
    answerThem(response),
    mutex_unlock(fault_mutex),
  )
  const replace = procedure('iommufd_hwpt_replace_device', { ...all, handle }, [
    down_write(requests),
    READ_ONCE(attached, 'handle'),
    WRITE_ONCE(attached, null),
    up_write(requests),
    // iopf_queue_remove_device: the device has no page table with faults any more.
    mutex_lock(param_lock),
    answerThem(pending),
    mutex_unlock(param_lock),
    // The new page table has no queue, so nothing is found there.
    ...(protocol === 'wrong-queue' ? [] : [autoRespond]),
    kfree('handle'),
  ])
  return kernel({ threads: { device: report, vmm: serve, replacer: replace } })
}

export const replacedPageTable = scenarioOf({
  name: 'replaced-page-table',
  family: 'iommufd',
  source:
    '"iommufd: Fix wrong hwpt passed to iommufd_auto_response_faults on replace" (July 2026; Fixes fb21b1568ada) and 738e6f32e61d "iommu/iommufd: Fix IOPF ' +
    'group ownership UAF" (7.2-rc5, CVE-2026-74520). The interleavings are derived; no machine that was recorded has page requests',
  why:
    'Faults that wait for user space belong to the page table by which the device is attached. Who replaces it answers them, and frees the ' +
    'handle that they point to. In one kernel the new page table’s queue was gone through, and a reader of the old one met a handle that ' +
    'was freed; in others a fault stood in two lists, and was answered and freed by way of one while the other kept it.',
  options: { protocol: { values: ['wrong-queue', 'two-lists', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    always(
      'no fault of a page table is left unanswered when it is replaced',
      (w) => w.field('answered') === w.field('asked'),
      { when: (w) => w.finished, finding: 'leak' },
    ),
    sometimes('user space answers it', (w) => w.thread('vmm').returned === 7),
    sometimes('it is answered when the page table is replaced', (w) => w.finished && w.thread('vmm').returned === 0),
    sometimes('it is answered between read() and write()', (w) => w.thread('vmm').returned === '-EINVAL'),
    sometimes('there is no page table for it any more', (w) => w.thread('device').returned === '-ENODEV'),
  ],
  expected: [
    {
      protocol: 'wrong-queue',
      findings: [
        'no fault of a page table is left unanswered when it is replaced',
        'use-after-free in iommufd_fault_fops',
      ],
      verdicts: {
        'no fault of a page table is left unanswered when it is replaced': 'violated',
        'it is answered between read() and write()': 'unseen',
      },
      states: 414,
    },
    {
      protocol: 'two-lists',
      findings: ['use-after-free in iommufd_fault_fops', 'use-after-free in iommufd_hwpt_replace_device'],
      verdicts: { 'it is answered between read() and write()': 'unseen' },
      states: 519,
    },
    { protocol: 'repaired', findings: [], states: 493 },
  ],
})
