/** /dev/vfio/vfio as iommufd provides it, and the devices' own files. What the kernel's own tests say of it is in selftests.test.ts. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { linux } from '../../actors/kernel/linux.ts'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { CaseRun, replayCase } from '../../actors/kernel/system-calls/replay.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { toSystem } from '../../actors/running/system.ts'
import { exploreRace } from '../../conform/race.ts'
import { readCases } from '../../conform/index.ts'
import { explore } from '../../explore/index.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'
import { cut, reserve, type AreaList } from '../../machines/iommufd/ioas/area-list.ts'
import { getPages } from '../../machines/iommufd/ioas/get-pages.ts'
import { ioas } from '../../machines/iommufd/ioas/ioas.ts'
import { iommufdMap } from '../../machines/iommufd/ioas/iommufd-map.ts'
import { emptySpace, infoOf, usable } from '../../machines/iommufd/ioas/iova-space.ts'
import { gated } from '../../machines/iommufd/unmap/gated.ts'
import type { ProfileName } from '../../machines/profile.ts'
import { root } from '../cli/run.ts'
import { feed } from '../machines/feed.ts'

const v1 = 'iommufd-type1'
const v2 = 'iommufd-type1v2'

/** `map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  return {
    op: op!,
    ...Object.fromEntries(values.map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text])),
  }
}

const shown = ['size', 'val', 'ioas', 'devid', 'pt', 'vmlck_kb', 'flags', 'argsz', 'iova_ranges', 'notified'] as const

/** Errno or value of a call, and what came with it. */
const told = (result: Result): string =>
  [
    result.pending ? 'pending' : (result.err ?? result.ret),
    ...shown.flatMap((name) =>
      result[name] === undefined ? [] : [`${name} ${String(result[name] as number | string | readonly string[])}`],
    ),
    ...((result['kmsg'] as readonly string[] | undefined) ?? []),
  ].join(', ')

const seen = (profile: ProfileName, ...ops: readonly string[]): readonly string[] => {
  const { results, findings } = replayCase({ name: 'test', ops: ops.map(opOf) }, profile)
  expect(findings).toEqual([])
  return results.map(told)
}

/** What the last calls got. */
const last = (count: number, ...ops: Parameters<typeof seen>): readonly string[] => seen(...ops).slice(-count)

const inContainer = ['open_container as=c', 'open_group dev=edu0 as=g', 'group_set_container fd=g container=c']
const withDevice = [...inContainer, 'get_device_fd fd=g dev=edu0 as=d', 'mmap as=b len=65536']
const asVersion1 = [...inContainer, 'set_iommu fd=c type=1', ...withDevice.slice(inContainer.length)]
const busMaster = 'cfg_write fd=d off=4 size=2 val=6'

describe('what a call looks at, in order', () => {
  test('its arguments, then whether there is an IOAS', () => {
    expect(
      seen(
        v2,
        'open_container as=c',
        'set_iommu fd=c type=2',
        'set_iommu fd=c type=3',
        'check_extension fd=c ext=1',
        'check_extension fd=c ext=9',
        'check_extension fd=c ext=6',
        'check_extension fd=c ext=10',
        'check_extension fd=c ext=4',
        'map_dma fd=c iova=0 size=0 vaddr=0 flags=4',
        'map_dma fd=c iova=0 size=0 vaddr=0 flags=0',
        'unmap_dma fd=c iova=5 size=0 flags=1',
        'unmap_dma fd=c iova=5 size=0 flags=2',
        'dirty_pages fd=c flags=1',
        'ioctl_val fd=c req=15216 arg=1',
        'ioctl_val fd=c req=15221 arg=1',
        'ioctl_val fd=c req=15206 arg=1',
        'ioctl_val fd=c req=15237 arg=1',
      ).slice(1),
    ).toEqual([
      'EINVAL',
      'ENODEV',
      '1',
      '1',
      '0',
      '0',
      'ENODEV',
      'EINVAL',
      'ENODEV',
      'EINVAL, size 0x0',
      'ENODEV, size 0x0',
      'ENOTTY',
      'EFAULT',
      'ENOTTY',
      'ENODEV',
      'EFAULT',
    ])
  })

  test('of a map: the memory, the alignment, the end of the address space, what is reserved, what is there', () => {
    expect(
      last(
        9,
        v2,
        ...withDevice,
        'map_dma fd=c iova=1 size=0x2000 vaddr=0xfffffffffffff000 flags=0',
        'map_dma fd=c iova=1 size=0 vaddr=b flags=0',
        'map_dma fd=c iova=0xfffffffffffff001 size=0x2000 vaddr=b flags=0',
        'map_dma fd=c iova=0xfffffffffffff000 size=0x2000 vaddr=b flags=0',
        'map_dma fd=c iova=0xfee00000 size=0x1000 vaddr=b flags=0',
        'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=0',
        'map_dma fd=c iova=0 size=0x1000 vaddr=b+1 flags=0',
        'map_dma fd=c iova=0x4000 size=0x1000 vaddr=b+1 flags=0',
        'map_dma fd=c iova=0x4000 size=0x1000 vaddr=0x1000 flags=0',
      ),
    ).toEqual(['EOVERFLOW', 'EINVAL', 'EINVAL', 'EOVERFLOW', 'EINVAL', '0', 'EEXIST', 'EINVAL', 'EFAULT'])
  })

  test('without a device nothing has to be whole pages, and no memory is looked at', () => {
    expect(
      last(
        3,
        v2,
        ...inContainer,
        'map_dma fd=c iova=5 size=7 vaddr=0x1003 flags=3',
        'unmap_dma fd=c iova=5 size=6',
        'unmap_dma fd=c iova=5 size=7',
      ),
    ).toEqual(['0', 'ENOENT, size 0x0', '0, size 0x7'])
  })
})

