/** Random programs: sequences of calls that make some sense together, for a small Linux to run. They shrink to fewer and plainer calls. */
import fc from 'fast-check'
import type { Op } from '../../actors/kernel/system-calls/op.ts'

const page = 0x1000

const hex = (value: bigint | number): string => `0x${value.toString(16)}`

/** Each a fourth as often as the one before: a program mostly deals with one thing. */
const mostly = <T>(...values: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    ...values.map((value, index) => ({ arbitrary: fc.constant(value), weight: 4 ** (values.length - index - 1) })),
  )

const evenly = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)

const container = mostly('c0', 'c1', 'c2')
const group = mostly('g0', 'g1', 'g2')
const device = mostly('d0', 'd1', 'd2')
const buffer = mostly('b0', 'b1', 'b2', 'bar')
/** Names for what is new: rather not those that are in use from the beginning. */
const newContainer = mostly('c1', 'c2', 'c0')
const newGroup = mostly('g1', 'g2', 'g0')
const newDevice = mostly('d1', 'd2', 'd0')
const anyDescriptor = fc.oneof(container, group, device, evenly('e0', 'nothing', 'devnull'))

export const realDevices = ['edu0', 'edu1', 'multi0', 'multi1', 'multi2', 'edurp', 'nvme0', 'nic0'] as const
export const emulatedDevices = ['emu0', 'emu1'] as const
const someDevice = fc.oneof(
  { arbitrary: mostly(...realDevices), weight: 3 },
  { arbitrary: mostly(...emulatedDevices), weight: 2 },
)

/** Mostly a few small pages, so that ranges meet; at times a place where something else begins or ends. */
const iova = fc.oneof(
  { arbitrary: fc.nat(16).map((n) => hex(n * page)), weight: 20 },
  { arbitrary: evenly(0x200000, 0x1ff000, 0x40000000, 0xfedff000, 0xfee00000, 0xfef00000).map(hex), weight: 2 },
  { arbitrary: evenly(0xfffffffff000n, 1n << 48n, 0xffffffffffffe000n, 0xfffffffffffff000n).map(hex), weight: 1 },
  { arbitrary: evenly(0x800, 0x1001, 0x1fff).map(hex), weight: 1 },
)
const size = fc.oneof(
  { arbitrary: fc.integer({ min: 1, max: 8 }).map((n) => hex(n * page)), weight: 20 },
  { arbitrary: evenly(0, 0x800, 0x1001, 0x200000, 0x40000000).map(hex), weight: 2 },
  { arbitrary: evenly(1n << 48n, 0xfffffffffffff000n).map(hex), weight: 1 },
)
/** Where the first mapping of a program lies. */
const early = fc.oneof({ arbitrary: fc.nat(6).map((n) => hex(n * page)), weight: 4 }, { arbitrary: iova, weight: 1 })
const pages = fc.integer({ min: 1, max: 4 }).map((n) => n * page)
const place = (names: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(names, fc.nat(15), fc.oneof({ arbitrary: fc.constant(0), weight: 9 }, evenly(0x7fc, 0xffe)))
    .map(([name, n, more]) => `${name}+${hex(n * page + more)}`)
const vaddr = fc.oneof({ arbitrary: place(buffer), weight: 12 }, evenly('0x0', '0x1000', '0x7ffffffff000'))
/** At the beginning of a page. */
const aligned = fc.tuple(buffer, fc.nat(15)).map(([name, n]) => `${name}+${hex(n * page)}`)
const mapFlags = fc.oneof({ arbitrary: mostly(3, 1, 2), weight: 12 }, evenly(4, 0, 7, 8))
const argsz = (right: number) =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 20 }, evenly(0, right - 1, right - 8))

/** A call with these fields; what is undefined is left out. */
const call = (op: string, fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {}): fc.Arbitrary<Op> =>
  fc
    .record(fields)
    .map((given) => ({ op, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }))

type Weighed = readonly [weight: number, call: fc.Arbitrary<Op>]

/** Some calls that belong together; most of the time it is one. */
type Passage = fc.Arbitrary<readonly Op[]>

const oneOf = (...parts: readonly (readonly Weighed[])[]): Passage =>
  fc.oneof(...parts.flat().map(([weight, arbitrary]) => ({ weight, arbitrary: arbitrary.map((op) => [op]) })))

