/** docs/CONFORMANCE.md names every operation with its fields, docs/FIDELITY.md everything that is not compared. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operations } from '../../actors/kernel/system-calls/operations.ts'
import { rules } from '../../conform/not-compared.ts'
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
