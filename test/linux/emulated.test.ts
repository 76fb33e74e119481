import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { toSystem } from '../../actors/running/system.ts'
import { explore } from '../../explore/index.ts'
import { mdevOpen } from '../../machines/mdev/mdev-open.ts'
import { mdevRw } from '../../machines/mdev/mdev-rw.ts'
import { dmaRw } from '../../machines/type1/pin/dma-rw.ts'
import { giveBack } from '../../machines/type1/pin/give-back.ts'
import { inContainer } from '../../machines/type1/pin/in-container.ts'
import { pinRun } from '../../machines/type1/pin/pin-run.ts'
import { pin } from '../../machines/type1/pin/pin.ts'
import { unpin } from '../../machines/type1/pin/unpin.ts'
import type { ProfileName } from '../../machines/profile.ts'
import { feed } from '../machines/feed.ts'

type Answer = string | { readonly type: string; readonly [field: string]: unknown }

const backend = { id: 'container0.type1', gen: 0 }
const lock = 'container0.iommu.lock'
const type1 = 'container0.type1'

describe('getting a run of memory', () => {
  const run = { index: 0, vaddr: 0x10000n, pages: 4, mm: 'p0', write: true, lockCap: false }
  const call = { type: 'CALL', run, counted: true }
  const limits = (memlock: number | null, alive = true) => ({ type: 'LIMITS', memlock, alive })
  const own = (n: number, pages: number) => ({ in: 'p0.mm', n, pages })
  const pinned = (locked: number, ret: number | string, ...extents: object[]) => ({
    type: 'PINNED',
    ...{ ret, locked, extents },
  })
  const accounted = (ret: number | string) => ({ type: 'ACCOUNTED', ret })
  const got = (...answers: Answer[]) => feed(pinRun, { task: 't1' }, call, ...answers)
  const paying = ['LOCKED', accounted(0), 'UNLOCKED']

  test('gets it under mmap_lock for read, then charges for it under mmap_lock for write', () => {
    const { said, atRest } = got(limits(null), 'LOCKED', pinned(0, 0, own(0, 4)), 'UNLOCKED', ...paying)
    expect(said).toEqual([
      'p0.process LIMITS',
      'p0.mm.mmap_lock DOWN_READ',
      'p0.mm PIN vaddr=0x10000 pages=4 write=true',
      'p0.mm.mmap_lock UP_READ',
      'p0.mm.mmap_lock DOWN_WRITE',
      'p0.mm ACCOUNT pages=4 limit=null',
      'p0.mm.mmap_lock UP_WRITE',
      't1 RETURN ret=0 done=4 charged=4 free=[]',
    ])
    expect(atRest).toBe(true)
  })

  test('gets no page that the kernel would not have got: the one that meets the limit is the last', () => {
    const first = [limits(2), 'LOCKED', pinned(0, 0, own(0, 1)), 'UNLOCKED', ...paying]
    const rest = ['LOCKED', pinned(1, 0, own(1, 2)), 'UNLOCKED', 'LOCKED', accounted('-ENOMEM'), 'UNLOCKED']
    const { said } = got(...first, ...rest)
    expect(said.filter((line) => / (PIN|ACCOUNT|RETURN) /.test(line))).toEqual([
      'p0.mm PIN vaddr=0x10000 pages=1 write=true',
      'p0.mm ACCOUNT pages=1 limit=2',
      'p0.mm PIN vaddr=0x11000 pages=2 write=true',
      'p0.mm ACCOUNT pages=2 limit=2',
      't1 RETURN ret=-ENOMEM done=2 charged=1 free=[]',
    ])
  })

  test('charges nothing for the page of zeros, and says which pages that was', () => {
    const zeros = { in: 'zero', n: 0, pages: 3 }
    const { said } = got(limits(null), 'LOCKED', pinned(0, 0, own(0, 1), zeros), 'UNLOCKED', ...paying)
    expect(said).toContain('p0.mm ACCOUNT pages=1 limit=null')
    expect(said.at(-1)).toBe('t1 RETURN ret=0 done=4 charged=1 free=[1, 2, 3]')
  })

  test('charges nothing where an IOMMU has it mapped, and then minds no limit', () => {
    const answers = [limits(0), 'LOCKED', pinned(4, 0, own(0, 4)), 'UNLOCKED']
    const { said } = feed(pinRun, { task: 't1' }, { ...call, counted: false }, ...answers)
    expect(said.at(-1)).toBe('t1 RETURN ret=0 done=4 charged=0 free=[]')
  })

  test('charges for what came before a page that cannot be got', () => {
    const answers = [limits(null), 'LOCKED', pinned(0, '-EFAULT', own(0, 2)), 'UNLOCKED', ...paying]
    expect(got(...answers).said.at(-1)).toBe('t1 RETURN ret=-EFAULT done=2 charged=2 free=[]')
  })

  test.each([
    ['refuses device memory, which has no struct page', 0, '-EINVAL'],
    ['cannot get device memory while it is switched off', '-EFAULT', '-EFAULT'],
  ])('%s', (_, ret, errno) => {
    const extents = [own(0, 1), { in: 'edu1.bar0', n: 7, pages: 3 }]
    const { said } = got(
      limits(null),
      'LOCKED',
      pinned(0, 0, ...extents),
      { type: 'FAULTED', ret },
      'UNLOCKED',
      ...paying,
    )
    expect(said).toContain('edu1.pci FAULT bar=0')
    expect(said.at(-1)).toBe(`t1 RETURN ret=${errno} done=1 charged=1 free=[]`)
  })

  test('of a process that is gone is -ENODEV', () => {
    expect(got(limits(null, false)).said.at(-1)).toBe('t1 RETURN ret=-ENODEV done=0 charged=0 free=[]')
  })
})

