/**
 * relock beside real kernels: the recordings, made again. A sample of the generated ones; all of them with `RECORDINGS=all npx vitest run
 * test/conform/recordings.test.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, test } from 'vitest'
import { conforming, readCases, type ConformReport, type Disagreement, type Written } from '../../conform/index.ts'
import { root } from '../cli/run.ts'

const recordings = join(root, 'test/recordings')
const filesOf = (kernel: string): readonly string[] =>
  readdirSync(join(recordings, kernel)).filter((file) => file.endsWith('.jsonl.gz'))

/** One in so many of the generated cases. */
const oneIn = process.env['RECORDINGS'] === 'all' ? 1 : 36

const sampled = (kernel: string, file: string): readonly Written[] =>
  readCases(join(recordings, kernel, file)).filter((_, index) => !file.startsWith('random') || index % oneIn === 0)

const reportOf = async (kernel: string, file: string): Promise<ConformReport> => {
  const last = await lastValueFrom(conforming(sampled(kernel, file)))
  return last.type === 'report' ? last.report : expect.unreachable()
}

const told = ({ of, index, op, differences }: Disagreement): string =>
  `${of.name} op ${index} ${op.op}: ${differences.map(({ field, recorded, said }) => `${field} ${JSON.stringify(recorded)}, not ${JSON.stringify(said)}`).join('; ')}`

describe.each(['6.1', '6.12', '7.2'])('as Linux %s answered', (kernel) => {
  const folder = `kernel-${kernel}`
  const files = filesOf(folder)

  test.each(files)('%s', async (file) => {
    const { failures, disagreements, fields, races } = await reportOf(folder, file)
    expect(failures.map(({ of, error }) => `${of.name}: ${error.message.slice(0, 120)}`)).toEqual([])
    expect(disagreements.map(told)).toEqual([])
    expect(fields.notCompared).toBeLessThanOrEqual(fields.all / 50)
    expect(races.filter(({ exhaustive, impossible }) => !exhaustive || impossible.length > 0)).toEqual([])
  })

  test('nothing of the recordings is missing', () => {
    const cases = files.flatMap((file) => readCases(join(recordings, folder, file)))
    const ops = cases.reduce((all, { one }) => all + ('results' in one ? one.ops.length : 0), 0)
    const [all, later] = [
      { cases: 1567, ops: 52_475 },
      { cases: 1616, ops: 53_049 },
    ]
    expect({ cases: cases.length, ops }).toEqual(kernel === '6.1' ? all : later)
  })
})

/** Cases, operations and fields of each: the fields are those that are compared, when all are replayed. */
const ofIommufd = {
  'iommufd-6.12': { hand: [201, 2411, 4160], random: [301, 6824, 13_215] },
  'iommufd-7.2': { hand: [201, 2411, 4139], random: [301, 6824, 13_215], compat: [103, 1878, 3336] },
} as const

describe.each(Object.entries(ofIommufd))('%s', (folder, sets) => {
  test.each(Object.entries(sets))('%s: every field agrees, and none is left out', async (set, [, , all]) => {
    const { failures, disagreements, noticed, fields } = await reportOf(folder, `${set}.jsonl.gz`)
    expect(failures.map(({ of, error }) => `${of.name}: ${error.message.slice(0, 120)}`)).toEqual([])
    expect(disagreements.map(told)).toEqual([])
    expect(noticed).toEqual([])
    expect(fields.notCompared).toBe(0)
    if (set !== 'random' || oneIn === 1) expect(fields.agreed).toBe(all)
  })

  test('nothing of the recordings is missing', () => {
    expect(filesOf(folder).toSorted()).toEqual(
      Object.keys(sets)
        .map((set) => `${set}.jsonl.gz`)
        .toSorted(),
    )
    for (const [set, [cases, ops]] of Object.entries(sets)) {
      const written = readCases(join(recordings, folder, `${set}.jsonl.gz`))
      expect([written.length, written.reduce((sum, { one }) => sum + one.ops.length, 0)]).toEqual([cases, ops])
    }
  })
})

test('docs/CONFORMANCE.md says how many fields of iommufd agree', () => {
  const text = readFileSync(join(root, 'docs/CONFORMANCE.md'), 'utf8')
  for (const sets of Object.values(ofIommufd))
    for (const counts of Object.values<readonly number[]>(sets))
      expect(text).toContain(`| ${counts.map((count) => count.toLocaleString('en')).join(' | ')} | all |`)
})