const by = (maker: fc.Arbitrary<string | undefined>, passage: Passage): Passage =>
  fc.tuple(passage, maker).map(([ops, proc]) => (proc === undefined ? ops : ops.map((op) => ({ ...op, proc }))))

const bitmapFields = {
  bitmap_size: fc.oneof({ arbitrary: fc.constant('0x8'), weight: 4 }, evenly('0x0', '0x10', '0x7', '0x100000')),
  pgsize: fc.oneof({ arbitrary: fc.constant(undefined), weight: 9 }, evenly('0x800', '0x200000', '0x0')),
  prefill: fc.oneof({ arbitrary: fc.constant(undefined), weight: 3 }, fc.constant(255)),
  data: fc.oneof({ arbitrary: fc.constant(undefined), weight: 9 }, fc.constant('bad')),
}

const mapping: readonly Weighed[] = [
  [24, call('map_dma', { fd: container, iova, size, vaddr: aligned, flags: mapFlags, argsz: argsz(32) })],
  [2, call('map_dma', { fd: container, iova, size, vaddr, flags: mapFlags })],
  [10, call('unmap_dma', { fd: container, iova, size, flags: mostly(0, 4, 1, 8), argsz: argsz(24) })],
  [
    3,
    call('unmap_dma', {
      ...{ fd: container, iova: fc.constant('0x0'), size: fc.constant('0x0') },
      flags: mostly(2, 6, 3, 7),
    }),
  ],
  [3, call('unmap_dma', { fd: container, iova, size, flags: fc.constant(1), ...bitmapFields })],
  [3, call('dirty_pages', { fd: container, flags: evenly(1, 1, 1, 2, 0, 3, 8), argsz: argsz(8) })],
  [5, call('dirty_pages', { fd: container, flags: fc.constant(4), iova, size, argsz: argsz(48), ...bitmapFields })],
  [2, call('iommu_get_info', { fd: container, brief: mostly(1, undefined), argsz: argsz(24) })],
]

const lives: readonly Weighed[] = [
  [3, call('open_container', { as: newContainer })],
  [4, call('open_group', { dev: someDevice, as: newGroup })],
  [4, call('group_set_container', { fd: group, container })],
  [1, call('group_set_container', { fd: anyDescriptor, container: anyDescriptor })],
  [2, call('group_unset_container', { fd: group })],
  [4, call('set_iommu', { fd: container, type: mostly(3, 1, 6, 9, 2) })],
  [5, call('get_device_fd', { fd: group, dev: someDevice, as: newDevice })],
  [3, call('close', { fd: fc.oneof(container, group, device) })],
  [2, call('dup', { fd: fc.oneof(container, group, device), as: fc.oneof(newContainer, newGroup, newDevice) })],
  [2, call('group_get_status', { fd: group, argsz: argsz(8) })],
  [1, call('get_api_version', { fd: anyDescriptor })],
  [2, call('check_extension', { fd: container, ext: evenly(1, 3, 4, 6, 7, 9, 10, 99) })],
  [1, call('ioctl_val', { fd: anyDescriptor, req: evenly(...Array.from({ length: 20 }, (_, n) => 15203 + n)) })],
]

