import { describe, expect, test } from 'vitest'
import type { AnyStateMachine } from 'xstate'
import { deviceNotifier } from '../../machines/type1/device-memory/device-notifier.ts'
import { forms, type Form } from '../../machines/type1/device-memory/forms.ts'
import { none } from '../../machines/type1/device-memory/none.ts'
import { vmaOps } from '../../machines/type1/device-memory/vma-ops.ts'
import { calls, drive, last, type Message } from './drive.ts'

const page = 0x1000n
const { posted, repaired } = forms['device-notifier']
const at = {
  processes: { vmm: { mmapLock: 'mmap_lock', mm: 'mm', ptes: 'ptes' } },
  containers: { C1: { lock: 'C1.lock', type1: 'C1.type1' } },
  devices: {
    dev2: { device: 'dev2', container: 'C2', closeContainer: 'C2.close', notifier: 'chain2', guard: 'guard2' },
    dev3: { device: 'dev3', container: 'C2', closeContainer: 'C2.close', notifier: 'chain3', guard: 'guard3' },
  },
  fault: 'fault',
  hardware: 'hardware',
  pfnmaps: 'pfnmaps',
  events: 'events',
  worker: 'kworker/protocol',
}
const run = (request: object, answers: readonly (string | Message)[], form: Form = posted, machine = deviceNotifier) =>
  calls(machine as AnyStateMachine, { task: 't1', at, form }, { ...request }, answers)

const dma0 = { id: 'C1.dma0', gen: 1 }
const pfnmap0 = { id: 'pfnmap0', gen: 1 }
const pfnmap1 = { id: 'pfnmap1', gen: 1 }
const vma = (more: object = {}) => ({
  ...{ ptr: { id: 'vmm.vma0', gen: 1 }, start: 0x7000n, size: page, device: 'dev2', bar: 0, pgoff: 0n, ops: 'driver' },
  private: null,
  ...more,
})
const dma = (...pfnmaps: object[]) => ({
  ptr: dma0,
  iova: page,
  size: 2n * page,
  process: 'vmm',
  vaddr: 0x7000n,
  pfnmaps,
})
const first = { ptr: pfnmap0, device: 'dev2', iova: page, size: page }
const second = { ptr: pfnmap1, device: 'dev3', iova: 2n * page, size: page }

const answer = (fields: object = { ret: 0 }): Message => ({ type: 'ANSWER', ...fields })
const ok = answer()
const nb = (name: string | null): Message => ({ type: 'NB', nb: name })
const fields = (device: string) => answer({ fields: { container: 'C1', device } })
const messages = (said: ReturnType<typeof run>['said']) => said.map((one) => (one.type === 'send' ? one.message : one))

const getPfn = { do: 'GET_PFN', container: 'C1', process: 'vmm', dma: dma0, vaddr: 0x7000n }
const lookup = ['LOCKED', answer({ vma: vma() }), answer({ pfn: 7n })]
const lookedUp = ['DOWN_READ mmap_lock', 'FIND mm', 'GET ptes', 'USE C1.type1']
const leave = ['UP_READ mmap_lock', 'RETURN t1']

