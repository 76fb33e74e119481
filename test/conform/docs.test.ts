/** docs/CONFORMANCE.md names every operation with its fields, docs/FIDELITY.md everything that is not compared. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { operations } from '../../actors/kernel/system-calls/operations.ts'
import { isRace, type Case, type Result } from '../../conform/case.ts'
import { rules } from '../../conform/not-compared.ts'
import { readCases } from '../../conform/read.ts'
import { resultWords } from '../../conform/words.ts'
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

/** What was recorded of one case; races have none of it. */
const recorded = (file: string): ReadonlyMap<string, Case> =>
  new Map(
    readCases(join(root, 'test/recordings', `${file}.jsonl.gz`)).flatMap(({ one }) =>
      isRace(one) ? [] : [[one.name, one] as const],
    ),
  )

const resultAt = ({ results }: Case, at: number): Result => results![at]!

/** `EINVAL`, `0`, `` `caps=0x8` `` or ``no `vmlck_kb` ``, several with commas between: is that what the kernel answered? */
const isSaid = (cell: string, result: Result): boolean =>
  cell.split(', ').every((part) => {
    const [, no, words] = /^(no )?`(.+)`$/.exec(part) ?? []
    return words === undefined
      ? part === (result.err ?? String(result.ret))
      : resultWords(result).includes(words) === (no === undefined)
  })

/** In what way one operation was answered differently: what came back of it and, if that is the same, which fields are not. */
const way = ({ ops }: Case, at: number, [one, other]: readonly [Result, Result]): string => {
  const [first, second] = [one, other].map(({ ret, err }) => err ?? String(ret))
  const fields = Object.keys({ ...one, ...other }).filter(
    (field) => JSON.stringify(one[field]) !== JSON.stringify(other[field]),
  )
  return [ops[at]!.op, first, second, ...(first === second ? fields : [])].join(' ')
}

interface Pair {
  readonly name: string
  readonly one: Case
  readonly other: Case
}

const wayAt = ({ one, other }: Pair, at: number): string => way(one, at, [resultAt(one, at), resultAt(other, at)])

const firstDifference = ({ one, other }: Pair): number =>
  one.results!.findIndex((result, at) => JSON.stringify(result) !== JSON.stringify(other.results![at]))

/** Every row is what the kernels answered where it says, and every case that differs begins to differ in the way of a row. */
const expectTable = (mark: string, rowCount: number, pairs: readonly Pair[]): void => {
  const table = new RegExp(`(?<=<!-- ${mark} -->\n).*?(?=<!-- /${mark} -->)`, 's').exec(text)?.[0] ?? ''
  const rows = table.split('\n').slice(2, -1)
  expect(rows).toHaveLength(rowCount)
  const ways = rows.map((row) => {
    const [, what, first = '', second = '', , name = '', at = ''] =
      /^\| (.+) \| (.+) \| (.+) \| (`(.+)` (\d+)) \|$/.exec(row) ?? []
    const pair = pairs.find((each) => each.name === name)
    expect(pair, `${what}: ${name}`).toBeDefined()
    const [one, other] = [resultAt(pair!.one, Number(at)), resultAt(pair!.other, Number(at))]
    expect([isSaid(first, one), isSaid(second, other)], `${what}: ${resultWords(one)}, ${resultWords(other)}`).toEqual([
      true,
      true,
    ])
    expect(one, what).not.toEqual(other)
    return wayAt(pair!, Number(at))
  })
  const untold = pairs.filter((pair) => {
    const at = firstDifference(pair)
    return at >= 0 && !ways.includes(wayAt(pair, at))
  })
  expect(untold.map(({ name }) => name)).toEqual([])
}

const pairsOf = (one: ReadonlyMap<string, Case>, other: ReadonlyMap<string, Case>): readonly Pair[] =>
  [...one].map(([name, each]) => ({ name, one: each, other: other.get(name)! }))

test('what changed in iommufd between 6.12 and 7.2 is what both answered, and that is all of it', () => {
  const pairs = pairsOf(recorded('iommufd-6.12/hand'), recorded('iommufd-7.2/hand'))
  expectTable('iommufd changes', 23, pairs)
  expect(pairs.filter((pair) => firstDifference(pair) >= 0)).toHaveLength(48)
  const generated = pairsOf(recorded('iommufd-6.12/random'), recorded('iommufd-7.2/random'))
  expect(generated.filter((pair) => firstDifference(pair) >= 0)).toEqual([])
})

test('what is different where iommufd provides the container is what both answered, and that is all of it', () => {
  const native = new Map([...recorded('iommufd-7.2/hand'), ...recorded('iommufd-7.2/random')])
  const pairs = [...recorded('iommufd-7.2/compat')].map(([name, other]) => {
    const base = name.replace(/^compat\./, '')
    return { name: base, one: native.get(base)!, other }
  })
  expectTable('builds', 6, pairs)
  expect(pairs.filter((pair) => firstDifference(pair) >= 0)).toHaveLength(14)
  expect(pairs).toHaveLength(103)
})

test('what no recording has is said to be not recorded, and nothing else is', () => {
  const folders = ['kernel-6.1', 'kernel-6.12', 'kernel-7.2', 'iommufd-6.12', 'iommufd-7.2']
  const lines = folders.flatMap((folder) =>
    readdirSync(join(root, 'test/recordings', folder)).flatMap((file) =>
      gunzipSync(readFileSync(join(root, 'test/recordings', folder, file)))
        .toString()
        .split('\n')
        .filter(Boolean),
    ),
  )
  const used = new Set(
    lines
      .flatMap((line) => (JSON.parse(line) as Case).ops)
      .flatMap((op) => Object.keys(op).map((field) => `${op.op}.${field}`)),
  )
  const wanted = Object.entries(operations).flatMap(([op, fields]) => {
    if (!used.has(`${op}.op`)) return [`${op}: all`]
    const unused = Object.keys(fields).filter((field) => !used.has(`${op}.${field}`))
    return unused.length === 0 ? [] : [`${op}: ${unused.join(', ')}`]
  })
  const table = /(?<=<!-- not recorded -->\n).*?(?=<!-- \/not recorded -->)/s.exec(text)?.[0] ?? ''
  const told = [...table.matchAll(/^\| `(.+)` \| (.+) \| (.+) \|$/gm)].map(([, op, fields]) => `${op}: ${fields}`)
  expect(told.toSorted()).toEqual(wanted.toSorted())
})
