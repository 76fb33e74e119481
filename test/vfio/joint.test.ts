/** Two subjects in one kernel: what they share is one, what is not the same is refused, and a view tells of both. */
import { describe, expect, test } from 'vitest'
import { closeDevice, dma, mapMemory, share, unmapMemory } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import { linux } from '../../actors/kernel/linux.ts'
import { objectsOf } from '../../actors/kernel/subject.ts'
import { bind, exit } from '../../actors/kernel/sva/describe.ts'
import { close, pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import { start } from '../../actors/running/told.ts'
import { mutex } from '../../machines/kernel/locks/mutex.ts'
import { type1 } from '../../machines/type1/backend/type1.ts'
import { refusalOf, type Refusal } from '../shapes/refusals.ts'

const [page, bar] = [0x1000n, 0x2000n]

const described = (tasks: LinuxDescription['tasks']): LinuxDescription => ({
  unmap: 'restart',
  deviceMemory: { protocol: 'device-notifier', as: 'repaired' },
  containers: {
    container0: {
      mappings: [{ iova: page, size: page }],
      groups: { group26: { devices: { mdev0: { driver: 'unpins-all', pinned: [page] } } } },
    },
  },
  devices: { dev1: { container: 'container0' }, dev2: { container: 'container1' } },
  before: [share('dev2'), mapMemory('container0', bar, 'dev2')],
  tasks,
})

const afterwards = (tasks: LinuxDescription['tasks']) => {
  const run = start(linux(described(tasks)))
  return run.settle().state
}

describe('one struct vfio_iommu', () => {
  test('has mappings of both kinds and one lock, and its container a user for each open device of either', () => {
    const { actors } = linux(described({ vmm0: [unmap(page, 2n * page)], vmm1: [closeDevice('dev1')] }))
    expect(actors.filter(({ machine }) => machine === type1).map(({ id }) => id)).toEqual([
      'container0.type1',
      'container1.type1',
    ])
    expect(actors.filter(({ lockClass }) => lockClass === 'iommu->lock').map(({ id }) => id)).toEqual([
      'container0.lock',
      'container1.lock',
    ])
    const state = afterwards({ vmm0: [dma('dev1', bar)] })
    expect(state.vfio.mappings('container0').map(({ iova, pins }) => [iova, pins.length])).toEqual([
      [page, 1],
      [bar, 0],
    ])
    expect(state.deviceMemory.mapped('container0', bar)?.device).toBe('dev2')
    expect(state.deviceMemory.users('container0')).toBe(3)
    expect(state.deviceMemory.leaks).toEqual([])
  })

  test('one unmap takes both, tells the driver of its page alone, and leaves nothing in the IOMMU', () => {
    const state = afterwards({ vmm0: [unmap(page, 2n * page), dma('dev1', bar)] })
    expect(state.result('vmm0', 'unmap')).toMatchObject({ ret: 0, size: 2n * page })
    expect(state.result('vmm0', 'dma')?.ret).toBe('iommu-fault')
    expect(state.vfio.driver('mdev0').pins).toEqual([])
    expect(state.deviceMemory.leaks).toEqual([])
  })

  test('a driver pins no memory of a device: there is no page to count', () => {
    expect(afterwards({ worker: [pin('mdev0', bar)] }).result('worker', 'pin')?.ret).toBe('-EINVAL')
  })
})

test('a call that is nobody’s, and a task that is not there, are told by name', () => {
  const state = afterwards({ vmm0: [unmap(page, page)] })
  expect(() => state.result('vmm1', 'unmap')).toThrow('Unknown task "vmm1". Did you mean "vmm0"?')
  expect(() => state.result('vmm0', 'unmapp' as 'unmap')).toThrow('Did you mean "unmap"?')
  expect(() => (state as unknown as { quite: boolean }).quite).toThrow('Did you mean "quiet"?')
})

test('two different things of one name are refused', () => {
  const having = (machine: typeof mutex | typeof type1) => ({ objects: [{ id: 'thing', machine }] })
  expect(objectsOf([having(mutex), having(mutex)])).toHaveLength(1)
  expect(() => objectsOf([having(mutex), having(type1)])).toThrow('Two different things are called "thing".')
})

describe('what is not described', () => {
  const { unmap: _unmap, containers: _containers, ...others } = described({ vmm0: [unmap(page, page)] })
  const refused: readonly Refusal[] = [
    [
      'has no calls',
      others,
      'linux(): tasks.vmm0[0].do cannot be "unmap": it is a call of drivers that pin and of who unmaps, and they are not described.',
      "Write unmap: 'restart', containers: { … } beside the tasks.",
    ],
    [
      'has no containers',
      { ...described({ vmm0: [] }), unmap: undefined, before: [] },
      'linux(): containers are of no use.',
      "unmap: 'restart'",
    ],
    [
      'has no devices with memory',
      { ...described({ vmm0: [] }), deviceMemory: undefined, before: [] },
      'linux(): devices.dev1.container is of no use.',
      "deviceMemory: 'device-notifier'",
    ],
    [
      'has no devices with PASIDs',
      { unmap: 'restart', containers: described({}).containers, devices: { gpu0: {} }, tasks: { vmm0: [] } },
      'linux(): devices.gpu0 is of no use.',
      "svm: 'sva-domain'",
    ],
    [
      'is something',
      { tasks: { vmm0: [] } },
      'linux() cannot be given',
      'one of unmap, deviceMemory, svm, systemCalls at least',
    ],
  ]
  test.each(refused)('%s', (_, description, fact, expected) => {
    const told = refusalOf(() => linux(description as LinuxDescription))
    expect(told).toEqual({ fact: expect.stringContaining(fact), rest: expect.stringContaining(expected) })
  })
})

describe('beside memory of devices', () => {
  const refused: readonly Refusal[] = [
    [
      'devices whose drivers pin stay open',
      { vmm0: [close('mdev0')] },
      'linux(): tasks.vmm0[0].do cannot be "close"',
      'map, unmap',
    ],
    [
      'an unmap is told to drivers',
      { vmm0: [unmapMemory('container0', bar, page)] },
      'cannot be "unmapMemory"',
      'Write unmap(',
    ],
  ]
  test.each(refused)('%s', (_, tasks, fact, expected) => {
    const told = refusalOf(() => linux(described(tasks as LinuxDescription['tasks'])))
    expect(told).toEqual({ fact: expect.stringContaining(fact), rest: expect.stringContaining(expected) })
  })
})

test('all three subjects stand in one world, and a call goes to whom it speaks of', () => {
  const run = start(
    linux({
      ...described({ vmm0: [unmap(page, page)], gpu: [bind('gpu0'), closeDevice('gpu0'), closeDevice('dev1')] }),
      svm: 'sva-domain',
      devices: { dev1: { container: 'container0' }, dev2: { container: 'container1' }, gpu0: {} },
    }),
  )
  const { state } = run.settle()
  expect(state.results('closeDevice').map(({ ret }) => ret)).toEqual([0, 0])
  expect([state.svm.open, state.svm.bound]).toEqual([false, []])
  expect(state.deviceMemory.owner('dev1')).toBe(null)
  expect(state.vfio.driver('mdev0').pins).toEqual([])
  expect(state.quiet).toBe(true)
})

test('a process that ends loses its PASID, its mapping of a BAR and the device itself, in this order', () => {
  const { unmap: _unmap, containers: _containers, ...others } = described({})
  const world = linux({
    ...others,
    svm: { protocol: 'sva-domain', as: 'repaired', device: 'clean' },
    devices: {
      dev1: { container: 'container0', openBy: 'other' },
      dev2: { container: 'container1' },
      gpu0: { openBy: ['vmm'] },
    },
    before: [bind('gpu0'), share('dev2'), mapMemory('container0', bar, 'dev2')],
    tasks: { vmm0: [exit()], other0: { process: 'other', script: [dma('dev1', bar)] } },
  })
  const run = start(world)
  expect([run.state.svm.bound.length, run.state.deviceMemory.owner('dev2')]).toEqual([1, 'vmm'])
  const { state } = run.settle()
  expect(state.result('vmm0', 'exit')?.ret).toBe(0)
  expect(state.svm.bound).toEqual([])
  expect(state.svm.mms.map(({ process }) => process)).toEqual(['other'])
  // Its last reference to the file was the mapping's or the descriptor's: both are gone, and dev1 is another process's.
  expect(['dev1', 'dev2'].map((id) => state.deviceMemory.owner(id))).toEqual(['other', null])
  expect(state.deviceMemory.mapped('container0', bar)).toBe(undefined)
  expect(state.deviceMemory.leaks).toEqual([])
  expect(state.quiet).toBe(true)
})
