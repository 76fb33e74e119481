/** The largest and smallest numbers in every numeric field of every operation: refused with the field, or answered, and soon. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import { operations } from '../../actors/kernel/system-calls/operations.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { isRace } from '../../conform/case.ts'
import { MalformedCase, readCases } from '../../conform/index.ts'
import type { ProfileName } from '../../machines/profile.ts'
import { profileFor } from '../../machines/versions.ts'

const recordings = fileURLToPath(new URL('../recordings', import.meta.url))

interface Beginning {
  readonly ops: readonly Op[]
  readonly profile: ProfileName
}

/** Of each operation the beginning of a recorded case that ends with a call of it, and has come far. */
const beginnings = new Map<string, Beginning>()
const furthest = 14
for (const file of readdirSync(recordings, { recursive: true, encoding: 'utf8' }).toSorted()) {
  if (!/\.jsonl(\.gz)?$/.test(file)) continue
  for (const { one } of readCases(join(recordings, file))) {
    if (isRace(one)) continue
    for (const [index, op] of one.ops.slice(0, furthest).entries()) {
      const before = beginnings.get(op.op)?.ops.length ?? 0
      const worked = one.results?.[index]?.ret !== -1
      if (before === 0 || (worked && index + 1 > before))
        beginnings.set(op.op, { ops: one.ops.slice(0, index + 1), profile: profileFor(one.profile ?? '6.1') })
    }
  }
}

/** What no recording asks for. */
const byHand: readonly Op[] = [
  { op: 'viommu_alloc', fd: 'i0', devid: 1 },
  { op: 'vdevice_alloc', fd: 'i0', viommu: 1 },
  { op: 'hw_queue_alloc', fd: 'i0', viommu: 1 },
  { op: 'setuid', uid: 1 },
  { op: 'guest_pte', iova: 0x10000, gpa: 0x1000 },
]
beginnings.set('mremap', {
  ops: [
    { op: 'mmap', as: 'b0', len: 0x4000 },
    { op: 'mremap', vaddr: 'b0', old: 0x4000, len: 0x8000, flags: 3, at: 0x10000000 },
  ],
  profile: '6.1',
})
for (const each of byHand)
  beginnings.set(each.op, { ops: [{ op: 'open_iommufd', as: 'i0' }, each], profile: 'iommufd-type1v2' })

const extremes = [
  ...[-(2 ** 31), -1, 0, 0x1000, 0x10000, 0x20000000, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER],
  ...['0x8000000000000000', '0xfffffffffffff000', '0xffffffffffffffff'],
]

const numericFields = (op: string): readonly string[] =>
  Object.entries(operations[op]!).flatMap(([field, { type }]) =>
    ['int', 'u64', 'long', 'addr'].includes(type) ? [field] : [],
  )

const asked = Object.keys(operations).filter((op) => numericFields(op).length > 0)

/** So many steps or letters say that something was done byte by byte, page by page. */
const soon = 20_000

test.for(asked)('%s', (op) => {
  const { ops, profile } = beginnings.get(op) ?? { ops: [{ op }], profile: '6.1' as const }
  const wrong: string[] = []
  for (const field of numericFields(op)) {
    for (const extreme of extremes) {
      const one = {
        name: `${op} ${field} ${extreme}`,
        ops: [...ops.slice(0, -1), { ...ops.at(-1)!, [field]: extreme }],
      }
      try {
        readCases(one)
      } catch (error) {
        if (!(error instanceof MalformedCase) || error.problem.field !== field) throw error
        continue
      }
      const { results, steps } = replayCase(one, profile)
      if (steps > soon || JSON.stringify(results).length > soon) wrong.push(`${one.name}: ${steps} steps`)
    }
  }
  expect(wrong).toEqual([])
})

test('every operation with a number in it is asked', () => {
  expect(asked.length).toBeGreaterThan(40)
  expect(asked.filter((op) => !beginnings.has(op))).toEqual(['sleep'])
})
