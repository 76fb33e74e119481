import { describe, expect, test } from 'vitest'
import { forms, type Form } from '../../machines/type1/device-memory/forms.ts'
import { vmOpsRegistry } from '../../machines/type1/device-memory/vm-ops-registry.ts'
import { vmaOps } from '../../machines/type1/device-memory/vma-ops.ts'
import { calls, drive, last, type Driven, type Message } from './drive.ts'

const page = 0x1000n
const { posted, repaired } = forms['vma-ops']
const at = {
  processes: { vmm: { mmapLock: 'mmap_lock', mm: 'mm', ptes: 'ptes' } },
  containers: { C1: { lock: 'C1.lock', type1: 'C1.type1' } },
  devices: {
    dev2: { device: 'dev2', container: 'C2', closeContainer: 'C2.close', notifier: 'chain2', guard: 'guard2' },
  },
  fault: 'fault',
  hardware: 'hardware',
  pfnmaps: 'pfnmaps',
  events: 'events',
  worker: 'kworker/protocol',
  vmOps: 'vm_ops',
  vmOpsLock: 'vm_ops_lock',
}
const run = (request: object, answers: readonly (string | Message)[], form: Form = posted) =>
  calls(vmaOps, { task: 't1', at, form }, { ...request }, answers)

const dma0 = { id: 'C1.dma0', gen: 1 }
const pfnmap0 = { id: 'pfnmap0', gen: 1 }
const vma = (more: object = {}) => ({
  ...{ ptr: { id: 'vmm.vma0', gen: 1 }, start: 0x7000n, size: page, device: 'dev2', bar: 0, pgoff: 0n, ops: 'driver' },
  private: null,
  ...more,
})
const dma = (...pfnmaps: object[]) => ({ ptr: dma0, iova: page, size: page, process: 'vmm', vaddr: 0x7000n, pfnmaps })
const covering = { ptr: pfnmap0, device: 'dev2', iova: page, size: page }
const answer = (fields: object = { ret: 0 }): Message => ({ type: 'ANSWER', ...fields })
const ok = answer()
const listed = answer({ registered: true })
const unlisted = answer({ registered: false })
const deleted = { type: 'DELETED', ret: 0 }

describe('registering', () => {
  const getPfn = { do: 'GET_PFN', container: 'C1', process: 'vmm', dma: dma0, vaddr: 0x7000n }
  const lookup = (of: object) => [
    ...['LOCKED', answer({ vma: of }), answer({ pfn: 7n }), answer({ dma: dma() })],
    ...[answer({ ptr: pfnmap0 }), 'LOCKED'],
  ]
  const lookedUp = ['DOWN_READ mmap_lock', 'FIND mm', 'GET ptes', 'USE C1.type1', 'ALLOC pfnmaps', 'LOCK vm_ops_lock']

  test('finds the driver by its vm_ops, and joins its chain under vm_ops_lock and the head’s rwsem', () => {
    const answers = [listed, ok, ok, 'LOCKED', 'ADDED', 'UNLOCKED', 'UNLOCKED', ok, 'UNLOCKED']
    const { told, said, call } = run(getPfn, [...lookup(vma()), ...answers])
    expect(told).toEqual([
      ...lookedUp,
      'LOOK_UP vm_ops',
      'GET dev2',
      'ADD_USER C2',
      'DOWN_WRITE guard2',
      'ADD chain2',
      'UP_WRITE guard2',
      'UNLOCK vm_ops_lock',
      'LINK_PFNMAP C1.type1',
      'UP_READ mmap_lock',
      'RETURN t1',
    ])
    expect(last(said)).toMatchObject({ ret: 0, pfn: 7n })
    expect(call.context).toEqual(drive(vmaOps, { task: 't1', at, form: posted }).context)
  })

  test('memory whose vm_ops nobody registered is refused with -ENODEV, or mapped when nobody is strict', () => {
    const answers = [...lookup(vma({ ops: null, device: null })), unlisted, 'UNLOCKED', ok, 'UNLOCKED']
    const refused = run(getPfn, answers)
    expect(refused.told).toEqual([
      ...lookedUp,
      'LOOK_UP vm_ops',
      'UNLOCK vm_ops_lock',
      'FREE pfnmaps',
      'UP_READ mmap_lock',
      'RETURN t1',
    ])
    expect(last(refused.said)).toMatchObject({ ret: '-ENODEV', pfn: null })
    expect(last(run(getPfn, answers, { ...posted, strict: false }).said)).toMatchObject({ ret: 0, pfn: 7n })
  })

  test('a container that is dissolved already takes no user, and nothing is left behind', () => {
    const answers = [listed, ok, answer({ ret: '-EINVAL' }), ok, listed, 'UNLOCKED', ok, 'UNLOCKED']
    const { told, said } = run(getPfn, [...lookup(vma()), ...answers])
    expect(told.slice(-6)).toEqual([
      'PUT dev2',
      'LOOK_UP vm_ops',
      'UNLOCK vm_ops_lock',
      'FREE pfnmaps',
      'UP_READ mmap_lock',
      'RETURN t1',
    ])
    expect(last(said)).toMatchObject({ ret: '-EINVAL' })
  })
})