describe('vfio_pin_pages where it means memory', () => {
  const at = { lock, type1, listeners: 'container0.devices', memory: 't1.pin_run', giveBack: 't1.give_back' }
  const input = { task: 't1', era: 'v6.0', v2: true, at }
  const request = { type: 'CALL', device: 'emu0', iova: 0x1000n, npage: 3, prot: 3, backend }
  const run = (index: number, pages: number, mm = 'p0') => ({
    index,
    pages,
    mm,
    vaddr: 0n,
    write: true,
    lockCap: false,
  })
  const plan = (ret: number | string, ...runs: object[]) => ({ type: 'PIN_RUNS', ret, counted: true, runs })
  const got = (done: number, charged = done, free: number[] = []) => ({
    type: 'RETURN',
    ...{ ret: 0, done, charged, free },
  })
  const heard = { type: 'EMPTY', empty: false }
  const pins = (...answers: Answer[]) => feed(pin, input, request, 'LOCKED', ...answers)

  test('takes what type1 says is missing, run by run, and writes it down', () => {
    const { said, atRest } = pins(
      plan(0, run(0, 1), run(1, 2, 'p1')),
      heard,
      got(1),
      got(2, 1, [0]),
      { type: 'PINNED', ret: 3 },
      'UNLOCKED',
    )
    expect(said.filter((line) => !/LOCK|CALL/.test(line))).toEqual([
      `${type1} PIN_PAGES backend=container0.type1#0 iova=0x1000 npage=3 prot=3`,
      'container0.devices IS_EMPTY',
      `${type1} PIN_DONE backend=container0.type1#0 iova=0x1000 npage=3 ok=true through=3 free=[1]`,
      't1 RETURN ret=3',
    ])
    expect(atRest).toBe(true)
  })

  test('a page that fails decides, whatever type1 says of a later one; the charges are given back', () => {
    const { said } = pins(
      plan('-EPERM', run(0, 1), run(1, 1)),
      heard,
      got(1),
      { ...got(0, 0), ret: '-EFAULT' },
      { type: 'PINNED', ret: 0 },
      got(0),
      'UNLOCKED',
    )
    expect(said.slice(-4)).toEqual([
      `${type1} PIN_DONE backend=container0.type1#0 iova=0x1000 npage=3 ok=false through=1 free=[]`,
      't1.give_back CALL charges=[[object Object]]',
      `${lock} UNLOCK`,
      't1 RETURN ret=-EFAULT',
    ])
  })

  test('a request that type1 refuses at its first page changes nothing', () => {
    expect(pins(plan('-EINVAL'), heard, 'UNLOCKED').said.slice(-2)).toEqual([`${lock} UNLOCK`, 't1 RETURN ret=-EINVAL'])
  })

  test('v1 refuses before anybody looks whether somebody listens', () => {
    const { said } = pins({ ...plan(0), refused: '-EACCES' }, 'UNLOCKED')
    expect(said.slice(1)).toEqual([expect.stringContaining('PIN_PAGES'), `${lock} UNLOCK`, 't1 RETURN ret=-EACCES'])
  })

  test('waits for an invalid address with the lock dropped, and gives up when the container closes (5.12 to 6.2)', () => {
    const waiting = [{ ...plan(0), wait: true }, 'UNLOCKED']
    expect(pins(...waiting, { type: 'AWAITED', open: true }).said.at(-1)).toBe(`${lock} LOCK`)
    const closed = pins(...waiting, { type: 'AWAITED', open: false })
    expect(closed.said.at(-1)).toBe('t1 RETURN ret=-EFAULT')
    expect(closed.atRest).toBe(true)
  })

  test.each([
    ['no pages', 0, '-EINVAL'],
    ['more pages than a page holds numbers of', 513, '-E2BIG'],
  ])('of %s is refused before any lock', (_, npage, errno) => {
    expect(feed(pin, input, { ...request, npage }).said).toEqual([`t1 RETURN ret=${errno}`])
  })

  test('unpinning gives back what nobody pins any more', () => {
    const call = { type: 'CALL', iovas: [0x1000n, 0x2000n], backend }
    const unpinned = { type: 'UNPINNED', done: 2, accounts: [{ mm: 'p0', pages: 2 }] }
    const { said, atRest } = feed(unpin, input, call, 'LOCKED', unpinned, got(0), 'UNLOCKED')
    expect(said.slice(1)).toEqual([
      `${type1} UNPIN_PAGES backend=container0.type1#0 iovas=[0x1000, 0x2000]`,
      't1.give_back CALL charges=[[object Object]]',
      `${lock} UNLOCK`,
      't1 RETURN ret=0',
    ])
    expect(atRest).toBe(true)
  })
})

