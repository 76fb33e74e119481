/** The table of a family, from reports written by hand: six protocols, three stories, every kind of cell. */
import { describe, expect, test } from 'vitest'
import type { FindingReport, PropertyReport, Report } from '../../explore/outcome/report.ts'
import { familyTable, familyVerdict, rowsOf, type FamilyReport, type Searched } from '../../report/family.ts'
import { familyDocument } from '../../report/json.ts'
import { makePage } from '../../report/style.ts'
import { commands, widest } from '../cli/run.ts'
import { holding } from './reports.ts'

const protocols = ['none', 'vma-ops', 'device-notifier', 'vma-private', 'vma-to-pfn', 'dma-buf'] as const
type Protocol = (typeof protocols)[number]

const answered = 'no DMA reaches a device after its last release was answered'
const disabled = 'no DMA reaches a device whose memory is disabled'
const leak = 'every reference is dropped in the end'
const succeeds = 'a DMA reaches the device'
const comes = 'the release comes back'

const kinds = {
  [answered]: 'always',
  [disabled]: 'always',
  [leak]: 'always',
  [succeeds]: 'sometimes',
  [comes]: 'eventually',
} as const

type Claim = keyof typeof kinds

const fine = (name: Claim): PropertyReport => ({
  name,
  kind: kinds[name],
  verdict: kinds[name] === 'sometimes' ? 'seen' : 'holds',
})
const broken = (name: Claim, depth: number): PropertyReport => ({
  name,
  kind: kinds[name],
  verdict: 'violated',
  depth,
  schedule: Array.from({ length: depth }, (_, i) => i % 3),
})
const unseen = (name: Claim): PropertyReport => ({ name, kind: kinds[name], verdict: 'unseen' })
const found = (kind: string, title: string, depth: number, shortest = true): FindingReport => ({
  ...{ kind, title, depth, shortest, actors: [], objects: [] },
  schedule: Array.from({ length: depth }, () => 0),
})

interface Told {
  readonly properties: readonly PropertyReport[]
  readonly findings?: readonly FindingReport[]
  readonly bounded?: boolean
}

const searched = (
  scenario: string,
  column: Protocol,
  { properties, findings = [], bounded = false }: Told,
): Searched => {
  const report: Report = {
    ...holding,
    system: scenario,
    fingerprint: '11f6',
    properties,
    findings,
    exhaustive: !bounded,
    ...(bounded && { stopped: { by: 'states', bound: 896, waiting: 7 } }),
  }
  return { scenario, column, choices: { protocol: column, as: 'posted', tasks: 2 }, properties, report }
}

const family: FamilyReport = {
  family: 'device-memory',
  asked: { as: 'posted' },
  columns: protocols,
  kinds: ['double-unregister'],
  searches: [
    searched('closed-device', 'none', { properties: [broken(answered, 23), fine(succeeds)] }),
    searched('closed-device', 'vma-ops', {
      properties: [broken(answered, 31), fine(succeeds)],
      findings: [found('stale-mapping', answered, 31), found('deadlock', 'deadlock at iommu.lock', 44, false)],
    }),
    searched('closed-device', 'device-notifier', { properties: [fine(answered), unseen(succeeds)] }),
    searched('closed-device', 'vma-private', {
      properties: [{ ...fine(answered), verdict: 'undecided' }, fine(succeeds)],
      bounded: true,
    }),
    searched('closed-device', 'dma-buf', { properties: [fine(answered), fine(succeeds)] }),
    searched('second-vma', 'vma-ops', {
      properties: [broken(answered, 12), fine(leak)],
      findings: [
        found('refcount', 'device reference kept', 50),
        found('lost-unlock', 'unlock of what nobody holds', 3),
      ],
    }),
    searched('second-vma', 'device-notifier', { properties: [fine(answered), fine(leak)] }),
    searched('memory-off', 'none', { properties: [broken(disabled, 9), fine(comes)] }),
    searched('memory-off', 'vma-to-pfn', { properties: [{ ...fine(disabled), vacuous: true }, broken(comes, 7)] }),
    { ...searched('memory-off', 'dma-buf', { properties: [fine(disabled), fine(comes)] }), report: undefined! },
  ].map(({ report, ...each }) => (report ? { ...each, report } : each)),
}

