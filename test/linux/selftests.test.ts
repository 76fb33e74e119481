/**
 * The kernel's own tests of VFIO and iommufd, transcribed as cases, and what is known to differ between kernels: facts from sources, not
 * recordings (test/recordings/selftests, test/recordings/profiles).
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CaseRun } from '../../actors/kernel/system-calls/replay.ts'
import { conform, readCases, type Case, type ConformReport, type Disagreement } from '../../conform/index.ts'
import { profileNames } from '../../machines/profile.ts'
import { root } from '../cli/run.ts'

const folderOf = (name: string): string => join(root, 'test/recordings', name)
const filesIn = (name: string): readonly string[] =>
  readdirSync(folderOf(name)).filter((file) => file.endsWith('.jsonl'))
const casesIn = (name: string) => readCases(folderOf(name)).map(({ one }) => one)

const told = ({ of, index, op, differences }: Disagreement): string =>
  `${of.name} op ${index} ${op.op}: ${differences.map(({ field, recorded, said }) => `${field} ${JSON.stringify(recorded)}, not ${JSON.stringify(said)}`).join('; ')}`

/** What is wrong with a report, if anything. */
const wrongIn = ({ verdict, failures, disagreements, noticed, races, ops }: ConformReport): readonly string[] => [
  ...failures.map(({ of, error }) => `${of.name}: ${error.message}`),
  ...disagreements.map(told),
  ...noticed.map(({ of, title }) => `${of.name}: ${title}`),
  ...races.flatMap(({ of, exhaustive }) => (exhaustive ? [] : [`${of.name}: not explored to the end`])),
  ...(ops.notCompared > 0 ? [`${ops.notCompared} operations are not compared`] : []),
  ...(verdict === 'agrees' ? [] : [verdict]),
]

