import { describe, expect, test } from 'vitest'
import { mmExitGate, mmExitGateFacts } from '../../machines/sva/bond/mm-exit-gate.ts'
import { attachedDevices } from '../../machines/sva/bond/attached-devices.ts'
import { container } from '../../machines/sva/bond/container.ts'
import { feed } from './feed.ts'

const answered = (fields: Readonly<Record<string, unknown>>) => ({ type: 'ANSWER', ...fields })
const returned = (ret: number | string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: 'RETURN',
  ret,
  ...more,
})
const done = answered({ ret: 0 })

describe('between unbind and mm_exit', () => {
  const bond = { device: 'dev0', pasid: 1 }
  const begin = { type: 'BEGIN', ...bond, task: 't1' }
  const end = { type: 'END', ...bond, task: 't1' }
  const wait = (from: string, more = {}) => ({ type: 'WAIT', ...bond, from, task: from, ...more })
  const input = { id: 'mm_exit' }

  test('nobody waits when no mm_exit runs', () => {
    const run = feed(mmExitGate, input, wait('t2'))
    expect(run.said).toEqual(['t2 ANSWER ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('who unbinds the bond waits until its mm_exit ends, however many they are', () => {
    const waiting = feed(mmExitGate, input, begin, wait('t2'), wait('t3'))
    expect(waiting.said).toEqual(['t1 ANSWER ret=0'])
    const run = feed(mmExitGate, input, begin, wait('t2'), wait('t3'), end)
    expect(run.said.slice(1)).toEqual(['t2 ANSWER ret=0', 't3 ANSWER ret=0', 't1 ANSWER ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('bonds do not wait for each other', () => {
    const others = [wait('t2', { pasid: 2 }), wait('t3', { device: 'dev1' })]
    expect(feed(mmExitGate, input, begin, ...others).said.slice(1)).toEqual(['t2 ANSWER ret=0', 't3 ANSWER ret=0'])
  })

  test('an mm_exit that ends lets go of nobody who waits for another', () => {
    const other = { type: 'BEGIN', device: 'dev1', pasid: 1, task: 't2' }
    const run = feed(mmExitGate, input, other, begin, wait('t3', { device: 'dev1' }), end)
    expect(run.said.slice(2)).toEqual(['t1 ANSWER ret=0'])
    const { context } = run.snapshot
    expect(mmExitGateFacts.holders(context)).toEqual({ threads: ['t2'], exclusive: false })
    expect(mmExitGateFacts.owes!(context)).toEqual(['t3'])
  })

  test('it is the same whichever mm_exit began first', () => {
    const others = [
      { type: 'BEGIN', device: 'dev0', pasid: 2 },
      { type: 'BEGIN', device: 'dev1', pasid: 1 },
    ]
    const one = feed(mmExitGate, input, begin, ...others)
    const other = feed(mmExitGate, input, ...others.toReversed(), begin)
    expect(one.snapshot.context).toEqual(other.snapshot.context)
  })
})

describe('what is attached to a container', () => {
  const add = (group: string) => ({ type: 'ADD', group })
  const del = (group: string) => ({ type: 'DEL', group })

  test('is nothing at first, unless the story begins so', () => {
    expect(feed(attachedDevices, {}, 'READ').said).toEqual(['t1 ANSWER groups=[]'])
    expect(feed(attachedDevices, { groups: ['g1', 'g0'] }, 'READ').said).toEqual(['t1 ANSWER groups=[g0, g1]'])
  })

  test('is the same whichever group came first', () => {
    const run = feed(attachedDevices, {}, add('g1'), add('g0'), 'READ', del('g1'), 'READ')
    expect(run.said.filter((line) => line.includes('groups'))).toEqual([
      't1 ANSWER groups=[g0, g1]',
      't1 ANSWER groups=[g0]',
    ])
    expect(feed(attachedDevices, {}, add('g0'), del('g0')).atRest).toBe(true)
  })
})

const at = {
  file: 'container.file',
  processes: { vmm: 'vmm', other: 'other' },
  lock: 'iommu.lock',
  changes: 'iommu.changes',
  list: 'mm_list',
  vfioMms: 'vfio_mm',
  attached: 'attached',
  bind: 't1/bind',
  unbind: 't1/unbind',
  mms: 'mms',
  mmput: 't1/mmput',
  mmputAsync: 't1/mmput_async',
  translation: 'iommu',
}
const groups = { g0: ['dev0'], g1: ['dev1'], pair: ['dev2', 'dev3'] }
const input = (form: object = {}) => ({
  ...{ task: 't1', groups, at },
  form: { replayPut: 'async', detachWaits: 'under-lock', ...form },
})
const posted = input()
const repaired = input({ detachWaits: 'without-lock' })

const mm = { id: 'mm0', gen: 1 }
const otherMm = { id: 'mm1', gen: 1 }
const entry = { id: 'vfio_mm0', gen: 1 }
const otherEntry = { id: 'vfio_mm1', gen: 1 }
const attached = (...groups: readonly string[]) => answered({ groups })
const listed = (...ptrs: readonly object[]) => answered({ ptrs })
const holds = (pasid: number, of: object) => answered({ fields: { pasid, mm: of } })
const value = (count: number) => answered({ value: count })
/** As far as iommu->lock, with a reference to the mm. */
const entered = [done, answered({ mm, pasid: null }), value(2), 'LOCKED']
const toLock = [
  'container.file ENTER process=vmm',
  'vmm CURRENT',
  'mms INC_NOT_ZERO ptr=mm0#1 site=get_task_mm field=users',
  'iommu.lock LOCK',
]
const kept = answered({ last: false })
/** From iommu->lock to the end. */
const left = ['UNLOCKED', returned(0), kept]
const toEnd = (result: string) => [
  'iommu.lock UNLOCK',
  't1/mmput CALL mm=mm0#1',
  'container.file LEAVE',
  `t1 RETURN ${result}`,
]

describe('binding an address space to a container', () => {
  const bind = (more: object = {}) => ({ type: 'CALL', do: 'BIND', process: 'vmm', ...more })

  test('binds every device that is attached, and tells the process its PASID', () => {
    const run = feed(
      container,
      posted,
      ...[bind(), ...entered, attached('g0', 'g1'), listed()],
      ...[returned(0, { pasid: 1 }), returned(0, { pasid: 1 })],
      ...[answered({ ptr: entry }), done, done, done, ...left],
    )
    expect(run.said).toEqual([
      ...toLock,
      'attached READ',
      'mm_list READ',
      't1/bind CALL device=dev0 mm=mm0#1',
      't1/bind CALL device=dev1 mm=mm0#1',
      'vfio_mm ALLOC fields=[object Object] site=vfio_iommu_type1_bind_process',
      'mm_list ADD ptr=vfio_mm0#1',
      'vmm PASID device=dev0 pasid=1',
      'vmm PASID device=dev1 pasid=1',
      ...toEnd('ret=0 pasid=1'),
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is bound already returns its PASID and binds nothing', () => {
    const run = feed(
      container,
      posted,
      ...[bind(), ...entered, attached('g0'), listed(otherEntry, entry), holds(2, otherMm), holds(1, mm), done],
      ...left,
    )
    expect(run.said.slice(toLock.length)).toEqual([
      'attached READ',
      'mm_list READ',
      'vfio_mm USE ptr=vfio_mm1#1 site=vfio_iommu_type1_bind_process',
      'vfio_mm USE ptr=vfio_mm0#1 site=vfio_iommu_type1_bind_process',
      'vmm PASID device=dev0 pasid=1',
      ...toEnd('ret=0 pasid=1'),
    ])
    expect(run.atRest).toBe(true)
  })

  test('compares addresses, as the kernel does', () => {
    const run = feed(
      container,
      posted,
      ...[bind(), ...entered, attached('g0'), listed(entry), holds(1, { id: 'mm0', gen: 7 })],
    )
    expect(run.said.at(-1)).toBe('vmm PASID device=dev0 pasid=1')
  })

  test('repaired, holds a lock of its own to the end, and iommu->lock only for the list', () => {
    const run = feed(
      container,
      repaired,
      ...[bind(), ...entered, 'LOCKED', attached('g0'), listed(), returned(0, { pasid: 1 })],
      ...[answered({ ptr: entry }), done, done, 'UNLOCKED', ...left],
    )
    expect(run.said.filter((line) => line.includes('LOCK'))).toEqual([
      'iommu.changes LOCK',
      'iommu.lock LOCK',
      'iommu.lock UNLOCK',
      'iommu.changes UNLOCK',
    ])
    expect(run.said.at(-1)).toBe('t1 RETURN ret=0 pasid=1')
    expect(run.atRest).toBe(true)
  })

  test('fails without a descriptor', () => {
    const run = feed(container, posted, bind(), answered({ ret: '-EBADF' }))
    expect(run.said).toEqual(['container.file ENTER process=vmm', 't1 RETURN ret=-EBADF'])
    expect(run.atRest).toBe(true)
  })

  test.each([
    ['that cannot be read', { fault: 'in', argsz: 8 }, '-EFAULT'],
    ['that are too short', { argsz: 19 }, '-EINVAL'],
    ['with flags that nobody knows', { flags: 2 }, '-EINVAL'],
  ])('fails with arguments %s', (_, args, ret) => {
    for (const call of [bind(args), { ...bind(args), do: 'UNBIND' }]) {
      const run = feed(container, posted, call, done, kept)
      expect(run.said).toEqual(['container.file ENTER process=vmm', 'container.file LEAVE', `t1 RETURN ret=${ret}`])
      expect(run.atRest).toBe(true)
    }
  })

  test.each([
    ['named by its pid', {}, '-ESRCH'],
    ["that is the caller's own", { flags: 0 }, '-EINVAL'],
  ])('fails if the process %s has no address space any more', (_, args, ret) => {
    const gone = feed(container, posted, bind(args), done, answered({ mm: null, pasid: null }), kept)
    const ending = feed(container, posted, bind(args), done, answered({ mm }), value(0), kept)
    for (const run of [gone, ending]) {
      expect(run.said.slice(-2)).toEqual(['container.file LEAVE', `t1 RETURN ret=${ret}`])
      expect(run.said.join()).not.toContain('mmput')
      expect(run.atRest).toBe(true)
    }
  })

  test('fails if no group is attached', () => {
    const run = feed(container, posted, bind(), ...entered, attached(), ...left)
    expect(run.said.slice(toLock.length)).toEqual(['attached READ', ...toEnd('ret=-EINVAL')])
    expect(run.atRest).toBe(true)
  })

  test('fails if a group has several devices', () => {
    const run = feed(container, posted, bind(), ...entered, attached('g0', 'pair'), listed(), ...left)
    expect(run.said.slice(toLock.length + 2)).toEqual(toEnd('ret=-EINVAL'))
    expect(run.atRest).toBe(true)
  })

  test('fails without memory, before anything is bound', () => {
    const run = feed(container, posted, bind({ nomem: true }), ...entered, attached('g0'), listed(), ...left)
    expect(run.said.slice(toLock.length + 2)).toEqual(toEnd('ret=-ENOMEM'))
    expect(run.atRest).toBe(true)
  })

  test('that fails for one device is undone for the others', () => {
    const run = feed(
      container,
      posted,
      ...[bind(), ...entered, attached('g0', 'g1'), listed(), returned(0, { pasid: 1 }), returned('-ENOSPC')],
      ...[returned(0), done, ...left],
    )
    expect(run.said.slice(toLock.length + 2)).toEqual([
      't1/bind CALL device=dev0 mm=mm0#1',
      't1/bind CALL device=dev1 mm=mm0#1',
      't1/unbind CALL device=dev0 pasid=1 mm=mm0#1 how=unknown',
      'iommu UNBOUND device=dev0 mm=mm0#1',
      ...toEnd('ret=-ENOSPC'),
    ])
    expect(run.atRest).toBe(true)
  })

  test('that cannot tell its PASID is undone', () => {
    const run = feed(
      container,
      posted,
      ...[bind({ fault: 'out' }), ...entered, attached('g0'), listed(), returned(0, { pasid: 1 })],
      ...[returned(0), done, ...left],
    )
    expect(run.said.slice(toLock.length + 2)).toEqual([
      't1/bind CALL device=dev0 mm=mm0#1',
      't1/unbind CALL device=dev0 pasid=1 mm=mm0#1 how=unknown',
      'iommu UNBOUND device=dev0 mm=mm0#1',
      ...toEnd('ret=-EFAULT'),
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is bound already stays bound if it cannot be told so', () => {
    const run = feed(
      container,
      posted,
      ...[bind({ fault: 'out' }), ...entered, attached('g0'), listed(entry), holds(1, mm), ...left],
    )
    expect(run.said.slice(toLock.length + 3)).toEqual(toEnd('ret=-EFAULT'))
    expect(run.atRest).toBe(true)
  })

  test('releases the container if the descriptor was closed meanwhile', () => {
    const run = feed(
      container,
      posted,
      ...[bind(), ...entered, attached('g0'), listed(), returned(0, { pasid: 1 }), answered({ ptr: entry })],
      ...[done, done, 'UNLOCKED', returned(0), answered({ last: true })],
      ...['LOCKED', attached('g0'), done, listed(entry), holds(1, mm), done, done, done, done],
      ...[returned(0), done, 'UNLOCKED', 'LOCKED', attached(), 'UNLOCKED'],
    )
    const released = run.said.slice(run.said.indexOf('container.file LEAVE') + 1)
    expect(released[0]).toBe('iommu.lock LOCK')
    expect(released).toContain('t1/unbind CALL device=dev0 pasid=1 mm=mm0#1 how=unknown')
    expect(released.at(-1)).toBe('t1 RETURN ret=0 pasid=1')
    expect(run.atRest).toBe(true)
  })
})

describe('unbinding an address space from a container', () => {
  const unbind = { type: 'CALL', do: 'UNBIND', process: 'vmm' }
  const off = ['mm_list DEL ptr=vfio_mm0#1', 'vfio_mm FREE ptr=vfio_mm0#1 site=vfio_iommu_type1_unbind_process']
  const bonds = [
    't1/unbind CALL device=dev0 pasid=1 mm=mm0#1 how=unknown',
    'iommu UNBOUND device=dev0 mm=mm0#1',
    't1/unbind CALL device=dev1 pasid=1 mm=mm0#1 how=unknown',
    'iommu UNBOUND device=dev1 mm=mm0#1',
  ]
  const forgotten = ['vmm FORGET device=dev0', 'vmm FORGET device=dev1']
  const found = [attached('g0', 'g1'), listed(entry), holds(1, mm), done, done]
  const unbound = [returned(0), done, returned(0), done]

  test('unbinds every device, as posted with iommu->lock held', () => {
    const run = feed(
      container,
      posted,
      ...[unbind, ...entered, ...found, ...unbound, 'UNLOCKED', done, done, returned(0), kept],
    )
    expect(run.said.slice(toLock.length + 3)).toEqual([
      ...off,
      ...bonds,
      'iommu.lock UNLOCK',
      ...forgotten,
      ...toEnd('ret=0').slice(1),
    ])
    expect(run.atRest).toBe(true)
  })

  test('unbinds every device, repaired without iommu->lock', () => {
    const run = feed(
      container,
      repaired,
      ...[unbind, ...entered, 'LOCKED', ...found, 'UNLOCKED', ...unbound],
      ...['UNLOCKED', done, done, returned(0), kept],
    )
    expect(run.said.slice(toLock.length + 4)).toEqual([
      ...off,
      'iommu.lock UNLOCK',
      ...bonds,
      'iommu.changes UNLOCK',
      ...forgotten,
      ...toEnd('ret=0').slice(1),
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is not bound fails', () => {
    const run = feed(
      container,
      posted,
      unbind,
      ...entered,
      attached('g0'),
      listed(otherEntry),
      holds(2, otherMm),
      ...left,
    )
    expect(run.said.slice(-4)).toEqual(toEnd('ret=-ESRCH'))
    expect(run.atRest).toBe(true)
  })

  test('tries again when the IOMMU times out, and does not claim that a bond was undone that was not there', () => {
    const run = feed(
      container,
      posted,
      ...[unbind, ...entered, ...found, returned('-ETIMEDOUT'), returned('-ESRCH'), returned(0), done],
      ...['UNLOCKED', done, done, returned(0), kept],
    )
    expect(run.said.filter((line) => line.startsWith('t1/unbind') || line.startsWith('iommu '))).toEqual([
      bonds[0],
      bonds[0],
      bonds[2],
      bonds[3],
    ])
    expect(run.said.at(-1)).toBe('t1 RETURN ret=0')
  })

  test('does not claim it either of a bond that others count on', () => {
    const run = feed(
      container,
      posted,
      ...[unbind, ...entered, ...found, returned(0, { last: false }), returned(0, { last: true }), done],
    )
    expect(run.said.filter((line) => line.startsWith('iommu UNBOUND'))).toEqual([bonds[3]])
  })
})

describe('a group that joins a container', () => {
  const attach = (group: string) => ({ type: 'CALL', do: 'ATTACH', group })
  const locked = [done, 'LOCKED']
  const toList = ['container.file ENTER', 'iommu.lock LOCK', 'attached READ', 'mm_list READ']
  const follow = 'vfio_mm USE ptr=vfio_mm0#1 site=vfio_iommu_replay_bind'
  const get = 'mms INC_NOT_ZERO ptr=mm0#1 site=vfio_iommu_replay_bind field=users'
  const over = ['iommu.lock UNLOCK', 'container.file LEAVE']

  test('that binds nothing yet is attached', () => {
    const run = feed(container, posted, attach('pair'), ...locked, attached(), listed(), done, 'UNLOCKED', kept)
    expect(run.said).toEqual([...toList, 'attached ADD group=pair', ...over, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('is bound to every address space, whose reference somebody else puts later', () => {
    const run = feed(
      container,
      posted,
      ...[attach('g1'), ...locked, attached('g0'), listed(entry, otherEntry)],
      ...[holds(1, mm), value(2), returned(0, { pasid: 1 }), returned(0)],
      ...[holds(2, otherMm), value(2), returned(0, { pasid: 2 }), returned(0)],
      ...[done, 'UNLOCKED', kept],
    )
    expect(run.said.slice(toList.length)).toEqual([
      follow,
      get,
      't1/bind CALL device=dev1 mm=mm0#1',
      't1/mmput_async CALL mm=mm0#1',
      'vfio_mm USE ptr=vfio_mm1#1 site=vfio_iommu_replay_bind',
      'mms INC_NOT_ZERO ptr=mm1#1 site=vfio_iommu_replay_bind field=users',
      't1/bind CALL device=dev1 mm=mm1#1',
      't1/mmput_async CALL mm=mm1#1',
      'attached ADD group=g1',
      ...over,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('or puts it itself with iommu->lock held (B-53)', () => {
    const run = feed(
      container,
      input({ replayPut: 'sync' }),
      ...[attach('g1'), ...locked, attached('g0'), listed(entry), holds(1, mm), value(2)],
      ...[returned(0, { pasid: 1 }), returned(0), done, 'UNLOCKED', kept],
    )
    expect(run.said.slice(toList.length + 2)).toEqual([
      't1/bind CALL device=dev1 mm=mm0#1',
      't1/mmput CALL mm=mm0#1',
      'attached ADD group=g1',
      ...over,
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('passes over an address space that is over', () => {
    const run = feed(
      container,
      posted,
      ...[attach('g1'), ...locked, attached('g0'), listed(entry), holds(1, mm), value(0), done, 'UNLOCKED', kept],
    )
    expect(run.said.slice(toList.length)).toEqual([follow, get, 'attached ADD group=g1', ...over, 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('that cannot be bound to all of them is bound to none, and not attached', () => {
    const replayed = [holds(1, mm), value(2), returned(0, { pasid: 1 }), returned(0)]
    const refused = [holds(2, otherMm), value(2), returned('-ENOSPC'), returned(0)]
    const run = feed(
      container,
      posted,
      ...[attach('g1'), ...locked, attached('g0'), listed(entry, otherEntry), ...replayed, ...refused],
      ...[returned(0), done, 'UNLOCKED', kept],
    )
    expect(run.said.slice(-6)).toEqual([
      't1/mmput_async CALL mm=mm1#1',
      't1/unbind CALL device=dev1 pasid=1 mm=mm0#1 how=unknown',
      'iommu UNBOUND device=dev1 mm=mm0#1',
      ...over,
      't1 RETURN ret=-ENOSPC',
    ])
    expect(run.atRest).toBe(true)
  })

  test('of several devices cannot be bound, and puts the reference it took', () => {
    const run = feed(
      container,
      posted,
      ...[attach('pair'), ...locked, attached('g0'), listed(entry), holds(1, mm), value(2)],
      ...[returned(0), 'UNLOCKED', kept],
    )
    expect(run.said.slice(toList.length)).toEqual([
      follow,
      get,
      't1/mmput_async CALL mm=mm0#1',
      ...over,
      't1 RETURN ret=-EINVAL',
    ])
    expect(run.atRest).toBe(true)
  })

  test('that is in it already fails', () => {
    const run = feed(container, posted, attach('g0'), ...locked, attached('g0'), 'UNLOCKED', kept)
    expect(run.said.slice(3)).toEqual([...over, 't1 RETURN ret=-EINVAL'])
    expect(run.atRest).toBe(true)
  })

  test('needs a container that is open, and open to whoever asks if that is said', () => {
    const own = feed(container, posted, { ...attach('g0'), process: 'vmm' }, answered({ ret: '-EBADF' }))
    expect(own.said[0]).toBe('container.file ENTER process=vmm')
    const run = feed(container, posted, attach('g0'), answered({ ret: '-EBADF' }))
    expect(run.said).toEqual(['container.file ENTER', 't1 RETURN ret=-EBADF'])
    expect(run.atRest).toBe(true)
  })
})

describe('a group that leaves a container', () => {
  const detach = (group: string) => ({ type: 'CALL', do: 'DETACH', group })
  const forgotten = ['vmm FORGET device=dev0', 'other FORGET device=dev0']
  const follow = [
    'vfio_mm USE ptr=vfio_mm0#1 site=vfio_iommu_free_all_mm',
    'vfio_mm USE ptr=vfio_mm1#1 site=vfio_iommu_free_all_mm',
  ]
  const bonds = [
    't1/unbind CALL device=dev0 pasid=1 mm=mm0#1 how=unknown',
    'iommu UNBOUND device=dev0 mm=mm0#1',
    't1/unbind CALL device=dev0 pasid=2 mm=mm1#1 how=unknown',
    'iommu UNBOUND device=dev0 mm=mm1#1',
  ]
  const read = ['attached READ', 'attached DEL group=g0', 'mm_list READ', ...follow]
  const listing = [done, listed(entry, otherEntry), holds(1, mm), holds(2, otherMm)]
  const unbound = [returned(0), done, returned(0), done]

  test('as posted is unbound with iommu->lock held; the others keep what is bound (1.C.4)', () => {
    const run = feed(
      container,
      posted,
      ...[detach('g0'), 'LOCKED', attached('g0', 'g1'), ...listing, done, done, ...unbound, 'UNLOCKED'],
    )
    expect(run.said).toEqual([
      'iommu.lock LOCK',
      ...read,
      ...forgotten,
      ...bonds,
      'iommu.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('repaired is unbound without iommu->lock', () => {
    const run = feed(
      container,
      repaired,
      ...[detach('g0'), 'LOCKED', 'LOCKED', attached('g0', 'g1'), ...listing, 'UNLOCKED', done, done, ...unbound],
      'UNLOCKED',
    )
    expect(run.said).toEqual([
      'iommu.changes LOCK',
      'iommu.lock LOCK',
      ...read,
      'iommu.lock UNLOCK',
      ...forgotten,
      ...bonds,
      'iommu.changes UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('last takes everything off the list', () => {
    const run = feed(
      container,
      posted,
      ...[detach('g0'), 'LOCKED', attached('g0'), ...listing, done, done, done, done, done, done],
      ...[...unbound, 'UNLOCKED'],
    )
    expect(run.said.slice(6)).toEqual([
      'mm_list DEL ptr=vfio_mm0#1',
      'vfio_mm FREE ptr=vfio_mm0#1 site=vfio_iommu_free_all_mm',
      'mm_list DEL ptr=vfio_mm1#1',
      'vfio_mm FREE ptr=vfio_mm1#1 site=vfio_iommu_free_all_mm',
      ...forgotten,
      ...bonds,
      'iommu.lock UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(run.atRest).toBe(true)
  })

  test('with nothing bound has nothing to unbind', () => {
    const run = feed(
      container,
      posted,
      ...[detach('g0'), 'LOCKED', attached('g0'), done, listed(), done, done, 'UNLOCKED'],
    )
    expect(run.said.slice(4)).toEqual([...forgotten, 'iommu.lock UNLOCK', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })

  test('must be in it', () => {
    const run = feed(container, posted, detach('g0'), 'LOCKED', attached('g1'), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['iommu.lock UNLOCK', 't1 RETURN ret=-EINVAL'])
    expect(run.atRest).toBe(true)
  })
})

describe('an address space that ends', () => {
  const mmExit = { type: 'CALL', do: 'MM_EXIT', device: 'dev0', pasid: 1, mm }

  test('goes off the list, under iommu->lock alone', () => {
    for (const form of [posted, repaired]) {
      const run = feed(
        container,
        form,
        ...[mmExit, 'LOCKED', listed(otherEntry, entry), holds(2, otherMm), holds(1, mm), done, done, 'UNLOCKED'],
      )
      expect(run.said).toEqual([
        'iommu.lock LOCK',
        'mm_list READ',
        'vfio_mm USE ptr=vfio_mm1#1 site=vfio_iommu_mm_exit',
        'vfio_mm USE ptr=vfio_mm0#1 site=vfio_iommu_mm_exit',
        'mm_list DEL ptr=vfio_mm0#1',
        'vfio_mm FREE ptr=vfio_mm0#1 site=vfio_iommu_mm_exit',
        'iommu.lock UNLOCK',
        't1 RETURN ret=0',
      ])
      expect(run.atRest).toBe(true)
    }
  })

  test('may be off it already', () => {
    const run = feed(container, posted, mmExit, 'LOCKED', listed(), 'UNLOCKED')
    expect(run.said.slice(2)).toEqual(['iommu.lock UNLOCK', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})

describe('a container that nobody has open any more', () => {
  const release = { type: 'CALL', do: 'RELEASE' }

  test('lets its groups go, one after the other', () => {
    const run = feed(
      container,
      posted,
      ...[release, 'LOCKED', attached('g0', 'g1'), done, listed(entry), holds(1, mm), done, done, returned(0), done],
      ...['UNLOCKED', 'LOCKED', attached('g1'), done, listed(entry), holds(1, mm), done, done, done, done],
      ...[returned('-ESRCH'), 'UNLOCKED', 'LOCKED', attached(), 'UNLOCKED'],
    )
    expect(run.said.filter((line) => line.startsWith('attached D') || /unbind|UNBOUND|FREE|RETURN/.test(line))).toEqual(
      [
        'attached DEL group=g0',
        't1/unbind CALL device=dev0 pasid=1 mm=mm0#1 how=unknown',
        'iommu UNBOUND device=dev0 mm=mm0#1',
        'attached DEL group=g1',
        'vfio_mm FREE ptr=vfio_mm0#1 site=vfio_iommu_free_all_mm',
        't1/unbind CALL device=dev1 pasid=1 mm=mm0#1 how=unknown',
        't1 RETURN ret=0',
      ],
    )
    expect(run.atRest).toBe(true)
  })

  test('without groups has nothing to let go', () => {
    const run = feed(container, posted, release, 'LOCKED', attached(), 'UNLOCKED')
    expect(run.said).toEqual(['iommu.lock LOCK', 'attached READ', 'iommu.lock UNLOCK', 't1 RETURN ret=0'])
    expect(run.atRest).toBe(true)
  })
})