describe('an unmap', () => {
  test('tells how much it unmapped also when it fails, but not when its arguments are wrong', () => {
    const mapped = [
      ...withDevice,
      'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3',
      'map_dma fd=c iova=0x1000 size=0x2000 vaddr=b flags=3',
    ]
    expect(
      last(
        5,
        v2,
        ...mapped,
        'unmap_dma fd=c iova=0 size=0x1000 argsz=23',
        'unmap_dma fd=c iova=0 size=0x1000 flags=2',
        'unmap_dma fd=c iova=0 size=0',
        'unmap_dma fd=c iova=0 size=0x2000',
        'unmap_dma fd=c iova=0 size=0 flags=2',
      ),
    ).toEqual([
      'EINVAL, size 0x1000',
      'EINVAL, size 0x1000',
      'EINVAL, size 0x0',
      'ENOENT, size 0x1000',
      '0, size 0x2000',
    ])
  })

  test('of nothing is an error until 6.18', () => {
    const ops = [...inContainer, 'unmap_dma fd=c iova=0 size=0x1000', 'unmap_dma fd=c iova=0 size=0 flags=2'].map(opOf)
    const unmaps = (but: { readonly emptyUnmap: 0 | '-ENOENT' }) => {
      const run = new CaseRun({ name: 'test', ops }, v2, { but })
      return ops.map((_, index) => told(run.next(index))).slice(-2)
    }
    expect(unmaps({ emptyUnmap: 0 })).toEqual(['0, size 0x0', '0, size 0x0'])
    expect(unmaps({ emptyUnmap: '-ENOENT' })).toEqual(['ENOENT, size 0x0', '0, size 0x0'])
  })

  test('of VFIO_TYPE1_IOMMU takes any part of a mapping; the rest stays in the IOMMU, and charged', () => {
    const fault = [
      '<3>DMAR: DRHD: handling fault status reg 2',
      '<3>DMAR: [DMA Read NO_PASID] Request device [0000:00:10.0] fault addr 0x1000 [fault reason 0x06] PTE Read access is not set',
    ]
    expect(
      last(
        8,
        v1,
        ...asVersion1,
        busMaster,
        'drop_ipc_lock',
        'poke vaddr=b+0x2000 val=77',
        'map_dma fd=c iova=0 size=0x4000 vaddr=b flags=3',
        'unmap_dma fd=c iova=0x1000 size=0x1000',
        'edu_dma fd=d dir=from_mem iova=0x2000 len=4',
        'edu_dma fd=d dir=to_mem iova=0x3000 len=4',
        'peek vaddr=b+0x3000',
        'edu_dma fd=d dir=from_mem iova=0x1000 len=4',
        'unmap_dma fd=c iova=0x800 size=0x1000',
        'unmap_dma fd=c iova=0 size=0 flags=2',
      ),
    ).toEqual([
      '0, vmlck_kb 16',
      '0, size 0x1000, vmlck_kb 12',
      '0',
      '0',
      '0, val 0x4d',
      ['0', ...fault].join(', '),
      'EINVAL, size 0x1000',
      '0, size 0x3000, vmlck_kb 0',
    ])
  })

  test('that cannot be cut at its beginning has cut at its end by then', () => {
    const list: AreaList = { ...reserve({ areas: [], lives: [] }, { iova: 0n, size: 0x4000n }) }
    const mapped = { ...list, areas: list.areas.map((area) => ({ ...area, pages: true })) }
    const { ret, list: after } = cut(mapped, [0x1fffn, 0x7ffn], 0x1000n, false)
    expect(ret).toBe('-EINVAL')
    expect(after.areas.map(({ iova, size }) => [iova, size])).toEqual([
      [0n, 0x2000n],
      [0x2000n, 0x2000n],
    ])
  })
})

