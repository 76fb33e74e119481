import { closeDevice, dma, mapMemory, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import { linux } from '../../actors/kernel/linux.ts'
import { unmap } from '../../actors/kernel/unmap/describe.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import type { Repair } from '../../machines/type1/device-memory/forms.ts'
import { scenarioOf, type Expected, type Scenario } from '../told.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { page } from './words.ts'

const [memory, bar] = [page, 2n * page]

const unmaps = ['under-lock', 'per-mapping', 'per-request', 'restart', 'device-list'] as const
const series = ['vma-ops', 'device-notifier', 'vma-private', 'vma-to-pfn'] as const
const protocols = ['none', ...series] as const
const forms = [
  { protocol: 'none' },
  ...series.flatMap((protocol) => [{ protocol }, { protocol, as: 'repaired' }] as const),
] as const

type Unmap = (typeof unmaps)[number]
type Form = (typeof forms)[number]

const staleDma = 'no DMA reaches a device after its last release was answered'
const all = 'every task gets through its script'
const less = 'the unmap reports less than it was asked for: a release came first'

/** How many states each pair has: a line for a DMA_UNMAP protocol, and in it the forms in their order. */
const states: Readonly<Record<Unmap, readonly number[]>> = {
  'under-lock': [72, 1184, 1556, 1430, 1556, 1430, 1556, 1446, 1572],
  'per-mapping': [514, 5012, 8340, 4992, 7614, 4992, 7614, 5024, 7904],
  'per-request': [514, 4452, 7638, 4446, 6972, 4446, 6972, 4470, 7254],
  restart: [514, 5012, 8340, 4992, 7614, 4992, 7614, 5024, 7904],
  'device-list': [514, 5572, 9042, 5538, 8256, 5538, 8256, 5578, 8554],
}

/** What is wrong with how drivers are told, whatever lies beside their pages. */
const wrongWithUnmap: Readonly<Record<Unmap, readonly string[]>> = {
  'under-lock': [
    'deadlock at container0.lock',
    'lock order iommu->lock → iommu->notifier.rwsem → iommu->lock',
    'lock order iommu->lock → mdev0.lock → iommu->lock',
    'recursive locking of iommu->lock',
  ],
  'per-mapping': [],
  'per-request': [],
  restart: [],
  'device-list': ['lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'],
}

/** What is wrong with how the mapping of a peer's memory is kept in step with the peer. */
const wrongWithMemory = (form: Form): readonly string[] => {
  if (form.protocol === 'none') return [staleDma]
  if ('as' in form) return []
  const guard = form.protocol === 'vma-ops' ? 'rwsem' : 'srcu'
  return [
    'deadlock at container0.lock and dev2.notifier.guard',
    `lock order device->notifier.${guard} → iommu->lock → device->notifier.${guard}`,
  ]
}

/** Whoever tells drivers with the lock held never comes to the peer's mapping. */
const found = (how: Unmap, form: Form): readonly string[] =>
  how === 'under-lock' && form.protocol !== 'none'
    ? wrongWithUnmap[how]
    : [...wrongWithUnmap[how], ...wrongWithMemory(form)].toSorted()

const unseen = (how: Unmap, form: Form) => ({
  ...(form.protocol === 'none' && { [staleDma]: 'violated' as const }),
  ...(how === 'under-lock' && { [all]: 'unseen' as const }),
  ...(how === 'under-lock' && form.protocol !== 'none' && { [less]: 'unseen' as const }),
})

const expected = unmaps.flatMap((how) =>
  forms.map((form, index): Expected => ({
    ...{ unmap: how, ...form, states: states[how][index]!, findings: found(how, form) },
    verdicts: unseen(how, form),
  })),
)

interface Variant {
  readonly name: string
  readonly why: string
  readonly mutantOf?: string
  readonly without?: readonly Repair[]
  readonly expected: readonly Expected[]
}

const told = ({ without, ...variant }: Variant): Scenario =>
  scenarioOf({
    family: 'device-memory',
    source: 'derived: "vfio/type1" of 4.10 to 7.x, and the series of 2021, in one container',
    ...variant,
    options: {
      unmap: { values: unmaps, byDefault: 'restart' },
      protocol: { values: protocols, byDefault: 'device-notifier' },
      as: { values: ['posted', 'repaired'], only: { protocol: series } },
    },
    world: ({ unmap: how, protocol, as }) =>
      linux({
        ...{ name: variant.name, unmap: how },
        deviceMemory: { protocol, ...(as && { as }), ...(without && { without }) },
        containers: {
          container0: {
            mappings: [{ iova: memory, size: page }],
            groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [memory] } } } },
          },
        },
        devices: { dev1: { container: 'container0' }, dev2: { container: 'container1' } },
        before: [share('dev2'), mapMemory('container0', bar, 'dev2'), unshare('dev2')],
        tasks: {
          vmm0: [unmap(memory, 2n * page)],
          vmm1: [closeDevice('dev2')],
          'dev1.engine': [dma('dev1', bar)],
        },
      }),
    properties: ({ protocol }) => [
      always<LinuxView>(
        staleDma,
        ({ deviceMemory }) => deviceMemory.dmas.every(({ of, owner }) => of === null || owner === 'vmm'),
        { when: ({ deviceMemory }) => deviceMemory.dmas.length > 0, finding: 'stale-mapping' },
      ),
      always<LinuxView>(
        'when the unmap has returned nothing is mapped, and nothing pinned',
        ({ vfio, deviceMemory }) =>
          vfio.mappings('container0').length === 0 && deviceMemory.mapped('container0', bar) === undefined,
        { when: (w) => w.result('vmm0', 'unmap')?.ret === 0 },
      ),
      always<LinuxView>('every reference is dropped in the end', (w) => w.deviceMemory.leaks.length === 0, {
        when: (w) => w.quiet,
        finding: 'leak',
      }),
      ...(protocol === 'none' ? [] : [sometimes<LinuxView>(less, (w) => w.result('vmm0', 'unmap')?.size === page)]),
      sometimes<LinuxView>(all, (w) => w.quiet),
    ],
  })

const name = 'pinned-neighbour'

/** In one container a driver has pinned memory of the guest, and beside it a peer's BAR is mapped. The guest unmaps both while the peer is closed. */
export const pinnedNeighbour: readonly Scenario[] = [
  told({
    name,
    why:
      'A guest with a device of which a driver pins, and with one that reads from another: struct vfio_iommu has both kinds of mappings, and one ' +
      'VFIO_IOMMU_UNMAP_DMA takes both. It gives iommu->lock back to tell the driver, and then a release comes and takes the mapping of its device. ' +
      'Every pair of protocols is told here: what is wrong with a pair is what is wrong with either, and nothing else.',
    expected,
  }),
  told({
    name: `${name}+at-once`,
    mutantOf: name,
    why: 'Everything is mended but that an unmap unregisters with iommu->lock held.',
    without: ['unregister'],
    expected: [
      {
        ...{ unmap: 'restart', protocol: 'device-notifier', as: 'repaired', states: 5748 },
        findings: [
          'deadlock at container0.lock and dev2.notifier.guard',
          'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
        ],
      },
    ],
  }),
]
