/** IOMMUs that can do more than the one that was recorded: known from the sources and from documentation, told as not recorded. */
import { describe, expect, test } from 'vitest'
import type { Iommu } from '../../actors/kernel/iommu.ts'
import { linux } from '../../actors/kernel/linux.ts'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { toSystem } from '../../actors/running/system.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { explore } from '../../explore/index.ts'
import type { ProfileName } from '../../machines/profile.ts'

/** `ioas_map fd=i ioas=1 iova=0 size=0x1000 vaddr=b` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  const valueOf = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text)
  return { op: op!, ...Object.fromEntries(values.map(([name, text]) => [name, valueOf(text)])) }
}

const newer = 'iommufd-type1v2'
const kernels: readonly ProfileName[] = ['iommufd-6.12', newer]

const resultsOf = (
  iommu: Iommu | undefined,
  ops: readonly string[],
  profile: ProfileName = newer,
): readonly Result[] => {
  const { results, findings } = replayCase({ name: 'test', ops: ops.map(opOf), ...(iommu && { iommu }) }, profile)
  expect(findings).toEqual([])
  return results
}

/** Errno or value of each of the last calls. */
const last = (
  count: number,
  iommu: Iommu | undefined,
  ops: readonly string[],
  profile?: ProfileName,
): readonly (string | number | undefined)[] =>
  resultsOf(iommu, ops, profile)
    .slice(-count)
    .map(({ ret, err }) => err ?? ret)

/** The device is 2, the IOAS 1. */
const bound = ['open_iommufd as=i', 'ioas_alloc fd=i', 'open_cdev dev=edu0 as=d', 'bind_iommufd fd=d iommufd=i']
const memory = [
  'mmap as=b len=0x4000',
  'fill vaddr=b len=0x4000 val=1',
  'ioas_map fd=i ioas=1 iova=0 size=0x4000 vaddr=b',
]
const master = 'cfg_write fd=d off=4 size=2 val=6'
const writes = (iova: string, fd = 'd'): string => `edu_dma fd=${fd} dir=to_mem iova=${iova} len=4`
const reads = (iova: string): string => `edu_dma fd=d dir=from_mem iova=${iova} len=4`

