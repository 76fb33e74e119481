/** PCI functions and the IOMMU by themselves: facts of the recordings, told without the rest of the kernel. */
import { describe, expect, test } from 'vitest'
import { functions } from '../../actors/kernel/system-calls/inventory-pci.ts'
import { dmar } from '../../machines/pci/root-complex/dmar.ts'
import { edu } from '../../machines/pci/edu/edu.ts'
import { pciFunction } from '../../machines/pci/function/function.ts'
import { pieces } from '../../machines/pci/function/config-space.ts'
import { bytesOf, valueOf, type Byte } from '../../machines/pci/function/bytes.ts'
import { plan } from '../../machines/pci/function/region.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { regionAccess } from '../../machines/pci/function/region-access.ts'
import { setIrqs } from '../../machines/pci/interrupts/set-irqs.ts'
import { calls, drive, last, type Driven } from '../machines/drive.ts'

const factsOf = (id: string) => functions.find((one) => one.id === id)!
const config = 7

const opened = (id: string): Driven => {
  const device = drive(pciFunction, { facts: factsOf(id), kernel: { addsMsixVectors: false, tellsResets: false } })
  device.hear({ type: 'OPEN' })
  return device
}

const answered = (device: Driven, message: { type: string; [field: string]: unknown }): any =>
  last(device.hear(message))

/** A read of configuration space as the call makes it, piece by piece. */
const read = (device: Driven, id: string, offset: number, size: number): bigint | null =>
  valueOf(
    pieces(factsOf(id), offset, size).flatMap(
      (piece): readonly Byte[] => answered(device, { type: 'READ', region: config, ...piece }).bytes,
    ),
  )

const write = (device: Driven, id: string, offset: number, size: number, value: bigint): void => {
  const bytes = bytesOf(value, size)
  for (const piece of pieces(factsOf(id), offset, size)) {
    const from = piece.offset - offset
    device.hear({
      type: 'WRITE',
      region: config,
      offset: piece.offset,
      bytes: bytes.slice(from, from + piece.size),
    })
  }
}

describe('configuration space', () => {
  test('a fresh function is enabled, but no bus master', () => {
    expect(read(opened('edu0'), 'edu0', 4, 2)).toBe(0x103n)
  })

  test('ids, class and status cannot be written, of the command only what there is', () => {
    const device = opened('edu0')
    for (const offset of [0, 8]) write(device, 'edu0', offset, 4, 0xffffffffn)
    write(device, 'edu0', 4, 4, 0xffffffffn)
    expect([0, 4, 8].map((offset) => read(device, 'edu0', offset, 4))).toEqual([0x11e81234n, 0x100507n, 0xff0010n])
  })

  test('a BAR tells its size, and the function stays where it is', () => {
    const device = opened('edu0')
    write(device, 'edu0', 16, 4, 0xffffffffn)
    expect(read(device, 'edu0', 16, 4)).toBe(0xfff00000n)
    write(device, 'edu0', 16, 4, 0x12345678n)
    expect(read(device, 'edu0', 16, 4)).toBe(0x12300000n)
    expect(answered(device, { type: 'MMIO_READ', bar: 0, offset: 0, size: 4 })).toMatchObject({ val: 0x10000edn })
  })

  test('an I/O BAR keeps its kind, one of 64 bits has an upper half', () => {
    const serial = opened('multi2')
    write(serial, 'multi2', 16, 4, 0xffffffffn)
    const nvme = opened('nvme0')
    write(nvme, 'nvme0', 16, 8, 0xffffffffffffffffn)
    expect([read(serial, 'multi2', 16, 4), read(nvme, 'nvme0', 16, 8)]).toEqual([0xfffffff9n, 0xffffffffffffc004n])
  })

  test('where the firmware put something is not known', () => {
    expect(read(opened('nvme0'), 'nvme0', 16, 4)).toBeNull()
  })

  test('an access may begin anywhere', () => {
    const device = opened('edu0')
    expect([read(device, 'edu0', 1, 4), read(device, 'edu0', 3, 2), read(device, 'edu0', 0, 8)]).toEqual([
      0x311e812n,
      0x311n,
      0x10010311e81234n,
    ])
  })

  test.each([
    ['edu0', 254n, 4, '-EFAULT'],
    ['edu0', 256n, 4, '-EFAULT'],
    ['nvme0', 4096n, 4, '-EFAULT'],
    ['edu0', 1n << 40n, 4, '-EINVAL'],
    ['edu0', 1n << 63n, 4, '-EINVAL'],
  ])('%s has nothing at %i', (id, offset, size, ret) => {
    expect(plan(factsOf(id), { region: config, offset, size, write: false })).toBe(ret)
  })

  test('MSI is enabled by SET_IRQS, not by writing', () => {
    const device = opened('edu0')
    write(device, 'edu0', 0x40, 4, 0xffffffffn)
    expect(read(device, 'edu0', 0x40, 4)).toBe(0x008e0005n)
  })

  test('closing brings the command back', () => {
    const device = opened('edu0')
    write(device, 'edu0', 4, 2, 0x4n)
    device.hear({ type: 'CLOSE' })
    device.hear({ type: 'OPEN' })
    expect(read(device, 'edu0', 4, 2)).toBe(0x103n)
  })
})

