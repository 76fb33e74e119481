/** The type1 backend in a small Linux: what its calls do with memory, accounts and the IOMMU, and what comes of it. */
import { describe, expect, test } from 'vitest'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { attachGroup } from '../../machines/type1/backend/attach-group.ts'
import { detachGroup } from '../../machines/type1/backend/detach-group.ts'
import { map } from '../../machines/type1/map/map.ts'
import { mapVaddr } from '../../machines/type1/map/map-vaddr.ts'
import { pinMap } from '../../machines/type1/map/pin-map.ts'
import { type1 } from '../../machines/type1/backend/type1.ts'
import { deviceListUnmap } from '../../machines/type1/unmap/device-list.ts'
import { profiles, type ProfileName } from '../../machines/profile.ts'
import { feed } from '../machines/feed.ts'

type Answer = string | { readonly type: string; readonly [field: string]: unknown }

const page = 0x1000n
const backend = { id: 'container0', gen: 0 }
const returned = (ret: number | string, more: object = {}) => ({ type: 'RETURN', ret, ...more })

describe('the way of a mapping', () => {
  const own = (pages: number) => ({ in: 'p0.mm', n: 0, pages })
  const zeros = (pages: number) => ({ in: 'zero', n: 0, pages })
  const bar = (pages: number) => ({ in: 'edu1.bar0', n: 0, pages })
  const pinned = (ret: number | string, ...extents: object[]) => ({ type: 'PINNED', ret, extents, locked: 0 })
  const request = { iova: 0n, size: 4n * page, prot: 'rw', mm: 'p0', vaddr: 0x10000n, lockCap: false, charged: [] }
  const at = { dmar: 'dmar', domain: 'container0' }
  const pinning = (more: object, ...answers: Answer[]) =>
    feed(pinMap, { task: 't1', process: 'p0', at }, { type: 'CALL', limit: null, ...request, ...more }, ...answers)
  const paid = ['LOCKED', { type: 'ACCOUNTED', ret: 0 }, 'UNLOCKED']

  test('pages are pinned under mmap_lock for read, charged under it for write, then mapped', () => {
    const { said, atRest } = pinning(
      { limit: 4 },
      ...['LOCKED', pinned(0, own(4)), 'UNLOCKED', ...paid, { type: 'MAPPED', ret: 0 }],
    )
    expect(said).toEqual([
      'p0.mm.mmap_lock DOWN_READ',
      'p0.mm PIN vaddr=0x10000 pages=4 write=true',
      'p0.mm.mmap_lock UP_READ',
      'p0.mm.mmap_lock DOWN_WRITE',
      'p0.mm ACCOUNT pages=4 limit=4',
      'p0.mm.mmap_lock UP_WRITE',
      'dmar MAP domain=container0 iova=0x0 prot=3 extents=[[object Object]]',
      't1 RETURN ret=0 locked=4 held=4',
    ])
    expect(atRest).toBe(true)
  })

  test('whichever is met first ends it: a page that cannot be had, or one over the limit', () => {
    const [, ...missing] = pinning({ limit: 3 }, 'LOCKED', pinned('-EFAULT', own(3)), 'UNLOCKED').said
    expect(missing.at(-1)).toBe('t1 RETURN ret=-EFAULT locked=0')
    const [, ...limited] = pinning({ limit: 2 }, 'LOCKED', pinned('-EFAULT', own(3)), 'UNLOCKED').said
    expect(limited.slice(-2)).toEqual([
      '~ kmsg <4>vfio_pin_pages_remote: RLIMIT_MEMLOCK (8192) exceeded',
      't1 RETURN ret=-ENOMEM locked=0',
    ])
  })

  test('the page of zeros costs nothing, nor what a driver has pinned, nor the memory of a device', () => {
    const { said } = pinning({ limit: 0 }, 'LOCKED', pinned(0, zeros(4)), 'UNLOCKED', { type: 'MAPPED', ret: 0 })
    expect(said.at(-1)).toBe('t1 RETURN ret=0 locked=0 held=0')
    const some = pinning(
      { limit: 2, charged: [0, 2] },
      ...['LOCKED', pinned(0, own(4)), 'UNLOCKED', ...paid, { type: 'MAPPED', ret: 0 }],
    )
    expect(some.said.at(-1)).toBe('t1 RETURN ret=0 locked=2 held=4')
    const over = pinning({ limit: 1, charged: [0, 2] }, 'LOCKED', pinned(0, own(4)), 'UNLOCKED')
    expect(over.said.at(-1)).toBe('t1 RETURN ret=-ENOMEM locked=0')
  })

  const faulted = (ret: number | string) => ['LOCKED', { type: 'FAULTED', ret }, 'UNLOCKED']

  test('a device that does not answer is only met if its memory comes before the page over the limit', () => {
    const before = pinning({ limit: 0 }, ...['LOCKED', pinned(0, bar(1), own(1)), ...faulted('SIGBUS'), 'UNLOCKED'])
    expect(before.said.slice(2)).toEqual([
      'edu1.memory_lock DOWN_READ',
      'edu1.pci FAULT bar=0',
      'edu1.memory_lock UP_READ',
      'p0.mm.mmap_lock UP_READ',
      't1 RETURN ret=-EFAULT locked=0',
    ])
    const after = pinning({ limit: 0 }, 'LOCKED', pinned(0, own(1), bar(1)), 'UNLOCKED')
    expect(after.said.at(-1)).toBe('t1 RETURN ret=-ENOMEM locked=0')
  })

  test('the account is relieved when the IOMMU refuses', () => {
    const { said } = pinning(
      {},
      ...['LOCKED', pinned(0, own(4)), 'UNLOCKED', ...paid, { type: 'MAPPED', ret: '-EFAULT' }, ...paid],
    )
    expect(said.slice(-4)).toEqual([
      'p0.mm.mmap_lock DOWN_WRITE',
      'p0.mm ACCOUNT pages=-4 limit=null',
      'p0.mm.mmap_lock UP_WRITE',
      't1 RETURN ret=-EFAULT locked=0',
    ])
  })

  test('in a replay memory is found in one process and charged to another, up to its own limit', () => {
    const { said } = pinning(
      { mm: 'p1', limit: 9 },
      ...['LOCKED', pinned(0, own(4)), 'UNLOCKED', { type: 'LIMITS', memlock: 5 }, ...paid, { type: 'MAPPED', ret: 0 }],
    )
    expect(said.filter((line) => / (PIN|LIMITS|ACCOUNT) /.test(`${line} `))).toEqual([
      'p0.mm PIN vaddr=0x10000 pages=4 write=true',
      'p1.process LIMITS',
      'p1.mm ACCOUNT pages=4 limit=5',
    ])
  })

  const linux = { profile: profiles['6.1'], process: 'p0', pinMap: 'pin', mapVaddr: 'vaddr' }
  const mapping = (call: object, ...answers: Answer[]) =>
    feed(
      map,
      { task: 't1', at: { lock: 'I', type1: 'type1' }, linux },
      { type: 'CALL', argsz: 32, flags: 3, iova: 0n, size: page, vaddr: 0n, backend, ...call },
      ...answers,
    )
  const limits = { type: 'LIMITS', memlock: 8, ipcLock: false }

  test('the backend is asked, and told once the pages are there; all of it under iommu->lock', () => {
    const { said, atRest } = mapping(
      {},
      ...[limits, 'LOCKED', { type: 'MAPPED', ret: 0, pin: true }, returned(0, { locked: 1 }), 'LINKED', 'UNLOCKED'],
    )
    expect(said.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'p0.process LIMITS',
      'I LOCK',
      'type1 MAP',
      'pin CALL',
      'type1 LINK',
      'I UNLOCK',
      't1 RETURN',
    ])
    expect(atRest).toBe(true)
  })

  test('when the pages cannot be had the backend hears no more of it', () => {
    const { said } = mapping(
      {},
      ...[limits, 'LOCKED', { type: 'MAPPED', ret: 0, pin: true }, returned('-ENOMEM', { locked: 0 }), 'UNLOCKED'],
    )
    expect(said.slice(-2)).toEqual(['I UNLOCK', 't1 RETURN ret=-ENOMEM'])
  })

  test('a request that is wrong takes no lock', () => {
    expect(mapping({ flags: 8 }).said).toEqual(['t1 RETURN ret=-EINVAL'])
  })

  test('whoever gives a mapping an address pays first, and then the one before is relieved', () => {
    const updating = (...answers: Answer[]) =>
      feed(
        mapVaddr,
        { task: 't1', at: { lock: 'I', type1: 'type1', giveBack: 'back' } },
        { type: 'CALL', iova: 0n, size: page, vaddr: 0n, mm: 'p1', backend },
        ...['LOCKED', { type: 'VADDR_CHECKED', ret: 0, dma: { id: 'dma0', gen: 1 }, before: { mm: 'p0', pages: 1 } }],
        ...[limits, 'LOCKED', ...answers],
      )
    const { said, atRest } = updating(
      ...[{ type: 'ACCOUNTED', ret: 0 }, 'UNLOCKED', returned(0), 'VADDR_SET', 'UNLOCKED'],
    )
    expect(said.slice(3)).toEqual([
      'p1.mm.mmap_lock DOWN_WRITE',
      'p1.mm ACCOUNT pages=1 limit=8',
      'p1.mm.mmap_lock UP_WRITE',
      'back CALL charges=[[object Object]]',
      'type1 SET_VADDR dma=dma0#1 vaddr=0x0 backend=container0#0 owner=[object Object]',
      'I UNLOCK',
      't1 RETURN ret=0',
    ])
    expect(atRest).toBe(true)
    const refused = updating({ type: 'ACCOUNTED', ret: '-ENOMEM' }, 'UNLOCKED', 'UNLOCKED')
    expect(refused.said.slice(-2)).toEqual(['I UNLOCK', 't1 RETURN ret=-ENOMEM'])
  })
})

