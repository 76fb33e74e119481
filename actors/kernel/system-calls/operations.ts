/**
 * The operations a case file may hold: what each takes, and what the program that makes the calls fills in when a field is left out. One
 * table for reading a file (what is wrong with a line) and for replaying it (what a call gets).
 */

/**
 * `u64` arrives at a call as a bigint, and so does `long`, which is 64 bits of either sign; `int` as a number (C's int and u32), `addr` is an absolute address or `buffer+offset` and arrives as
 * a bigint. `word` is one of a few words, or the number behind it, and arrives as text. `fd` names a descriptor, `new` is the name that what is made here will have, `proc` names a process.
 */
export type FieldType = 'fd' | 'new' | 'dev' | 'proc' | 'text' | 'word' | 'addr' | 'u64' | 'long' | 'int' | 'bool'

export interface Field {
  readonly type: FieldType
  /** Must be given. */
  readonly needed?: true
  /** What the call gets when it is left out. */
  readonly byDefault?: bigint | number | string | boolean
  readonly oneOf?: readonly string[]
  /** Numbers only. Without: what the type can hold. */
  readonly least?: number
  readonly most?: number
}

export type Fields = Readonly<Record<string, Field>>

const needed = (type: FieldType): Field => ({ type, needed: true })
const optional = (type: FieldType): Field => ({ type })
const or = (type: FieldType, byDefault: bigint | number | string | boolean): Field => ({ type, byDefault })

const fd = needed('fd')

/** What one call moves, byte by byte: every byte is a value of its own here, so this is less than a kernel would take. */
const bytes = (most: number, byDefault?: number): Field => ({
  ...(byDefault === undefined ? { needed: true } : { byDefault }),
  type: 'int',
  least: 0,
  most,
})

/** A pointer to nowhere. */
const bad: Field = { type: 'text', oneOf: ['bad'] }

/** What memory is filled with. */
const byte: Field = { type: 'int', byDefault: 0, least: 0, most: 0xff }

/** Sizes of the structures of the ioctls, in bytes: what `argsz` is when nobody says otherwise. */
const size = {
  groupStatus: 8,
  dmaMap: 32,
  dmaUnmap: 24,
  dmaUnmapWithBitmap: 48,
  dirty: 8,
  dirtyGet: 48,
  iommuInfo: 4096,
  bindIommufd: 24,
  attachPt: 12,
  detachPt: 8,
  deviceInfo: 16,
  regionInfo: 4096,
  irqInfo: 16,
  hotResetInfo: 4096,
  hotReset: 12,
}

export const sizeOf = size

/** What each ioctl of iommufd takes: the size of its structure, and a byte behind what is known of it that is not zero, so many bytes behind. */
const iommufdIoctl = (structure: number, fields: Fields = {}): Fields => ({
  fd,
  ...fields,
  argsz: or('int', structure),
  tail: optional('int'),
})

/** What is to be zero in the structure. */
const reserved = or('int', 0)

/** What any operation may carry besides its own fields. */
export const common: Fields = {
  proc: or('proc', 'p0'),
  async: optional('int'),
  barrier: optional('int'),
}

const bitmapFields: Fields = {
  bitmap_size: or('u64', 0n),
  pgsize: or('u64', 4096n),
  prefill: byte,
  data: bad,
}

