/** What may stand in a result: the fields that some call answers with, and what each looks like. */

const all = {
  ret: 'number',
  err: 'errno',
  vmlck_kb: 'integer',
  vmpin_kb: 'integer',
  kmsg: 'list',
  exited: 'true',
  died: 'true',
  pending: 'true',
  /** Of `await`: which operation came back. */
  of: 'integer',
  /** Of `edu_dma`: where programming it failed. */
  at: 'text',
  argsz: 'integer',
  flags: 'integer',
  cap_offset: 'integer',
  pgsizes: 'integer',
  iova_ranges: 'list',
  migration: 'record',
  avail: 'integer',
  cap_ids: 'list',
  size: 'integer',
  offset: 'integer',
  bitmap: 'list',
  num_regions: 'integer',
  num_irqs: 'integer',
  index: 'integer',
  count: 'integer',
  devices: 'list',
  val: 'integer',
  driver: 'text',
  /** Of `ioas_alloc`: the number of what was made. */
  ioas: 'integer',
  /** Of `bind_iommufd`, and of `attach_pt`: the numbers of the device and of the page table. */
  devid: 'integer',
  pt: 'integer',
  /** Of `hwpt_alloc`, of `fault_queue_alloc`. */
  hwpt: 'integer',
  id: 'integer',
  /** Where it was mapped, if the kernel chose. */
  iova: 'integer',
  /** Of `ioas_iova_ranges`. */
  num: 'integer',
  alignment: 'integer',
  ranges: 'list',
  /** Of `hwpt_invalidate`. */
  entry_num: 'integer',
  /** Of `get_hw_info`. */
  data_len: 'integer',
  type: 'integer',
  pasid_log2: 'integer',
  caps: 'integer',
  data: 'text',
  notified: 'list',
} as const

type Kind = (typeof all)[keyof typeof all]

export const resultFields: readonly string[] = Object.keys(all)

const words: Readonly<Record<Kind, string>> = {
  number: 'a number, as 0',
  errno: 'the name of an errno or signal, as "EINVAL"',
  list: 'a list',
  record: 'a record',
  true: 'true; leave it out where it is not so',
  text: 'a text',
  integer: 'a number, as 4096 or "0x1000"',
}

/** Lists of lists of records, at the most: whoever walks through it does so by calling himself. */
const deepest = 8

const isShallow = (x: unknown, depth = 0): boolean =>
  typeof x !== 'object' ||
  x === null ||
  (depth < deepest && Object.values(x).every((each) => isShallow(each, depth + 1)))

const isKind: Readonly<Record<Kind, (x: unknown) => boolean>> = {
  number: (x) => Number.isSafeInteger(x),
  errno: (x) => typeof x === 'string' && /^\w+$/.test(x),
  list: (x) => Array.isArray(x) && isShallow(x),
  record: (x) => typeof x === 'object' && x !== null && !Array.isArray(x) && isShallow(x),
  true: (x) => x === true,
  text: (x) => typeof x === 'string',
  integer: (x) => Number.isSafeInteger(x) || (typeof x === 'string' && /^0x[\da-f]+$/i.test(x)),
}

/** What is expected of this field of a result, if the value is not it. */
export const misfit = (field: string, value: unknown): string | undefined => {
  const kind = all[field as keyof typeof all]
  return isKind[kind](value) ? undefined : words[kind]
}