test('locked memory is given back to each process under its mmap_lock', () => {
  const charges = [
    { mm: 'p0', pages: 2 },
    { mm: 'p1', pages: 1 },
  ]
  const one = ['LOCKED', { type: 'ACCOUNTED', ret: 0 }, 'UNLOCKED']
  const { said, atRest } = feed(giveBack, { task: 't1' }, { type: 'CALL', charges }, ...one, ...one)
  expect(said).toEqual([
    'p0.mm.mmap_lock DOWN_WRITE',
    'p0.mm ACCOUNT pages=-2 limit=null',
    'p0.mm.mmap_lock UP_WRITE',
    'p1.mm.mmap_lock DOWN_WRITE',
    'p1.mm ACCOUNT pages=-1 limit=null',
    'p1.mm.mmap_lock UP_WRITE',
    't1 RETURN ret=0',
  ])
  expect(atRest).toBe(true)
})

describe('vfio_dma_rw', () => {
  const input = { task: 't1', mm: 'p0', at: { lock, type1, copy: 't1.copy' } }
  const write = { type: 'CALL', backend, iova: 0xffcn, len: 8, write: true, bytes: 'aaaabbbb' }
  const part = (iova: bigint, vaddr: bigint, len: number, mm = 'p0') => ({ iova, vaddr, len, mm })
  const parts = (ret: number | string, ...runs: object[]) => ({ type: 'RW_RUNS', ret, runs })
  const alive = { type: 'LIMITS', alive: true }
  const copied = { type: 'RETURN', ret: 0 }
  const halves = [part(0xffcn, 0x5ffcn, 4), part(0x1000n, 0x9000n, 4)]

  test('copies mapping by mapping under iommu->lock and marks what it wrote', () => {
    const both = [alive, copied, alive, copied]
    const { said, atRest } = feed(dmaRw, input, write, 'LOCKED', parts(0, ...halves), ...both, 'ANSWER', 'UNLOCKED')
    expect(said).toEqual([
      `${lock} LOCK`,
      `${type1} RW backend=container0.type1#0 iova=0xffc len=8 write=true`,
      'p0.process LIMITS',
      't1.copy CALL vaddr=0x5ffc len=4 write=true bytes=aaaa',
      'p0.process LIMITS',
      't1.copy CALL vaddr=0x9000 len=4 write=true bytes=bbbb',
      `${type1} RW_DONE backend=container0.type1#0 iova=0xffc len=8`,
      `${lock} UNLOCK`,
      't1 RETURN ret=0 bytes=',
    ])
    expect(atRest).toBe(true)
  })

  test('that fails half-way has written the first half', () => {
    const { said } = feed(
      dmaRw,
      input,
      write,
      'LOCKED',
      parts('-EINVAL', halves[0]!),
      alive,
      copied,
      'ANSWER',
      'UNLOCKED',
    )
    expect(said.slice(-3)).toEqual([
      `${type1} RW_DONE backend=container0.type1#0 iova=0xffc len=4`,
      `${lock} UNLOCK`,
      't1 RETURN ret=-EINVAL bytes=',
    ])
  })

  test.each([
    ['of a process that is gone is -EPERM', 'p1', false, '-EPERM'],
    ["of a process that is not the caller's is -EFAULT", 'p1', true, '-EFAULT'],
  ])('%s', (_, mm, isAlive, errno) => {
    const foreign = parts(0, part(0xffcn, 0n, 8, mm))
    const { said } = feed(dmaRw, input, write, 'LOCKED', foreign, { ...alive, alive: isAlive }, 'UNLOCKED')
    expect(said.slice(2)).toEqual([`${mm}.process LIMITS`, `${lock} UNLOCK`, `t1 RETURN ret=${errno} bytes=`])
  })

  test('marks nothing of a copy that faulted, though some of it is written', () => {
    const { said } = feed(
      dmaRw,
      input,
      write,
      'LOCKED',
      parts(0, halves[0]!),
      alive,
      { ...copied, ret: '-EFAULT' },
      'UNLOCKED',
    )
    expect(said.at(-1)).toBe('t1 RETURN ret=-EFAULT bytes=')
    expect(said.filter((line) => line.includes('RW_DONE'))).toEqual([])
  })

  test('of nothing is refused before any lock', () => {
    expect(feed(dmaRw, input, { ...write, len: 0 }).said).toEqual(['t1 RETURN ret=-EINVAL bytes='])
  })
})

