/** IOAS_CHANGE_PROCESS moves the charge for all that is mapped while IOAS_MAP_FILE is half through. */
import {
  down_write,
  kernel,
  kzalloc,
  list_add_tail,
  list_for_each_entry,
  list_head,
  not,
  pointer,
  procedure,
  READ_ONCE,
  ret,
  rw_semaphore,
  sometimes,
  struct,
  up_write,
  when,
  WRITE_ONCE,
  type ObjectView,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

const world = (protocol: 'posted' | 'repaired') => {
  const iova_rwsem = rw_semaphore('iova_rwsem')
  const iopt_pages = struct('iopt_pages', { owner: 'old' })
  const pages = pointer(iopt_pages)
  const iopt_area = struct('iopt_area', { pages: pointer(iopt_pages) })
  const area = pointer(iopt_area)
  const areas = list_head('areas')
  const map = procedure('iopt_map_file_pages', { area, pages }, [
    kzalloc(iopt_pages, 'pages'),
    // Addresses are taken first; what lies there is not known to others until the area is filled.
    down_write(iova_rwsem),
    kzalloc(iopt_area, 'area'),
    list_add_tail('area', areas),
    up_write(iova_rwsem),
    down_write(iova_rwsem),
    WRITE_ONCE('area->pages', ({ pages }) => pages),
    up_write(iova_rwsem),
  ])
  const change = procedure('iommufd_ioas_change_process', { area, pages }, [
    down_write(iova_rwsem),
    list_for_each_entry('area', areas, [
      READ_ONCE('area->pages', 'pages'),
      ...(protocol === 'posted' ? [] : [when(not('pages'), [up_write(iova_rwsem), ret('-EBUSY')])]),
      WRITE_ONCE('pages->owner', 'new'),
    ]),
    up_write(iova_rwsem),
  ])
  return kernel({ threads: { vmm: map, heir: change } })
}

export const movedWhileMapping = scenarioOf({
  name: 'moved-while-mapping',
  family: 'iommufd',
  source:
    'd616de490ec0 "iommu/iommufd: Fix NULL pointer deref in iommufd_ioas_change_process when racing with iopt_map_file_pages" (2026). Only its title ' +
    'was read: that an area has no pages until it is filled is known from IOAS_UNMAP, which is -EBUSY for such a one; that the repair is so, too, is derived',
  why:
    'MAP_FILE takes its addresses and lets go of the lock before it says what lies there. Whoever goes through all areas meanwhile meets one ' +
    'without pages, and CHANGE_PROCESS asked that one whom it is charged to.',
  options: { protocol: { values: ['posted', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    sometimes(
      'the charge is moved before it is mapped',
      (w) => w.thread('heir').returned === 0 && w.objects('iopt_area').length === 0,
    ),
    sometimes('the charge is moved when it is mapped', (w) =>
      w.objects('iopt_pages').some(({ fields }: ObjectView) => fields['owner'] === 'new'),
    ),
    sometimes('both come through', (w) => w.finished),
  ],
  expected: [
    {
      protocol: 'posted',
      findings: ['kernel NULL pointer dereference in iommufd_ioas_change_process'],
      states: 39,
    },
    { protocol: 'repaired', findings: [], states: 46 },
  ],
})