describe('VFIO_TYPE1_IOMMU', () => {
  test('can be asked for as long as nothing is mapped for a device', () => {
    expect(
      last(
        3,
        v1,
        ...withDevice,
        'set_iommu fd=c type=3',
        'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3',
        'set_iommu fd=c type=1',
      ),
    ).toEqual(['0', '0', 'EINVAL'])
  })

  test('cannot be asked for where something is mapped that is not whole pages', () => {
    expect(
      last(2, v1, ...inContainer, 'map_dma fd=c iova=5 size=7 vaddr=0x1003 flags=3', 'set_iommu fd=c type=1'),
    ).toEqual(['0', 'EADDRINUSE'])
  })
})

describe('GET_INFO', () => {
  test('the addresses that may be mapped are narrowed by devices, not by groups', () => {
    expect(
      seen(
        v2,
        ...inContainer,
        'iommu_get_info fd=c',
        'get_device_fd fd=g dev=edu0 as=d',
        'iommu_get_info fd=c',
        'close fd=d',
        'iommu_get_info fd=c',
      ).slice(3),
    ).toEqual([
      '0, flags 3, argsz 72, iova_ranges 0x0,0xffffffffffffffff',
      '0',
      '0, flags 3, argsz 88, iova_ranges 0x0,0xfedfffff,0xfef00000,0xffffffffffff',
      '0',
      '0, flags 3, argsz 72, iova_ranges 0x0,0xffffffffffffffff',
    ])
  })

  test('capabilities come all or not at all', () => {
    expect(infoOf(emptySpace, 71)).toMatchObject({ argsz: 72, cap_offset: 0, cap_ids: [] })
    expect(infoOf(emptySpace, 72)).toMatchObject({ argsz: 72, cap_offset: 24, cap_ids: [3, 1], avail: 0xffff_ffff })
  })

  test('ranges that several reserve leave the same holes', () => {
    const reserved = [
      { first: 0n, last: 0xfffn, owner: 'a' },
      { first: 0x5000n, last: 0x9fffn, owner: 'a' },
      { first: 0x6000n, last: 0x6fffn, owner: 'b' },
    ]
    expect(usable({ ...emptySpace, reserved })).toEqual([
      [0x1000n, 0x4fffn],
      [0xa000n, 2n ** 64n - 1n],
    ])
  })
})

describe('devices', () => {
  test('are opened without SET_IOMMU; their group may leave the container meanwhile', () => {
    expect(
      last(
        6,
        v2,
        ...withDevice,
        'group_unset_container fd=g',
        'group_get_status fd=g',
        'device_info fd=d',
        'close fd=g',
        'open_group dev=edu0 as=g',
        'group_unset_container fd=g',
      ),
    ).toEqual(['0', '0, flags 0', '0, flags 2', '0', '0', 'EINVAL'])
  })

  test('what is mapped stays mapped when the last device is closed, and is there again for the next', () => {
    expect(
      last(
        7,
        v2,
        ...withDevice,
        'drop_ipc_lock',
        'map_dma fd=c iova=0 size=0x2000 vaddr=b flags=3',
        'close fd=d',
        'map_dma fd=c iova=0 size=0x2000 vaddr=b flags=3',
        'get_device_fd fd=g dev=edu0 as=d',
        busMaster,
        'edu_dma fd=d dir=to_mem iova=0x1000 len=4',
        'unmap_dma fd=c iova=0 size=0x2000',
      ),
    ).toEqual(['0, vmlck_kb 8', '0, vmlck_kb 0', 'EEXIST', '0, vmlck_kb 8', '2', '0', '0, size 0x2000, vmlck_kb 0'])
  })

  test('cannot be opened when something is mapped where they cannot reach, or is no memory any more', () => {
    const open = 'get_device_fd fd=g dev=edu0 as=d'
    const opened = (map: string, ...before: readonly string[]) =>
      last(
        3,
        v2,
        ...inContainer,
        'mmap as=b len=65536',
        map,
        ...before,
        open,
        'unmap_dma fd=c iova=0 size=0 flags=2',
        open,
      )
    expect(opened('map_dma fd=c iova=0xfee00000 size=0x1000 vaddr=b flags=3')).toEqual([
      'EADDRINUSE',
      '0, size 0x1000',
      '0',
    ])
    expect(opened('map_dma fd=c iova=0x1000000000000 size=0x1000 vaddr=b flags=3')[0]).toBe('EADDRINUSE')
    expect(opened('map_dma fd=c iova=1 size=1 vaddr=b flags=3')[0]).toBe('EADDRINUSE')
    expect(opened('map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3', 'munmap vaddr=b len=65536')[0]).toBe('EFAULT')
  })

  test('a device that cannot be attached leaves nothing behind: what could be pinned is let go', () => {
    expect(
      last(
        4,
        v2,
        ...inContainer,
        'mmap as=b len=65536',
        'drop_ipc_lock',
        'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3',
        'map_dma fd=c iova=0x1000 size=0x1000 vaddr=0x1000 flags=3',
        'get_device_fd fd=g dev=edu0 as=d',
        'vmlck',
        'bind dev=edu0 driver=vfio-pci',
        'iommu_get_info fd=c',
      ),
    ).toEqual(['EFAULT', '0, vmlck_kb 0', 'EBUSY', '0, flags 3, argsz 72, iova_ranges 0x0,0xffffffffffffffff'])
  })

  test('of one group claim its DMA together; a group with another driver in it cannot be had', () => {
    const multi = ['open_container as=c', 'open_group dev=multi0 as=g', 'group_set_container fd=g container=c']
    expect(
      last(
        5,
        v2,
        ...multi,
        'unbind dev=multi2',
        'get_device_fd fd=g dev=multi0 as=d',
        'get_device_fd fd=g dev=multi1 as=e',
        'close fd=d',
        'bind dev=multi2 driver=serial',
        'close fd=e',
        'bind dev=multi2 driver=serial',
        'get_device_fd fd=g dev=multi0 as=d',
      ).map((line) => line.split(',')[0]),
    ).toEqual(['0', 'EBUSY', '0', '0', 'EPERM'])
  })

  test('the file lives as long as a group or a device uses it', () => {
    const used = [...withDevice, 'drop_ipc_lock', 'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3', busMaster]
    expect(
      last(5, v2, ...used, 'close fd=c', 'close fd=g', 'edu_dma fd=d dir=to_mem iova=0 len=4', 'close fd=d', 'vmlck'),
    ).toEqual(['0', '0', '0', '0, vmlck_kb 0', '0, vmlck_kb 0'])
  })

  test('their memory cannot be mapped', () => {
    expect(
      last(
        2,
        v2,
        ...withDevice,
        'mmap_bar as=m fd=d bar=0 off=0 len=4096',
        'map_dma fd=c iova=0 size=0x1000 vaddr=m flags=3',
        'unmap_dma fd=c iova=0 size=0x1000',
      ),
    ).toEqual(['EFAULT', '0, size 0x0'])
  })
})