describe('the way out', () => {
  const iommu = { dmar: 'dmar', domain: 'container0', giveBack: 'back' }
  const unmapping = (call: object, ...answers: Answer[]) =>
    feed(
      deviceListUnmap,
      { task: 't1', at: { lock: 'I', type1: 'type1', notify: 'notify', iommu } },
      { type: 'CALL', mm: 'p0', iova: 0n, size: 2n * page, backend, all: false, user: null, ...call },
      ...['LOCKED', { type: 'CHECKED', ret: 0 }, ...answers],
    )
  const dma = (n: number, next: number | null) => ({
    ...{ type: 'FOUND', dma: { id: `dma${n}`, gen: 1 }, iova: BigInt(n) * page, size: page, mm: 'p0', pinned: false },
    next: next === null ? null : { id: `dma${next}`, gen: 1 },
  })
  const undo = (charges: object[]) => ({ type: 'REMOVED', undo: { iova: 0n, size: page, charges } })

  test('a mapping leaves the IOMMU before its pages are given back, and the walk goes on behind it', () => {
    const { said, atRest } = unmapping(
      {},
      ...[dma(0, 1), undo([{ mm: 'p0', pages: 1 }]), 'UNMAPPED', returned(0), dma(1, null), undo([]), 'UNMAPPED'],
      'UNLOCKED',
    )
    expect(said.slice(2)).toEqual([
      'type1 FIND iova=0x0 size=0x2000 backend=container0#0 walk=first',
      'type1 REMOVE dma=dma0#1 site=vfio_remove_dma backend=container0#0',
      'dmar UNMAP domain=container0 iova=0x0 size=0x1000',
      'back CALL charges=[[object Object]]',
      'type1 FIND iova=0x0 size=0x2000 backend=container0#0 walk=dma1#1',
      'type1 REMOVE dma=dma1#1 site=vfio_remove_dma backend=container0#0',
      'dmar UNMAP domain=container0 iova=0x0 size=0x1000',
      'I UNLOCK',
      't1 RETURN ret=0 size=0x2000',
    ])
    expect(atRest).toBe(true)
  })

  test('a bitmap that cannot be written ends it; what went before stays gone, and no size is told', () => {
    const user = { prefill: 0, bad: true, writes: [] }
    const reported = (ret: number | string) => ({ type: 'REPORTED', ret, user })
    const { said } = unmapping(
      { user },
      ...[dma(0, 1), reported(0), { type: 'REMOVED' }, dma(1, null), reported('-EFAULT'), 'UNLOCKED'],
    )
    expect(said.slice(-2)).toEqual(['I UNLOCK', 't1 RETURN ret=-EFAULT size=null'])
    expect(said.filter((line) => line.includes('REMOVE'))).toHaveLength(1)
  })

  const groupAt = { lock: 'I', type1: 'type1', dmar: 'dmar', domain: 'container0', pinMap: 'pin', giveBack: 'back' }
  const coming = { type: 'CALL', group: 'group0', devices: ['edu0'], emulated: false, backend }
  const replayed = { ...{ dma: { id: 'dma0', gen: 1 }, iova: 0n, size: page, vaddr: 0n }, mm: 'p0', charged: [] }
  const news = { type: 'ATTACHED', ret: 0, domain: 'new', replay: [replayed, replayed] }

  test('a group whose replay fails leaves nothing behind', () => {
    const { said, atRest } = feed(
      attachGroup,
      { task: 't1', process: 'p0', at: groupAt },
      coming,
      ...['LOCKED', news, { type: 'ATTACHED' }, { type: 'LIMITS', memlock: 1 }, returned(0, { locked: 1 })],
      ...[returned('-ENOMEM', { locked: 0 }), returned(0), 'DETACHED', 'FREED', 'UNLOCKED'],
    )
    expect(said.slice(-6)).toEqual([
      expect.stringContaining('pin CALL'),
      'back CALL charges=[[object Object]]',
      'dmar DETACH domain=container0 devices=[edu0]',
      'dmar FREE domain=container0',
      'I UNLOCK',
      't1 RETURN ret=-ENOMEM',
    ])
    expect(atRest).toBe(true)
  })

  test('a backend is freed without its lock', () => {
    const { said } = feed(
      detachGroup,
      { task: 't1', ask: 'RELEASE', at: { ...groupAt, lock: null } },
      { type: 'CALL', backend },
      { type: 'RELEASED', free: false, charges: [] },
    )
    expect(said).toEqual(['type1 RELEASE backend=container0#0', 't1 RETURN ret=0'])
  })
})