describe('memory of a device', () => {
  const bar = { bar: 0, offset: 0 }

  test('is gone for the process while it is disabled', () => {
    const device = opened('edu1')
    write(device, 'edu1', 4, 2, 0x4n)
    expect([
      answered(device, { type: 'MMIO_READ', ...bar, size: 4 }).ret,
      answered(device, { type: 'READ', region: 0, offset: 0, size: 4 }).ret,
      answered(device, { type: 'FAULT', bar: 0 }).ret,
    ]).toEqual(['SIGBUS', '-EIO', 'SIGBUS'])
  })

  test('reads as zeros to another device while it is disabled, and is back when the device is closed', () => {
    const device = opened('edu1')
    const peer = () => answered(device, { type: 'DMA_READ', ...bar, len: 4 }).bytes
    write(device, 'edu1', 4, 2, 0x4n)
    expect(peer()).toBe('\0\0\0\0')
    device.hear({ type: 'CLOSE' })
    expect(peer()).toBe('\u00ed\0\0\u0001')
  })

  test('register 4 of an edu is the inverse of what was written, and not known before', () => {
    const device = opened('edu1')
    const register = () => answered(device, { type: 'MMIO_READ', bar: 0, offset: 4, size: 4 }).val
    expect(register()).toBeNull()
    device.hear({ type: 'DMA_WRITE', bar: 0, offset: 4, bytes: '\u0078\u0056\u0034\u0012' })
    expect(register()).toBe(0xedcba987n)
  })

  test('of an edu takes aligned accesses of 4 bytes', () => {
    const device = opened('edu1')
    const values = [
      [0, 8],
      [0, 2],
      [2, 4],
      [0x1000, 4],
    ].map(([offset, size]) => answered(device, { type: 'MMIO_READ', bar: 0, offset, size }).val)
    expect(values).toEqual([0xffffffffffffffffn, 0n, 0n, 0xffffffffn])
  })

  test('the MSI-X table is passed over', () => {
    const transfer = { region: 0, offset: 0x1ffcn, size: 8, write: false }
    expect(plan(factsOf('nvme0'), transfer)).toMatchObject({
      accesses: [
        { offset: 0x1ffc, size: 4, lock: 'DOWN_READ', isHole: false },
        { offset: 0x2000, size: 4, lock: null, isHole: true },
      ],
    })
  })
})