export const operations: Readonly<Record<string, Fields>> = {
  open_container: { as: needed('new') },
  open_group: { dev: needed('dev'), as: needed('new'), rdonly: optional('int') },
  close: { fd },
  dup: { fd, as: needed('new') },
  get_api_version: { fd, arg: or('long', 0n) },
  check_extension: { fd, ext: needed('long') },
  set_iommu: { fd, type: needed('long') },
  group_get_status: { fd, argsz: or('int', size.groupStatus), flags: or('int', 0) },
  group_set_container: { fd, container: fd },
  group_unset_container: { fd },
  get_device_fd: { fd, dev: optional('dev'), name: optional('text'), as: needed('new') },
  iommu_get_info: { fd, argsz: or('int', size.iommuInfo), flags: or('int', 0), brief: optional('int') },
  map_dma: {
    fd,
    iova: needed('u64'),
    size: needed('u64'),
    vaddr: needed('addr'),
    flags: needed('int'),
    argsz: or('int', size.dmaMap),
  },
  unmap_dma: {
    fd,
    iova: needed('u64'),
    size: needed('u64'),
    flags: or('int', 0),
    argsz: optional('int'),
    ...bitmapFields,
  },
  dirty_pages: {
    fd,
    flags: needed('int'),
    argsz: optional('int'),
    iova: or('u64', 0n),
    size: or('u64', 0n),
    ...bitmapFields,
  },
  open_iommufd: { as: needed('new') },
  open_cdev: { dev: needed('dev'), as: needed('new'), rdonly: optional('int') },
  bind_iommufd: {
    fd,
    iommufd: optional('fd'),
    argsz: or('int', size.bindIommufd),
    flags: or('int', 0),
    rawfd: optional('int'),
    tail: optional('int'),
  },
  attach_pt: {
    fd,
    ioas: needed('int'),
    argsz: or('int', size.attachPt),
    flags: or('int', 0),
    pasid: or('int', 0),
    tail: optional('int'),
  },
  detach_pt: { fd, argsz: or('int', size.detachPt), flags: or('int', 0), pasid: or('int', 0) },
  ioas_alloc: iommufdIoctl(12, { flags: or('int', 0) }),
  destroy: iommufdIoctl(8, { id: needed('u64') }),
  ioas_map: iommufdIoctl(40, {
    ioas: needed('int'),
    iova: needed('u64'),
    size: needed('u64'),
    vaddr: needed('addr'),
    flags: or('int', 0b111),
    reserved,
  }),
  ioas_map_file: iommufdIoctl(40, {
    ioas: needed('int'),
    iova: needed('u64'),
    size: needed('u64'),
    file: needed('fd'),
    start: needed('u64'),
    flags: or('int', 0b111),
  }),
  ioas_unmap: iommufdIoctl(24, { ioas: needed('int'), iova: needed('u64'), size: needed('u64') }),
  ioas_copy: iommufdIoctl(40, {
    dst: needed('int'),
    src: needed('int'),
    dst_iova: needed('u64'),
    src_iova: needed('u64'),
    size: needed('u64'),
    flags: or('int', 0b111),
  }),
  ioas_iova_ranges: iommufdIoctl(32, { ioas: needed('int'), num: or('int', 64), reserved, data: bad }),
  ioas_allow_iovas: iommufdIoctl(24, {
    ioas: needed('int'),
    ranges: or('text', ''),
    num: optional('int'),
    reserved,
    data: bad,
  }),
  vfio_ioas: iommufdIoctl(12, { do: needed('word'), ioas: or('int', 0) }),
  iommufd_option: iommufdIoctl(24, {
    ioas: needed('int'),
    do: needed('word'),
    val: or('long', 0n),
    option: or('int', 1),
    reserved,
  }),
  hwpt_alloc: iommufdIoctl(48, {
    devid: needed('int'),
    pt: needed('int'),
    flags: or('int', 0),
    data_type: or('int', 0),
    data_len: or('int', 0),
    data: bad,
    pgtbl: or('u64', 0n),
    fault: or('int', 0),
    reserved,
    reserved2: reserved,
  }),
  hwpt_set_dirty: iommufdIoctl(16, { hwpt: needed('int'), flags: or('int', 1), reserved }),
  hwpt_get_dirty: iommufdIoctl(48, {
    hwpt: needed('int'),
    iova: needed('u64'),
    size: needed('u64'),
    pgsize: or('u64', 4096n),
    flags: or('int', 0),
    reserved,
    data: bad,
  }),
  hwpt_invalidate: iommufdIoctl(32, {
    hwpt: needed('int'),
    entry_len: or('int', 24),
    entry_num: or('int', 1),
    data_type: or('int', 0),
    addr: or('u64', 0n),
    npages: or('u64', (1n << 64n) - 1n),
    null: optional('int'),
    reserved,
  }),
  get_hw_info: iommufdIoctl(40, {
    devid: needed('int'),
    data_len: or('int', 0),
    flags: or('int', 0),
    type: or('int', 0),
    reserved,
    data: bad,
  }),
  change_process: iommufdIoctl(8, { reserved }),
  fault_queue_alloc: iommufdIoctl(16, { as: needed('new'), flags: or('int', 0) }),
  viommu_alloc: iommufdIoctl(40, {
    devid: needed('int'),
    hwpt: or('int', 0),
    type: or('int', 1),
    flags: or('int', 0),
  }),
  vdevice_alloc: iommufdIoctl(24, { viommu: needed('int'), devid: or('int', 0), virt_id: or('u64', 0n) }),
  veventq_alloc: iommufdIoctl(32, {
    viommu: needed('int'),
    type: or('int', 1),
    depth: or('int', 1),
    flags: or('int', 0),
  }),
  hw_queue_alloc: iommufdIoctl(40, {
    viommu: needed('int'),
    type: or('int', 1),
    flags: or('int', 0),
    index: or('int', 0),
    iova: or('u64', 0n),
    size: or('u64', 4096n),
  }),
  mock_domain: {
    fd,
    ioas: needed('int'),
    device: { type: 'text', byDefault: 'mock0', oneOf: ['mock0', 'mock1', 'mock2', 'mock3'] },
  },
  device_info: { fd, argsz: or('int', size.deviceInfo) },
  region_info: { fd, index: needed('int'), argsz: or('int', size.regionInfo) },
  irq_info: { fd, index: needed('int'), argsz: or('int', size.irqInfo) },
  set_irqs: {
    fd,
    index: needed('int'),
    flags: needed('int'),
    start: or('int', 0),
    count: or('int', 0),
    eventfd: optional('fd'),
    bool: optional('int'),
    argsz: optional('int'),
  },
  device_reset: { fd },
  hot_reset_info: { fd, argsz: or('int', size.hotResetInfo) },
  hot_reset_devs: { fd, argsz: or('int', size.hotResetInfo) },
  hot_reset: { fd, group: optional('fd'), count: optional('int'), flags: or('int', 0), argsz: optional('int') },
  cfg_read: { fd, off: needed('long'), size: bytes(0x1000) },
  cfg_write: { fd, off: needed('long'), size: bytes(0x1000), val: needed('long') },
  bar_read: { fd, bar: needed('int'), off: needed('long'), size: bytes(0x1000) },
  bar_write: { fd, bar: needed('int'), off: needed('long'), size: bytes(0x1000), val: needed('long') },
  dma_buf: {
    fd,
    as: needed('new'),
    ranges: or('text', '0-0xfff'),
    region: or('int', 0),
    open_flags: optional('int'),
    dflags: or('int', 0),
    num: optional('int'),
    flags: or('int', 0x1000b),
    argsz: or('int', 4096),
  },
  memfd: { as: needed('new'), len: needed('u64'), huge: optional('int') },
  ftruncate: { fd, len: needed('u64') },
  heap_buf: { as: needed('new'), len: needed('u64') },
  fd_read: { fd, len: or('int', 64) },
  fd_write: { fd, len: or('int', 64), cookie: optional('int'), code: optional('int') },
  ioctl_val: { fd, req: needed('long'), arg: or('long', 0n) },
  eventfd: { as: needed('new') },
  eventfd_read: { fd },
  mmap: {
    as: optional('new'),
    len: needed('u64'),
    prot: or('text', 'rw'),
    kind: {
      type: 'text',
      byDefault: 'anon',
      oneOf: ['anon', 'shared', 'memfd', 'memfd_private', 'hugetlb', 'file_ro', 'devzero'],
    },
    at: optional('addr'),
    flen: optional('u64'),
  },
  mmap_bar: {
    as: needed('new'),
    fd,
    bar: needed('int'),
    off: needed('long'),
    len: needed('u64'),
    prot: or('text', 'rw'),
    private: optional('int'),
    at: optional('addr'),
  },
  mmap_fd: {
    as: needed('new'),
    fd,
    len: needed('u64'),
    off: or('long', 0n),
    prot: or('text', 'rw'),
    private: optional('int'),
  },
  munmap: { vaddr: needed('addr'), len: needed('u64') },
  mremap: {
    ...{ vaddr: needed('addr'), old: needed('u64'), len: needed('u64'), flags: or('int', 1) },
    ...{ at: optional('addr'), as: optional('new') },
  },
  mprotect: { vaddr: needed('addr'), len: needed('u64'), prot: needed('text') },
  madvise: { vaddr: needed('addr'), len: needed('u64'), advice: needed('int') },
  mlock: { vaddr: needed('addr'), len: needed('u64') },
  peek: { vaddr: needed('addr'), size: bytes(0x1000, 4) },
  poke: { vaddr: needed('addr'), val: needed('long'), size: bytes(0x1000, 4) },
  fill: { vaddr: needed('addr'), len: needed('u64'), val: needed('int') },
  guest_pte: { pgtbl: or('u64', 0n), iova: needed('u64'), gpa: optional('u64') },
  edu_dma: {
    fd,
    dir: { type: 'text', needed: true, oneOf: ['from_mem', 'to_mem'] },
    iova: needed('u64'),
    len: bytes(0x1000),
    pasid: optional('int'),
  },
  rlimit_memlock: { val: needed('long') },
  rlimit_nofile: { val: needed('long') },
  drop_ipc_lock: {},
  drop_all_caps: {},
  drop_cap: { cap: { type: 'text', needed: true, oneOf: ['resource', 'rawio'] } },
  setuid: { uid: needed('int') },
  module_param: { name: needed('text'), val: needed('long') },
  bind: { dev: needed('dev'), driver: needed('text') },
  unbind: { dev: needed('dev'), driver: optional('text') },
  driver_of: { dev: needed('dev') },
  fork: { as: needed('new') },
  thread: { as: needed('new') },
  exec: {},
  exit: {},
  exit_thread: {},
  kill: { target: needed('proc') },
  await: { ms: optional('int') },
  vmlck: {},
  sleep: { ms: optional('int') },
  nop: {},
  emu_pin: { fd, iova: needed('u64'), npage: needed('int'), prot: needed('int') },
  emu_unpin: { fd, iova: needed('u64'), npage: needed('int') },
  emu_rw: { fd, iova: needed('u64'), len: bytes(0x10000), write: needed('int'), val: or('long', 0n) },
  emu_log: { fd },
}