describe("the kernel's own tests", () => {
  test.each(filesIn('selftests'))('%s', async (file) => {
    expect(wrongIn(await conform(join(folderOf('selftests'), file)))).toEqual([])
  })

  const modes = ['vfio_type1_iommu', 'vfio_type1v2_iommu', 'iommufd_compat_type1', 'iommufd_compat_type1v2', 'iommufd']
  const inEveryMode = [
    'vfio_dma_mapping_test.anonymous.dma_map_unmap',
    'vfio_dma_mapping_test.anonymous_hugetlb_2mb.dma_map_unmap',
    'vfio_dma_mapping_test.anonymous_hugetlb_1gb.dma_map_unmap',
    'vfio_dma_map_limit_test.unmap_range',
    'vfio_dma_map_limit_test.unmap_all',
    'vfio_dma_map_limit_test.overflow',
    'vfio_dma_mapping_mmio_test.map_full_bar',
    'vfio_dma_mapping_mmio_test.map_partial_bar',
    'vfio_dma_mapping_mmio_test.map_bar_misaligned',
    'vfio_pci_device_test.dma_map_unmap',
    'vfio_pci_device_test.config_space_read_write',
    'vfio_pci_device_test.validate_bars',
    'vfio_pci_irq_test.msi.enable_trigger_disable',
    'vfio_pci_irq_test.msix.enable_trigger_disable',
  ]
  const compat = ['simple_close', 'option_huge_pages', 'get_info', 'map', 'huge_map']
  const setup = [
    'bind',
    'get_info_without_bind_fails',
    'bind_bad_iommufd_fails',
    'repeated_bind_fails',
    'attach_detatch_pt',
    'attach_invalid_pt_fails',
  ]
  const bare = ['simple_ioctls', 'unmap_cmd', 'map_cmd', 'info_cmd', 'set_iommu_cmd', 'vfio_ioas']

  test('every fixture is there in every mode, and each in the profile it belongs to', () => {
    const cases = casesIn('selftests')
    expect(cases.map(({ name }) => name).toSorted()).toEqual(
      [
        ...inEveryMode.flatMap((name) => modes.map((mode) => `${name}.${mode}`)),
        ...['Ver1v0', 'Ver1v2'].flatMap((variant) =>
          compat.map((name) => `vfio_compat_mock_domain.${variant}.${name}`),
        ),
        ...setup.map((name) => `vfio_iommufd_setup_test.${name}`),
        ...bare.map((name) => `iommufd.${name}`),
        ...['pagesize_test', 'hugepage_test'].flatMap((name) =>
          ['6.1', '7.2'].map((kernel) => `vfio-correctness-tests.${name}.${kernel}`),
        ),
        'vfio-pci-huge-fault-race',
      ].toSorted(),
    )
    const profileOf = (mode: string): string => {
      if (mode.startsWith('vfio_')) return '7.2'
      return mode === 'iommufd_compat_type1' ? 'iommufd-type1' : 'iommufd-type1v2'
    }
    for (const { name, profile } of cases) {
      const mode = modes.find((each) => name.endsWith(`.${each}`))
      if (mode !== undefined) expect([name, profile]).toEqual([name, profileOf(mode)])
    }
  })

  const disagreeingAs = async (
    profile: 'iommufd-type1v2' | '6.1' | '7.2',
    cases: string,
  ): Promise<readonly string[]> => {
    const { disagreements } = await conform(folderOf('selftests'), { profile, cases })
    return [...new Set(disagreements.map(({ of, op }) => `${of.name} ${op.op}`))]
  }

  test('they tell kernels apart', async () => {
    expect(await disagreeingAs('6.1', 'vfio_dma_map_limit_test.overflow.vfio_type1v2_iommu')).toEqual([
      'vfio_dma_map_limit_test.overflow.vfio_type1v2_iommu map_dma',
      'vfio_dma_map_limit_test.overflow.vfio_type1v2_iommu unmap_dma',
    ])
    expect(await disagreeingAs('7.2', 'vfio_dma_mapping_mmio_test.map_full_bar.iommufd_compat_type1v2')).toEqual([
      'vfio_dma_mapping_mmio_test.map_full_bar.iommufd_compat_type1v2 map_dma',
      'vfio_dma_mapping_mmio_test.map_full_bar.iommufd_compat_type1v2 unmap_dma',
    ])
  })

  // The test once expected an error here: it was written on a kernel before 6.18. The line was taken out in March 2026.
  test('an unmap after a map that failed was an error until 6.18', () => {
    const one = casesIn('selftests').find(
      ({ name }) => name === 'vfio_dma_mapping_mmio_test.map_full_bar.iommufd_compat_type1v2',
    ) as Case
    const run = new CaseRun(one, 'iommufd-type1v2', { but: { emptyUnmap: '-ENOENT' } })
    const results = one.ops.map((_, index) => run.next(index))
    expect(results.slice(-2)).toEqual([
      { ret: -1, err: 'EFAULT' },
      { ret: -1, err: 'ENOENT', size: '0x0' },
    ])
  })
})

describe('what differs between kernels', () => {
  test.each(filesIn('profiles'))('%s', async (file) => {
    expect(wrongIn(await conform(join(folderOf('profiles'), file)))).toEqual([])
  })

  /** What 6.12 answers was recorded, and nothing else is known of it. */
  const kernels = profileNames.filter((name) => !name.startsWith('iommufd') && name !== '6.12')

  test('every kernel with a container of its own has a file, and each case says which it is about', () => {
    expect(filesIn('profiles').toSorted()).toEqual(kernels.map((name) => `${name}.jsonl`).toSorted())
    for (const { name, profile } of casesIn('profiles')) expect(name.endsWith(`.${profile}`), name).toBe(true)
  })

  test('no two kernels answer all of it in the same way', async () => {
    for (const [nth, one] of kernels.entries())
      for (const other of kernels.slice(nth + 1)) {
        const { disagreements } = await conform(join(folderOf('profiles'), `${one}.jsonl`), { profile: other })
        expect(disagreements.length, `${one} as ${other}`).toBeGreaterThan(0)
      }
  })
})
