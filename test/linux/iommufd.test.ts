/** Objects of iommufd besides IOASes: what the recordings (test/conform/recordings.test.ts) do not hold of them. */
import { describe, expect, test } from 'vitest'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { ProfileName } from '../../machines/profile.ts'

/** `ioas_map fd=i ioas=1 iova=0 size=0x1000 vaddr=b` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  const valueOf = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text)
  return { op: op!, ...Object.fromEntries(values.map(([name, text]) => [name, valueOf(text)])) }
}

const resultsOf = (profile: ProfileName, ...ops: readonly string[]): readonly Result[] => {
  const { results, findings } = replayCase({ name: 'test', ops: ops.map(opOf) }, profile)
  expect(findings).toEqual([])
  return results
}

const newer = 'iommufd-type1v2'
const older = 'iommufd-6.12'

/** Errno or value of each of the last calls. */
const last = (count: number, ...ops: Parameters<typeof resultsOf>): readonly (string | number | undefined)[] =>
  resultsOf(...ops)
    .slice(-count)
    .map(({ ret, err }) => err ?? ret)

const bound = ['open_iommufd as=i', 'ioas_alloc fd=i', 'open_cdev dev=edu0 as=d', 'bind_iommufd fd=d iommufd=i']
const attached = [...bound, 'attach_pt fd=d ioas=1']
const memoryOn = 'cfg_write fd=d off=4 size=2 val=6'
const memoryOff = 'cfg_write fd=d off=4 size=2 val=0'

describe('a dma-buf of a BAR', () => {
  const exported = [...attached, memoryOn, 'dma_buf fd=d as=f']
  const map = (iova: string): string => `ioas_map_file fd=i ioas=1 iova=${iova} size=0x1000 file=f start=0`
  const peer = ['open_cdev dev=edu1 as=e', 'bind_iommufd fd=e iommufd=i', 'attach_pt fd=e ioas=1']
  const peerMaster = 'cfg_write fd=e off=4 size=2 val=6'
  /** What another device finds there, by the lines of the log. */
  const lines = (results: readonly Result[]): number => ((results.at(-1)!['kmsg'] as readonly string[]) ?? []).length
  const reads = (iova: string): string => `edu_dma fd=e dir=from_mem iova=${iova} len=4`

  test('is not mapped while memory is off, and is afterwards', () => {
    expect(last(4, newer, ...exported, memoryOff, map('0x0'), memoryOn, map('0x0'))).toEqual([2, 'ENODEV', 2, 0])
  })

  test('stays dead where it was mapped before memory went, while what is mapped anew lives', () => {
    const through = [...exported, ...peer, peerMaster, map('0x0'), memoryOff, memoryOn, map('0x10000')]
    expect(lines(resultsOf(newer, ...through, reads('0x10000')))).toBe(0)
    expect(lines(resultsOf(newer, ...through, reads('0x0')))).toBe(2)
  })

  test('keeps its addresses: what is dead is unmapped whole', () => {
    const [unmapped] = resultsOf(
      newer,
      ...exported,
      map('0x0'),
      memoryOff,
      'ioas_unmap fd=i ioas=1 iova=0 size=0x1000',
    ).slice(-1)
    expect(unmapped).toEqual({ ret: 0, size: '0x1000' })
  })

  test('does not come back once the device is closed', () => {
    const again = ['close fd=d', 'open_cdev dev=edu0 as=d', 'bind_iommufd fd=d iommufd=i', memoryOn]
    expect(last(1, newer, ...exported, ...again, map('0x0'))).toEqual(['ENODEV'])
  })

  test('of another device is not lost with this one', () => {
    const both = [...exported, ...peer, peerMaster, map('0x0'), 'cfg_write fd=e off=4 size=2 val=0', peerMaster]
    expect(lines(resultsOf(newer, ...both, reads('0x0')))).toBe(0)
  })

  test('is no feature of 6.12', () => {
    expect(last(1, older, ...attached, memoryOn, 'dma_buf fd=d as=f')).toEqual(['ENOTTY'])
  })
})

describe('a fault queue', () => {
  const queue = [...bound, 'fault_queue_alloc fd=i as=q']

  test('has nothing to be read, and what is written answers nothing', () => {
    const calls = ['fd_read fd=q len=40', 'fd_read fd=q len=39', 'fd_write fd=q len=8', 'fd_write fd=q len=7']
    expect(last(4, newer, ...queue, ...calls)).toEqual([0, 'ESPIPE', 'EINVAL', 'ESPIPE'])
  })

  test('is used by its descriptor, then by page tables', () => {
    const used = [...queue, 'hwpt_alloc fd=i devid=2 pt=1 flags=4 fault=3']
    const ends = ['destroy fd=i id=3', 'close fd=q', 'destroy fd=i id=3', 'destroy fd=i id=4', 'destroy fd=i id=3']
    expect(last(6, newer, ...used, ...ends)).toEqual([0, 'EBUSY', 0, 'EBUSY', 0, 0])
  })

  test('is of no use to a device without page requests: its page table is not made (6.12), or not attached to', () => {
    const made = 'hwpt_alloc fd=i devid=2 pt=1 flags=4 fault=3'
    expect(last(2, newer, ...queue, made, 'attach_pt fd=d ioas=4')).toEqual([0, 'ENODEV'])
    expect(last(1, older, ...queue, made)).toEqual(['EOPNOTSUPP'])
  })
})