describe('unregistering', () => {
  const forget = { do: 'FORGET', container: 'C1', dma: dma(covering) }
  const work = { do: 'WORK', pfnmap: pfnmap0 }
  const fields = answer({ fields: { container: 'C1', device: 'dev2' } })

  test('waits for callbacks under iommu->lock and vm_ops_lock', () => {
    const answers = [fields, 'LOCKED', listed, 'LOCKED', deleted, 'UNLOCKED', 'UNLOCKED', 'RETURN', ok, ok]
    expect(run(forget, answers).told).toEqual([
      'USE pfnmaps',
      'LOCK vm_ops_lock',
      'LOOK_UP vm_ops',
      'DOWN_WRITE guard2',
      'DELETE chain2',
      'UP_WRITE guard2',
      'UNLOCK vm_ops_lock',
      'CALL C2.close',
      'PUT dev2',
      'FREE pfnmaps',
      'RETURN t1',
    ])
  })

  test('repaired, the kworker waits for readers after it dropped vm_ops_lock', () => {
    const answers = [
      fields,
      'LOCKED',
      listed,
      deleted,
      'UNLOCKED',
      'SYNCHRONIZED',
      'RETURN',
      ok,
      'LOCKED',
      ok,
      'UNLOCKED',
      ok,
    ]
    expect(run(work, answers, repaired).told).toEqual([
      'USE pfnmaps',
      'LOCK vm_ops_lock',
      'LOOK_UP vm_ops',
      'DELETE chain2',
      'UNLOCK vm_ops_lock',
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

  test('an entry that is gone leaves the notifier on the chain, and frees the pfnmap it lies in', () => {
    expect(run(forget, [fields, 'LOCKED', unlisted, 'UNLOCKED', ok]).told).toEqual([
      'USE pfnmaps',
      'LOCK vm_ops_lock',
      'LOOK_UP vm_ops',
      'UNLOCK vm_ops_lock',
      'FREE pfnmaps',
      'RETURN t1',
    ])
  })
})

describe('the registry of vm_ops', () => {
  const ask = (object: Driven, type: string, more: object): unknown => last(object.hear({ type, ...more }))
  const ops = 'driver'

  test('takes each vm_ops once, and knows no others', () => {
    const object = drive(vmOpsRegistry, {})
    expect(ask(object, 'REGISTER', { ops })).toMatchObject({ ret: '-EEXIST' })
    expect(ask(object, 'REGISTER', { ops: 'other' })).toMatchObject({ ret: 0 })
    expect(ask(object, 'LOOK_UP', { ops: 'other', users: 0 })).toMatchObject({ registered: true })
    expect(ask(object, 'LOOK_UP', { ops: null, users: 0 })).toMatchObject({ registered: false })
  })

  test('an entry goes whoever is registered through it, unless a registration counts as its user', () => {
    const object = drive(vmOpsRegistry, {})
    ask(object, 'LOOK_UP', { ops, users: 1 })
    expect(ask(object, 'UNREGISTER', { ops })).toMatchObject({ ret: '-EBUSY' })
    ask(object, 'LOOK_UP', { ops, users: -1 })
    expect(ask(object, 'UNREGISTER', { ops })).toMatchObject({ ret: 0 })
    expect(ask(object, 'UNREGISTER', { ops })).toMatchObject({ ret: '-ENOENT' })
    expect(ask(object, 'LOOK_UP', { ops, users: 0 })).toMatchObject({ registered: false })
  })
})