describe('accounting', () => {
  test('nothing is charged with CAP_IPC_LOCK; without it all pages at once, and the limit is found after the pages', () => {
    expect(
      last(
        6,
        v2,
        ...withDevice,
        'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3',
        'drop_ipc_lock',
        'rlimit_memlock val=8192',
        'map_dma fd=c iova=0x10000 size=0x3000 vaddr=b flags=3',
        'map_dma fd=c iova=0x10000 size=0x11000 vaddr=b flags=3',
        'map_dma fd=c iova=0x10000 size=0x2000 vaddr=b flags=3',
      ),
    ).toEqual(['0', '0', '0', 'ENOMEM', 'EFAULT', '0, vmlck_kb 8'])
  })

  test('memory of a process that is gone cannot be brought to a device', () => {
    expect(
      last(
        3,
        v2,
        ...inContainer,
        'mmap as=b len=65536 kind=shared',
        'fork as=p1',
        'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3 proc=p1',
        'kill target=p1',
        'get_device_fd fd=g dev=edu0 as=d',
      ),
    ).toEqual(['0', '0', 'EFAULT'])
  })
})

describe('devices without an IOMMU', () => {
  const emulated = [
    'open_container as=c',
    'open_group dev=emu0 as=g',
    'group_set_container fd=g container=c',
    'get_device_fd fd=g dev=emu0 as=d',
    'mmap as=b len=65536',
    'drop_ipc_lock',
  ]

  test('pages are pinned and charged when they ask for them, and let go when they are told of an unmap', () => {
    expect(
      last(
        8,
        v2,
        ...emulated,
        'map_dma fd=c iova=0 size=0x4000 vaddr=b flags=3',
        'emu_pin fd=d iova=0x1001 npage=2 prot=3',
        'emu_pin fd=d iova=0x1000 npage=1 prot=3',
        'emu_unpin fd=d iova=0x1000 npage=1',
        'emu_rw fd=d iova=0xffe len=4 write=1 val=65',
        'peek vaddr=b+0x1000',
        'unmap_dma fd=c iova=0x1000 size=0x1000',
        'unmap_dma fd=c iova=0 size=0x4000',
        'emu_log fd=d',
      ).slice(0),
    ).toEqual([
      '2, vmlck_kb 8',
      '1',
      '0',
      '0',
      '0, val 0x4141',
      'ENOENT, size 0x0',
      '0, size 0x4000, vmlck_kb 0',
      '0, notified 0x0,0x4000',
    ])
  })

  test('a pin fails as a whole: not mapped, not writable, no memory', () => {
    expect(
      last(
        5,
        v2,
        ...emulated,
        'map_dma fd=c iova=0 size=0x2000 vaddr=b flags=1',
        'map_dma fd=c iova=0x2000 size=0x1000 vaddr=0x1000 flags=3',
        'emu_pin fd=d iova=0 npage=1 prot=2',
        'emu_pin fd=d iova=0 npage=3 prot=1',
        'emu_pin fd=d iova=0x3000 npage=1 prot=1',
        'emu_rw fd=d iova=0 len=4 write=1 val=1',
        'vmlck',
      ),
    ).toEqual(['EPERM', 'EFAULT', 'ENOENT', 'EPERM', '0, vmlck_kb 0'])
  })

  test('nothing is cut where a page is pinned', () => {
    expect(
      last(
        3,
        v1,
        ...emulated,
        'set_iommu fd=c type=1',
        'map_dma fd=c iova=0 size=0x4000 vaddr=b flags=3',
        'emu_pin fd=d iova=0x3000 npage=1 prot=1',
        'unmap_dma fd=c iova=0 size=0x1000',
      ).slice(1),
    ).toEqual(['1, vmlck_kb 4', 'EINVAL, size 0x1000'])
  })
})

