import { describe, expect, test } from 'vitest'
import { faultParam } from '../../machines/sva/fault/fault-param.ts'
import { svaBind } from '../../machines/sva/bond/sva-bind.ts'
import { svaUnbind } from '../../machines/sva/bond/sva-unbind.ts'
import { svaDomain } from '../../machines/sva/bond/sva-domain.ts'
import { feed } from './feed.ts'

const pointer = (id: string) => ({ id, gen: 1 })
const mm = pointer('mm0')
const iommuMm = pointer('iommu_mm0')
const domain = pointer('iommu_domain0')
const handle = pointer('iommu_sva0')
const param = pointer('iommu_fault_param0')
const answered = (fields: Readonly<Record<string, unknown>>) => ({ type: 'ANSWER', ...fields })
const read = (fields: Readonly<Record<string, unknown>>) => answered({ fields })
const returned = (fields: Readonly<Record<string, unknown>>) => ({ type: 'RETURN', ...fields })
const done = answered({ ret: 0 })
const counted = (value: number) => answered({ value })
const slabs = {
  mms: 'mms',
  iommuMms: 'iommu_mm',
  domains: 'iommu_domain',
  handles: 'iommu_sva',
  params: 'iommu_fault_param',
}
const devices = { dev0: { faultParam: 'dev0.fault_param', paramLock: 'dev0.iommu.lock' } }

describe('where a device keeps its fault parameter', () => {
  test('is empty, until somebody sets it', () => {
    const run = feed(faultParam, {}, 'READ', { type: 'SET', ptr: param }, 'READ', { type: 'SET', ptr: null }, 'READ')
    expect(run.said).toEqual([
      't1 ANSWER ptr=null',
      't1 ANSWER ret=0',
      't1 ANSWER ptr=iommu_fault_param0#1',
      't1 ANSWER ret=0',
      't1 ANSWER ptr=null',
    ])
    expect(run.atRest).toBe(true)
  })

  test('counts the bonds that need it', () => {
    const count = (by: number) => ({ type: 'COUNT', by })
    const run = feed(faultParam, { ptr: param, bonds: 1 }, count(1), count(-1), count(-1), 'READ')
    expect(run.said).toEqual([
      't1 ANSWER value=2',
      't1 ANSWER value=1',
      't1 ANSWER value=0',
      't1 ANSWER ptr=iommu_fault_param0#1',
    ])
  })
})