describe.each(kernels)('an IOMMU that tracks dirty pages, on %s', (profile) => {
  const iommu: Iommu = { dirtyTracking: true }
  /** The page table is 3. */
  const table = [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=2']
  const tracked = [...table, ...memory, 'attach_pt fd=d ioas=3', master, 'hwpt_set_dirty fd=i hwpt=3 flags=1']
  const get = (more = ''): string => `hwpt_get_dirty fd=i hwpt=3 iova=0 size=0x4000${more}`
  const bitmapOf = (...ops: readonly string[]): unknown => resultsOf(iommu, ops, profile).at(-1)!['bitmap']

  test('makes page tables in which it can be done, and no others', () => {
    expect(last(1, iommu, table, profile)).toEqual([0])
    expect(last(1, undefined, table, profile)).toEqual(['EOPNOTSUPP'])
    const plain = [...bound, 'hwpt_alloc fd=i devid=2 pt=1', 'hwpt_set_dirty fd=i hwpt=3', get()]
    expect(last(2, iommu, plain, profile)).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP'])
  })

  test('says so in GET_HW_INFO', () => {
    const caps = (of?: Iommu): unknown => resultsOf(of, [...bound, 'get_hw_info fd=i devid=2'], profile).at(-1)!['caps']
    expect(Number(caps(iommu)) - Number(caps())).toBe(1)
  })

  test('tells what was written since it was told last', () => {
    expect(bitmapOf(...tracked, writes('0x1000'), writes('0x3000'), reads('0x2000'), get())).toEqual(['0xa'])
    expect(bitmapOf(...tracked, writes('0x1000'), get(), get())).toEqual([])
    expect(bitmapOf(...tracked, writes('0x1000'), get(' flags=1'), get())).toEqual(['0x2'])
    expect(bitmapOf(...tracked, writes('0x1ffc'), writes('0x1ffe'), get())).toEqual(['0x6'])
  })

  test('is told so where the bitmap cannot be written, and forgets them all the same', () => {
    const [nowhere, after] = resultsOf(iommu, [...tracked, writes('0x1000'), get(' data=bad'), get()], profile).slice(
      -2,
    )
    expect([nowhere, after]).toEqual([{ ret: 0 }, { ret: 0, bitmap: [] }])
    expect(last(1, iommu, [...tracked, get(' data=bad').replace('0x4000', '0x4001')], profile)).toEqual(['EINVAL'])
  })

  test('tells it of a part, and by pages of another size', () => {
    const part = 'hwpt_get_dirty fd=i hwpt=3 iova=0x1000 size=0x1000'
    expect(bitmapOf(...tracked, writes('0x0'), writes('0x1000'), part)).toEqual(['0x1'])
    expect(bitmapOf(...tracked, writes('0x0'), writes('0x1000'), part, get())).toEqual(['0x1'])
    expect(bitmapOf(...tracked, writes('0x3000'), get(' pgsize=0x2000'))).toEqual(['0x2'])
    expect(bitmapOf(...tracked, writes('0x1000'), get(' pgsize=0x800'))).toEqual(['0xc'])
  })

  test('knows nothing of what was written while tracking was off', () => {
    const off = 'hwpt_set_dirty fd=i hwpt=3 flags=0'
    const on = 'hwpt_set_dirty fd=i hwpt=3 flags=1'
    expect(bitmapOf(...tracked, off, writes('0x0'), get())).toEqual([])
    expect(bitmapOf(...tracked, writes('0x0'), off, on, get())).toEqual([])
    expect(bitmapOf(...tracked, writes('0x0'), on, get())).toEqual([])
  })

  test('forgets what is unmapped', () => {
    const again = ['ioas_unmap fd=i ioas=1 iova=0 size=0x4000', memory[2]!]
    expect(bitmapOf(...tracked, writes('0x0'), ...again, get())).toEqual([])
  })

  test('tracks by page table: another of the same IOAS knows nothing of it', () => {
    const other = [
      ...tracked,
      'hwpt_alloc fd=i devid=2 pt=1 flags=2',
      'hwpt_set_dirty fd=i hwpt=4',
      'attach_pt fd=d ioas=4',
    ]
    expect(bitmapOf(...other, writes('0x0'), get())).toEqual([])
    expect(bitmapOf(...other, writes('0x0'), get().replace('hwpt=3', 'hwpt=4'))).toEqual(['0x1'])
    expect(bitmapOf(...tracked, 'detach_pt fd=d', 'attach_pt fd=d ioas=1', writes('0x0'), get())).toEqual([])
    const backAgain = [...other, 'attach_pt fd=d ioas=3', 'destroy fd=i id=4', writes('0x0'), get()]
    expect(bitmapOf(...backAgain)).toEqual(['0x1'])
  })

  test('refuses what is wrong, first the flags, then the table, the range, and whether it tracks', () => {
    const wrong = [
      'hwpt_set_dirty fd=i hwpt=9 flags=2',
      'hwpt_set_dirty fd=i hwpt=9',
      'hwpt_set_dirty fd=i hwpt=1',
      'hwpt_get_dirty fd=i hwpt=9 iova=1 size=0x1000 flags=2',
      'hwpt_get_dirty fd=i hwpt=9 iova=1 size=0x1000',
      'hwpt_get_dirty fd=i hwpt=3 iova=1 size=0x1000',
      'hwpt_get_dirty fd=i hwpt=3 iova=0xfffffffffffff000 size=0x2000',
      // What is not mapped is not dirty: nobody is told.
      'hwpt_get_dirty fd=i hwpt=3 iova=0x10000 size=0x1000',
    ]
    expect(last(wrong.length, iommu, [...table, ...wrong], profile)).toEqual([
      ...['EOPNOTSUPP', 'ENOENT', 'ENOENT', 'EOPNOTSUPP', 'ENOENT', 'EINVAL', 'EOVERFLOW', 0],
    ])
  })

  test('a device behind another IOMMU is not attached to such a table', () => {
    const other = [
      'open_cdev dev=edu1 as=e',
      'bind_iommufd fd=e iommufd=i',
      'attach_pt fd=e ioas=3',
      'attach_pt fd=e ioas=1',
    ]
    expect(last(2, { ...iommu, devices: ['edu0'] }, [...table, ...other], profile)).toEqual(['EINVAL', 0])
    expect(last(2, iommu, [...table, ...other], profile)).toEqual([0, 0])
    const made = [...bound, ...other.slice(0, 2), 'hwpt_alloc fd=i devid=3 pt=1 flags=2']
    expect(last(1, { ...iommu, devices: ['edu0'] }, made, profile)).toEqual(['EOPNOTSUPP'])
  })
})

describe.each(kernels)('an IOMMU that nests page tables, on %s', (profile) => {
  const iommu: Iommu = { nesting: true }
  /** The parent is 3, what is nested in it 4: of the guest's addresses 0x10000 is 0x1000 of the IOAS. */
  const parent = [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=1']
  const nest = 'hwpt_alloc fd=i devid=2 pt=3 data_type=1 data_len=24 pgtbl=0x7000'
  const nested = [...parent, nest]
  const entry = (gpa: string): string => `guest_pte pgtbl=0x7000 iova=0x10000${gpa}`
  const running = [...nested, ...memory, entry(' gpa=0x1000'), 'attach_pt fd=d ioas=4', master]
  const invalidate = 'hwpt_invalidate fd=i hwpt=4'
  const lines = (...ops: readonly string[]): number =>
    ((resultsOf(iommu, ops, profile).at(-1)!['kmsg'] as readonly string[]) ?? []).length
  /** What the device wrote there, seen by the program. */
  const seenAt = (offset: string, ...ops: readonly string[]): unknown =>
    resultsOf(iommu, [...ops, `peek vaddr=b+${offset}`], profile).at(-1)!['val']

  test('makes parents, and tables that are nested in those', () => {
    expect(last(2, iommu, nested, profile)).toEqual([0, 0])
    expect(last(2, undefined, nested, profile)).toEqual(['EOPNOTSUPP', 'EINVAL'])
    const over = (more: string): string => `hwpt_alloc fd=i devid=2 pt=3 ${more}`
    const wrong = [
      over('data_type=1 data_len=24 flags=1'),
      over(''),
      over('data_type=2 data_len=24'),
      over('data_type=1 data_len=16'),
      over('data_type=1 data_len=24 data=bad'),
    ]
    expect(last(5, iommu, [...parent, ...wrong], profile)).toEqual([
      ...['EOPNOTSUPP', 'EOPNOTSUPP', 'EOPNOTSUPP', 'EINVAL', 'EFAULT'],
    ])
    const plain = [
      ...bound,
      'hwpt_alloc fd=i devid=2 pt=1',
      nest,
      'attach_pt fd=d ioas=1',
      nest.replace('pt=3', 'pt=4'),
    ]
    expect(last(3, iommu, plain, profile)).toEqual(['EINVAL', 0, 'EINVAL'])
    expect(last(1, iommu, [...nested, nest.replace('pt=3', 'pt=4')], profile)).toEqual(['EINVAL'])
    expect(last(1, iommu, [...bound, nest.replace('pt=3', 'pt=1')], profile)).toEqual(['EOPNOTSUPP'])
  })

  test('translates by both, and faults where the guest has nothing, or the IOAS', () => {
    const write = writes('0x10000')
    expect(lines(...running, write)).toBe(0)
    expect(seenAt('0x1000', ...running, write)).not.toBe(seenAt('0x2000', ...running, write))
    expect(lines(...running, writes('0x20000'))).toBe(2)
    expect(lines(...running, entry(' gpa=0x9000'), write)).toBe(2)
    expect(lines(...running, 'attach_pt fd=d ioas=3', write)).toBe(2)
    expect(lines(...running, 'attach_pt fd=d ioas=3', writes('0x1000'))).toBe(0)
  })

  test('remembers what the guest has changed until that is invalidated', () => {
    const write = writes('0x10000')
    const changed = [...running, write, entry('')]
    expect(lines(...changed, write)).toBe(0)
    expect(lines(...changed, invalidate, write)).toBe(2)
    expect(lines(...changed, `${invalidate} addr=0x20000 npages=4`, write)).toBe(0)
    expect(lines(...changed, `${invalidate} addr=0x8000 npages=4`, write)).toBe(0)
    expect(lines(...changed, `${invalidate} addr=0x10000 npages=1`, write)).toBe(2)
    // The kernel cannot know which of the guest's addresses led to what it unmaps.
    expect(lines(...running, write, 'ioas_unmap fd=i ioas=1 iova=0 size=0x4000', write)).toBe(2)
  })

  test('invalidates nothing else', () => {
    const other = profile === newer ? 'EINVAL' : 'ENOENT'
    const wrong = ['hwpt_invalidate fd=i hwpt=3', 'hwpt_invalidate fd=i hwpt=1', 'hwpt_invalidate fd=i hwpt=9']
    const more = ['data_type=1', 'entry_len=16', 'addr=0x800 npages=1', 'addr=0x1000'].map(
      (each) => `${invalidate} ${each}`,
    )
    expect(last(7, iommu, [...running, ...wrong, ...more], profile)).toEqual([
      ...[other, other, 'ENOENT', 'EINVAL', 'EINVAL', 'EINVAL', 'EINVAL'],
    ])
    const counted = (op: string): unknown => resultsOf(iommu, [...running, op], profile).at(-1)!['entry_num']
    expect([`${invalidate} entry_num=3`, `${invalidate} entry_num=0`, wrong[0]!].map(counted)).toEqual([3, 0, 0])
  })

  test('keeps a parent for as long as something is nested in it', () => {
    const destroy = (id: number): string => `destroy fd=i id=${id}`
    const all = [...nested, destroy(3), destroy(1), destroy(4), destroy(3), destroy(1)]
    expect(last(5, iommu, all, profile)).toEqual(['EBUSY', 'EBUSY', 0, 0, 0])
    expect(last(2, iommu, [...running, destroy(4), destroy(3)], profile)).toEqual(['EBUSY', 'EBUSY'])
  })

  test('a device behind another IOMMU is not attached to what is nested', () => {
    const other = [
      'open_cdev dev=edu1 as=e',
      'bind_iommufd fd=e iommufd=i',
      'attach_pt fd=e ioas=4',
      'attach_pt fd=e ioas=3',
    ]
    expect(last(2, { ...iommu, devices: ['edu0'] }, [...nested, ...other], profile)).toEqual(['EINVAL', 0])
  })

  test('what is written through a nested table is dirty in its parent', () => {
    const both: Iommu = { nesting: true, dirtyTracking: true }
    const ops = [
      ...running,
      'hwpt_set_dirty fd=i hwpt=3',
      writes('0x10000'),
      'hwpt_get_dirty fd=i hwpt=3 iova=0 size=0x4000',
    ]
    const tracked = ops.map((op) => op.replace('pt=1 flags=1', 'pt=1 flags=3'))
    expect(resultsOf(both, tracked, profile).at(-1)!['bitmap']).toEqual(['0x2'])
  })
})

describe('an IOMMU that knows PASIDs', () => {
  const iommu: Iommu = { pasids: true }
  /** The page table is 3, of the same IOAS. */
  const table = [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=8', ...memory]
  const attach = (more: string): string => `attach_pt fd=d flags=1 argsz=16 ${more}`
  const detach = (pasid: number): string => `detach_pt fd=d flags=1 argsz=12 pasid=${pasid}`
  const running = [...table, attach('pasid=5 ioas=3'), master]
  const write = (more = ''): string => `${writes('0x1000')}${more}`
  const logOf = (...ops: readonly string[]): unknown => resultsOf(iommu, ops).at(-1)!['kmsg']

  test('attaches each to a page table of its own, and the device itself to another', () => {
    expect(logOf(...running, write(' pasid=5'))).toBeUndefined()
    expect(logOf(...running, write())).toHaveLength(2)
    expect(logOf(...running, detach(5), write(' pasid=5'))).toHaveLength(2)
    expect(String(logOf(...running, write(' pasid=6')))).toContain('PASID 0x6] Request device [0000:00:10.0]')
    const both = [...running, 'hwpt_alloc fd=i devid=2 pt=1 flags=8', 'attach_pt fd=d ioas=4']
    expect(last(1, iommu, both)).toEqual([0])
    expect(logOf(...both, write())).toBeUndefined()
    expect(logOf(...both, 'detach_pt fd=d', write(' pasid=5'))).toBeUndefined()
  })

  test('moves one that has a page table, and takes off what has none without a word', () => {
    const other = [...running, 'ioas_alloc fd=i', 'hwpt_alloc fd=i devid=2 pt=4 flags=8', attach('pasid=5 ioas=5')]
    expect(last(1, iommu, other)).toEqual([0])
    expect(logOf(...other, write(' pasid=5'))).toHaveLength(2)
    expect(last(3, iommu, [...other, 'destroy fd=i id=5', 'destroy fd=i id=3', detach(7)])).toEqual(['EBUSY', 0, 0])
  })

  test('refuses page tables that are not for PASIDs, in the order of the kernel', () => {
    const plain = [...table, 'hwpt_alloc fd=i devid=2 pt=1']
    const wrong = [
      'pasid=5 ioas=9',
      'pasid=5 ioas=1',
      'pasid=5 ioas=2',
      'pasid=5 ioas=4',
      'pasid=0 ioas=3',
      'pasid=0x100000 ioas=3',
    ]
    const expected = ['ENOENT', 'EINVAL', 'EINVAL', 'EINVAL', 'EINVAL', 'EINVAL']
    expect(last(6, iommu, [...plain, ...wrong.map(attach)])).toEqual(expected)
    expect(last(2, iommu, [...plain, 'attach_pt fd=d ioas=4', attach('pasid=5 ioas=3')])).toEqual([0, 'EINVAL'])
    expect(last(3, iommu, [...running, 'attach_pt fd=d ioas=1', detach(5), 'attach_pt fd=d ioas=1'])).toEqual([
      'EINVAL',
      0,
      0,
    ])
    const tracked = [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=10', attach('pasid=5 ioas=3')]
    expect(last(2, { ...iommu, dirtyTracking: true }, tracked)).toEqual([0, 'EINVAL'])
    expect(last(2, undefined, [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=8', attach('pasid=5 ioas=1')])).toEqual([
      'EOPNOTSUPP',
      'EINVAL',
    ])
    expect(
      last(2, iommu, [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=8', attach('pasid=5 ioas=1')], 'iommufd-6.12'),
    ).toEqual(['EOPNOTSUPP', 'EINVAL'])
  })

  test('refuses a device behind another IOMMU', () => {
    const other = [
      'open_cdev dev=edu1 as=e',
      'bind_iommufd fd=e iommufd=i',
      'attach_pt fd=e flags=1 argsz=16 pasid=5 ioas=3',
    ]
    expect(last(1, { ...iommu, devices: ['edu0'] }, [...table, ...other])).toEqual(['EOPNOTSUPP'])
    expect(last(1, iommu, [...table, ...other])).toEqual([0])
  })

  test('has one page table for a PASID of a whole group', () => {
    // multi2 has another driver at first.
    const group = [
      ...['unbind dev=multi2', 'bind dev=multi2 driver=vfio-pci', 'open_iommufd as=i', 'ioas_alloc fd=i'],
      ...[
        'open_cdev dev=multi0 as=d',
        'bind_iommufd fd=d iommufd=i',
        'open_cdev dev=multi1 as=e',
        'bind_iommufd fd=e iommufd=i',
      ],
      ...['hwpt_alloc fd=i devid=2 pt=1 flags=8', 'hwpt_alloc fd=i devid=2 pt=1 flags=8', attach('pasid=5 ioas=4')],
    ]
    const second = (pt: number): string => `attach_pt fd=e flags=1 argsz=16 pasid=5 ioas=${pt}`
    expect(last(3, iommu, [...group, second(5), second(4), second(5)])).toEqual(['EINVAL', 0, 0])
    expect(last(2, iommu, [...group, second(4), second(5), 'destroy fd=i id=4'])).toEqual([0, 0])
  })

  test('tells how many there are, and lets go of them with the device', () => {
    const info = (of?: Iommu): unknown => resultsOf(of, [...bound, 'get_hw_info fd=i devid=2']).at(-1)!['pasid_log2']
    expect([info(), info(iommu)]).toEqual([0, 20])
    expect(
      last(2, iommu, [...running, 'destroy fd=i id=3', 'close fd=d', 'destroy fd=i id=3'].toSpliced(-3, 1)),
    ).toEqual([0, 0])
    expect(last(1, iommu, [...running, 'destroy fd=i id=3'])).toEqual(['EBUSY'])
  })
})

describe('a story that only an IOMMU that knows PASIDs can tell', () => {
  const before = [...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=8', ...memory, master, 'thread as=t1'].map(opOf)
  const story = (iommu?: Iommu) =>
    linux({
      systemCalls: { profile: newer, ...(iommu && { iommu }) },
      before,
      tasks: { p0: [opOf('attach_pt fd=d flags=1 argsz=16 pasid=5 ioas=3')], t1: [opOf('attach_pt fd=d ioas=1')] },
    })

  test('a PASID and the device itself at once: whoever is first keeps the other out', async () => {
    const outcome = (view: LinuxView): string =>
      ['p0', 't1'].map((thread) => view.system.result(thread, 0)?.err ?? '0').join(' ')
    const claims = ['0 EINVAL', 'EINVAL 0', '0 0', 'EINVAL EINVAL'].map((each) =>
      sometimes(each, (view: LinuxView) => view.finished && outcome(view) === each),
    )
    const report = await explore(toSystem(story({ pasids: true })), claims)
    expect(report).toMatchObject({ exhaustive: true, findings: [] })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen', 'unseen', 'unseen'])
    const plain = await explore(toSystem(story()), claims)
    expect(plain.properties.map(({ verdict }) => verdict)).toEqual(['unseen', 'seen', 'unseen', 'unseen'])
  })
})

describe('an IOMMU that serves page requests', () => {
  const iommu: Iommu = { pageRequests: true }
  const older: ProfileName = 'iommufd-6.12'
  /** The queue is 3, the page table 4. */
  const table = [...bound, 'fault_queue_alloc fd=i as=q', 'hwpt_alloc fd=i devid=2 pt=1 flags=4 fault=3']
  const attached = [...table, 'attach_pt fd=d ioas=4', master, ...memory.slice(0, 2), 'thread as=t1']
  const ask = `${writes('0x1000')} proc=t1 async=0`
  const read = 'fd_read fd=q len=80'
  const request = { cookie: 1, addr: '0x1000', perm: 2, devid: 2 }

  test('attaches devices that can wait to page tables with a queue, and no others', () => {
    expect(last(2, iommu, attached.slice(0, 7))).toEqual([0, 0])
    expect(last(1, undefined, [...table, 'attach_pt fd=d ioas=4'])).toEqual(['ENODEV'])
    expect(last(1, { ...iommu, devices: ['edu1'] }, [...table, 'attach_pt fd=d ioas=4'])).toEqual(['ENODEV'])
    const both = [...bound, 'fault_queue_alloc fd=i as=q', 'hwpt_alloc fd=i devid=2 pt=1 flags=5 fault=3']
    expect(last(1, { ...iommu, nesting: true }, both)).toEqual(['EOPNOTSUPP'])
    expect(last(1, { ...iommu, nesting: true }, table, older)).toEqual(['EOPNOTSUPP'])
    const nested = [
      ...[...bound, 'fault_queue_alloc fd=i as=q', 'hwpt_alloc fd=i devid=2 pt=1 flags=1'],
      ...['hwpt_alloc fd=i devid=2 pt=4 flags=4 fault=3 data_type=1 data_len=24', 'attach_pt fd=d ioas=5'],
    ]
    expect(last(2, { ...iommu, nesting: true }, nested, older)).toEqual([0, 0])
  })

  test('lets a device wait for a page, which is mapped before it is answered', () => {
    const results = resultsOf(iommu, [...attached, ask, read, memory[2]!, 'fd_write fd=q cookie=1', 'await proc=t1'])
    expect(results.slice(-5)).toMatchObject([
      { pending: true },
      { ret: 40, requests: [request] },
      {},
      { ret: 8 },
      { ret: 0 },
    ])
    expect(results.at(-1)).not.toHaveProperty('kmsg')
  })

  test('asks again where it was answered and nothing is there, and lets go where it is refused', () => {
    const again = resultsOf(iommu, [...attached, ask, read, 'fd_write fd=q cookie=1', read])
    expect(again.slice(-2)).toMatchObject([{ ret: 8 }, { ret: 40, requests: [request] }])
    const refused = resultsOf(iommu, [...attached, ask, read, 'fd_write fd=q cookie=1 code=1', 'await proc=t1', read])
    expect(refused.slice(-3)).toMatchObject([{ ret: 8 }, { ret: 0 }, { ret: 0 }])
  })

  test('tells what is wrong with a read or an answer, and keeps what it has', () => {
    const wrong = [
      'fd_read fd=q len=39',
      'fd_read fd=q len=0',
      'fd_write fd=q cookie=1',
      'fd_write fd=q cookie=1 len=4',
    ]
    expect(last(4, iommu, [...attached, ask, ...wrong])).toEqual(['ESPIPE', 0, 'EINVAL', 'ESPIPE'])
    const odd = [
      read,
      'fd_write fd=q cookie=1 code=2',
      'fd_write fd=q cookie=2',
      'fd_write fd=q cookie=1',
      'fd_write fd=q cookie=1',
    ]
    expect(last(4, iommu, [...attached, ask, ...odd])).toEqual(['EINVAL', 'EINVAL', 8, 'EINVAL'])
  })

  const ends = ['detach_pt fd=d', 'attach_pt fd=d ioas=1']
  test.each(ends)('is answered by the kernel when its page table goes: %s', (end) => {
    for (const before of [[], [read]]) {
      const results = resultsOf(iommu, [
        ...attached,
        ask,
        ...before,
        end,
        'await proc=t1',
        'fd_write fd=q cookie=1',
        read,
      ])
      expect(results.slice(-3)).toMatchObject([{ ret: 0 }, { err: 'EINVAL' }, { ret: 0 }])
    }
  })

  test('waits on when the queue or the file of iommufd is closed, until its page table goes', () => {
    for (const before of [[], [read]])
      for (const closes of [['close fd=q'], ['close fd=i'], ['close fd=i', 'close fd=q']]) {
        const lines = [...attached, ask, ...before, ...closes]
        expect(resultsOf(iommu, [...lines, 'await proc=t1']).at(-1)).toMatchObject({ pending: true })
        const results = resultsOf(iommu, [...lines, 'detach_pt fd=d', 'await proc=t1'])
        expect(results.slice(-closes.length - 2)).toMatchObject([
          ...closes.map(() => ({ ret: 0 })),
          { ret: 0 },
          { ret: 0 },
        ])
      }
  })

  test('one that is in the queue of another page table is left alone', () => {
    const other = [
      'hwpt_alloc fd=i devid=2 pt=1 flags=4 fault=3',
      'attach_pt fd=d ioas=5',
      ask,
      'destroy fd=i id=4',
      read,
    ]
    expect(resultsOf(iommu, [...attached, ...other]).at(-1)).toMatchObject({ ret: 40, requests: [request] })
    expect(last(3, iommu, [...table, 'destroy fd=i id=3', 'destroy fd=i id=4', 'destroy fd=i id=3'])).toEqual([
      'EBUSY',
      0,
      'EBUSY',
    ])
  })
})

describe('a story that only an IOMMU that serves page requests can tell', () => {
  const before = [
    ...[
      ...bound,
      'fault_queue_alloc fd=i as=q',
      'hwpt_alloc fd=i devid=2 pt=1 flags=4 fault=3',
      'attach_pt fd=d ioas=4',
    ],
    ...[master, 'thread as=t1', 'thread as=t2'],
  ].map(opOf)
  const story = (...replace: readonly string[]) =>
    linux({
      systemCalls: { profile: newer, iommu: { pageRequests: true } },
      before,
      tasks: {
        p0: ['fd_read fd=q len=40', 'fd_write fd=q cookie=1 code=1'].map(opOf),
        t1: [opOf(writes('0x1000'))],
        ...(replace.length > 0 && { t2: replace.map(opOf) }),
      },
    })
  const answeredBy = (ret: number | undefined) => (view: LinuxView) =>
    view.finished && view.system.result('p0', 1)?.ret === ret

  test('whoever is replaced while it waits is answered once, by user space or by the kernel', async () => {
    const report = await explore(toSystem(story('attach_pt fd=d ioas=1')), [
      sometimes('user space answers', answeredBy(8)),
      sometimes('the kernel does', answeredBy(-1)),
    ])
    expect(report).toMatchObject({ exhaustive: true, findings: [] })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'seen'])
  })

  test('and waits for ever where nobody does', async () => {
    const report = await explore(toSystem(story()), [])
    expect(report.findings.map(({ kind }) => kind)).toEqual(['deadlock'])
  })
})

describe('stories that only an IOMMU that nests page tables can tell', () => {
  const invalidate = opOf('hwpt_invalidate fd=i hwpt=4')
  const clear = opOf('guest_pte pgtbl=0x7000 iova=0x10000')
  const before = [
    ...[...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=1'],
    ...['hwpt_alloc fd=i devid=2 pt=3 data_type=1 data_len=24 pgtbl=0x7000', ...memory],
    ...['guest_pte pgtbl=0x7000 iova=0x10000 gpa=0x1000', 'attach_pt fd=d ioas=4', master, 'thread as=t1'],
  ].map(opOf)
  const story = (iommu: Iommu | undefined, ...calls: readonly Op[]) =>
    linux({
      systemCalls: { profile: newer, ...(iommu && { iommu }) },
      before,
      tasks: { p0: calls, t1: [opOf(writes('0x10000'))] },
      after: ['poke vaddr=b+0x1000 val=2', writes('0x10000'), 'peek vaddr=b+0x1000'].map(opOf),
    })
  /** What the guest has taken from the device is written to all the same. */
  const isOverwritten = (view: LinuxView) => {
    const value = view.system.result('p0', 4)?.['val']
    return value !== undefined && value !== '0x2'
  }
  const verdicts = async (...of: Parameters<typeof story>) => {
    const report = await explore(toSystem(story(...of)), [
      sometimes('a page is written to that was taken away', isOverwritten),
    ])
    expect(report.exhaustive).toBe(true)
    return report.properties.map(({ verdict }) => verdict)
  }

  test('what is invalidated before it is changed is remembered again', async () => {
    expect(await verdicts({ nesting: true }, invalidate, clear)).toEqual(['seen'])
    expect(await verdicts({ nesting: true }, clear, invalidate)).toEqual(['unseen'])
    expect(await verdicts(undefined, invalidate, clear)).toEqual(['unseen'])
  })
})

describe('stories that only an IOMMU that tracks dirty pages can tell', () => {
  const before = [
    ...[...bound, 'hwpt_alloc fd=i devid=2 pt=1 flags=2', ...memory, 'attach_pt fd=d ioas=3', master],
    ...['hwpt_set_dirty fd=i hwpt=3 flags=1', 'thread as=t1'],
  ].map(opOf)
  const get = opOf('hwpt_get_dirty fd=i hwpt=3 iova=0 size=0x4000')
  const write = opOf(writes('0x1000'))
  const toldIn = (view: LinuxView, thread: string, nth: number): boolean =>
    (view.system.result(thread, nth)?.['bitmap'] as readonly string[] | undefined)?.[0] === '0x2'
  const story = (calls: readonly Op[], iommu?: Iommu) =>
    linux({
      systemCalls: { profile: newer, ...(iommu && { iommu }) },
      before,
      tasks: { p0: calls, t1: [write] },
      after: [get],
    })
  const isOver = (view: LinuxView, nth: number): boolean => view.system.result('p0', nth) !== undefined
  const iommu: Iommu = { dirtyTracking: true }

  test('what a device writes while its pages are read is told then or the next time, never twice', async () => {
    const claim = always(
      'it is told once',
      (view: LinuxView) => !isOver(view, 1) || toldIn(view, 'p0', 0) !== toldIn(view, 'p0', 1),
    )
    const seen = sometimes('it is told at once', (view: LinuxView) => isOver(view, 1) && toldIn(view, 'p0', 0))
    const report = await explore(toSystem(story([get], iommu)), [claim, seen])
    expect(report).toMatchObject({ exhaustive: true, findings: [] })
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds', 'seen'])
    expect(report.remarks).toEqual([
      'There is an IOMMU that tracks dirty pages (not recorded): what comes of that is known from the sources only.',
    ])
    const plain = await explore(toSystem(story([get])), [claim, seen])
    expect(plain.properties.map(({ verdict }) => verdict)).toEqual(['violated', 'unseen'])
    expect(plain.remarks).toBeUndefined()
  })

  test('tracking that is switched off before the device is stopped loses what it writes last', async () => {
    const off = opOf('hwpt_set_dirty fd=i hwpt=3 flags=0')
    const lost = (view: LinuxView) => isOver(view, 2) && !toldIn(view, 'p0', 0) && !toldIn(view, 'p0', 2)
    const report = await explore(toSystem(story([get, off], iommu)), [
      sometimes('it is told', (view: LinuxView) => toldIn(view, 'p0', 0)),
      always('nothing is lost', (view: LinuxView) => !lost(view)),
    ])
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['seen', 'violated'])
  })
})
