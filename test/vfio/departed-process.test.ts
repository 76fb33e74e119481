/**
 * A process ends with a PASID bound and a BAR of its device mapped for a peer's DMA, while a manager unmaps what a driver has pinned and that BAR, and the
 * peer reads: what only a kernel with all three subjects can be asked. Every search is complete; derived, not reported by anybody.
 */
import { describe, expect, test } from 'vitest'
import {
  always,
  bind,
  by,
  dma,
  exit,
  explore,
  linux,
  mapMemory,
  share,
  sometimes,
  unmap,
  type LinuxDescription,
  type LinuxView,
} from '../../index.ts'

const [page, bar] = [0x1000n, 0x2000n]

type Told = Required<Pick<LinuxDescription, 'unmap' | 'deviceMemory' | 'svm'>>

const ending = (told: Told) =>
  linux({
    ...told,
    containers: {
      container0: {
        mappings: [{ iova: page, size: page, process: 'manager' }],
        groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
      },
    },
    devices: {
      dev1: { container: 'container0', openBy: 'manager' },
      dev2: { container: 'container1', openBy: 'guest' },
      gpu0: { openBy: ['guest'] },
    },
    before: [
      ...by('guest', bind('gpu0')),
      ...by('guest', share('dev2')),
      ...by('guest', mapMemory('container0', bar, 'dev2')),
    ],
    tasks: {
      guest0: { process: 'guest', script: [exit()] },
      manager0: { process: 'manager', script: [unmap(page, 2n * page)] },
      'dev1.engine': { process: 'manager', script: [dma('dev1', bar)] },
    },
  })

const late = 'no DMA reaches a device after its last release was answered'
const left = 'when all is over nothing is bound, mapped or pinned'
const released = 'every mm but the manager’s is released'
const through = 'every task gets through its script'

const claims = [
  always<LinuxView>(late, (w) => w.deviceMemory.dmas.every(({ of, owner }) => of === null || owner === 'guest'), {
    when: (w) => w.deviceMemory.dmas.length > 0,
    finding: 'stale-mapping',
  }),
  always<LinuxView>(
    left,
    ({ svm, vfio }) => svm.bound.length === 0 && vfio.mappings().length === 0 && vfio.driver('mdev0').pins.length === 0,
    { when: (w) => w.quiet, finding: 'leak' },
  ),
  always<LinuxView>(
    released,
    ({ svm, deviceMemory }) => svm.mms.every(({ process }) => process !== 'guest') && deviceMemory.leaks.length === 0,
    { when: (w) => w.quiet, finding: 'leak' },
  ),
  sometimes<LinuxView>(through, (w) => w.quiet),
]

const searched = async (told: Told) => {
  const { states, exhaustive, findings, properties } = await explore(ending(told), claims)
  expect(exhaustive).toBe(true)
  const bad = properties.filter(({ verdict }) => verdict === 'violated' || verdict === 'unseen')
  return { states, found: findings.map(({ title }) => title).toSorted(), bad: bad.map(({ name }) => name) }
}

const mended = { protocol: 'sva-domain', as: 'repaired' } as const
const listOrder = 'lock order iommu->device_list_lock → iommu->lock → iommu->device_list_lock'

describe('with everything mended nothing is left behind, and no DMA comes too late', () => {
  test.each([
    ['device-notifier', 59_312],
    ['vma-private', 59_384],
    ['vma-to-pfn', 59_872],
  ] as const)('%s', async (protocol, states) => {
    const told = { unmap: 'restart', deviceMemory: { protocol, as: 'repaired' }, svm: mended } as const
    expect(await searched(told)).toEqual({ states, found: [], bad: [] })
  })
})

test('without a protocol for memory of devices the peer reads on; and 4.10 takes no mapping of another process, so it stays', async () => {
  expect(await searched({ unmap: 'restart', deviceMemory: 'none', svm: mended })).toEqual({
    ...{ states: 4740, found: [late, left], bad: [late, left] },
  })
  expect(await searched({ unmap: 'device-list', deviceMemory: 'none', svm: mended })).toEqual({
    ...{ states: 8706, found: [listOrder, late].toSorted(), bad: [late] },
  })
})

test('as posted, an unmap that takes the BAR meets the release that an exit began', async () => {
  const told = { unmap: 'device-list', deviceMemory: 'device-notifier', svm: mended } as const
  expect(await searched(told)).toEqual({
    states: 67_770,
    found: [
      'deadlock at container0.lock and dev2.notifier.guard',
      'lock order device->notifier.srcu → iommu->lock → device->notifier.srcu',
      listOrder,
    ].toSorted(),
    bad: [],
  })
})

test('as merged, the last close reads what the end of the address space has freed, and nobody gets through', async () => {
  expect(await searched({ unmap: 'restart', deviceMemory: 'device-notifier', svm: 'sva-domain' })).toEqual({
    ...{ states: 207, found: ['use-after-free in iommu_sva_unbind_device'], bad: [through] },
  })
})

test('with a process that does not end, what is bound and what it maps is there in the end: the claims can break', async () => {
  const world = linux({
    ...{ unmap: 'restart', deviceMemory: 'none', svm: mended, devices: { dev1: { container: 'c' }, gpu0: {} } },
    containers: { container0: { groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } } } },
    before: by('guest', bind('gpu0')),
    tasks: { guest0: { process: 'guest', script: [] } },
  })
  const { properties } = await explore(world, claims.slice(1))
  expect(properties.map(({ verdict }) => verdict)).toEqual(['violated', 'violated', 'seen'])
})