describe('getting a pfn', () => {
  const registered = [answer({ dma: dma() }), ok, answer({ ptr: pfnmap0 }), ok]

  test('gets a reference on the device and a user of its own container, and joins its chain', () => {
    const { told, said, call } = run(getPfn, [...lookup, ...registered, 'ADDED', ok, 'UNLOCKED'])
    expect(told).toEqual([
      ...lookedUp,
      'GET dev2',
      'ALLOC pfnmaps',
      'ADD_USER C2',
      'ADD chain2',
      'LINK_PFNMAP C1.type1',
      ...leave,
    ])
    expect(messages(said)[5]).toMatchObject({ fields: { container: 'C1', device: 'dev2' } })
    expect(messages(said)[7]).toMatchObject({ nb: 'pfnmap0#1' })
    expect(messages(said)[8]).toMatchObject({ dma: dma0, pfnmap: pfnmap0, device: 'dev2', iova: page, size: 2n * page })
    expect(last(said)).toEqual({ type: 'RETURN', task: 't1', ret: 0, pfn: 7n })
    expect(call.context).toEqual(drive(deviceNotifier, { task: 't1', at, form: posted }).context)
  })

  test('repaired, the pfnmap stands for its vma alone and holds the iommu', () => {
    const { told, said } = run(getPfn, [...lookup, ...registered, ok, 'ADDED', ok, 'UNLOCKED'], repaired)
    expect(told.slice(6, 10)).toEqual(['ADD_USER C2', 'GET C1.type1', 'ADD chain2', 'LINK_PFNMAP C1.type1'])
    expect(messages(said)[9]).toMatchObject({ iova: page, size: page })
  })

  test('an rwsem head is taken for write while iommu->lock is held', () => {
    const answers = [...lookup, ...registered, 'LOCKED', 'ADDED', 'UNLOCKED', ok, 'UNLOCKED']
    const { told } = run(getPfn, answers, { ...posted, chain: 'rwsem' })
    expect(told.slice(7, 10)).toEqual(['DOWN_WRITE guard2', 'ADD chain2', 'UP_WRITE guard2'])
  })

  test('one pfnmap covers the whole mapping, whoever the second page belongs to; repaired, only its own device', () => {
    const other = [...lookup.with(1, answer({ vma: vma({ device: 'dev3' }) })), answer({ dma: dma(first) })]
    expect(run(getPfn, other).told).toEqual([...lookedUp, 'UP_READ mmap_lock'])
    expect(run(getPfn, other, repaired).told).toEqual([...lookedUp, 'GET dev3'])
    const same = [...lookup, answer({ dma: dma(first) })]
    expect(run(getPfn, same, repaired).told).toEqual([...lookedUp, 'UP_READ mmap_lock'])
  })

  test('a page that is not there is brought in by a fault, once', () => {
    const absent = ['LOCKED', answer({ vma: vma() }), answer({ pfn: null })]
    const faulted = run(getPfn, [...absent, { type: 'RETURN', ret: 0 }, answer({ pfn: 7n })])
    expect(faulted.told).toEqual([
      'DOWN_READ mmap_lock',
      'FIND mm',
      'GET ptes',
      'CALL fault',
      'GET ptes',
      'USE C1.type1',
    ])
    const failing = [
      [{ type: 'RETURN', ret: '-SIGBUS' }, 'UNLOCKED'],
      [{ type: 'RETURN', ret: 0 }, answer({ pfn: null }), 'UNLOCKED'],
    ]
    for (const answers of failing) {
      const { said, told } = run(getPfn, [...absent, ...answers])
      expect(told.slice(-2)).toEqual(leave)
      expect(last(said)).toMatchObject({ ret: '-EFAULT', pfn: null })
    }
    expect(last(run(getPfn, ['LOCKED', answer({ vma: null }), 'UNLOCKED']).said)).toMatchObject({ ret: '-EFAULT' })
  })

  describe('memory of something else, without vm_ops', () => {
    const foreign = [...lookup.with(1, answer({ vma: vma({ ops: null, device: null }) })), answer({ dma: dma() })]

    test('is a NULL dereference as posted', () => {
      expect(run(getPfn, foreign).said.at(-1)).toMatchObject({
        kind: 'bug',
        title: 'BUG: kernel NULL pointer dereference in vfio_device_get_from_vma',
        fatal: true,
      })
    })

    test('is refused with -ENODEV when vm_ops is looked at first, or mapped when nobody is strict', () => {
      const refused = run(getPfn, [...foreign, 'UNLOCKED'], repaired)
      expect(refused.told).toEqual([...lookedUp, ...leave])
      expect(last(refused.said)).toMatchObject({ ret: '-ENODEV', pfn: null })
      const mapped = run(getPfn, [...foreign, 'UNLOCKED'], { ...repaired, strict: false })
      expect(last(mapped.said)).toMatchObject({ ret: 0, pfn: 7n })
    })
  })

  test('a container that is dissolved already takes no user, and nothing is left behind', () => {
    const refused = registered.with(3, answer({ ret: '-EINVAL' }))
    const { told, said } = run(getPfn, [...lookup, ...refused, ok, ok, 'UNLOCKED'])
    expect(told.slice(-4)).toEqual(['FREE pfnmaps', 'PUT dev2', ...leave])
    expect(last(said)).toMatchObject({ ret: '-EINVAL', pfn: null })
  })
})