describe('its steps', () => {
  const at = { domainsRwsem: 'domains', iovaRwsem: 'iova', ioas: 'ioas', notify: 'notify', unfill: 'unfill' }
  const area = { id: 'area0', gen: 1 }
  const user = { process: 'p0', vaddr: 0n, prot: 3, charged: 'memory' as const }

  test('an unmap takes pages out of the domain without iova_rwsem, before it frees the area', () => {
    const found = { type: 'FOUND', area, iova: 0n, size: 0x1000n, pages: true, accesses: 0 }
    const run = feed(
      gated,
      { task: 't1', at },
      { type: 'CALL', iova: 0n, size: 0x1000n },
      'LOCKED',
      'LOCKED',
      found,
      { type: 'CLEARED', filled: { iova: 0n, size: 0x1000n, user } },
      'UNLOCKED',
      'RETURN',
      'FREED',
      'LOCKED',
      'UNLOCKED',
      'UNLOCKED',
    )
    expect(run.said.slice(3).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'ioas CLEAR_PAGES',
      'iova UP_WRITE',
      'unfill CALL',
      'ioas FREE',
      'iova DOWN_WRITE',
      'iova UP_WRITE',
      'domains UP_READ',
      't1 RETURN',
    ])
    expect(run.atRest).toBe(true)
  })

  test('a map whose memory cannot be had gives its range back', () => {
    const memory = { process: 'p0', fill: 'fill' }
    const run = feed(
      iommufdMap,
      { task: 't1', at: { ...at, memory } },
      { type: 'CALL', iova: 0n, size: 0x1000n, vaddr: 0n, prot: 3 },
      { type: 'LIMITS', ipcLock: false },
      'LOCKED',
      { type: 'RESERVED', ret: 0, area },
      'UNLOCKED',
      'LOCKED',
      { type: 'RETURN', ret: '-EFAULT', filled: false },
      'UNLOCKED',
      'LOCKED',
      'FREED',
      'UNLOCKED',
    )
    expect(run.said.slice(4).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'domains DOWN_READ',
      'fill CALL',
      'domains UP_READ',
      'iova DOWN_WRITE',
      'ioas FREE',
      'iova UP_WRITE',
      't1 RETURN',
    ])
    expect(run.said.at(-1)).toBe('t1 RETURN ret=-EFAULT')
    expect(run.atRest).toBe(true)
  })

  test('pages are got before they are charged', () => {
    const run = feed(
      getPages,
      { task: 't1' },
      { type: 'CALL', user, pages: 2 },
      { type: 'LIMITS', memlock: 1, alive: true },
      'LOCKED',
      { type: 'PINNED', extents: [{ in: 'p0.mm', n: 0, pages: 2 }] },
      'UNLOCKED',
      'LOCKED',
      { type: 'ACCOUNTED', ret: '-ENOMEM' },
      'UNLOCKED',
    )
    expect(run.said.filter((line) => line.startsWith('p0.mm '))).toEqual([
      'p0.mm PIN vaddr=0x0 pages=2 write=true',
      'p0.mm ACCOUNT pages=2 limit=1',
    ])
    expect(run.said.at(-1)).toContain('t1 RETURN ret=-ENOMEM')
    expect(run.atRest).toBe(true)
  })

  test('an area that is not in a domain has nothing to be taken out', () => {
    const reserved = { type: 'RESERVE', iova: 0n, size: 0x1000n, user }
    const clear = { type: 'CLEAR_PAGES', area }
    expect(feed(ioas, {}, reserved, { type: 'FILL', area }, clear).said.at(-1)).toBe('t1 CLEARED')
    expect(feed(ioas, {}, reserved, { type: 'FILL', area, filled: true }, clear).said.at(-1)).toContain(
      't1 CLEARED filled=',
    )
  })
})