const devices: readonly Weighed[] = [
  [1, call('device_info', { fd: device, argsz: argsz(16) })],
  [2, call('region_info', { fd: device, index: fc.nat(9), argsz: argsz(32) })],
  [1, call('irq_info', { fd: device, index: fc.nat(5), argsz: argsz(16) })],
  [
    2,
    call('set_irqs', {
      ...{ fd: device, index: fc.nat(5), flags: evenly(33, 36, 34, 9, 17, 10, 18, 12, 20, 63, 0) },
      ...{ start: mostly(0, 1), count: mostly(1, 0, 2), eventfd: evenly(undefined, 'e0', 'nothing') },
    }),
  ],
  [1, call('eventfd', { as: fc.constant('e0') })],
  [1, call('eventfd_read', { fd: fc.constant('e0') })],
  [1, call('device_reset', { fd: device })],
  [1, call('hot_reset_info', { fd: device, argsz: argsz(12) })],
  [1, call('hot_reset', { fd: device, group: evenly(undefined, 'g0', 'g1', 'c0'), count: evenly(undefined, 0, 1, 2) })],
  [1, call('cfg_read', { fd: device, off: evenly(0, 4, 6, 0x10, 0x34, 0x3c, 0x100), size: evenly(1, 2, 4) })],
  [3, call('cfg_write', { fd: device, off: fc.constant(4), size: fc.constant(2), val: evenly(0, 2, 4, 6, 0x406) })],
  [1, call('cfg_write', { fd: device, off: evenly(0x10, 0x0c, 0x3c, 0x42), size: evenly(1, 4), val: fc.nat(0xff) })],
  [1, call('bar_read', { fd: device, bar: mostly(0, 1, 7), off: evenly(0, 4, 0x80), size: fc.constant(4) })],
  [
    1,
    call('bar_write', { fd: device, bar: mostly(0, 1), off: fc.constant(4), size: fc.constant(4), val: fc.nat(999) }),
  ],
  [
    3,
    call('mmap_bar', {
      ...{ as: fc.constant('bar'), fd: device, bar: mostly(0, 1, 7), off: mostly(0, page, 0x100000), len: pages },
      prot: mostly('rw', 'r', 'n'),
      private: mostly(undefined, 1),
    }),
  ],
  [
    5,
    call('edu_dma', { fd: device, dir: evenly('from_mem', 'to_mem'), iova: early, len: evenly(4, 8, 1, 4095, 0x1001) }),
  ],
]

const drivers: readonly Weighed[] = [
  [
    6,
    call('emu_pin', {
      ...{ fd: device, iova: early },
      npage: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 3 }), weight: 20 }, evenly(0, 513)),
      prot: mostly(3, 1, 2, 0),
    }),
  ],
  [3, call('emu_unpin', { fd: device, iova: early, npage: fc.integer({ min: 1, max: 4 }) })],
  [
    4,
    call('emu_rw', {
      ...{ fd: device, iova: early, len: evenly(4, 8, 16, 0x1000, 0x2004), write: evenly(0, 1) },
      val: evenly(0x5a, 0xa5).map(hex),
    }),
  ],
  [2, call('emu_log', { fd: device })],
]

const memory: readonly Weighed[] = [
  [
    5,
    call('mmap', {
      as: mostly('b0', 'b1', 'b2'),
      len: fc.oneof({ arbitrary: fc.integer({ min: 1, max: 16 }).map((n) => hex(n * page)), weight: 9 }, evenly('0x0')),
      kind: mostly('anon', 'memfd', 'shared', 'memfd_private', 'file_ro', 'devzero', 'hugetlb'),
      prot: mostly('rw', 'r', 'n'),
      flen: mostly(undefined, hex(2 * page), '0x0', '0x123'),
    }),
  ],
  [2, call('mmap', { at: aligned, len: pages, prot: mostly('rw', 'r'), kind: mostly(undefined, 'shared') })],
  [3, call('munmap', { vaddr: aligned, len: pages })],
  [
    2,
    call('mremap', {
      ...{ vaddr: aligned, old: pages, len: pages },
      ...{ flags: evenly(undefined, 3, 0, 5), at: fc.oneof(fc.constant(undefined), aligned) },
    }),
  ],
  [2, call('mprotect', { vaddr: aligned, len: pages, prot: evenly('rw', 'r', 'n') })],
  [2, call('madvise', { vaddr: aligned, len: pages, advice: mostly(4, 10, 11, 18, 8, 9) })],
  [2, call('mlock', { vaddr: aligned, len: pages })],
  [3, call('peek', { vaddr, size: evenly(undefined, 1, 8) })],
  [3, call('poke', { vaddr, val: fc.nat(0xffff).map(hex) })],
  [2, call('fill', { vaddr, len: evenly(16, page, 3 * page), val: fc.nat(255) })],
]

const rights: readonly Weighed[] = [
  [
    2,
    call('rlimit_memlock', {
      val: fc.oneof(
        fc.nat(24).map((n) => n * page),
        evenly<string | number>(8 << 20, '0xffffffffffffffff'),
      ),
    }),
  ],
  [1, call('drop_ipc_lock')],
  [1, call('drop_all_caps')],
  [1, call('rlimit_nofile', { val: evenly(3, 4, 6, 1024) })],
  [1, call('module_param', { name: fc.constant('dma_entry_limit'), val: evenly(0, 1, 2, 4, 65535) })],
  [1, call('vmlck')],
]