describe('a backend', () => {
  const open = { type: 'OPEN', arg: 3n, limit: 2 }
  const made = (...heard: Answer[]) =>
    feed(type1, { profile: profiles['6.1'], container: 'container0' }, open, ...heard).said

  test('that was freed is found out by whoever still follows the pointer to it', () => {
    const release = { type: 'RELEASE', backend }
    const mapped = { type: 'MAP', iova: 0n, size: page, prot: 'rw', mm: 'p0', vaddr: 0n, lockCap: true, backend }
    expect(made(release, mapped).at(-1)).toBe('! use-after-free use-after-free in vfio_dma_do_map')
    expect(made(release, open, mapped).at(-1)).toBe('! use-after-free use-after-free in vfio_dma_do_map')
    expect(made(release, open).at(-1)).toBe('t1 OPENED ret=0 backend=container0#1')
  })

  test('has no domain any more once the last group behind an IOMMU has left, even before it is freed', () => {
    const group = { group: 'group0', devices: ['edu0'], emulated: false, backend }
    const mapped = { type: 'MAP', iova: 0n, size: page, prot: 'rw', mm: 'p0', vaddr: 0n, lockCap: true, backend }
    const left = made(
      { type: 'ATTACH', ...group },
      { type: 'JOIN', ...group, done: [] },
      { type: 'LEAVE', ...group },
      mapped,
    )
    expect(left.slice(-3)).toEqual([
      't1 LEFT devices=[edu0] free=true charges=[]',
      '~ dma0#1 mapped',
      't1 MAPPED ret=0',
    ])
  })

  test('of 5.15 makes whoever needs an address wait for it, or for the end of the container', () => {
    const take = { type: 'TAKE_VADDRS', flags: 4, iova: 0n, size: page, pgsize: 0n, backend }
    const mapped = { type: 'MAP', iova: 0n, size: page, prot: 'rw', mm: 'p0', vaddr: 0n, lockCap: true, backend }
    const waiting = (...heard: Answer[]) =>
      feed(type1, { profile: profiles['5.15'], container: 'container0' }, open, mapped, take, ...heard)
    const pin = { type: 'PIN_PAGES', iova: 0n, npage: 1, prot: 1, backend }
    expect(waiting(pin).said.at(-1)).toMatch(/PIN_RUNS wait=true/)
    expect(waiting().snapshot.value).toBe('invalid')
    expect(waiting({ type: 'SET_VADDR', dma: { id: 'dma0', gen: 1 }, vaddr: 0n }).snapshot.value).toBe('ready')
    expect(waiting('CONTAINER_CLOSE', 'AWAIT_VADDR').said.at(-1)).toBe('t1 AWAITED open=false')
  })
})