describe('at the same time', () => {
  const race = async (before: readonly string[], one: string, other: string, ...after: readonly string[]) => {
    const ops = [
      ...before.map(opOf),
      opOf('thread as=t1'),
      { ...opOf(one), proc: 't1', async: 0, barrier: 1 },
      { ...opOf(other), async: 0, barrier: 1 },
      opOf('await proc=t1'),
      opOf('await proc=p0'),
      ...after.map(opOf),
    ]
    const explored = await exploreRace({ name: 'test', ops, reps: 1, outcomes: [] }, v2)
    expect(explored.exhaustive).toBe(true)
    expect(explored.findings).toEqual([])
    return explored.possible
      .map(({ results }) =>
        results
          .slice(-2 - after.length)
          .map(told)
          .join(' · '),
      )
      .toSorted()
  }

  test('a map and an unmap of one area: the unmap may meet it half made, and is told not to race', async () => {
    const possible = await race(
      withDevice,
      'map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3',
      'unmap_dma fd=c iova=0 size=0x1000',
    )
    expect(possible).toEqual(['0 · 0, size 0x0', '0 · 0, size 0x1000', '0 · EBUSY, size 0x0'])
  })

  test('a map and the first open of a device: the page is in the domain in the end, whichever is first', async () => {
    const world = linux({
      systemCalls: v2,
      before: [...inContainer, 'mmap as=b len=65536', 'thread as=t1'].map(opOf),
      tasks: {
        p0: [opOf('get_device_fd fd=g dev=edu0 as=d')],
        t1: [opOf('map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3')],
      },
    })
    const mapped = ({ system }: LinuxView) =>
      (system.read('dmar') as { domains: Readonly<Record<string, readonly unknown[]>> }).domains['container0.ioas0']
        ?.length ?? 0
    const report = await explore(toSystem(world), [
      always('one run of pages when both are done', (view: LinuxView) => !view.finished || mapped(view) === 1),
      sometimes(
        'the device comes first',
        (view: LinuxView) => view.result('p0', 'get_device_fd') !== undefined && mapped(view) === 0,
      ),
      sometimes(
        'the page comes first',
        (view: LinuxView) => view.result('t1', 'map_dma') !== undefined && mapped(view) === 0,
      ),
    ])
    expect(report.exhaustive).toBe(true)
    expect(report.findings).toEqual([])
    expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds', 'seen', 'seen'])
  })

  test('an unmap of pinned memory and the close of the device that pinned it: neither waits for ever', async () => {
    const pinned = [
      ...['open_container as=c', 'open_group dev=emu0 as=g', 'group_set_container fd=g container=c'],
      ...['get_device_fd fd=g dev=emu0 as=d', 'mmap as=b len=65536'],
      ...['map_dma fd=c iova=0 size=0x1000 vaddr=b flags=3', 'emu_pin fd=d iova=0 npage=1 prot=3'],
    ]
    expect(await race(pinned, 'unmap_dma fd=c iova=0 size=0x1000', 'close fd=d')).toEqual(['0, size 0x1000 · 0'])
  })
})

/** Nobody recorded these sequences on such a kernel; what they come to here is of no interest, but what they leave behind is. */
describe('what was recorded elsewhere, made on iommufd', () => {
  test.each(['hand-close', 'hand-p2p', 'hand-emu'])('%s: nothing is left once every process is gone', (file) => {
    for (const { one } of readCases(join(root, `test/recordings/kernel-6.1/${file}.jsonl.gz`))) {
      const processes = ['p0', ...one.ops.filter(({ op }) => op === 'fork').map((op) => String(op['as']))]
      const ops = [...one.ops, ...new Set(processes)].map((op) =>
        typeof op === 'string' ? { op: 'exit', proc: op } : op,
      )
      const run = new CaseRun({ name: one.name, ops }, v2)
      for (const index of ops.keys()) run.next(index)
      const contextOf = (id: string) => run.snapshot(id).context as Readonly<Record<string, unknown>>
      const { domains, attached } = contextOf('dmar')
      expect({ domains, attached }).toEqual({ domains: {}, attached: {} })
      for (const { id } of run.actors.filter(({ machine }) => machine === ioas)) {
        expect(contextOf(id)).toMatchObject({ areas: [], domain: null, accesses: [], reserved: [] })
        expect(contextOf(`${id}.users`)).toEqual({ users: [] })
      }
      expect(run.findings).toEqual([])
    }
  })
})