describe('iommu_sva_bind_device', () => {
  const at = {
    ...slabs,
    lock: 'iommu_sva_lock',
    bonds: 'bonds',
    allocPasid: 't1/alloc-pasid',
    translation: 'translation',
    devices,
  }
  const input = { task: 't1', at }
  const call = { type: 'CALL', device: 'dev0', mm }
  const withPasid = read({ iommuMm })
  const attaching = [
    'bonds ADD device=dev0 pasid=1 mm=mm0#1',
    'translation SET_ENTRY device=dev0 pasid=1 mm=mm0#1',
    'iommu_sva ALLOC fields=[object Object] site=iommu_sva_bind_device',
    'iommu_mm SET ptr=iommu_mm0#1 site=iommu_sva_bind_device fields=[object Object]',
    'iommu_sva_lock UNLOCK',
    't1 RETURN ret=0 pasid=1 handle=iommu_sva0#1',
  ]
  const attached = [done, done, answered({ ptr: handle }), done, 'UNLOCKED']

  test('gives an address space its PASID, its domain, and the device what it reports faults with', () => {
    const run = feed(
      svaBind,
      input,
      ...[call, 'LOCKED', read({ iommuMm: null }), returned({ ret: 0, pasid: 1 }), answered({ ptr: iommuMm }), done],
      ...[counted(1), 'LOCKED', answered({ ptr: param }), done, 'UNLOCKED'],
      ...[counted(2), answered({ ptr: domain }), ...attached],
    )
    expect(run.said).toEqual([
      'iommu_sva_lock LOCK',
      'mms USE ptr=mm0#1 site=iommu_sva_bind_device',
      't1/alloc-pasid CALL mm=mm0#1',
      'iommu_mm ALLOC fields=[object Object] site=iommu_alloc_mm_data',
      'mms SET ptr=mm0#1 site=iommu_sva_bind_device fields=[object Object]',
      'dev0.fault_param COUNT by=1',
      'dev0.iommu.lock LOCK',
      'iommu_fault_param ALLOC fields=[object Object] site=iopf_queue_add_device',
      'dev0.fault_param SET ptr=iommu_fault_param0#1',
      'dev0.iommu.lock UNLOCK',
      'mms ADD ptr=mm0#1 site=mmgrab field=count by=1',
      'iommu_domain ALLOC fields=[object Object] site=iommu_sva_domain_alloc',
      ...attaching,
    ])
    expect(run.atRest).toBe(true)
  })

  test('remembers what was bound where the PASID is', () => {
    const run = feed(
      svaBind,
      input,
      ...[call, 'LOCKED', withPasid, read({ pasid: 1, domain: null, handles: [] }), counted(2)],
      ...[counted(2), answered({ ptr: domain }), done, done, answered({ ptr: handle })],
    )
    const { fields, handle: made } = run.snapshot.context
    expect([fields, made]).toEqual([{ pasid: 1, domain, handles: [] }, handle])
  })

  test('finds the PASID and the domain that another device left', () => {
    const handles = [{ device: 'dev1', ptr: pointer('iommu_sva7') }]
    const run = feed(
      svaBind,
      input,
      ...[call, 'LOCKED', withPasid, read({ pasid: 1, domain, handles }), counted(2), counted(2), ...attached],
    )
    expect(run.said.slice(2)).toEqual([
      'iommu_mm USE ptr=iommu_mm0#1 site=iommu_sva_bind_device',
      'dev0.fault_param COUNT by=1',
      'iommu_domain ADD ptr=iommu_domain0#1 site=iommu_sva_bind_device field=users by=1',
      ...attaching,
    ])
    expect(run.atRest).toBe(true)
  })

  test('of a pair that is bound takes a reference', () => {
    const handles = [{ device: 'dev0', ptr: handle }]
    const run = feed(
      svaBind,
      input,
      ...[call, 'LOCKED', withPasid, read({ pasid: 1, domain, handles }), counted(2), 'UNLOCKED'],
    )
    expect(run.said.slice(3)).toEqual([
      'iommu_sva ADD ptr=iommu_sva0#1 site=iommu_sva_bind_device field=users by=1',
      'iommu_sva_lock UNLOCK',
      't1 RETURN ret=0 pasid=1 handle=iommu_sva0#1',
    ])
    expect(run.atRest).toBe(true)
  })

  test('fails without a free PASID', () => {
    const run = feed(
      svaBind,
      input,
      ...[call, 'LOCKED', read({ iommuMm: null }), returned({ ret: '-ENOSPC' }), 'UNLOCKED'],
    )
    expect(run.said.slice(3)).toEqual(['iommu_sva_lock UNLOCK', 't1 RETURN ret=-ENOSPC'])
    expect(run.atRest).toBe(true)
  })
})