describe('interrupts', () => {
  const set = { type: 'SET_IRQS', index: 1, flags: 36, start: 0, count: 1, eventfd: 'e0' }
  const raise = { type: 'MMIO_WRITE', bar: 0, offset: 0x60, size: 4, val: 1n }
  const lower = { ...raise, offset: 0x64 }

  test('a message needs a bus master', () => {
    const device = opened('edu0')
    device.hear(set)
    expect(answered(device, raise).signals).toEqual([])
    write(device, 'edu0', 4, 2, 0x6n)
    expect(answered(device, raise).signals).toEqual(['e0'])
  })

  test('a line interrupts once until it is unmasked', () => {
    const device = opened('edu0')
    device.hear({ ...set, index: 0 })
    const unmask = { ...set, index: 0, flags: 17 }
    expect([raise, raise, unmask, lower, unmask, raise].map((message) => answered(device, message).signals)).toEqual([
      ['e0'],
      [],
      ['e0'],
      [],
      [],
      ['e0'],
    ])
  })

  test('one kind at a time, until it is switched off', () => {
    const device = opened('edu0')
    const results = [
      set,
      { ...set, index: 0 },
      { ...set, flags: 33, count: 0 },
      { ...set, index: 0 },
      { ...set, index: 0, refused: '-EINVAL' },
      { ...set, index: 0, flags: 33, count: 0 },
      { ...set, flags: 33, count: 0 },
    ].map((message) => answered(device, message).ret)
    expect(results).toEqual([0, '-EINVAL', 0, 0, '-EINVAL', 0, '-EINVAL'])
  })
})

describe('the IOMMU', () => {
  const iommu = (): Driven => {
    const hardware = drive(dmar, { addresses: { edu0: '00:10.0', edu1: '00:11.0' } })
    hardware.hear({ type: 'ATTACH', domain: 'c', devices: ['edu0', 'edu1'] })
    return hardware
  }
  const memory = { in: 'p0.mm', n: 5, pages: 2 }
  const map = (hardware: Driven, iova: bigint, prot: number) =>
    hardware.hear({ type: 'MAP', domain: 'c', iova, prot, extents: [memory] })
  const dma = (hardware: Driven, iova: bigint, write: boolean, { device = 'edu0', len = 4 } = {}) => {
    const said = hardware.hear({ type: 'TRANSLATE', device, iova, len, write })
    return {
      pieces: (last(said) as { pieces: readonly { page: unknown }[] }).pieces.map(({ page }) => page),
      log: said.flatMap((one) => (one.type === 'note' ? [one.what] : [])),
    }
  }
  const fault = (what: string) => ['<3>DMAR: DRHD: handling fault status reg 2', `<3>DMAR: [DMA ${what}`]

  test('leads to the page behind an address, over the edge of a page to two', () => {
    const hardware = iommu()
    map(hardware, 0x1000n, 3)
    expect(dma(hardware, 0x1ffen, false)).toEqual({
      pieces: [
        { in: 'p0.mm', n: 5 },
        { in: 'p0.mm', n: 6 },
      ],
      log: [],
    })
  })

  test.each([
    [
      0x5004n,
      false,
      'Read NO_PASID] Request device [00:10.0] fault addr 0x5000 [fault reason 0x06] PTE Read access is not set',
    ],
    [
      0x5004n,
      true,
      'Write NO_PASID] Request device [00:10.0] fault addr 0x5000 [fault reason 0x05] PTE Write access is not set',
    ],
    [
      1n << 48n,
      true,
      'Write NO_PASID] Request device [00:10.0] fault addr 0x1000000000000 [fault reason 0x04] Access beyond MGAW',
    ],
  ])('logs what is blocked at %i', (iova, write, line) => {
    expect(dma(iommu(), iova, write)).toEqual({ pieces: [null], log: fault(line) })
  })

  test('says nothing of the MSI window', () => {
    expect(dma(iommu(), 0xfee00000n, true)).toEqual({ pieces: [null], log: [] })
  })

  test('lets a device read what is mapped WRITE only', () => {
    const hardware = iommu()
    map(hardware, 0n, 2)
    expect(dma(hardware, 0n, false).log).toEqual([])
  })

  test('a write that may not be is blocked in silence when its device has just read the page', () => {
    const hardware = iommu()
    map(hardware, 0n, 1)
    dma(hardware, 0n, false)
    expect(dma(hardware, 0x20n, true)).toEqual({ pieces: [null], log: [] })
    expect(dma(hardware, 0x20n, true, { device: 'edu1' }).log).toHaveLength(2)
    expect(dma(hardware, 0x1000n, true).log).toHaveLength(2)
  })

  test('forgets a page when something near it is mapped or unmapped', () => {
    const hardware = iommu()
    map(hardware, 0n, 1)
    dma(hardware, 0n, false)
    map(hardware, 0x10000n, 3)
    expect(dma(hardware, 0n, true).log).toEqual([])
    hardware.hear({ type: 'UNMAP', domain: 'c', iova: 0n, size: 0x2000n })
    expect(dma(hardware, 0n, false).log).toHaveLength(2)
  })

  test('maps nothing beyond 48 bits', () => {
    const hardware = iommu()
    const said = map(hardware, 0xfffffffff000n, 3)
    expect(said).toContainEqual({
      type: 'note',
      object: 'kmsg',
      what: '<3>DMAR: intel_iommu_map: iommu width (48) is not sufficient for the mapped address (1000000001000)',
    })
    expect(last(said)).toMatchObject({ ret: '-EFAULT' })
    expect(dma(hardware, 0xfffffffff000n, false).pieces).toEqual([null])
  })
})