/** `map_dma iova=0x0 size=0x1000 vaddr=b0 flags=3` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  return {
    op: op!,
    ...Object.fromEntries(values.map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text])),
  }
}

/** What the last calls came back with: errno, or value and size, bitmap, free entries. */
const seen = (profile: ProfileName, before: readonly string[], ...ops: readonly string[]): readonly string[] =>
  replayCase({ name: 'test', ops: [...before, ...ops].map(opOf) }, profile)
    .results.slice(before.length)
    .map(({ ret, err, size, bitmap, avail, vmlck_kb: locked }: Result) =>
      [err ?? ret, size, bitmap, avail, locked === undefined ? undefined : `${locked as number}kB`]
        .filter((part) => part !== undefined)
        .map(String)
        .join(' '),
    )

const join = (device: string, group = 'g0', type = 3) => [
  'open_container as=c0',
  `open_group dev=${device} as=${group}`,
  `group_set_container fd=${group} container=c0`,
  `set_iommu fd=c0 type=${type}`,
]
const buffer = 'mmap as=b0 len=65536'
const real = [...join('edu0'), buffer]
const emulated = [...join('emu0'), 'get_device_fd fd=g0 dev=emu0 as=d0', buffer]
const mapAt = (iova: string, size = '0x1000', flags = 3) =>
  `map_dma fd=c0 iova=${iova} size=${size} vaddr=b0 flags=${flags}`
