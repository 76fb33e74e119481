/** A dma-buf of a device is mapped, and unmapped again, while the device’s memory is switched off. */
import {
  always,
  down_write,
  field,
  kernel,
  kfree,
  kzalloc,
  mutex,
  mutex_lock,
  mutex_unlock,
  pointer,
  procedure,
  READ_ONCE,
  ret,
  rw_semaphore,
  sometimes,
  steps,
  struct,
  up_write,
  when,
  WRITE_ONCE,
} from '../../kernel/index.ts'
import { scenarioOf } from '../told.ts'

type Form = 'looks-first' | 'frees-first' | 'repaired'

const world = (protocol: Form) => {
  const memory_lock = rw_semaphore('memory_lock')
  const resv = mutex('dma_resv')
  const iopt_pages = struct('iopt_pages', { mutex: mutex(), revoked: false })
  const pages = pointer(iopt_pages)
  const revoked = field('revoked', false)
  const attachment = field<typeof pages>('attachment', null)
  const mapped = field('mapped', false)
  const memory = field('memory', true)

  const switchOff = procedure('vfio_pci_dma_buf_move', { pages }, [
    down_write(memory_lock),
    mutex_lock(resv),
    WRITE_ONCE(revoked, true),
    READ_ONCE(attachment, 'pages'),
    // iopt_revoke_notify
    when('pages', [
      mutex_lock('pages->mutex'),
      WRITE_ONCE('pages->revoked', true),
      WRITE_ONCE(mapped, false),
      mutex_unlock('pages->mutex'),
    ]),
    mutex_unlock(resv),
    WRITE_ONCE(memory, false),
    up_write(memory_lock),
  ])
  const locals = { pages, gone: false, dead: false }
  type Locals = typeof locals
  const look = steps<Locals>(mutex_lock(resv), READ_ONCE(revoked, 'gone'))
  const attach = WRITE_ONCE<Locals, typeof pages>(attachment, (v) => v.pages)
  const refused = steps<Locals>(kfree('pages'), ret('-ENODEV'))
  const attaching =
    protocol === 'looks-first'
      ? steps<Locals>(look, mutex_unlock(resv), when('gone', [refused]), mutex_lock(resv), attach)
      : steps<Locals>(look, when('gone', [mutex_unlock(resv), refused]), attach)
  const detach = [mutex_lock(resv), WRITE_ONCE(attachment, null), mutex_unlock(resv)] as const
  const map = procedure('iopt_map_file_pages', locals, [
    kzalloc(iopt_pages, 'pages'),
    attaching,
    mutex_unlock(resv),
    mutex_lock('pages->mutex'),
    READ_ONCE('pages->revoked', 'dead'),
    when(({ dead }) => !dead, [WRITE_ONCE(mapped, true)]),
    mutex_unlock('pages->mutex'),
  ])
  const unmap = procedure('iopt_unmap_iova', { pages }, [
    READ_ONCE(attachment, 'pages'),
    when('pages', [
      mutex_lock('pages->mutex'),
      WRITE_ONCE(mapped, false),
      mutex_unlock('pages->mutex'),
      // iopt_release_pages
      ...(protocol === 'frees-first' ? [kfree('pages'), ...detach] : [...detach, kfree('pages')]),
    ]),
  ])
  return kernel({ threads: { vmm: [map, unmap], owner: switchOff } })
}

export const mappedWhileSwitchedOff = scenarioOf({
  name: 'mapped-while-switched-off',
  family: 'iommufd',
  source:
    'vfio_pci_dma_buf_move() and iommufd’s revocation (6.19), and f2d70dbd3dce "iommufd: Destroy the pages content after detaching from dmabuf" (7.2, ' +
    'CVE-2026-74328: 6.19 to 7.1.4). `looks-first` is nobody’s: it is what the order of attaching and looking is for (derived). That what is mapped ' +
    'dies with the memory, and MAP_FILE is ENODEV while that is off, was recorded on Linux 7.2.12',
  why:
    'Whoever maps a dma-buf first has himself told of its revocation, and looks whether it is revoked under the same lock; otherwise the memory ' +
    'is switched off between the two, and the IOMMU leads to where nothing answers. Whoever unmaps it must not free what that call looks at before ' +
    'he is told no more: kernels did.',
  options: { protocol: { values: ['looks-first', 'frees-first', 'repaired'] } },
  world: ({ protocol }) => world(protocol),
  properties: [
    always('nothing is mapped whose memory is switched off', (w) => w.field('memory') || !w.field('mapped'), {
      finding: 'stale-mapping',
    }),
    sometimes('it is mapped, and revoked', (w) => w.thread('vmm').result(0) === 0 && w.field('revoked')),
    sometimes('it is mapped dead', (w) => w.thread('vmm').result(0) === 0 && !w.field('mapped') && !w.field('memory')),
    sometimes('it is not mapped while the memory is off', (w) => w.thread('vmm').result(0) === '-ENODEV'),
    sometimes('both come through', (w) => w.finished),
  ],
  expected: [
    {
      protocol: 'looks-first',
      findings: ['nothing is mapped whose memory is switched off'],
      verdicts: { 'nothing is mapped whose memory is switched off': 'violated' },
      states: 256,
    },
    { protocol: 'frees-first', findings: ['use-after-free in vfio_pci_dma_buf_move'], states: 209 },
    { protocol: 'repaired', findings: [], states: 207 },
  ],
})
