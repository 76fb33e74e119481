import { describe, expect, test } from 'vitest'
import { handleFault } from '../../machines/sva/fault/handle-fault.ts'
import { reportFault } from '../../machines/sva/fault/report-fault.ts'
import { feed } from './feed.ts'

const mm = { id: 'mm0', gen: 1 }
const answered = (fields: Readonly<Record<string, unknown>>) => ({ type: 'ANSWER', ...fields })
const done = answered({ ret: 0 })
const places = {
  bonds: 'bonds',
  mms: 'mms',
  translation: 'translation',
  mmput: 't1/mmput',
  devices: { dev0: 'dev0' },
  pasids: { 1: 'pasid1', 2: 'pasid2' },
}
const request = { type: 'CALL', kind: 'request', device: 'dev0', pasid: 1, prgi: 7, last: true, meant: mm }
const part = { ...request, last: false }
const marker = { type: 'CALL', kind: 'marker', device: 'dev0', pasid: 2, meant: null }
const overflow = { type: 'CALL', kind: 'overflow' }

describe('a fault in the core of 2018', () => {
  const input = { task: 't1', at: { ...places, lock: 'core.lock' } }
  const held = [request, 'LOCKED', answered({ mm }), answered({ value: 2 }), 'UNLOCKED']

  test('is handled in the address space that is bound to the PASID now', () => {
    const run = feed(handleFault, input, ...held, done, { type: 'RETURN', ret: 0 }, done)
    expect(run.said).toEqual([
      'core.lock LOCK',
      'bonds LOOKUP device=dev0 pasid=1',
      'mms INC_NOT_ZERO ptr=mm0#1 site=iommu_fault_handle_single field=users',
      'core.lock UNLOCK',
      'translation FAULT_IN mm=mm0#1',
      't1/mmput CALL mm=mm0#1',
      'dev0 RESPONSE pasid=1 prgi=7 ret=success meant=mm0#1 by=mm0#1',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('answers only once its mm was put, by a call that does not wait for what others want of this thread', () => {
    expect(feed(handleFault, input, ...held, done).said.at(-1)).toBe('t1/mmput CALL mm=mm0#1')
    const run = feed(handleFault, input, ...held, done, { type: 'RETURN', ret: 0 })
    expect(run.said.slice(6)).toEqual(['dev0 RESPONSE pasid=1 prgi=7 ret=success meant=mm0#1 by=mm0#1'])
  })

  test('on a PASID that nobody is bound to is invalid', () => {
    const run = feed(handleFault, input, request, 'LOCKED', answered({ mm: null }), 'UNLOCKED', done)
    expect(run.said.slice(2)).toEqual([
      'core.lock UNLOCK',
      'dev0 RESPONSE pasid=1 prgi=7 ret=invalid meant=mm0#1 by=null',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('of a process that is over is invalid', () => {
    const over = [answered({ mm }), answered({ value: 0 })]
    const run = feed(handleFault, input, request, 'LOCKED', ...over, 'UNLOCKED', done)
    expect(run.said.slice(3)).toEqual([
      'core.lock UNLOCK',
      'dev0 RESPONSE pasid=1 prgi=7 ret=invalid meant=mm0#1 by=null',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is not the last of its group is not answered', () => {
    const run = feed(handleFault, input, part)
    expect(run.said).toEqual(['t1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('is no stop marker, which goes to its PASID', () => {
    const run = feed(handleFault, input, marker, done)
    expect(run.said).toEqual(['pasid2 MARKER', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('is no overflow, behind which no PASID waits for its marker any more', () => {
    const run = feed(handleFault, input, overflow, done, done)
    expect(run.said).toEqual(['pasid1 DRAINED', 'pasid2 DRAINED', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('a fault that is reported', () => {
  const at = {
    ...places,
    params: 'iommu_fault_param',
    faults: 'iopf_fault',
    groups: 'iopf_group',
    faultParams: { dev0: { faultParam: 'dev0.fault_param', paramLock: 'dev0.iommu.lock' } },
  }
  const input = (locksFaultParam: boolean, keepsPartials: boolean) => ({
    task: 't1',
    form: { locksFaultParam, keepsPartials },
    at,
  })
  const repaired = input(true, true)
  const posted = input(false, false)
  const ptr = { id: 'iommu_fault_param0', gen: 1 }
  const fault = { id: 'iopf_fault0', gen: 1 }
  const group = { id: 'iopf_group0', gen: 1 }
  const kept = { ptr: fault, pasid: 1, prgi: 7 }
  const other = { ptr: { id: 'iopf_fault1', gen: 1 }, pasid: 1, prgi: 8 }
  const param = (...partials: readonly unknown[]) => answered({ fields: { users: 1, partials } })
  const got = [answered({ value: 2 }), 'UNLOCKED', answered({ ptr: group })]
  const handled = [answered({ mm }), answered({ value: 2 }), done, { type: 'RETURN', ret: 0 }, done]

  const handling = [
    'iopf_group ALLOC fields=[object Object] site=iopf_group_alloc',
    'bonds LOOKUP device=dev0 pasid=1',
    'mms INC_NOT_ZERO ptr=mm0#1 site=iommu_sva_handle_mm field=users',
    'translation FAULT_IN mm=mm0#1',
    't1/mmput CALL mm=mm0#1',
    'dev0 RESPONSE pasid=1 prgi=7 ret=success meant=mm0#1 by=mm0#1',
  ]
  const invalid = 'dev0 RESPONSE pasid=1 prgi=7 ret=invalid meant=mm0#1 by=null'
  const failure = 'dev0 RESPONSE pasid=1 prgi=7 ret=failure meant=mm0#1 by=null'
  const freeing = 'iopf_group FREE ptr=iopf_group0#1 site=iopf_free_group'
  const putting = 'iommu_fault_param ADD ptr=iommu_fault_param0#1 site=iopf_put_dev_fault_param field=users by=-1'

  test('finds the parameter of its device under a lock and keeps it by a reference', () => {
    const locked = [request, 'LOCKED', answered({ ptr }), param(), ...got]
    const run = feed(reportFault, repaired, ...locked, ...handled, done, answered({ value: 1 }))
    expect(run.said).toEqual([
      'dev0.iommu.lock LOCK',
      'dev0.fault_param READ',
      'iommu_fault_param USE ptr=iommu_fault_param0#1 site=iommu_report_device_fault',
      'iommu_fault_param ADD ptr=iommu_fault_param0#1 site=iommu_report_device_fault field=users by=1',
      'dev0.iommu.lock UNLOCK',
      ...handling,
      freeing,
      putting,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('whose device was removed meanwhile frees the parameter', () => {
    const locked = [request, 'LOCKED', answered({ ptr }), param(), ...got]
    const run = feed(reportFault, repaired, ...locked, ...handled, done, answered({ value: 0 }), done)
    expect(run.said.slice(-2)).toEqual([
      'iommu_fault_param FREE ptr=iommu_fault_param0#1 site=iopf_put_dev_fault_param',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('as posted just follows the pointer', () => {
    const found = [request, answered({ ptr }), param(), answered({ ptr: group })]
    const run = feed(reportFault, posted, ...found, ...handled, done)
    expect(run.said).toEqual([
      'dev0.fault_param READ',
      'iommu_fault_param USE ptr=iommu_fault_param0#1 site=iommu_report_device_fault',
      ...handling,
      freeing,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('of a device without a parameter fails', () => {
    const none = answered({ ptr: null })
    const locked = feed(reportFault, repaired, request, 'LOCKED', none, 'UNLOCKED', done)
    expect(locked.said.slice(2)).toEqual(['dev0.iommu.lock UNLOCK', failure, 't1 RETURN ret=0'])
    expect(locked.atRest).toBe(true)
    const unlocked = feed(reportFault, posted, request, none, done)
    expect(unlocked.said.slice(1)).toEqual([failure, 't1 RETURN ret=0'])
    expect(unlocked.atRest).toBe(true)
  })

  test('of a device without a parameter is not answered before the last of its group', () => {
    const none = answered({ ptr: null })
    const locked = feed(reportFault, repaired, part, 'LOCKED', none, 'UNLOCKED')
    expect(locked.said.slice(2)).toEqual(['dev0.iommu.lock UNLOCK', 't1 RETURN ret=0'])
    expect(locked.atRest).toBe(true)
    const unlocked = feed(reportFault, posted, part, none)
    expect(unlocked.said.slice(1)).toEqual(['t1 RETURN ret=0'])
    expect(unlocked.atRest).toBe(true)
  })

  test('that is a part of a group is kept with the parameter', () => {
    const run = feed(
      reportFault,
      repaired,
      ...[part, 'LOCKED', answered({ ptr }), param(other), answered({ ptr: fault }), done, 'UNLOCKED'],
    )
    expect(run.said.slice(3)).toEqual([
      'iopf_fault ALLOC fields=[object Object] site=report_partial_fault',
      'iommu_fault_param SET ptr=iommu_fault_param0#1 site=iommu_report_device_fault fields=[object Object]',
      'dev0.iommu.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is a part of a group is kept without a lock if there is none', () => {
    const found = [part, answered({ ptr }), param(), answered({ ptr: fault }), done]
    const run = feed(reportFault, input(false, true), ...found)
    expect(run.said.slice(3)).toEqual([
      'iommu_fault_param SET ptr=iommu_fault_param0#1 site=iommu_report_device_fault fields=[object Object]',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is a part of a group was once handled as if it were all of it', () => {
    const found = [part, answered({ ptr }), param(), answered({ ptr: group })]
    const run = feed(reportFault, posted, ...found, ...handled, done)
    expect(run.said.slice(2)).toEqual([...handling, freeing, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('that is the last of its group collects the other parts, and frees them when it has answered', () => {
    const locked = [request, 'LOCKED', answered({ ptr }), param(other, kept), done, ...got]
    const run = feed(reportFault, repaired, ...locked, ...handled, done, done, answered({ value: 1 }))
    expect(run.said.slice(3)).toEqual([
      'iommu_fault_param SET ptr=iommu_fault_param0#1 site=iommu_report_device_fault fields=[object Object]',
      'iommu_fault_param ADD ptr=iommu_fault_param0#1 site=iommu_report_device_fault field=users by=1',
      'dev0.iommu.lock UNLOCK',
      ...handling,
      'iopf_fault FREE ptr=iopf_fault0#1 site=iopf_free_group',
      freeing,
      putting,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
    const unlocked = [request, answered({ ptr }), param(kept), done, answered({ ptr: group })]
    expect(feed(reportFault, input(false, true), ...unlocked, ...handled, done, done).atRest).toBe(true)
  })

  test('leaves the parts of other groups where they are', () => {
    const run = feed(reportFault, repaired, request, 'LOCKED', answered({ ptr }), param(other, kept))
    expect(run.snapshot.context.parts).toEqual([fault])
    const more = feed(reportFault, repaired, request, 'LOCKED', answered({ ptr }), param(other))
    expect(more.said.at(-1)).toMatch(/ADD .* by=1$/)
    const pasid = { ...kept, pasid: 2 }
    const another = feed(reportFault, repaired, request, 'LOCKED', answered({ ptr }), param(pasid))
    expect(another.said.at(-1)).toMatch(/ADD .* by=1$/)
  })

  test('on a PASID that nobody is bound to, or of a process that is over, is invalid', () => {
    const locked = [request, 'LOCKED', answered({ ptr }), param(), ...got]
    const nobody = feed(reportFault, repaired, ...locked, answered({ mm: null }), done, done, answered({ value: 1 }))
    expect(nobody.said.slice(7)).toEqual([invalid, freeing, putting, 't1 RETURN ret=0'])
    expect(nobody.atRest).toBe(true)
    const over = [answered({ mm }), answered({ value: 0 })]
    const dead = feed(reportFault, repaired, ...locked, ...over, done, done, answered({ value: 1 }))
    expect(dead.said.slice(8)).toEqual([invalid, freeing, putting, 't1 RETURN ret=0'])
    expect(dead.atRest).toBe(true)
  })

  test('is no stop marker and no overflow', () => {
    const run = feed(reportFault, repaired, marker, done, overflow, done, done)
    expect(run.said).toEqual([
      'pasid2 MARKER',
      't1 RETURN ret=0',
      'pasid1 DRAINED',
      'pasid2 DRAINED',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })
})