const unmapAt = (iova: string, size = '0x1000', flags = 0) => `unmap_dma fd=c0 iova=${iova} size=${size} flags=${flags}`
const top = '0xfffffffffffff000'

describe('from kernel to kernel', () => {
  test('the last page can be mapped, and unmapped since 6.19', () => {
    const lastPage = [mapAt(top), mapAt(top), unmapAt(top), unmapAt('0', '0', 2)]
    expect(seen('6.1', emulated, ...lastPage)).toEqual(['0', '0', '0 0x0', '0 0x0'])
    expect(seen('7.2', emulated, ...lastPage)).toEqual(['0', 'EEXIST', '0 0x1000', '0 0x0'])
  })

  test('beyond the address space is EINVAL, EOVERFLOW since 6.19', () => {
    const beyond = [mapAt(top, '0x2000'), unmapAt(top, '0x2000')]
    expect(seen('5.15', real, ...beyond)).toEqual(['EINVAL', 'EINVAL 0x2000'])
    expect(seen('7.2', real, ...beyond)).toEqual(['EOVERFLOW', 'EOVERFLOW 0x2000'])
  })

  test('before there were windows the IOMMU itself refused what it cannot address', () => {
    expect(seen('4.10', real, mapAt('0x1000000000000'))).toEqual(['EFAULT'])
    expect(seen('5.10', real, mapAt('0x1000000000000'))).toEqual(['EINVAL'])
  })

  test('before 5.1 nobody counted mappings', () => {
    const limited = ['module_param name=dma_entry_limit val=1', ...real]
    expect(seen('4.10', limited, mapAt('0'), mapAt('0x1000'))).toEqual(['0 4kB', '0 8kB'])
    expect(seen('5.10', limited, mapAt('0'), mapAt('0x1000'))).toEqual(['0 4kB', 'ENOSPC'])
  })

  const another = ['fork as=p1', `${mapAt('0')} proc=p1`]

  test('up to 5.19 nobody unmaps what another process has mapped', () => {
    expect(seen('5.15', [...real, ...another], unmapAt('0'))).toEqual(['0 0x0'])
    expect(seen('6.1', [...real, ...another], unmapAt('0'))).toEqual(['0 0x1000'])
  })

  test('since 6.3 whoever gives a mapping a new address owns it from then on', () => {
    const moved = [unmapAt('0', '0x1000', 4), mapAt('0', '0x1000', 4)]
    expect(seen('6.1', [...real, ...another], ...moved)).toEqual(['0 0x1000', '0 4kB'])
    expect(seen('5.15', [...real, ...another], ...moved)).toEqual(['0 0x1000', '0'])
  })

  test('addresses are not taken away where there are emulated devices, since 6.3', () => {
    const taken = [mapAt('0'), unmapAt('0x1', '0', 4), unmapAt('0', '0x1000', 4)]
    expect(seen('6.1', emulated, ...taken)).toEqual(['0', 'EBUSY 0x0', 'EBUSY 0x1000'])
    expect(seen('5.15', emulated, ...taken)).toEqual(['0', 'EINVAL 0x0', '0 0x1000'])
  })
})

