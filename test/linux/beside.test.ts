/**
 * Containers of VFIO's own and files of iommufd in one world, as on kernels that have both: what a group is in decides what becomes of its devices.
 * What was recorded of it is in test/recordings (group.in_container_then_cdev, group.container_other_group_fine); the rest is derived from the sources.
 */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { isRace } from '../../conform/case.ts'
import { readCases } from '../../conform/index.ts'
import { root } from '../cli/run.ts'

const kernels = ['iommufd-native-6.12', 'iommufd-native-7.2'] as const

/** `ioas_map fd=i ioas=1 iova=0 size=0x1000 vaddr=b` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  const valueOf = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text)
  return { op: op!, ...Object.fromEntries(values.map(([name, text]) => [name, valueOf(text)])) }
}

const openContainer = 'open_container as=c'
const openIommufd = 'open_iommufd as=i'
const openGroup = 'open_group dev=edu0 as=g'
const joinContainer = 'group_set_container fd=g container=c'
const joinIommufd = 'group_set_container fd=g container=i'
const leave = 'group_unset_container fd=g'
const setIommu = 'set_iommu fd=c type=3'
const openDevice = 'get_device_fd fd=g dev=edu0 as=d'
const openOwnFile = 'open_cdev dev=edu0 as=own'
const bind = 'bind_iommufd fd=own iommufd=i'

const files = [openContainer, openIommufd, openGroup]
const inContainer = [...files, joinContainer, setIommu]
const inIommufd = [...files, joinIommufd]

describe.each(kernels)('%s', (kernel) => {
  const resultsOf = (...lines: readonly string[]): readonly Result[] => {
    const { results, findings } = replayCase({ name: 'test', ops: lines.map(opOf) }, kernel)
    expect(findings).toEqual([])
    return results
  }
  /** Errno or value of each of the last calls. */
  const last = (count: number, ...lines: readonly string[]): readonly (string | number | undefined)[] =>
    resultsOf(...lines)
      .slice(-count)
      .map(({ ret, err }) => err ?? ret)

  describe('a group', () => {
    test('is in one or the other', () => {
      expect(last(2, ...inContainer, joinIommufd, joinContainer)).toEqual(['EINVAL', 'EINVAL'])
      expect(last(2, ...inIommufd, joinIommufd, joinContainer)).toEqual(['EINVAL', 'EINVAL'])
    })

    test('goes from one into the other and back', () => {
      const there = [leave, joinIommufd, openDevice, 'close fd=d']
      const back = [leave, joinContainer, setIommu, openDevice]
      expect(last(8, ...inContainer, ...there, ...back)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    })

    test('leaves a container only when no device is open, and a file of iommufd whenever it likes', () => {
      expect(last(3, ...inContainer, openDevice, leave, 'close fd=d', leave)).toEqual(['EBUSY', 0, 0])
      expect(last(2, ...inIommufd, openDevice, leave)).toEqual([0, 0])
    })

    test('opens devices in a container that has a driver, and in any file of iommufd', () => {
      expect(last(3, ...files, joinContainer, openDevice, setIommu, openDevice)).toEqual(['EINVAL', 0, 0])
      expect(last(3, ...inIommufd, openDevice, leave, openDevice)).toEqual([0, 0, 'EINVAL'])
    })

    test('whose device is bound to iommufd still has its DMA with that, and joins no container', () => {
      const left = [...inIommufd, openDevice, leave]
      expect(last(4, ...left, joinContainer, 'close fd=d', joinContainer, setIommu)).toEqual(['EPERM', 0, 0, 0])
      expect(last(2, ...left, 'open_iommufd as=j', 'group_set_container fd=g container=j')).toEqual([0, 0])
    })

    test('of an emulated device has no DMA, and does', () => {
      const opened = ['open_group dev=emu0 as=g', joinIommufd, 'get_device_fd fd=g dev=emu0 as=d']
      expect(last(3, openContainer, openIommufd, ...opened, leave, joinContainer, setIommu)).toEqual([0, 0, 0])
    })
  })

  describe('a file of the device’s own', () => {
    test('is not bound while the group is open, whatever that is in', () => {
      for (const beginning of [files, inContainer, inIommufd])
        expect(last(1, ...beginning, openOwnFile, bind)).toEqual(['EBUSY'])
      const opened = [...inContainer, openOwnFile, openDevice]
      expect(last(3, ...opened, bind, leave, bind)).toEqual(['EBUSY', 'EBUSY', 'EBUSY'])
    })

    test('is not bound either while a device holds the file of a group that is in a container', () => {
      const closed = [...inContainer, openDevice, openOwnFile, 'close fd=g']
      expect(last(3, ...closed, bind, 'close fd=d', bind)).toEqual(['EBUSY', 0, 0])
    })

    test('finds a device opened that a group in iommufd left open behind it', () => {
      const closed = [...inIommufd, openDevice, openOwnFile, 'close fd=g']
      expect(last(3, ...closed, bind, 'close fd=d', bind)).toEqual(['EINVAL', 0, 0])
    })

    test('keeps the group shut as long as it is bound, and no longer', () => {
      const bound = [openContainer, openIommufd, openOwnFile, bind]
      expect(last(2, ...bound, openGroup, 'close fd=own')).toEqual(['EBUSY', 0])
      const through = [openGroup, joinContainer, setIommu, openDevice]
      expect(last(4, ...bound, 'close fd=own', ...through)).toEqual([0, 0, 0, 0])
    })

    test('is bound to files of iommufd only', () => {
      expect(last(1, openContainer, openOwnFile, 'bind_iommufd fd=own iommufd=c')).toEqual(['EBADFD'])
      expect(last(1, ...files, 'group_set_container fd=g container=devnull')).toEqual(['EBADFD'])
    })

    test('of another device of the group, too, is kept out by whoever opened the group', () => {
      const group = ['open_group dev=multi0 as=g', joinContainer, setIommu, 'get_device_fd fd=g dev=multi0 as=d']
      const other = ['open_cdev dev=multi1 as=own', bind]
      expect(last(1, openContainer, openIommufd, ...group, ...other)).toEqual(['EBUSY'])
    })
  })

  describe('whatever is closed first', () => {
    const orders = [
      ...[['c', 'g', 'd'] as const, ['c', 'd', 'g'] as const, ['g', 'c', 'd'] as const],
      ...[['g', 'd', 'c'] as const, ['d', 'c', 'g'] as const, ['d', 'g', 'c'] as const],
    ]

    test.each(orders)('%s, %s, %s: all is given back', (...order) => {
      const memory = ['mmap as=b len=0x4000', 'map_dma fd=X iova=0 size=0x4000 vaddr=b flags=3']
      for (const [beginning, file, counted] of [
        [inContainer, 'c', 'vmlck_kb'],
        [inIommufd, 'i', 'vmpin_kb'],
      ] as const) {
        const mapped = memory.map((line) => line.replace('fd=X', `fd=${file}`))
        const closes = order.map((each) => `close fd=${each === 'c' ? file : each}`)
        const lines = [...beginning, openDevice, ...mapped, ...closes]
        const counts = resultsOf(...lines).flatMap((result) => (counted in result ? [result[counted]] : []))
        expect(counts).toEqual([16, 0])
        const others = ['open_container as=c2', 'open_iommufd as=i2', openOwnFile, 'bind_iommufd fd=own iommufd=i2']
        expect(last(6, ...lines, ...others, openGroup, 'close fd=own')).toEqual([0, 0, 0, 0, 'EBUSY', 0])
        const again = [openGroup, 'group_set_container fd=g container=c2', 'set_iommu fd=c2 type=3', openDevice]
        expect(last(4, ...lines, 'open_container as=c2', ...again)).toEqual([0, 0, 0, 0])
      }
    })
  })

  describe('two groups side by side', () => {
    const second = [
      'open_group dev=edu1 as=h',
      'group_set_container fd=h container=i',
      'get_device_fd fd=h dev=edu1 as=e',
    ]
    const master = (fd: string) => `cfg_write fd=${fd} off=4 size=2 val=6`
    const both = [...inContainer, openDevice, ...second, master('d'), master('e'), 'mmap as=b len=0x1000']
    const mapped = [
      ...both,
      'map_dma fd=c iova=0x10000 size=0x1000 vaddr=b flags=3',
      'map_dma fd=i iova=0x20000 size=0x1000 vaddr=b flags=3',
    ]
    const faults = (...lines: readonly string[]): boolean =>
      ((resultsOf(...lines).at(-1)!['kmsg'] as readonly string[] | undefined) ?? []).length > 0
    const reads = (fd: string, iova: string) => `edu_dma fd=${fd} dir=from_mem iova=${iova} len=4`

    test('reach what is mapped in their own, and nothing of the other', () => {
      expect(faults(...mapped, reads('d', '0x10000'))).toBe(false)
      expect(faults(...mapped, reads('e', '0x20000'))).toBe(false)
      expect(faults(...mapped, reads('d', '0x20000'))).toBe(true)
      expect(faults(...mapped, reads('e', '0x10000'))).toBe(true)
    })

    test('keep it when the other ends', () => {
      const over = ['close fd=d', leave, 'close fd=c']
      expect(faults(...mapped, ...over, reads('e', '0x20000'))).toBe(false)
      const otherOver = ['close fd=e', 'close fd=h', 'close fd=i']
      expect(faults(...mapped, ...otherOver, reads('d', '0x10000'))).toBe(false)
    })

    test('are charged each in its way: a container the process, a file of /dev/iommu the user', () => {
      const [first, other] = resultsOf('drop_ipc_lock', ...mapped).slice(-2)
      expect([first, other]).toEqual([
        { ret: 0, vmlck_kb: 4 },
        { ret: 0, vmpin_kb: 4 },
      ])
    })
  })
})