test('of the buffer of an edu only what was read into it is known', () => {
  const engine = drive(edu, undefined)
  engine.hear({ type: 'FILL', bytes: 'abcd' })
  engine.hear({ type: 'FILL', bytes: 'x' })
  expect(answered(engine, { type: 'CONTENTS', len: 6 }).bytes).toBe('xbcd\uFFFD\uFFFD')
})

describe('locks', () => {
  const access = (write: boolean) => ({
    task: 't1',
    facts: factsOf('edu0'),
    lock: 'memory_lock',
    to: 'edu0.pci',
    write,
  })
  const answer = { type: 'ANSWER', ret: 0, bytes: [0, 0], signals: [] }

  test('a write of the command register holds memory_lock, one of its neighbours does not', () => {
    const said = (off: bigint, answers: readonly (string | { type: string })[]) =>
      calls(regionAccess, access(true), { off, size: 2, val: 0n }, answers).told
    expect(said(4n, ['LOCKED', answer, 'UNLOCKED'])).toEqual([
      'DOWN_WRITE memory_lock',
      'WRITE edu0.pci',
      'UP_WRITE memory_lock',
      'RETURN t1',
    ])
    expect(said(6n, [answer])).toEqual(['WRITE edu0.pci', 'RETURN t1'])
  })

  test('a BAR is read under memory_lock, and the first access that fails ends it', () => {
    const { said, told } = calls(regionAccess, access(false), { bar: 0, off: 0n, size: 8 }, [
      'LOCKED',
      { type: 'ANSWER', ret: '-EIO' },
      'UNLOCKED',
    ])
    expect(told).toEqual(['DOWN_READ memory_lock', 'READ edu0.pci', 'UP_READ memory_lock', 'RETURN t1'])
    expect(last(said)).toMatchObject({ ret: '-EIO' })
  })

  test('messages are switched under igate and memory_lock; what is wrong with the request is found before', () => {
    const input = {
      task: 't1',
      facts: factsOf('edu0'),
      table: 'p0',
      igate: 'igate',
      memoryLock: 'memory_lock',
      to: 'edu0.pci',
    }
    const asked = { index: 1, flags: 36, start: 0, count: 1, eventfd: 'e' }
    const found = { type: 'FILE', ret: 0, file: 'file1', kind: 'eventfd', of: 'file1', light: true }
    expect(calls(setIrqs, input, asked, [found, 'LOCKED', 'LOCKED', answer, 'UNLOCKED', 'UNLOCKED']).told).toEqual([
      'FDGET files',
      'LOCK igate',
      'DOWN_WRITE memory_lock',
      'SET_IRQS edu0.pci',
      'UP_WRITE memory_lock',
      'UNLOCK igate',
      'RETURN t1',
    ])
    expect(calls(setIrqs, input, { ...asked, count: 2 }, []).told).toEqual(['RETURN t1'])
  })
})