describe('groups in a container', () => {
  const second = (device: string) => [`open_group dev=${device} as=g1`, 'group_set_container fd=g1 container=c0']
  const leave = 'group_unset_container fd=g1'

  test('with the first behind an IOMMU all that is mapped is pinned and charged; with it goes what no driver has pinned', () => {
    expect(
      seen('6.1', emulated, mapAt('0', '0x4000'), 'emu_pin fd=d0 iova=0x1000 npage=1 prot=1', ...second('edu0'), leave),
    ).toEqual(['0', '1 4kB', '0', '0 16kB', '0 4kB'])
  })

  test('one that meets the limit halfway leaves no trace', () => {
    const poor = [
      ...emulated,
      'drop_ipc_lock',
      'rlimit_memlock val=8192',
      mapAt('0', '0x2000'),
      mapAt('0x2000', '0x1000'),
    ]
    expect(
      seen('6.1', poor, ...second('edu0'), 'vmlck', unmapAt('0x2000'), 'group_set_container fd=g1 container=c0'),
    ).toEqual(['0', 'ENOMEM', '0 0kB', '0 0x1000', '0 8kB'])
  })

  test('everything may be dirty once one behind an IOMMU was there', () => {
    const get = 'dirty_pages fd=c0 flags=4 iova=0 size=0x4000 bitmap_size=8'
    const tracking = [...emulated, mapAt('0', '0x4000'), 'dirty_pages fd=c0 flags=1', ...second('edu0'), leave]
    expect(seen('6.1', tracking, get, get)).toEqual(['0 0xf', '0 '])
  })
})