const processes: readonly Weighed[] = [
  [3, call('fork', { as: mostly('p1', 'p2') })],
  [2, call('thread', { as: fc.constant('t1') })],
]
/** Mostly not the end of the first: little can happen afterwards. */
const ends: readonly Weighed[] = [
  [3, call('exit', { proc: mostly('p1', 'p2', 't1') })],
  [3, call('kill', { target: mostly('p1', 'p2', 'p0') })],
]

/** By somebody who holds no device: whoever unbinds a device that he has open waits for himself. */
const boundTo = evenly('vfio-pci', 'pci-stub', 'serial')
const binding: readonly Weighed[] = [
  [2, call('unbind', { dev: evenly(...realDevices) })],
  [3, call('bind', { dev: evenly(...realDevices), driver: boundTo })],
  [1, call('driver_of', { dev: evenly(...realDevices) })],
]

const someone = fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, mostly('p1', 't1', 'p2'))

const joins = (dev: string, group: string, to: string): readonly Op[] => [
  { op: 'open_group', dev, as: group },
  { op: 'group_set_container', fd: group, container: to },
]
const opens = (dev: string, group: string, as: string): Op => ({ op: 'get_device_fd', fd: group, dev, as })

/** What a program begins with, so that its calls find something: `g0` of the device in `c0` and open as `d0`, and some memory. */
const start = (dev: string, type: number): readonly Op[] => [
  { op: 'open_container', as: 'c0' },
  ...joins(dev, 'g0', 'c0'),
  { op: 'set_iommu', fd: 'c0', type },
  opens(dev, 'g0', 'd0'),
  { op: 'mmap', as: 'b0', len: '0x10000' },
  { op: 'mmap', as: 'b1', len: '0x10000', kind: 'memfd' },
  { op: 'map_dma', fd: 'c0', iova: '0x0', size: '0x6000', vaddr: 'b0', flags: 3 },
]

const second = (dev: string, to: string): readonly Op[] => [...joins(dev, 'g1', to), opens(dev, 'g1', 'd1')]

const joining: Passage = fc
  .tuple(someDevice, newGroup, container, fc.boolean())
  .map(([dev, as, to, isOpen]) => [...joins(dev, as, to), ...(isOpen ? [opens(dev, as, 'd1')] : [])])
const leaving: Passage = fc
  .tuple(group, device, fc.boolean())
  .map(([fd, open, isClosed]) => [
    { op: 'close', fd: open },
    isClosed ? { op: 'close', fd } : { op: 'group_unset_container', fd },
  ])
const readdressing: Passage = fc.tuple(container, place(buffer)).map(([fd, given]) => [
  { op: 'unmap_dma', fd, iova: '0x0', size: '0x0', flags: 6 },
  { op: 'map_dma', fd, iova: '0x0', size: '0x6000', vaddr: given, flags: 4 },
])
/** Mapped from memory that may be gone, which is found out when somebody needs it. */
const lending: Passage = fc
  .tuple(container, early, aligned, fc.boolean())
  .map(([fd, at, from, isGone]) => [
    { op: 'map_dma', fd, iova: at, size: '0x2000', vaddr: from, flags: 1 },
    ...(isGone ? [{ op: 'munmap', vaddr: from, len: '0x1000' }] : []),
  ])
const tracking: Passage = fc.tuple(container, iova, size).map(([fd, at, length]) => [
  { op: 'dirty_pages', fd, flags: 1 },
  { op: 'unmap_dma', fd, iova: at, size: length, flags: 1, bitmap_size: '0x8' },
  { op: 'dirty_pages', fd, flags: 4, iova: '0x0', size: '0x10000', bitmap_size: '0x8' },
])
const passages: Passage = fc.oneof(joining, leaving, readdressing, lending, tracking)

/** Bus mastering and memory on, and the first pages of BAR 0 mapped. */
const prepared: readonly Op[] = [
  { op: 'cfg_write', fd: 'd0', off: 4, size: 2, val: 6 },
  { op: 'mmap_bar', as: 'bar', fd: 'd0', bar: 0, off: 0, len: '0x4000' },
]

const one = (devs: readonly string[]) => fc.tuple(mostly(...devs), mostly(3, 1)).map(([dev, type]) => start(dev, type))
const twoInOne = (devs: readonly string[], others: readonly string[]) =>
  fc.tuple(mostly(...devs), mostly(...others)).map(([dev, other]) => [...start(dev, 3), ...second(other, 'c0')])