describe("a device's own file", () => {
  const opened = ['open_cdev dev=edu0 as=d', 'open_container as=c']

  test('is good for nothing until it is bound, and cannot be bound while the group is open', () => {
    expect(
      seen(
        v2,
        ...opened,
        'cfg_read fd=d off=0 size=2',
        'attach_pt fd=d ioas=1',
        'open_group dev=edu0 as=g',
        'bind_iommufd fd=d iommufd=c',
        'close fd=g',
        'bind_iommufd fd=d iommufd=c argsz=15',
        'bind_iommufd fd=d iommufd=devnull',
        'bind_iommufd fd=d iommufd=c',
        'cfg_read fd=d off=0 size=2',
      ).slice(2),
    ).toEqual(['EINVAL', 'EINVAL', '0', 'EBUSY', '0', 'EINVAL', 'EBADFD', '0, devid 1', '2, val 0x1234'])
  })

  test('only one of them can be bound', () => {
    expect(
      last(
        4,
        v2,
        ...opened,
        'open_cdev dev=edu0 as=e',
        'bind_iommufd fd=d iommufd=c',
        'bind_iommufd fd=e iommufd=c',
        'close fd=d',
        'bind_iommufd fd=e iommufd=c',
      ),
    ).toEqual(['0, devid 1', 'EINVAL', '0', '0, devid 1'])
  })

  test('what is mapped in an IOAS is there for the device from attaching to detaching', () => {
    expect(
      last(
        9,
        v2,
        ...opened,
        'bind_iommufd fd=d iommufd=c',
        'mmap as=b len=65536',
        busMaster,
        'ioas_alloc fd=c',
        'ioas_map fd=c ioas=2 iova=0 size=0x1000 vaddr=b flags=1',
        'ioas_map fd=c ioas=2 iova=0 size=0x1000 vaddr=b',
        'attach_pt fd=d ioas=2',
        'edu_dma fd=d dir=to_mem iova=0 len=4',
        'ioas_unmap fd=c ioas=2 iova=0x1000 size=0x1000',
        'ioas_unmap fd=c ioas=1 iova=0x1000 size=0x1000',
        'detach_pt fd=d',
        'edu_dma fd=d dir=to_mem iova=0 len=4',
      ).map((line) => line.split(',')[0]),
    ).toEqual(['0', 'EINVAL', '0', '0', '0', 'ENOENT', 'ENOENT', '0', '0'])
  })
})

describe('IOMMU_DESTROY', () => {
  const file = ['open_iommufd as=i', 'ioas_alloc fd=i']
  const attached = [...file, 'open_cdev dev=edu0 as=d', 'bind_iommufd fd=d iommufd=i', 'attach_pt fd=d ioas=1']

  test('of an IOAS takes what is mapped in it, its number, and that it stood for a container', () => {
    expect(
      seen(
        v2,
        ...file,
        'mmap as=b len=65536',
        'ioas_map fd=i ioas=1 iova=0 size=0x1000 vaddr=b',
        'vfio_ioas fd=i do=set ioas=1',
        'destroy fd=i id=1',
        'vfio_ioas fd=i do=get',
        'ioas_unmap fd=i ioas=1 iova=0 size=0x1000',
        'destroy fd=i id=1',
        'destroy fd=i id=0xffffffffffffffff',
        'destroy fd=i id=1 argsz=7',
        'ioas_alloc fd=i',
      ).slice(5),
    ).toEqual(['0', 'ENODEV', 'ENOENT', 'ENOENT', 'ENOENT', 'EINVAL', '0, ioas 1'])
  })

  test('is EBUSY of a page table with a device, of the IOAS behind it, and of a device always', () => {
    expect(
      seen(v2, ...attached, ...[1, 2, 3].map((id) => `destroy fd=i id=${id}`), 'detach_pt fd=d', 'destroy fd=i id=3')
        .concat(last(3, v2, ...attached, 'detach_pt fd=d', 'destroy fd=i id=2', 'destroy fd=i id=1'))
        .slice(3),
    ).toEqual(['0, devid 2', '0, pt 3', 'EBUSY', 'EBUSY', 'EBUSY', '0', 'ENOENT', '0', 'EBUSY', '0'])
  })

  test('is EBUSY of an IOAS that a device without an IOMMU is attached to: it has no page table', () => {
    const emulated = ['open_cdev dev=emu0 as=d', 'bind_iommufd fd=d iommufd=i', 'attach_pt fd=d ioas=1']
    expect(
      last(
        5,
        v2,
        ...file,
        ...emulated,
        'destroy fd=i id=1',
        'destroy fd=i id=3',
        'detach_pt fd=d',
        'destroy fd=i id=1',
      ),
    ).toEqual(['0', 'EBUSY', 'ENOENT', '0', '0'])
  })

  test('is no call of a kernel without iommufd', () => {
    expect(seen('6.1', 'open_iommufd as=i', 'open_container as=c', 'destroy fd=i id=1', 'destroy fd=c id=1')).toEqual([
      'ENOENT',
      '0',
      'EBADF',
      'EINVAL',
    ])
  })

  test('beside an attach never frees what that has found, whichever way calls are counted', async () => {
    const story = (iommufdObjects: 'rwsem' | 'counted') => ({
      name: 'destroys',
      systemCalls: { profile: v2 as ProfileName, but: { iommufdObjects } },
      before: [...attached.slice(0, 4).map(opOf), { op: 'thread', as: 't1' }],
      tasks: { p0: [opOf('attach_pt fd=d ioas=1')], t1: [opOf('destroy fd=i id=1')] },
    })
    const told = async (form: 'rwsem' | 'counted') => {
      const busy = sometimes<LinuxView>('busy', (w) => w.result('t1', 'destroy')?.ret === '-EBUSY')
      const { findings, exhaustive, properties } = await explore(toSystem(linux(story(form))), [busy])
      return { exhaustive, busy: properties[0]!.verdict, findings: findings.map(({ title }) => title) }
    }
    expect(await told('rwsem')).toEqual({ exhaustive: true, busy: 'seen', findings: [] })
    expect(await told('counted')).toEqual({ exhaustive: true, busy: 'seen', findings: [] })
  })
})