describe('a mapping that goes', () => {
  const forget = { do: 'FORGET', container: 'C1', dma: dma(first) }
  const deleted = { type: 'DELETED', ret: 0 }
  const rest = ['CALL C2.close', 'PUT dev2', 'FREE pfnmaps', 'RETURN t1']

  test('is unregistered at once: it waits for readers of the chain while iommu->lock is held', () => {
    const { told, call } = run(forget, [fields('dev2'), deleted, 'SYNCHRONIZED', 'RETURN', ok, ok])
    expect(told).toEqual(['USE pfnmaps', 'DELETE chain2', 'SYNCHRONIZE guard2', ...rest])
    expect(call.state).toBe('idle')
  })

  test('with an rwsem it waits for callbacks, unprotected for nothing', () => {
    const rwsem = run(forget, [fields('dev2'), 'LOCKED', deleted, 'UNLOCKED', 'RETURN', ok, ok], {
      ...posted,
      chain: 'rwsem',
    })
    expect(rwsem.told).toEqual(['USE pfnmaps', 'DOWN_WRITE guard2', 'DELETE chain2', 'UP_WRITE guard2', ...rest])
    const unprotected = run(forget, [fields('dev2'), deleted, 'RETURN', ok, ok], { ...posted, chain: 'unprotected' })
    expect(unprotected.told).toEqual(['USE pfnmaps', 'DELETE chain2', ...rest])
  })

  test('repaired, each of its pfnmaps is only unlinked and left to the kworker', () => {
    const both = { ...forget, dma: dma(first, second) }
    const { told, said } = run(both, [ok, 'QUEUED', ok, 'QUEUED'], repaired)
    expect(told).toEqual([
      'UNLINK_PFNMAP C1.type1',
      'QUEUE events',
      'UNLINK_PFNMAP C1.type1',
      'QUEUE events',
      'RETURN t1',
    ])
    expect(messages(said)[3]).toMatchObject({
      work: { call: 'kworker/protocol', args: { do: 'WORK', pfnmap: pfnmap1 } },
      item: pfnmap1,
      init: true,
    })
  })

  test('without a pfnmap there is nothing to do', () => {
    expect(run({ ...forget, dma: dma() }, []).told).toEqual(['RETURN t1'])
  })

  test('a notifier that is not on the chain any more was unregistered twice', () => {
    const { said } = run(forget, [fields('dev2'), { type: 'DELETED', ret: '-ENOENT' }])
    expect(said[2]).toMatchObject({
      kind: 'double-unregister',
      title: 'double unregister of a notifier',
      object: 'pfnmap0#1',
    })
  })

  test('the kworker does it with no lock held, and lets go of the iommu last', () => {
    const work = { do: 'WORK', pfnmap: pfnmap0 }
    const { told } = run(
      work,
      [fields('dev2'), deleted, 'SYNCHRONIZED', 'RETURN', ok, 'LOCKED', ok, 'UNLOCKED', ok],
      repaired,
    )
    expect(told).toEqual([
      'USE pfnmaps',
      'DELETE chain2',
      'SYNCHRONIZE guard2',
      'CALL C2.close',
      'PUT dev2',
      'LOCK C1.lock',
      'PUT C1.type1',
      'UNLOCK C1.lock',
      'FREE pfnmaps',
      'RETURN t1',
    ])
  })
})

describe('a device that is released', () => {
  const release = { do: 'RELEASE', device: 'dev2' }
  const enter = ['LOCKED', nb('pfnmap0#1'), fields('dev2'), 'LOCKED']

  test('is told to type1, which takes the mapping out under iommu->lock and queues the unregistering after it', () => {
    const found = answer({ dma: dma(first) })
    const answers = [...enter, found, ok, ok, 'REMOVED', 'UNLOCKED', fields('dev2'), 'QUEUED', nb(null), 'UNLOCKED']
    const { told, said } = run(release, answers)
    expect(told).toEqual([
      'READ_LOCK guard2',
      'NEXT chain2',
      'USE pfnmaps',
      'LOCK C1.lock',
      'BY_PFNMAP C1.type1',
      'UNLINK_PFNMAP C1.type1',
      'UNMAP hardware',
      'REMOVE C1.type1',
      'UNLOCK C1.lock',
      'USE pfnmaps',
      'QUEUE events',
      'NEXT chain2',
      'READ_UNLOCK guard2',
      'RETURN t1',
    ])
    expect(messages(said)[6]).toMatchObject({ domain: 'C1', iova: page, size: 2n * page })
    expect(messages(said)[11]).toMatchObject({ after: ['pfnmap0#1'] })
  })

  test('a notification that finds no mapping queues the work all the same; repaired, it does not', () => {
    const gone = [...enter, answer({ dma: null }), 'UNLOCKED']
    expect(run(release, [...gone, fields('dev2')]).told.slice(-3)).toEqual([
      'UNLOCK C1.lock',
      'USE pfnmaps',
      'QUEUE events',
    ])
    expect(run(release, gone, repaired).told.slice(-2)).toEqual(['UNLOCK C1.lock', 'NEXT chain2'])
  })

  test('a mapping that reaches into another device goes as a whole: the other pfnmap is given up, too', () => {
    const found = answer({ dma: dma(first, second) })
    const { told, said } = run(release, [...enter, found, ok, ok, ok, 'QUEUED', 'REMOVED', 'UNLOCKED'], repaired)
    expect(told.slice(5)).toEqual([
      'UNLINK_PFNMAP C1.type1',
      'UNMAP hardware',
      'UNLINK_PFNMAP C1.type1',
      'QUEUE events',
      'REMOVE C1.type1',
      'UNLOCK C1.lock',
      'USE pfnmaps',
    ])
    expect(messages(said)[7]).toMatchObject({ pfnmap: pfnmap1 })
    expect(messages(said)[11]).toMatchObject({ ptr: pfnmap0 })
  })

  test('unregistering the other pfnmap at once waits for the readers of another chain, under iommu->lock', () => {
    const found = answer({ dma: dma(first, second) })
    const gone = [fields('dev3'), { type: 'DELETED', ret: 0 }, 'SYNCHRONIZED', 'RETURN', ok, ok, 'REMOVED', 'UNLOCKED']
    const { told } = run(release, [...enter, found, ok, ok, ...gone], { ...posted, covers: 'every-vma' })
    expect(told.slice(6)).toEqual([
      'UNMAP hardware',
      'USE pfnmaps',
      'DELETE chain3',
      'SYNCHRONIZE guard3',
      'CALL C2.close',
      'PUT dev3',
      'FREE pfnmaps',
      'REMOVE C1.type1',
      'UNLOCK C1.lock',
      'USE pfnmaps',
    ])
  })

  test('callbacks run with an rwsem held for read, or with nothing held', () => {
    const none = nb(null)
    const rwsem = run(release, ['LOCKED', none, 'UNLOCKED'], { ...posted, chain: 'rwsem' })
    expect(rwsem.told).toEqual(['DOWN_READ guard2', 'NEXT chain2', 'UP_READ guard2', 'RETURN t1'])
    const unprotected = run(release, [none], { ...posted, chain: 'unprotected' })
    expect(unprotected.told).toEqual(['NEXT chain2', 'RETURN t1'])
  })
})