const twoInTwo = (devs: readonly string[], others: readonly string[]) =>
  fc
    .tuple(mostly(...devs), mostly(...others))
    .map(([dev, other]) => [
      ...start(dev, 3),
      { op: 'open_container', as: 'c1' },
      ...second(other, 'c1'),
      { op: 'set_iommu', fd: 'c1', type: 3 },
    ])
const others = ['edu1', 'edurp', 'multi0', 'nic0', 'multi2'] as const

/** Somebody who has nothing open, for what is done through sysfs. */
const helper: Op = { op: 'fork', as: 'h' }
const people = fc.subarray<Op>([
  { op: 'fork', as: 'p1' },
  { op: 'thread', as: 't1' },
  { op: 'fork', as: 'p2', proc: 'p1' },
])

/** Of one process, with devices behind an IOMMU or with emulated ones. */
const withPassages = (single: Passage): Passage =>
  fc.oneof({ arbitrary: single, weight: 7 }, { arbitrary: passages, weight: 1 })
const real = withPassages(oneOf(mapping, lives, devices, memory, rights))
const emulated = withPassages(oneOf(mapping, lives, drivers, drivers, memory, rights))
const withOthers = (own: Passage): Passage =>
  fc.oneof(
    { arbitrary: by(someone, own), weight: 30 },
    { arbitrary: by(someone, oneOf(processes)), weight: 1 },
    { arbitrary: oneOf(ends), weight: 1 },
    { arbitrary: by(fc.constant('h'), oneOf(binding)), weight: 1 },
  )

const program = (beginning: Passage, calls: Passage, most: number): Passage =>
  fc
    .tuple(beginning, fc.array(calls, { maxLength: most, size: 'max' }))
    .map(([before, ops]) => [...before, ...ops.flat()])

const among = (beginning: Passage): Passage =>
  fc.tuple(beginning, people).map(([before, forks]) => [helper, ...before, ...forks])

const realBeginnings: Passage = fc.oneof(
  { arbitrary: one(realDevices), weight: 2 },
  { arbitrary: one(realDevices).map((before) => [...before, ...prepared]), weight: 2 },
  { arbitrary: twoInOne(['edu0', 'multi1', 'nvme0'], others), weight: 1 },
  { arbitrary: twoInTwo(['edu0', 'multi1', 'nvme0'], others), weight: 1 },
  { arbitrary: fc.constant<readonly Op[]>([]), weight: 1 },
)

const emulatedBeginnings: Passage = fc.oneof(
  { arbitrary: one(emulatedDevices), weight: 2 },
  { arbitrary: twoInOne(['emu0'], ['edu0', 'emu1', 'nic0']), weight: 2 },
  { arbitrary: twoInTwo(['emu0'], ['edu0', 'emu1']), weight: 1 },
)

/** A name that is used again is another process: the one before has to end, or nobody could end it any more. */
const replaced = (ops: readonly Op[]): readonly Op[] =>
  ops.flatMap((op, index) => {
    const isAgain =
      op.op === 'fork' && ops.slice(0, index).some((each) => each.op === 'fork' && each['as'] === op['as'])
    return isAgain ? [{ op: 'kill', target: op['as'] }, op] : [op]
  })

/** Of several processes, each of at most so many calls besides its beginning. */
export const programs = (most: number): Passage =>
  fc
    .oneof(
      program(among(realBeginnings), withOthers(real), most),
      program(among(emulatedBeginnings), withOthers(emulated), most),
    )
    .map(replaced)

/** Of one process. */
export const ownPrograms = (most: number): Passage =>
  fc.oneof(program(realBeginnings, real, most), program(emulatedBeginnings, emulated, most))

/** Devices that there are two of, and no numbers that differ from one to the other, nor what is for everybody. */
const isTwin = ({ op, off }: Op): boolean =>
  !['module_param', 'region_info', 'bar_read'].includes(op) && (op !== 'cfg_read' || off === 4)
const twin = (op: Op): Op => ({
  ...op,
  ...('dev' in op && { dev: String(op['dev']).startsWith('emu') ? 'emu0' : 'edu0' }),
})

/** Of one process, about `edu0` and `emu0` alone. */
export const twinPrograms = (most: number): Passage => ownPrograms(most).map((ops) => ops.filter(isTwin).map(twin))