describe('the driver of an emulated device', () => {
  test('writes one byte over and over', () => {
    const call = { type: 'CALL', iova: 0n, len: 3, write: 1, val: 0x166n }
    const { said } = feed(mdevRw, { task: 't1', at: { rw: 't1.rw' } }, call, { type: 'RETURN', ret: 0, bytes: '' })
    expect(said).toEqual(['t1.rw CALL iova=0x0 len=3 write=true bytes=fff', 't1 RETURN ret=0'])
  })

  test('shows the first eight bytes that it read, and none when it could not', () => {
    const call = { type: 'CALL', iova: 0n, len: 9, write: 0, val: 0n }
    const read = (ret: number | string, bytes: string) =>
      feed(mdevRw, { task: 't1', at: { rw: 't1.rw' } }, call, { type: 'RETURN', ret, bytes }).said.at(-1)
    expect(read(0, '\x01\x02\0\0\0\0\0\x80\xff')).toBe('t1 RETURN ret=0 val=0x8000000000000201')
    expect(read('-EINVAL', 'half')).toBe('t1 RETURN ret=-EINVAL')
  })

  test('begins afresh when it is first opened, and is listed then', () => {
    const input = { task: 't1', device: 'emu0', at: { driver: 'emu0.driver', driverLock: 'emu0.driver.lock' } }
    const call = { type: 'CALL', container: 'container0', backend }
    const { said, atRest } = feed(mdevOpen, input, call, 'LOCKED', 'ANSWER', 'UNLOCKED', { type: 'RETURN', ret: 0 })
    expect(said).toEqual([
      'emu0.driver.lock LOCK',
      'emu0.driver OPEN container=container0 backend=container0.type1#0',
      'emu0.driver.lock UNLOCK',
      't1.container0.emu0.register_device CALL',
      't1 RETURN ret=0',
    ])
    expect(atRest).toBe(true)
  })

  test('finds the backend by way of the container its device is in', () => {
    const input = { task: 't1', device: 'emu0.driver', procedure: 'vfio_pin_pages' }
    const answers = [
      { type: 'IN', container: 'container1', backend },
      { type: 'RETURN', ret: 1 },
    ]
    const { said, atRest } = feed(inContainer, input, { type: 'CALL', iova: 0n }, ...answers)
    expect(said).toEqual([
      'emu0.driver WHERE',
      't1.container1.vfio_pin_pages CALL iova=0x0 backend=container0.type1#0',
      't1 RETURN ret=1',
    ])
    expect(atRest).toBe(true)
  })
})