describe('memory that is disabled', () => {
  const disable = { do: 'MEMORY', device: 'dev2', on: false }
  const enable = { ...disable, on: true }
  const found = ['LOCKED', nb('pfnmap0#1'), fields('dev2'), 'LOCKED', answer({ dma: dma(first) })]

  test('is nobody’s business when mappings are kept', () => {
    expect(run(disable, []).told).toEqual(['RETURN t1'])
    expect(run({ do: 'DISABLED', device: 'dev2' }, []).told).toEqual(['RETURN t1'])
  })

  test('unmaps as a release does; enabling it again brings nothing back', () => {
    const form: Form = { ...repaired, memory: 'unmap' }
    expect(run(disable, found, form).told.at(-1)).toBe('UNLINK_PFNMAP C1.type1')
    expect(run(enable, [], form).told).toEqual(['RETURN t1'])
  })

  test('takes the permissions of what the pfnmap stands for, and keeps the mapping; enabling it gives them back', () => {
    const form: Form = { ...repaired, memory: 'revoke' }
    for (const request of [disable, enable]) {
      const { told, said } = run(request, [...found, ok, 'UNLOCKED', nb(null), 'UNLOCKED'], form)
      expect(told.slice(4)).toEqual([
        'BY_PFNMAP C1.type1',
        'ALLOW hardware',
        'UNLOCK C1.lock',
        'NEXT chain2',
        'READ_UNLOCK guard2',
        'RETURN t1',
      ])
      expect(messages(said)[5]).toMatchObject({ domain: 'C1', iova: page, size: page, allowed: request.on })
    }
  })
})

describe('the plain kernel', () => {
  const plain = (request: object, answers: readonly (string | Message)[]) =>
    run(request, answers, forms.none.posted, none as unknown as typeof deviceNotifier)

  test('takes the pfn from the page table and registers with nobody', () => {
    const { told, said } = plain(getPfn, [...lookup, 'UNLOCKED'])
    expect(told).toEqual(['DOWN_READ mmap_lock', 'FIND mm', 'GET ptes', ...leave])
    expect(last(said)).toMatchObject({ ret: 0, pfn: 7n })
  })

  test('does nothing when the mapping goes, or the device', () => {
    for (const request of [
      { do: 'FORGET', container: 'C1', dma: dma() },
      { do: 'RELEASE', device: 'dev2' },
      { do: 'MEMORY', device: 'dev2', on: false },
    ])
      expect(plain(request, []).told).toEqual(['RETURN t1'])
  })
})

test('a callback runs alike in the two series that have one', () => {
  const release = { do: 'RELEASE', device: 'dev2' }
  const answers = ['LOCKED', nb('pfnmap0#1'), fields('dev2'), 'LOCKED', answer({ dma: dma(first) }), ok, ok, ok]
  const told = (machine: AnyStateMachine) => run(release, answers, posted, machine as typeof deviceNotifier).told
  expect(told(vmaOps)).toEqual(told(deviceNotifier))
})