describe('iommu_sva_unbind_device', () => {
  const at = {
    ...slabs,
    lock: 'iommu_sva_lock',
    bonds: 'bonds',
    faults: 'iopf_fault',
    translation: 'translation',
    queue: 'prq',
    mmdrop: 't1/mmdrop',
    devices,
  }
  const form = { drains: true, invalidates: true, readsIommuMm: 'before-free', freesPending: true }
  const input = (changed: Readonly<Record<string, unknown>> = {}) => ({ task: 't1', form: { ...form, ...changed }, at })
  const call = { type: 'CALL', handle }
  const found = [read({ device: 'dev0', mm, domain, pasid: 1, users: 1 }), read({ iommuMm }), 'LOCKED']
  const handles = [
    { device: 'dev1', ptr: pointer('iommu_sva7') },
    { device: 'dev0', ptr: handle },
  ]
  const last = [call, ...found, counted(0), read({ pasid: 1, domain, handles })]
  const detached = [...last, done, done, done, done]
  const partials = [
    { ptr: pointer('iopf_fault0'), pasid: 1, prgi: 0 },
    { ptr: pointer('iopf_fault1'), pasid: 1, prgi: 1 },
  ]
  const removing = ['LOCKED', answered({ ptr: param })]

  const finding = [
    'iommu_sva USE ptr=iommu_sva0#1 site=iommu_sva_unbind_device',
    'mms USE ptr=mm0#1 site=iommu_sva_unbind_device',
    'iommu_sva_lock LOCK',
    'iommu_sva ADD ptr=iommu_sva0#1 site=iommu_sva_unbind_device field=users by=-1',
  ]
  const readsIommuMm = 'iommu_mm USE ptr=iommu_mm0#1 site=iommu_sva_unbind_device'
  const setsIommuMm = 'iommu_mm SET ptr=iommu_mm0#1 site=iommu_sva_unbind_device fields=[object Object]'
  const putsDomain = 'iommu_domain ADD ptr=iommu_domain0#1 site=iommu_sva_unbind_device field=users by=-1'
  const detaching = [
    readsIommuMm,
    'bonds DEL device=dev0 pasid=1 mm=mm0#1',
    'translation CLEAR_ENTRY device=dev0 pasid=1',
    'translation INVALIDATE device=dev0 pasid=1',
    'prq DRAIN',
    putsDomain,
  ]
  const leaving = [
    'iommu_sva_lock UNLOCK',
    'iommu_sva FREE ptr=iommu_sva0#1 site=iommu_sva_unbind_device',
    't1 RETURN ret=0',
  ]

  test('gives a reference back', () => {
    const run = feed(svaUnbind, input(), call, ...found, counted(1), 'UNLOCKED')
    expect(run.said).toEqual([...finding, 'iommu_sva_lock UNLOCK', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('takes the PASID from the device, and leaves the domain to another one', () => {
    const run = feed(svaUnbind, input(), ...detached, counted(1), done, counted(1), 'UNLOCKED', done)
    expect(run.said).toEqual([...finding, ...detaching, setsIommuMm, 'dev0.fault_param COUNT by=-1', ...leaving])
    expect(run.atRest).toBe(true)
  })

  test('takes the domain along, and drops the mm', () => {
    const run = feed(
      svaUnbind,
      input(),
      ...[...detached, counted(0), done, done, returned({ ret: 0 }), counted(1), 'UNLOCKED', done],
    )
    expect(run.said.slice(10)).toEqual([
      setsIommuMm,
      'iommu_domain FREE ptr=iommu_domain0#1 site=iommu_domain_free',
      't1/mmdrop CALL mm=mm0#1',
      'dev0.fault_param COUNT by=-1',
      ...leaving,
    ])
    expect(run.atRest).toBe(true)
  })

  test('once read the iommu_mm when that may have gone with the mm (B-56)', () => {
    const run = feed(
      svaUnbind,
      input({ readsIommuMm: 'after-free' }),
      ...[...detached, counted(0), done, done, returned({ ret: 0 }), read({}), counted(1), 'UNLOCKED', done],
    )
    expect(run.said.slice(12)).toEqual([
      't1/mmdrop CALL mm=mm0#1',
      readsIommuMm,
      'dev0.fault_param COUNT by=-1',
      ...leaving,
    ])
    expect(run.atRest).toBe(true)
  })

  test('invalidates until it works', () => {
    const run = feed(svaUnbind, input(), ...last, done, done, answered({ ret: '-ETIMEDOUT' }), done)
    expect(run.said.slice(-3)).toEqual([
      'translation INVALIDATE device=dev0 pasid=1',
      'translation INVALIDATE device=dev0 pasid=1',
      'prq DRAIN',
    ])
  })

  test('neither invalidates nor drains if nobody wants it to', () => {
    const run = feed(svaUnbind, input({ drains: false, invalidates: false }), ...last, done, done)
    expect(run.said.slice(-2)).toEqual(['translation CLEAR_ENTRY device=dev0 pasid=1', putsDomain])
  })

  const param0 = 'iommu_fault_param0#1'
  const takingAway = [
    'dev0.fault_param COUNT by=-1',
    'dev0.iommu.lock LOCK',
    'dev0.fault_param READ',
    `iommu_fault_param USE ptr=${param0} site=iopf_queue_remove_device`,
  ]
  const cleared = [
    'dev0.fault_param SET ptr=null',
    `iommu_fault_param ADD ptr=${param0} site=iopf_put_dev_fault_param field=users by=-1`,
  ]
  const freed = `iommu_fault_param FREE ptr=${param0} site=iopf_put_dev_fault_param`

  test('of the last bond of a device takes its fault parameter away, and what waits there', () => {
    const run = feed(
      svaUnbind,
      input(),
      ...[...detached, counted(1), done, counted(0), ...removing, read({ users: 1, partials }), done, done],
      ...[done, counted(0), done, 'UNLOCKED', 'UNLOCKED', done],
    )
    expect(run.said.slice(11)).toEqual([
      ...takingAway,
      'iopf_fault FREE ptr=iopf_fault0#1 site=iopf_queue_remove_device',
      'iopf_fault FREE ptr=iopf_fault1#1 site=iopf_queue_remove_device',
      ...cleared,
      freed,
      'dev0.iommu.lock UNLOCK',
      ...leaving,
    ])
    expect(run.atRest).toBe(true)
  })

  test('leaves the parameter to whoever still reports with it', () => {
    const run = feed(
      svaUnbind,
      input(),
      ...[...detached, counted(1), done, counted(0), ...removing, read({ users: 2, partials: [] })],
      ...[done, counted(1), 'UNLOCKED', 'UNLOCKED', done],
    )
    expect(run.said.slice(11)).toEqual([...takingAway, ...cleared, 'dev0.iommu.lock UNLOCK', ...leaving])
    expect(run.atRest).toBe(true)
  })

  test('once forgot what waits there (B-59)', () => {
    const run = feed(
      svaUnbind,
      input({ freesPending: false }),
      ...[...detached, counted(1), done, counted(0), ...removing, read({ users: 1, partials })],
      ...[done, counted(0), done, 'UNLOCKED', 'UNLOCKED', done],
    )
    expect(run.said.slice(11)).toEqual([...takingAway, ...cleared, freed, 'dev0.iommu.lock UNLOCK', ...leaving])
    expect(run.atRest).toBe(true)
  })
})

describe('a driver that binds by iommu_sva_bind_device', () => {
  const at = {
    file: 'dev0.file',
    lock: 'dev0.tasks_lock',
    list: 'dev0.tasks',
    tasks: 'vfio_task',
    mms: 'mms',
    processes: { vmm: 'vmm', other: 'other' },
    bind: 't1/sva-bind',
    unbind: 't1/sva-unbind',
    stop: 't1/dev0.stop',
    translation: 'translation',
  }
  const form = { unbinds: 'own-pasid', trusts: 'device' }
  const input = { task: 't1', device: 'dev0', form, at: { ...at, pasids: { 1: 'pasid1' } } }
  const anybody = { ...input, form: { ...form, unbinds: 'any-pasid' } }
  const bind = { type: 'CALL', do: 'BIND', process: 'vmm' }
  const unbind = { type: 'CALL', do: 'UNBIND', process: 'vmm' }
  const release = { type: 'CALL', do: 'RELEASE' }
  const current = (pasid: number | null) => answered({ mm, pasid })
  const bonded = returned({ ret: 0, pasid: 1, handle })
  const task = pointer('vfio_task0')
  const older = pointer('vfio_task1')
  const others = pointer('mm1')
  const own = read({ pasid: 1, mm, handle })
  const foreign = read({ pasid: 1, mm: others, handle: pointer('iommu_sva1') })
  const unrelated = read({ pasid: 2, mm: others, handle: pointer('iommu_sva1') })
  const left = answered({ ret: 0, last: false })
  const entered = [current(1), done, 'LOCKED']
  const unbound = [returned({ ret: 'flushed' }), returned({ ret: 0 }), done, done, done, 'UNLOCKED']

  const entering = ['vmm CURRENT device=dev0', 'dev0.file ENTER process=vmm']
  const leaving = ['dev0.tasks_lock UNLOCK', 'dev0.file LEAVE']
  const binding = [...entering, 'dev0.tasks_lock LOCK', 't1/sva-bind CALL device=dev0 mm=mm0#1']
  const walking = [...entering, 'dev0.tasks_lock LOCK', 'dev0.tasks READ']
  const use = (entry: string) => `vfio_task USE ptr=${entry}#1 site=sva_driver_ioctl`
  const stopping = 't1/dev0.stop CALL pasid=1 mm=mm0#1'
  const unbinding = 't1/sva-unbind CALL handle=iommu_sva0#1'
  const taking = (entry: string) => [
    `dev0.tasks DEL ptr=${entry}#1`,
    `vfio_task FREE ptr=${entry}#1 site=sva_driver_ioctl`,
  ]

  test('has the entry on its list before the user hears of the PASID', () => {
    const run = feed(
      svaDomain,
      input,
      ...[bind, current(null), done, 'LOCKED', bonded, answered({ ptr: task }), done, done, 'UNLOCKED', left],
    )
    expect(run.said).toEqual([
      ...binding,
      'vfio_task ALLOC fields=[object Object] site=sva_driver_ioctl',
      'dev0.tasks ADD ptr=vfio_task0#1',
      'vmm PASID device=dev0 pasid=1',
      ...leaving,
      't1 RETURN ret=0 pasid=1',
    ])
    expect(run.atRest).toBe(true)
  })

  test('takes the bond back if the user cannot be told', () => {
    const run = feed(
      svaDomain,
      input,
      ...[{ ...bind, fault: 'out' }, current(null), done, 'LOCKED', bonded, returned({ ret: 0 }), 'UNLOCKED', left],
    )
    expect(run.said).toEqual([...binding, unbinding, ...leaving, 't1 RETURN ret=-EFAULT'])
    expect(run.atRest).toBe(true)
  })

  test('fails if there is no PASID', () => {
    const run = feed(
      svaDomain,
      input,
      ...[bind, current(null), done, 'LOCKED', returned({ ret: '-ENOSPC' }), 'UNLOCKED', left],
    )
    expect(run.said).toEqual([...binding, ...leaving, 't1 RETURN ret=-ENOSPC'])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['a fault', { ...bind, fault: 'in' }, '-EFAULT'],
    ['a fault that comes first', { ...unbind, fault: 'in', argsz: 8, flags: 4 }, '-EFAULT'],
    ['a structure that is too small', { ...bind, argsz: 11 }, '-EINVAL'],
    ['a structure that is too small, to unbind', { ...unbind, argsz: 11 }, '-EINVAL'],
    ['flags of unbind that nobody knows', { ...unbind, flags: 4 }, '-EINVAL'],
    ['no memory', { ...bind, nomem: true }, '-ENOMEM'],
  ])('does nothing after %s', (_, call, ret) => {
    const run = feed(svaDomain, input, call, current(1), done, left)
    expect(run.said).toEqual([...entering, 'dev0.file LEAVE', `t1 RETURN ret=${ret}`])
    expect(run.atRest).toBe(true)
  })

  test('does not look at the flags of bind, nor for memory to unbind', () => {
    const bound = feed(svaDomain, input, { ...bind, flags: 4 }, current(1), done)
    expect(bound.said.at(-1)).toBe('dev0.tasks_lock LOCK')
    const unbound = feed(svaDomain, input, { ...unbind, flags: 3, nomem: true, argsz: 16 }, current(1), done)
    expect(unbound.said.at(-1)).toBe('dev0.tasks_lock LOCK')
  })

  test('is not asked when the descriptor is closed, the process over, or nothing bound', () => {
    const closed = feed(svaDomain, input, bind, current(1), answered({ ret: '-EBADF' }))
    expect(closed.said).toEqual([...entering, 't1 RETURN ret=-EBADF'])
    const over = feed(svaDomain, input, bind, answered({ mm: null, pasid: null }))
    expect(over.said.slice(1)).toEqual(['t1 RETURN ret=-ESRCH'])
    const nothing = feed(svaDomain, input, unbind, current(null))
    expect(nothing.said.slice(1)).toEqual(['t1 RETURN ret=nothing bound'])
    expect([closed.atRest, over.atRest, nothing.atRest]).toEqual([true, true, true])
  })

  test('stops its device, unbinds whatever that says, and the user forgets', () => {
    const run = feed(svaDomain, input, unbind, ...entered, answered({ ptrs: [task] }), own, ...unbound, done, left)
    expect(run.said).toEqual([
      ...walking,
      use('vfio_task0'),
      stopping,
      unbinding,
      'translation UNBOUND device=dev0 mm=mm0#1',
      ...taking('vfio_task0'),
      'dev0.tasks_lock UNLOCK',
      'vmm FORGET device=dev0',
      'dev0.file LEAVE',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['a PASID that its device may still use is never used again', input, ['pasid1 RELEASE how=unknown', unbinding]],
    ['unless the device is not believed anyway', { ...input, form: { ...form, trusts: 'anybody' } }, [unbinding]],
    ['unless there is nobody to be told', { ...input, at }, [unbinding]],
  ])('whose device does not stop: %s', (_, input, said) => {
    const unknown = [own, returned({ ret: 'unknown' }), done]
    const run = feed(svaDomain, input, unbind, ...entered, answered({ ptrs: [task] }), ...unknown)
    expect(run.said.slice(6, 8)).toEqual(said)
  })

  test('gives back one bind of several and leaves the device alone', () => {
    const run = feed(
      svaDomain,
      input,
      ...[unbind, ...entered, answered({ ptrs: [task, older, pointer('vfio_task2')] }), own, unrelated, own],
      ...[returned({ ret: 0 }), done, done, 'UNLOCKED', left],
    )
    expect(run.said).toEqual([
      ...walking,
      use('vfio_task0'),
      use('vfio_task1'),
      use('vfio_task2'),
      unbinding,
      ...taking('vfio_task0'),
      ...leaving,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('has nothing to unbind if the PASID is not on its list', () => {
    const run = feed(
      svaDomain,
      input,
      ...[{ ...unbind, pasid: 3 }, current(1), done, 'LOCKED', answered({ ptrs: [task, older] }), own, unrelated],
      ...['UNLOCKED', left],
    )
    expect(run.said.slice(-4)).toEqual([use('vfio_task1'), ...leaving, 't1 RETURN ret=-ESRCH'])
    expect(run.atRest).toBe(true)
  })

  test("does not let a user unbind another one's PASID while that one lives", () => {
    const run = feed(
      svaDomain,
      input,
      ...[unbind, ...entered, answered({ ptrs: [task] }), foreign, read({ users: 1 }), 'UNLOCKED', left],
    )
    expect(run.said.slice(5)).toEqual(['mms USE ptr=mm1#1 site=sva_driver_ioctl', ...leaving, 't1 RETURN ret=-ESRCH'])
    expect(run.atRest).toBe(true)
  })

  test('lets a user unbind the PASID of one who is over, and forgets nothing of his', () => {
    const run = feed(
      svaDomain,
      input,
      ...[unbind, ...entered, answered({ ptrs: [task] }), foreign, read({ users: 0 }), ...unbound, left],
    )
    expect(run.said.slice(5)).toEqual([
      'mms USE ptr=mm1#1 site=sva_driver_ioctl',
      't1/dev0.stop CALL pasid=1 mm=mm1#1',
      't1/sva-unbind CALL handle=iommu_sva1#1',
      'translation UNBOUND device=dev0 mm=mm1#1',
      ...taking('vfio_task0'),
      ...leaving,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('that lets anybody unbind anything does not ask whose it is', () => {
    const run = feed(svaDomain, anybody, unbind, ...entered, answered({ ptrs: [task] }), foreign, ...unbound, left)
    expect(run.said.slice(5)[0]).toBe('t1/dev0.stop CALL pasid=1 mm=mm1#1')
    expect(run.said).not.toContain('vmm FORGET device=dev0')
    expect(run.atRest).toBe(true)
  })

  const emptied = [
    ...['LOCKED', answered({ ptrs: [task, older] }), own, own, returned({ ret: 0 }), done, done],
    ...[answered({ ptrs: [older] }), own, returned({ ret: 'clean' }), returned({ ret: 0 }), done, done, done],
    ...[answered({ ptrs: [] }), 'UNLOCKED'],
  ]
  const emptying = [
    'dev0.tasks_lock LOCK',
    'dev0.tasks READ',
    use('vfio_task0'),
    use('vfio_task1'),
    unbinding,
    ...taking('vfio_task0'),
    'dev0.tasks READ',
    use('vfio_task1'),
    stopping,
    unbinding,
    'translation UNBOUND device=dev0 mm=mm0#1',
    ...taking('vfio_task1'),
    'dev0.tasks READ',
    'dev0.tasks_lock UNLOCK',
  ]

  test('unbinds what is left with the last close', () => {
    const run = feed(svaDomain, input, release, ...emptied)
    expect(run.said).toEqual([...emptying, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('unbinds what is left when a call outlives the last close, and returns what it would have', () => {
    const run = feed(
      svaDomain,
      input,
      ...[bind, current(null), done, 'LOCKED', bonded, answered({ ptr: task }), done, done, 'UNLOCKED'],
      ...[answered({ ret: 0, last: true }), ...emptied],
    )
    expect(run.said.slice(-emptying.length - 2)).toEqual(['dev0.file LEAVE', ...emptying, 't1 RETURN ret=0 pasid=1'])
    expect(run.atRest).toBe(true)
    const failed = [{ ...bind, fault: 'in' }, current(null), done, answered({ ret: 0, last: true })]
    expect(feed(svaDomain, input, ...failed, ...emptied).said.at(-1)).toBe('t1 RETURN ret=-EFAULT')
  })
})
