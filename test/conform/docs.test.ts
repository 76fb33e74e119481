/** docs/CONFORMANCE.md names every operation with its fields, docs/FIDELITY.md everything that is not compared. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operations } from '../../actors/kernel/system-calls/operations.ts'
import { isRace } from '../../conform/case.ts'
import { rules } from '../../conform/not-compared.ts'
import { readCases } from '../../conform/read.ts'
import { root } from '../cli/run.ts'

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const text = read('docs/CONFORMANCE.md')

test('operations and their fields', () => {
  const table = /(?<=<!-- operations -->\n).*?(?=<!-- \/operations -->)/s.exec(text)?.[0] ?? ''
  const rows = table.split('\n').flatMap((line) => {
    const [, op = '', fields = '', what = ''] = line.split('|').map((cell) => cell.trim())
    return op.startsWith('`') ? [{ op: op.replaceAll('`', ''), fields, isExplained: what !== '' }] : []
  })
  const wanted = Object.entries(operations).map(([op, fields]) => ({
    op,
    fields: Object.entries(fields)
      .map(([name, { needed }]) => (needed ? name : `${name}?`))
      .join(', '),
    isExplained: true,
  }))
  expect(rows).toEqual(wanted)
})

test('what is not compared', () => {
  const fidelity = read('docs/FIDELITY.md')
  const rows = rules.map(
    ({ op, field, reason }) =>
      `| ${op === '*' ? 'any other' : `\`${op}\``} | ${field === '*' ? 'any' : `\`${field}\``} | ${reason} |`,
  )
  expect(rows.filter((row) => !fidelity.includes(row))).toEqual([])
})

/** What a kernel answered to each of the cases that were designed by hand, as text. */
const answersOf = (kernel: string): ReadonlyMap<string, string> => {
  const folder = join(root, 'test/recordings', `kernel-${kernel}`)
  const files = readdirSync(folder).filter((file) => file.startsWith('hand-'))
  const cases = files.flatMap((file) => readCases(join(folder, file)))
  return new Map(cases.flatMap(({ one }) => (isRace(one) ? [] : [[one.name, JSON.stringify(one.results)] as const])))
}

test('what changed between the kernels is shown by the case that stands beside it', () => {
  const table = /(?<=<!-- changes -->\n).*?(?=<!-- \/changes -->)/s.exec(text)?.[0] ?? ''
  const rows = table
    .split('\n')
    .slice(2)
    .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '').trim()))
    .filter((cells) => cells.length === 5)
  expect(rows).toHaveLength(13)
  const kernels = ['6.1', '6.12', '7.2'].map(answersOf)
  for (const [what, ...cells] of rows) {
    const name = cells.pop()!.replaceAll('`', '')
    const [first, second, third] = kernels.map((answers) => answers.get(name))
    expect([second, third], name).not.toContain(undefined)
    if (cells[1] !== cells[2]) expect(second, `${what}: 6.12 and 7.2`).not.toBe(third)
    // Cases about what is newer than 6.1 were not made there.
    if (cells[0] !== cells[1] && !name.startsWith('newer.')) expect(first, `${what}: 6.1 and 6.12`).not.toBe(second)
  }
})
