/** Two subjects in one kernel: what they share is one, what is not the same is refused, and a view tells of both. */
import { describe, expect, test } from 'vitest'
import { closeDevice, dma, mapMemory, share } from '../../actors/kernel/device-memory/describe.ts'
import { joint } from '../../actors/kernel/joint/build.ts'
import type { JointDescription } from '../../actors/kernel/joint/describe.ts'
import { objectsOf, type Subject } from '../../actors/kernel/subject.ts'
import { pin, unmap } from '../../actors/kernel/unmap/describe.ts'
import { start } from '../../actors/running/told.ts'
import { mutex } from '../../machines/kernel/locks/mutex.ts'
import { type1 } from '../../machines/type1/backend/type1.ts'

const [page, bar] = [0x1000n, 0x2000n]

const described = (tasks: JointDescription['tasks']): JointDescription => ({
  unmap: 'restart',
  protocol: 'device-notifier',
  as: 'repaired',
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

const afterwards = (tasks: JointDescription['tasks']) => {
  const run = start(joint(described(tasks)))
  return run.settle().state
}

describe('one struct vfio_iommu', () => {
  test('has mappings of both kinds and one lock, and its container a user for each open device of either', () => {
    const { actors } = joint(described({ vmm0: [unmap(page, 2n * page)], vmm1: [closeDevice('dev1')] }))
    expect(actors.filter(({ machine }) => machine === type1).map(({ id }) => id)).toEqual([
      'container0.type1',
      'container1.type1',
    ])
    expect(actors.filter(({ lockClass }) => lockClass === 'iommu->lock').map(({ id }) => id)).toEqual([
      'container0.lock',
      'container1.lock',
    ])
    const state = afterwards({ vmm0: [dma('dev1', bar)] })
    expect(state.type1.mappings('container0').map(({ iova, pins }) => [iova, pins.length])).toEqual([
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
    expect(state.type1.driver('mdev0').pins).toEqual([])
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
  const having = (machine: typeof mutex | typeof type1): Subject<{ readonly do: string }, unknown> => ({
    ...{ words: [], servers: [], objects: [{ id: 'thing', machine }] },
    ...{ callsFor: () => [], stepFor: () => undefined, view: () => () => undefined },
  })
  expect(objectsOf([having(mutex), having(mutex)])).toHaveLength(1)
  expect(() => objectsOf([having(mutex), having(type1)])).toThrow('Two different things are called "thing".')
})
