/** Right descriptions, as people write them, to be changed. */
import { unmap } from '../../index.ts'
import type { Path } from './chance.ts'

const page = 0x1000

/** For `scenario()`, without what are functions. */
export const story = {
  name: 'fuzzed',
  why: 'to be changed',
  unmap: ['restart', 'gated'],
  byDefault: 'restart',
  tasks: { least: 1, most: 2, byDefault: 1 },
}

export const worlds = {
  vfio: {
    unmap: { protocol: 'restart', retryBound: 3 },
    remember: true,
    containers: {
      container0: {
        backend: 'type1v2',
        mappings: [{ iova: page, size: page, prot: 'rw', process: 'vmm' }],
        groups: { group26: { viable: true, devices: { mdev0: { driver: 'unpins-all', open: true, pinned: [page] } } } },
      },
    },
    tasks: { vmm0: [unmap(page, page)], vmm1: { process: 'vmm', script: [] } },
  },
  deviceMemory: {
    deviceMemory: { protocol: 'dma-buf', as: 'repaired', platform: 'logged' },
    devices: { dev1: { container: 'container0' }, dev2: { container: 'container1' } },
    before: [],
    tasks: { vmm0: [] },
  },
  svm: { svm: { protocol: 'sva-domain', as: 'repaired', pasids: 1, device: 'clean' }, before: [], tasks: { vmm0: [] } },
  several: {
    unmap: 'restart',
    deviceMemory: 'device-notifier',
    svm: 'sva-domain',
    containers: { container0: { groups: { group26: { devices: { mdev0: { driver: 'unpins-all' } } } } } },
    devices: { dev1: { container: 'container0' }, gpu0: { openBy: ['vmm'] } },
    before: [],
    tasks: { vmm0: [unmap(page, page)] },
  },
} as const

export const exploring = {
  search: 'breadth',
  within: { states: 50, depth: 40, ms: 5000 },
  reduction: true,
  stopAtFirst: false,
  shortest: false,
  ignored: 'show',
}

/** Names in these are the user's own: another one is another world, and no slip. */
const named = ['containers', 'groups', 'devices', 'tasks', 'processes']

/** A field that has a meaning by its name. */
export const isKnownField = (at: Path): boolean => typeof at.at(-1) === 'string' && !named.includes(String(at.at(-2)))
