/** What changed between the kernels that were recorded (6.1.192, 6.12.117, 7.2.12), fact by fact: what each answers to the same calls. */
import { describe, expect, test } from 'vitest'
import type { Op, Result } from '../../actors/kernel/system-calls/op.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { history, kernels } from '../../machines/history.ts'
import { profiles } from '../../machines/profile.ts'
import { profileFor, standInFor, standInWords } from '../../machines/versions.ts'

const recorded = ['6.1', '6.12', '7.2'] as const

/** `map_dma fd=c0 iova=0x0` */
const opOf = (line: string): Op => {
  const [op, ...fields] = line.split(' ')
  const values = fields.map((field) => field.split('=') as [string, string])
  return {
    op: op!,
    ...Object.fromEntries(values.map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text])),
  }
}

const told = ({ ret, err, kmsg = [], argsz, flags, val, vmlck_kb }: Result): string =>
  [err ?? ret, argsz, flags, val, ...(vmlck_kb === undefined ? [] : [`${JSON.stringify(vmlck_kb)} kB`])]
    .filter((part) => part !== undefined)
    .map(String)
    .concat((kmsg as readonly string[]).map((line) => line.replace(/\[fault reason.*/, '…')))
    .join(' ')

/** What the last call was answered on each of the three. */
const answers = (...ops: readonly string[]): readonly string[] =>
  recorded.map((profile) => told(replayCase({ name: 'fact', ops: ops.map(opOf) }, profile).results.at(-1)!))

const container = (dev: string, type = 3) => [
  'open_container as=c0',
  `open_group as=g0 dev=${dev}`,
  'group_set_container fd=g0 container=c0',
  `set_iommu fd=c0 type=${type}`,
]
const opened = (dev: string) => [...container(dev), `get_device_fd fd=g0 dev=${dev} as=d0`]
const master = 'cfg_write fd=d0 off=4 size=2 val=0x6'
const buffer = 'mmap as=b0 len=16384'
const mapAt = (iova: string, flags: number, size = '0x1000') =>
  `map_dma fd=c0 iova=${iova} size=${size} vaddr=b0 flags=${flags}`

describe('since 6.12', () => {
  test('a page that nobody wrote to is the process’s own once it is pinned for reading, and counted', () => {
    expect(answers(...container('edu0'), buffer, mapAt('0x0', 1))).toEqual(['0', '0 4 kB', '0 4 kB'])
  })

  test('the device sees what is written to such a page afterwards', () => {
    const read = 'edu_dma fd=d0 dir=from_mem iova=0x0 len=4'
    const back = ['mmap as=b1 len=4096', 'map_dma fd=c0 iova=0x1000 size=0x1000 vaddr=b1 flags=3']
    const show = ['edu_dma fd=d0 dir=to_mem iova=0x1000 len=4', 'peek vaddr=b1']
    const write = [...opened('edu0'), master, buffer, mapAt('0x0', 1), 'poke vaddr=b0 val=7', ...back, read]
    expect(answers(...write, ...show)).toEqual(['0 0x0', '0 0x7', '0 0x7'])
  })

  test('capabilities of GET_INFO begin at multiples of 8', () => {
    expect(answers(...container('edu0'), 'iommu_get_info fd=c0 argsz=24')).toEqual(['0 116 3', '0 120 3', '0 120 3'])
  })

  test('a descriptor that is no container is EBADFD', () => {
    const wrong = ['open_group as=g0 dev=edu0', 'group_set_container fd=g0 container=devnull']
    expect(answers(...wrong)).toEqual(['EINVAL', 'EBADFD', 'EBADFD'])
  })

  test('a hot reset without groups is EINVAL also where no reset is possible', () => {
    expect(answers(...opened('edu0'), 'hot_reset fd=d0 count=0')).toEqual(['ENODEV', 'EINVAL', 'EINVAL'])
    expect(answers(...opened('edu0'), 'hot_reset fd=d0 group=g0')).toEqual(['ENODEV', 'ENODEV', 'ENODEV'])
  })

  test('vectors of MSI-X can be added one by one, those of MSI cannot', () => {
    expect(answers(...opened('nic0'), 'irq_info fd=d0 index=2')).toEqual(['0 9', '0 1', '0 1'])
    expect(answers(...opened('nic0'), 'irq_info fd=d0 index=1')).toEqual(['0 9', '0 9', '0 9'])
    const add = ['eventfd as=e0', 'set_irqs fd=d0 index=2 flags=36 start=0 count=1 eventfd=e0']
    const another = 'set_irqs fd=d0 index=2 flags=36 start=3 count=1 eventfd=e0'
    expect(answers(...opened('nic0'), ...add, another)).toEqual(['EINVAL', '0', '0'])
  })

  test('a function without MSI-X still says that vectors cannot be added', () => {
    expect(answers(...opened('edu0'), 'irq_info fd=d0 index=2')).toEqual(['0 9', '0 9', '0 9'])
  })

  test('a device that is being unbound cannot be opened once more, though who has it open goes on', () => {
    const unbinding = ['fork as=p1', ...opened('edu0'), buffer, 'unbind dev=edu0 async=700 proc=p1']
    const again = 'get_device_fd fd=g0 dev=edu0 as=d1'
    expect(answers(...unbinding, again)).toEqual(['0', 'ENODEV', 'ENODEV'])
    expect(answers(...unbinding, again, mapAt('0x0', 3))).toEqual(['0 4 kB', '0 4 kB', '0 4 kB'])
  })
})

describe('since 7.2', () => {
  test('what wraps is EOVERFLOW: of a mapping, of its removal, of a dirty bitmap, of pages a driver pins', () => {
    const beyond = '0xfffffffffffff000'
    const wraps = (...ops: readonly string[]) => answers(...container('edu0'), buffer, ...ops)
    expect(wraps(mapAt(beyond, 3, '0x2000'))).toEqual(['EINVAL', 'EINVAL', 'EOVERFLOW'])
    expect(wraps(`unmap_dma fd=c0 iova=${beyond} size=0x2000`)).toEqual(['EINVAL', 'EINVAL', 'EOVERFLOW'])
    const get = `dirty_pages fd=c0 flags=4 iova=${beyond} size=0x2000 bitmap_size=8`
    expect(wraps('dirty_pages fd=c0 flags=1', get)).toEqual(['EINVAL', 'EINVAL', 'EOVERFLOW'])
    const pin = (iova: string) => answers(...opened('emu0'), `emu_pin fd=d0 iova=${iova} npage=1 prot=1`)
    expect(pin(beyond)).toEqual(['EINVAL', 'EINVAL', 'EINVAL'])
    expect(pin('0xfffffffffffff001')).toEqual(['EINVAL', 'EINVAL', 'EOVERFLOW'])
  })

  test('an empty range of a dirty bitmap is EINVAL before it can wrap', () => {
    const empty = 'dirty_pages fd=c0 flags=4 iova=0xfffffffffffff000 size=0 bitmap_size=8'
    expect(answers(...container('edu0'), empty)).toEqual(['EINVAL', 'EINVAL', 'EINVAL'])
  })

  test('nesting is gone, and the container can still be used', () => {
    expect(answers('open_container as=c0', 'check_extension fd=c0 ext=6')).toEqual(['1', '1', '0'])
    expect(answers(...container('edu0', 6))).toEqual(['EINVAL', 'EINVAL', 'ENODEV'])
    expect(answers(...container('emu0', 6))).toEqual(['0', '0', 'ENODEV'])
    expect(answers(...container('edu0', 6), 'set_iommu fd=c0 type=3')).toEqual(['0', '0', '0'])
  })

  test('a device cannot read what is mapped for writing only, and a fault names the PCI domain', () => {
    const read = 'edu_dma fd=d0 dir=from_mem iova=0x0 len=4'
    const handling = '<3>DMAR: DRHD: handling fault status reg 2'
    expect(answers(...opened('edu0'), master, buffer, mapAt('0x0', 2), read)).toEqual([
      '0',
      '0',
      `0 ${handling} <3>DMAR: [DMA Read NO_PASID] Request device [0000:00:10.0] fault addr 0x0 …`,
    ])
    expect(answers(...opened('edu0'), master, read)).toEqual(
      ['00:10.0', '00:10.0', '0000:00:10.0'].map(
        (device) => `0 ${handling} <3>DMAR: [DMA Read NO_PASID] Request device [${device}] fault addr 0x0 …`,
      ),
    )
  })

  test('a reset is told in the log: at the first open, at DEVICE_RESET, at HOT_RESET, not where there is none', () => {
    const lines = ' <4>vfio-pci 0000:01:00.0: resetting <4>vfio-pci 0000:01:00.0: reset done'
    const device = opened('edurp')
    expect(answers(...device)).toEqual(['0', '0', `0${lines}`])
    expect(answers(...device, 'get_device_fd fd=g0 dev=edurp as=d1')).toEqual(['0', '0', '0'])
    expect(answers(...device, 'device_reset fd=d0')).toEqual(['0', '0', `0${lines}`])
    expect(answers(...device, 'hot_reset fd=d0 group=g0')).toEqual(['0', '0', `0${lines}`])
    expect(answers(...device, 'close fd=d0')).toEqual(['0', '0', '0'])
    expect(answers(...opened('edu0'))).toEqual(['0', '0', '0'])
  })

  test('a group cannot join mappings beyond its aperture: ERANGE, and no line', () => {
    const beyond = [...container('emu0'), buffer, mapAt('0x1000000000000', 3)]
    const line = '<3>DMAR: intel_iommu_map: iommu width (48) is not sufficient for the mapped address (1000000001000)'
    const join = ['open_group as=g1 dev=edu0', 'group_set_container fd=g1 container=c0']
    expect(answers(...beyond, ...join)).toEqual([`EFAULT ${line}`, `EFAULT ${line}`, 'ERANGE'])
  })
})

describe('profiles', () => {
  test('each change stands beside a kernel, oldest first, and says since when', () => {
    for (const [name, { later }] of Object.entries(history)) {
      const order = later.map(({ from }) => kernels.indexOf(from))
      expect(order, name).toEqual(order.toSorted((a, b) => a - b))
      for (const { since } of later) expect(since, name).toMatch(/^(?:\d+\.\d+|[\da-f]{12} |between \d)/)
    }
  })

  test('two kernels that follow each other differ in something, and in no more than the table says', () => {
    const differing = (one: keyof typeof profiles, other: keyof typeof profiles) =>
      Object.keys(history).filter(
        (name) => (profiles[one] as object)[name as never] !== (profiles[other] as object)[name as never],
      )
    expect(differing('6.12', '7.2')).toEqual([
      ...['tellsResets', 'writeOnlyIsReadable', 'faultsNameDomain', 'beyondAperture'],
      ...['looksAtRangeFirst', 'beyondAddressSpace', 'reachesLastPage', 'knowsNesting'],
      ...['exportsBars', 'lastIoctl', 'takesTokens', 'looksAtLengthFirst'],
      ...['refusesFaultQueue', 'invalidatesAny', 'hardwareCapabilities'],
    ])
  })

  test('any version is replayed as the nearest kernel, and it is said which recording stands behind it', () => {
    const words = (typed: string) => standInWords(typed, standInFor(typed)!)
    expect(words('6.1')).toBe('as 6.1, recorded on Linux 6.1.192')
    expect(words('6.12.117')).toBe('6.12.117: as 6.12, recorded on Linux 6.12.117')
    expect(words('6.8')).toBe('6.8: as 6.12, the nearest there is, recorded on Linux 6.12.117')
    expect(words('5.15')).toBe('as 5.15, known from its sources, not recorded')
    expect(words('7.0-rc3')).toBe('7.0-rc3: as 7.2, the nearest there is, recorded on Linux 7.2.12')
    expect(['7.x', '6.19', '6.17', '6.6', '5.19', '4.4', '9.1'].map(profileFor)).toEqual([
      '7.2',
      '7.2',
      '7.2',
      '6.1',
      '6.1',
      '4.10',
      '7.2',
    ])
    expect(['6', 'six', '6.1x', '', '3.10', '6.1111'].map(standInFor)).toEqual(Array(6).fill(undefined))
  })
})