/** Signs as in the table, by row. */
const signs: Readonly<Record<string, string>> = {
  holds: '✓',
  violated: '✗',
  undecided: '~',
  unsearched: '?',
  untold: '–',
}
const drawn = Object.fromEntries(
  rowsOf(family).map(({ name, cells }) => [name, cells.map(({ outcome }) => signs[outcome]).join('')]),
)

describe('a cell', () => {
  test('holds, fails, is bounded, was not searched, or nobody tells of it', () => {
    expect(drawn).toEqual({
      [answered]: '✗✗✓~–✓',
      [disabled]: '✗––––?',
      [leak]: '–✓✓–––',
      [comes]: '✓–––✗?',
      [succeeds]: '✓✓✗✓–✓',
      'no use-after-free': '✓✓✓~✓?',
      'no double unregister': '✓✓✓~✓?',
      'no reference is miscounted': '✓✗✓~✓?',
      'no deadlock': '✓✗✓~✓?',
      'no lock-order inversion': '✓✓✓~✓?',
      'no lost unlock': '✓✗✓~✓?',
    })
  })

  test('has the shortest of the runs that break it, and names the other stories', () => {
    const text = familyTable(family, makePage())
    expect(text).toContain('second-vma, 12 steps; also in closed-device')
    expect(text).toContain('deadlock at iommu.lock: closed-device, 44 steps, there may be fewer')
    expect(text).toContain('never seen in closed-device')
  })
})

test('what should have been seen has a row where it was not, or with --all', () => {
  const seen = { ...family, searches: family.searches.filter(({ column }) => column !== 'device-notifier') }
  expect(rowsOf(seen).map(({ name }) => name)).not.toContain(succeeds)
  expect(rowsOf(seen, { all: true }).map(({ name }) => name)).toContain(succeeds)
})

test('the verdict is that of all searches', () => {
  const only = (...columns: Protocol[]) => ({
    ...family,
    searches: family.searches.filter(
      ({ column, scenario }) => columns.includes(column as Protocol) && scenario !== 'memory-off',
    ),
  })
  expect(familyVerdict(family)).toBe('violated')
  expect(familyVerdict(only('dma-buf'))).toBe('holds')
  expect(familyVerdict(only('dma-buf', 'vma-private'))).toBe('undecided')
})

describe('the table', () => {
  test.each([40, 60, 80, 100, 200])('fits %i columns', (columns) => {
    expect(widest(familyTable(family, makePage({ columns })))).toBeLessThanOrEqual(columns)
  })

  test('is one table at 80 columns, heads broken at hyphens', () => {
    expect(familyTable(family, makePage())).toMatchSnapshot()
  })

  test('is several where it would be too narrow', () => {
    expect(familyTable(family, makePage({ columns: 60 })).match(/^┌/gm)).toHaveLength(2)
  })

  test('in ASCII', () => {
    expect(familyTable(family, makePage({ ascii: true }))).toMatch(/^[\x20-\x7e\n]*$/)
  })

  test('has a command behind each cell that fails, which can be pasted', () => {
    const failing = rowsOf(family).flatMap(({ cells }) => cells.filter(({ outcome }) => outcome === 'violated'))
    const printed = commands(familyTable(family, makePage()))
    expect(printed).toHaveLength(failing.length)
    expect(printed[0]).toEqual([
      'replay',
      `closed-device,protocol=none,as=posted,tasks=2@11f6:${Array.from({ length: 23 }, (_, i) => i % 3).join('.')}`,
    ])
    expect(printed).toContainEqual(['explore', 'closed-device,protocol=device-notifier,as=posted,tasks=2'])
  })
})

test('the document has every cell with what each story says, and each search that was made', () => {
  const { verdict, protocols: columns, rows, searches } = familyDocument(family)
  expect({ verdict, columns, searches: searches.length }).toEqual({
    verdict: 'violated',
    columns: protocols,
    searches: 9,
  })
  expect(rows[0]!.cells[1]).toMatchObject({
    protocol: 'vma-ops',
    outcome: 'violated',
    stories: [
      { scenario: 'closed-device', outcome: 'violated', depth: 31, shortest: true },
      { scenario: 'second-vma', outcome: 'violated', depth: 12 },
    ],
  })
})