describe('a device that is attached already', () => {
  const two = [
    ...['open_iommufd as=i', 'ioas_alloc fd=i', 'ioas_alloc fd=i', 'open_cdev dev=multi0 as=d'],
    ...['bind_iommufd fd=d iommufd=i', 'attach_pt fd=d ioas=1'],
  ]

  test('moves: the new page table is made before the old one goes, and has the number of neither', () => {
    expect(
      last(
        5,
        v2,
        ...two,
        ...['attach_pt fd=d ioas=2', 'attach_pt fd=d ioas=2', 'attach_pt fd=d ioas=5'],
        'attach_pt fd=d ioas=1',
        'destroy fd=i id=2',
      ),
    ).toEqual(['0, pt 5', '0, pt 5', '0, pt 5', '0, pt 4', '0'])
  })

  test('stays where it is if it cannot move', () => {
    expect(
      last(
        4,
        v2,
        ...two,
        'attach_pt fd=d ioas=9',
        'attach_pt fd=d ioas=3',
        'attach_pt fd=d ioas=4',
        'destroy fd=i id=1',
      ),
    ).toEqual(['ENOENT', 'EINVAL', '0, pt 4', 'EBUSY'])
  })

  test('has its group with it: a second device of it can go nowhere else', () => {
    const second = ['open_cdev dev=multi1 as=e', 'bind_iommufd fd=e iommufd=i']
    expect(
      last(3, v2, ...two, ...second, 'attach_pt fd=e ioas=2', 'attach_pt fd=e ioas=1', 'attach_pt fd=e ioas=4'),
    ).toEqual(['EINVAL', '0, pt 4', '0, pt 4'])
  })
})

describe('a device that is bound through a file of its own', () => {
  const bound = ['open_container as=c', 'open_cdev dev=multi0 as=d', 'bind_iommufd fd=d iommufd=c']

  test('keeps its group from being opened, its neighbours included, until it is closed', () => {
    expect(
      last(
        5,
        v2,
        ...bound,
        'open_group dev=multi0 as=g',
        'open_group dev=multi1 as=g',
        'open_group dev=edu0 as=h',
        'close fd=d',
        'open_group dev=multi1 as=g',
      ),
    ).toEqual(['EBUSY', 'EBUSY', '0', '0', '0'])
  })

  test('and only then: a bind that fails leaves nothing behind', () => {
    const failed = ['bind_iommufd fd=d iommufd=c', 'open_cdev dev=multi0 as=e', 'bind_iommufd fd=e iommufd=c']
    expect(
      last(
        4,
        v2,
        ...bound,
        ...failed,
        'open_group dev=multi0 as=g',
        'close fd=d',
        'close fd=e',
        'open_group dev=multi0 as=g',
      ),
    ).toEqual(['EBUSY', '0', '0', '0'])
    const first = [...bound.slice(0, 2), 'bind_iommufd fd=d iommufd=devnull', 'open_group dev=multi0 as=g']
    expect(last(2, v2, ...first)).toEqual(['EBADFD', '0'])
  })

  test('is not bound while its group is open', () => {
    expect(last(3, v2, ...bound.slice(0, 2), 'open_group dev=multi1 as=g', bound[2]!, 'close fd=g').slice(1)).toEqual([
      'EBUSY',
      '0',
    ])
  })

  test('bound and opened at once: one of the two is EBUSY', async () => {
    const racing = { async: 0, barrier: 1 }
    const { possible, exhaustive } = await exploreRace(
      {
        name: 'race.bind_open',
        ops: [
          ...bound.slice(0, 2).map(opOf),
          { op: 'thread', as: 't1' },
          { ...opOf(bound[2]!), ...racing },
          { ...opOf('open_group dev=multi0 as=g'), proc: 't1', ...racing },
          { op: 'await' },
          { op: 'await', proc: 't1' },
        ],
      },
      v2,
    )
    const errnos = possible.map(({ results }) => results.slice(-2).map(({ err }) => err))
    expect(exhaustive).toBe(true)
    expect(errnos.map((both) => both.map((err) => err ?? 'ok').join(' ')).toSorted()).toEqual(['EBUSY ok', 'ok EBUSY'])
  })
})