test('a dma-buf of a device whose group is in a container is mapped into a file of iommufd, and dies with its memory', () => {
  const exported = [...inContainer, openDevice, 'cfg_write fd=d off=4 size=2 val=6', 'dma_buf fd=d as=f']
  const peer = ['open_cdev dev=edu1 as=e', 'bind_iommufd fd=e iommufd=i', 'ioas_alloc fd=i', 'attach_pt fd=e ioas=2']
  const map = 'ioas_map_file fd=i ioas=2 iova=0 size=0x1000 file=f start=0'
  const lines = [...exported, ...peer, map, 'cfg_write fd=d off=4 size=2 val=0', map.replace('iova=0', 'iova=0x10000')]
  const { results, findings } = replayCase({ name: 'test', ops: lines.map(opOf) }, 'iommufd-native-7.2')
  expect(findings).toEqual([])
  expect(results.slice(-3).map(({ ret, err }) => err ?? ret)).toEqual([0, 2, 'ENODEV'])
})

/** What was recorded of kernels without iommufd: they answer as these with iommufd beside do. */
test.each([
  ['kernel-6.12', 'iommufd-native-6.12'],
  ['kernel-7.2', 'iommufd-native-7.2'],
] as const)('%s: containers are what they are without iommufd', (folder, kernel) => {
  const cases = ['hand-group', 'hand-container', 'hand-close', 'hand-groups', 'hand-emu'].flatMap((file) =>
    readCases(join(root, 'test/recordings', folder, `${file}.jsonl.gz`)).flatMap(({ one }) =>
      isRace(one) ? [] : [one],
    ),
  )
  expect(cases.length).toBeGreaterThan(130)
  for (const one of cases) {
    const [alone, beside] = [folder.replace('kernel-', '') as '6.12' | '7.2', kernel].map((each) =>
      replayCase(one, each),
    )
    expect({ name: one.name, results: beside!.results, findings: beside!.findings }).toEqual({
      name: one.name,
      results: alone!.results,
      findings: alone!.findings,
    })
  }
})