describe('on a small Linux', () => {
  const map = (iova: number, size: number, vaddr: string, flags = 3): Op => ({
    ...{ op: 'map_dma', fd: 'c0' },
    ...{ iova, size, vaddr, flags },
  })
  const unmap = (iova: number, size: number): Op => ({ op: 'unmap_dma', fd: 'c0', iova, size })
  const pinning = (iova: number, npage = 1, proc = 'p0'): Op => ({
    ...{ op: 'emu_pin', fd: 'd0', prot: 3 },
    ...{ iova, npage, proc },
  })
  const reading = (iova: number, proc = 'p0'): Op => ({ op: 'emu_rw', fd: 'd0', iova, len: 4, write: 0, proc })
  const log = (fd: string): Op => ({ op: 'emu_log', fd })
  const opened: Op[] = [
    { op: 'open_container', as: 'c0' },
    { op: 'open_group', dev: 'emu0', as: 'g0' },
    { op: 'group_set_container', fd: 'g0', container: 'c0' },
    { op: 'set_iommu', fd: 'c0', type: 3 },
    { op: 'get_device_fd', fd: 'g0', dev: 'emu0', as: 'd0' },
    { op: 'mmap', as: 'b0', len: 0x10000 },
  ]
  const second: Op[] = [
    { op: 'open_group', dev: 'emu1', as: 'g1' },
    { op: 'group_set_container', fd: 'g1', container: 'c0' },
  ]
  const results = (profile: ProfileName, ...ops: Op[]) =>
    replayCase({ name: 'a case', ops: [...opened, ...ops] }, profile).results.slice(opened.length)

  test.each(['4.10', '5.15', '6.1', '7.2'] as const)(
    'an unmap takes every pin, once for each time it was pinned (%s)',
    (profile) => {
      const ops = [map(0, 0x4000, 'b0'), pinning(0, 2), pinning(0x1000, 2), unmap(0, 0x4000), log('d0'), log('d0')]
      expect(results(profile, ...ops)).toEqual([
        { ret: 0 },
        { ret: 2, vmlck_kb: 8 },
        { ret: 2, vmlck_kb: 12 },
        { ret: 0, size: '0x4000', vmlck_kb: 0 },
        { ret: 0, notified: [['0x0', '0x4000']] },
        { ret: 0, notified: [] },
      ])
    },
  )

  test('memory of a process that is gone cannot be pinned or copied, but what is pinned stays so', () => {
    const fork = { op: 'fork', as: 'p1' }
    const ops = [map(0, 0x4000, 'b0'), fork, pinning(0), { op: 'exit' }, pinning(0, 1, 'p1'), pinning(0x1000, 1, 'p1')]
    expect(results('6.1', ...ops, reading(0, 'p1')).slice(4)).toEqual([
      { ret: 1 },
      { ret: -1, err: 'ENODEV' },
      { ret: -1, err: 'EPERM' },
    ])
  })

  /** Another device, of which a BAR is mapped. */
  const peer: Op[] = [
    { op: 'open_container', as: 'c1' },
    { op: 'open_group', dev: 'edu1', as: 'g1' },
    { op: 'group_set_container', fd: 'g1', container: 'c1' },
    { op: 'set_iommu', fd: 'c1', type: 3 },
    { op: 'get_device_fd', fd: 'g1', dev: 'edu1', as: 'd1' },
    { op: 'mmap_bar', as: 'r0', fd: 'd1', bar: 0, off: 0, len: 0x1000 },
  ]

  test('registers of another device are mapped, and can be copied from, but not pinned', () => {
    const off: Op = { op: 'cfg_write', fd: 'd1', off: 4, size: 2, val: 0 }
    const ops = [map(0, 0x1000, 'r0'), pinning(0), reading(0), off, pinning(0), reading(0)]
    expect(results('6.1', ...peer, ...ops).slice(peer.length)).toEqual([
      { ret: 0 },
      { ret: -1, err: 'EINVAL' },
      // Byte by byte, and a single byte of a register of edu is nobody's.
      { ret: 0, val: '0x0' },
      { ret: 2 },
      { ret: -1, err: 'EFAULT' },
      { ret: -1, err: 'EFAULT' },
    ])
  })

  test('a copy from device memory is made of 8 bytes and single ones, by its length alone: from 64 on of single ones', () => {
    const mapped = [...peer, map(0, 0x1000, 'r0')]
    const copied = (len: number, write = 0): Op => ({ op: 'emu_rw', fd: 'd0', iova: 0, len, write })
    const ops = [7, 8, 12, 63, 64].map((len) => copied(len))
    const values = results('6.1', ...mapped, ...ops).slice(mapped.length)
    // 8 bytes at once are all ones below 0x80, a single byte is zero.
    const [zeros, ones] = ['0x0', `0x${'ff'.repeat(8)}`]
    expect(values.map(({ val }) => val)).toEqual([zeros, ones, ones, ones, zeros])
    // Nothing of what is written arrives: no register takes 8 bytes or one.
    const inverse: Op = { op: 'bar_read', fd: 'd1', bar: 0, off: 4, size: 4 }
    const poke: Op = { op: 'bar_write', fd: 'd1', bar: 0, off: 4, size: 4, val: 5 }
    expect(results('6.1', ...mapped, poke, copied(8, 1), inverse).at(-1)).toEqual({ ret: 4, val: '0xfffffffa' })
  })

  test('what is pinned stays where it is when the process moves its memory, and by the old address there is nothing', () => {
    const moved: Op = { op: 'mremap', vaddr: 'b0', old: 0x1000, len: 0x1000, flags: 3, at: 'b0+0x20000' }
    const ops = [map(0, 0x2000, 'b0'), pinning(0), moved, reading(0), pinning(0), pinning(0x1000), unmap(0, 0x2000)]
    expect(results('6.1', ...ops).slice(1)).toEqual([
      { ret: 1, vmlck_kb: 4 },
      { ret: 0, moved: true },
      { ret: -1, err: 'EFAULT' },
      // The driver's pin of before is found again; so is a page that was never moved.
      { ret: 1 },
      { ret: 1, vmlck_kb: 8 },
      { ret: 0, size: '0x2000', vmlck_kb: 0 },
    ])
  })

  test('a log begins again when the device is opened, and lasts while one descriptor of it does', () => {
    const ops: Op[] = [map(0, 0x1000, 'b0'), { op: 'dup', fd: 'd0', as: 'd1' }, pinning(0), { op: 'close', fd: 'd0' }]
    const reopen: Op = { op: 'get_device_fd', fd: 'g0', dev: 'emu0', as: 'd2' }
    const seen = results('6.1', ...ops, unmap(0, 0x1000), { op: 'close', fd: 'd1' }, reopen, log('d2'))
    expect(seen[4]).toEqual({ ret: 0, size: '0x1000', vmlck_kb: 0 })
    expect(seen.at(-1)).toEqual({ ret: 0, notified: [] })
  })

  test('a device that is closed lets go of all it had pinned', () => {
    const seen = results('6.1', map(0, 0x4000, 'b0'), pinning(0, 4), { op: 'close', fd: 'd0' }, unmap(0, 0x4000))
    expect(seen.slice(1)).toEqual([
      { ret: 4, vmlck_kb: 16 },
      { ret: 0, vmlck_kb: 0 },
      { ret: 0, size: '0x4000' },
    ])
  })

  test('everybody who is open is told, and pins of one driver outlast the other', () => {
    const open: Op = { op: 'get_device_fd', fd: 'g1', dev: 'emu1', as: 'd1' }
    const both = [map(0, 0x1000, 'b0'), pinning(0), { ...pinning(0), fd: 'd1' }, { op: 'close', fd: 'd0' }]
    const seen = results('6.1', ...second, open, ...both, { op: 'vmlck' }, unmap(0, 0x1000), log('d1'))
    expect(seen.slice(-3)).toEqual([
      { ret: 0, vmlck_kb: 4 },
      { ret: 0, size: '0x1000', vmlck_kb: 0 },
      { ret: 0, notified: [['0x0', '0x1000']] },
    ])
  })

  /** What two threads can come to, with a page of the first mapping pinned. */
  const together = async (profile: ProfileName, before: Op[], p0: Op, t1: Op) => {
    const pinned = [map(0, 0x1000, 'b0'), map(0x1000, 0x1000, 'b0'), pinning(0), { op: 'thread', as: 't1' }]
    const told = { p0: [p0], t1: [{ ...t1, proc: 't1' }] }
    const story = { systemCalls: profile, before: [...opened, ...before, ...pinned], tasks: told }
    const { findings, exhaustive } = await explore(toSystem(linux(story)))
    return { exhaustive, hangs: findings.some(({ title }) => title.startsWith('deadlock')) }
  }
  const openAnother: Op = { op: 'get_device_fd', fd: 'g1', dev: 'emu1', as: 'd1' }

  test.each([
    ['two unmaps of one pinned mapping hang', '6.1', [], unmap(0, 0x1000), true],
    ['an unmap of a mapping without pins does no harm', '6.1', [], unmap(0x1000, 0x1000), false],
    ['an unmap and another device that is opened hang', '6.1', second, openAnother, true],
    ['closing the device that is being told does no harm', '6.1', [], { op: 'close', fd: 'd0' }, false],
    ['a pin does no harm', '6.1', [], pinning(0x1000), false],
    [
      'two unmaps do no harm as long as the lock is dropped before anybody is told',
      '5.15',
      [],
      unmap(0, 0x1000),
      false,
    ],
  ] as const)('%s (D-1, D-2)', async (_, profile, before, other, hangs) => {
    expect(await together(profile, [...before], unmap(0, 0x1000), other)).toEqual({ exhaustive: true, hangs })
  })
})