/** A program that has edu0 and edu1 in one container, and what it sees at its last call. */
const lastOf = (...ops: readonly { op: string; [field: string]: unknown }[]) => {
  const both = ['0', '1'].flatMap((n) => [
    { op: 'open_group', dev: `edu${n}`, as: `g${n}` },
    { op: 'group_set_container', fd: `g${n}`, container: 'c' },
    ...(n === '0' ? [{ op: 'set_iommu', fd: 'c', type: 3 }] : []),
    { op: 'get_device_fd', fd: `g${n}`, dev: `edu${n}`, as: `d${n}` },
    { op: 'cfg_write', fd: `d${n}`, off: 4, size: 2, val: 6 },
  ])
  const { results } = replayCase({ name: 'own', ops: [{ op: 'open_container', as: 'c' }, ...both, ...ops] }, '6.1')
  return results.at(-1)
}

describe('on a small Linux', () => {
  const bar = { op: 'mmap_bar', as: 'bar', fd: 'd1', bar: 0, off: 0, len: 4096 }
  const mapBar = { op: 'map_dma', fd: 'c', iova: 0, size: 4096, vaddr: 'bar', flags: 3 }
  const memory = [
    { op: 'mmap', as: 'm', len: 4096 },
    { op: 'map_dma', fd: 'c', iova: '0x10000', size: 4096, vaddr: 'm', flags: 3 },
  ]
  const copy = [
    { op: 'edu_dma', fd: 'd0', dir: 'from_mem', iova: 0, len: 4 },
    { op: 'edu_dma', fd: 'd0', dir: 'to_mem', iova: '0x10000', len: 4 },
    { op: 'peek', vaddr: 'm' },
  ]

  test('a mapping of a device outlives everything about the device', () => {
    const gone = [
      { op: 'munmap', vaddr: 'bar', len: 4096 },
      { op: 'close', fd: 'd1' },
      { op: 'group_unset_container', fd: 'g1' },
      { op: 'close', fd: 'g1' },
    ]
    expect(lastOf(bar, mapBar, ...memory, ...gone, ...copy)).toEqual({ ret: 0, val: '0x10000ed' })
  })

  test('without memory a device is not mapped, and one that is mapped reads as zeros', () => {
    const off = { op: 'cfg_write', fd: 'd1', off: 4, size: 2, val: 4 }
    expect(lastOf(bar, off, mapBar)).toEqual({ ret: -1, err: 'EFAULT' })
    expect(lastOf(bar, mapBar, ...memory, off, ...copy)).toEqual({ ret: 0, val: '0x0' })
  })

  test('what a device copied from before the case began is nobody’s to say', () => {
    expect(lastOf(...memory, copy[1]!, copy[2]!)).toMatchObject({ ret: 0, unknown: ['val'] })
  })

  test('only the group of the device itself is worth anything for a hot reset', () => {
    const edurp = [
      { op: 'open_group', dev: 'edurp', as: 'g2' },
      { op: 'group_set_container', fd: 'g2', container: 'c' },
      { op: 'get_device_fd', fd: 'g2', dev: 'edurp', as: 'd2' },
    ]
    const results = ['g2', 'g1', 'c', 'nosuch'].map((group) => lastOf(...edurp, { op: 'hot_reset', fd: 'd2', group }))
    expect(results).toEqual([
      { ret: 0 },
      { ret: -1, err: 'EINVAL' },
      { ret: -1, err: 'EINVAL' },
      { ret: -1, err: 'EBADF' },
    ])
  })
})