describe('what the machine that was recorded cannot do is refused', () => {
  test.each([
    ['a parent of nested page tables', 'hwpt_alloc fd=i devid=2 pt=1 flags=1', 'EOPNOTSUPP', 'EOPNOTSUPP'],
    ['a page table that tracks what is dirty', 'hwpt_alloc fd=i devid=2 pt=1 flags=2', 'EOPNOTSUPP', 'EOPNOTSUPP'],
    ['tracking', 'hwpt_set_dirty fd=i hwpt=3', 'EOPNOTSUPP', 'EOPNOTSUPP'],
    ['what is dirty', 'hwpt_get_dirty fd=i hwpt=3 iova=0 size=0x1000', 'EOPNOTSUPP', 'EOPNOTSUPP'],
    ['invalidation of a page table that is not nested', 'hwpt_invalidate fd=i hwpt=3', 'EINVAL', 'ENOENT'],
    ['a virtual IOMMU', 'viommu_alloc fd=i devid=2', 'EOPNOTSUPP', 'ENOTTY'],
    ['a device in one that is not there', 'vdevice_alloc fd=i viommu=9', 'ENOENT', 'ENOTTY'],
    ['its queue of events', 'veventq_alloc fd=i viommu=9', 'ENOENT', 'ENOTTY'],
    ['its queue of hardware', 'hw_queue_alloc fd=i viommu=9', 'ENOENT', 'ENOTTY'],
    ['a PASID', 'attach_pt fd=d ioas=1 flags=1 pasid=1 argsz=16', 'EINVAL', 'EINVAL'],
    ['a PASID of nothing', 'attach_pt fd=d ioas=9 flags=1 pasid=1 argsz=16', 'ENOENT', 'EINVAL'],
  ])('%s', (_, call, onNewer, onOlder) => {
    expect(last(1, newer, ...attached, call)).toEqual([onNewer])
    expect(last(1, older, ...attached, call)).toEqual([onOlder])
  })

  test('a PASID that nothing is attached with can be detached', () => {
    const call = 'detach_pt fd=d flags=1 pasid=1 argsz=12'
    expect(last(1, newer, ...attached, call)).toEqual([0])
    expect(last(1, older, ...attached, call)).toEqual(['EINVAL'])
  })
})

describe('who may, and who pays', () => {
  test('CAP_SYS_RESOURCE, and no other capability, is asked for where the one who pays changes', () => {
    const change = 'iommufd_option fd=i ioas=0 option=0 do=set val=1'
    const calls = ['open_iommufd as=i', 'drop_cap cap=rawio', change, 'drop_cap cap=resource', change]
    expect(last(4, newer, ...calls)).toEqual([0, 0, 0, 'EPERM'])
  })

  test('each user has an account of his own, which outlives his processes', () => {
    const [mine, his] = [
      'ioas_map fd=i ioas=1 iova=0 size=0x4000 vaddr=b',
      'ioas_map fd=i ioas=1 iova=0x10000 size=0x4000 vaddr=b proc=p1',
    ]
    const more = 'ioas_map fd=i ioas=1 iova=0x20000 size=0x1000 vaddr=b'
    const setUp = [
      ...attached,
      'mmap as=b len=65536',
      'rlimit_memlock val=16384',
      'fork as=p1',
      'fork as=p2',
      'drop_ipc_lock',
    ]
    const become = ['setuid uid=1000 proc=p1', 'setuid uid=1000 proc=p2']
    const calls = [...setUp, ...become, mine, his, more, 'kill target=p1', `${more} proc=p2`]
    expect(last(5, newer, ...calls)).toEqual([0, 0, 'ENOMEM', 0, 'ENOMEM'])
  })

  test('nobody becomes another who may not', () => {
    expect(last(3, newer, 'setuid uid=7', 'setuid uid=7', 'setuid uid=0')).toEqual([0, 0, 'EPERM'])
  })
})

describe('files', () => {
  test('a device that was opened for reading is not written to, nor mapped so', () => {
    const opened = ['open_iommufd as=i', 'open_cdev dev=edu0 as=d rdonly=1', 'bind_iommufd fd=d iommufd=i']
    const maps = ['mmap_bar as=m fd=d bar=0 off=0 len=4096', 'mmap_bar as=m fd=d bar=0 off=0 len=4096 prot=r']
    expect(last(4, newer, ...opened, 'cfg_read fd=d off=0 size=2', memoryOn, ...maps)).toEqual([
      2,
      'EBADF',
      'EACCES',
      0,
    ])
  })

  test('a number of a descriptor that nobody has is a bad one, and a negative one an invalid argument', () => {
    const calls = ['open_cdev dev=edu0 as=d', 'bind_iommufd fd=d rawfd=-1', 'bind_iommufd fd=d rawfd=999']
    expect(last(2, newer, ...calls)).toEqual(['EINVAL', 'EBADF'])
  })

  test('a memfd that is mapped by a process is the memory that a device finds', () => {
    const mapped = [
      ...attached,
      memoryOn,
      'memfd as=f len=16384',
      'mmap_fd as=m fd=f len=8192 off=4096',
      'poke vaddr=m val=7',
    ]
    const device = [
      'ioas_map_file fd=i ioas=1 iova=0 size=0x4000 file=f start=0',
      'edu_dma fd=d dir=from_mem iova=0x1000 len=4',
    ]
    const [seen] = resultsOf(
      newer,
      ...mapped,
      ...device,
      'edu_dma fd=d dir=to_mem iova=0x2000 len=4',
      'peek vaddr=m+0x1000',
    ).slice(-1)
    expect(seen).toMatchObject({ ret: 0, val: '0x7' })
  })
})
