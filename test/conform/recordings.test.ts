/**
 * relock beside a real kernel: the recordings, made again. A sample of the generated ones; all of them with `RECORDINGS=all npx vitest run
 * test/conform/recordings.test.ts`.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { conforming, readCases, type ConformReport, type Disagreement, type Written } from '../../conform/index.ts'
import { root } from '../cli/run.ts'

const folder = join(root, 'test/recordings/kernel-6.1')
const files = readdirSync(folder).filter((file) => file.endsWith('.jsonl.gz'))

/** One in so many of the generated cases. */
const oneIn = process.env['RECORDINGS'] === 'all' ? 1 : 12

const sampled = (file: string): readonly Written[] =>
  readCases(join(folder, file)).filter((_, index) => !file.startsWith('random') || index % oneIn === 0)

const reportOf = async (file: string): Promise<ConformReport> => {
  const last = await lastValueFrom(conforming(sampled(file)))
  return last.type === 'report' ? last.report : expect.unreachable()
}

/** Of these every field has to agree; of the others every errno, and 99 of 100 fields. */
const exact =
  /^(?:map_dma|unmap_dma|dirty_pages|set_iommu|check_extension|get_api_version|iommu_get_info|group_.*|open_.*)$/

const mustAgree = ({ op, differences }: Disagreement): boolean =>
  exact.test(op.op) || differences.some(({ field }) => field === 'err' || field === 'ret')

const told = ({ of, index, op, differences }: Disagreement): string =>
  `${of.name} op ${index} ${op.op}: ${differences.map(({ field, recorded, said }) => `${field} ${JSON.stringify(recorded)}, not ${JSON.stringify(said)}`).join('; ')}`

describe('as Linux 6.1 answered', () => {
  test.each(files)('%s', async (file) => {
    const { failures, disagreements, fields, races } = await reportOf(file)
    expect(failures.map(({ of, error }) => `${of.name}: ${error.message.slice(0, 120)}`)).toEqual([])
    expect(disagreements.filter(mustAgree).map(told)).toEqual([])
    expect(fields.disagreed, disagreements.map(told).join('\n')).toBeLessThanOrEqual(fields.all / 100)
    expect(fields.notCompared).toBeLessThanOrEqual(fields.all / 50)
    expect(races.filter(({ exhaustive, impossible }) => !exhaustive || impossible.length > 0)).toEqual([])
  })

  test('nothing of the recordings is missing', () => {
    const cases = files.flatMap((file) => readCases(join(folder, file)))
    const ops = cases.reduce((all, { one }) => all + ('results' in one ? one.ops.length : 0), 0)
    expect({ cases: cases.length, ops }).toEqual({ cases: 1567, ops: 52_475 })
  })
})

describe('IOMMU_DESTROY, as Linux 6.12 and 7.2 answered', () => {
  const iommufd = join(root, 'test/recordings/iommufd')
  const recorded = readdirSync(iommufd).filter((file) => file.endsWith('.jsonl.gz'))

  test.each(recorded)('%s: nothing differs', async (file) => {
    const last = await lastValueFrom(conforming(readCases(join(iommufd, file))))
    const { failures, disagreements, byOp } = last.type === 'report' ? last.report : expect.unreachable()
    expect(failures.map(({ of, error }) => `${of.name}: ${error.message.slice(0, 120)}`)).toEqual([])
    expect(disagreements.map(told)).toEqual([])
    expect(byOp['destroy']!.ops).toMatchObject({ all: 72, agreed: 72 })
  })

  test('both kernels are there', () => expect(recorded).toHaveLength(2))
})
