/** Case files: what is read, and what is answered to files that are not quite right. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MalformedCase, NoCases, readCases } from '../../conform/index.ts'
import * as errors from '../../report/errors.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'relock-cases-'))))
afterAll(() => rmSync(folder, { recursive: true }))

const good = { name: 'a', ops: [{ op: 'open_container', as: 'c0' }], results: [{ ret: 0 }] }
const line = (x: unknown): string => `${JSON.stringify(x)}\n`
const written = (name: string, text: string | Buffer): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const names = (paths: string | readonly string[]): readonly string[] => readCases(paths).map(({ one }) => one.name)

describe('what is read', () => {
  test('one case a line, with its file and line; empty lines do no harm', () => {
    const path = written('lines.jsonl', `\n${line(good)}\r\n${line({ ...good, name: 'b' })}`)
    expect(readCases(path)).toEqual([
      { one: good, file: path, line: 2 },
      { one: { ...good, name: 'b' }, file: path, line: 4 },
    ])
  })

  test('a compressed file, whatever it is called', () => {
    expect(names(written('packed.jsonl.gz', gzipSync(line(good))))).toEqual(['a'])
    expect(names(written('packed.cases', gzipSync(line(good))))).toEqual(['a'])
  })

  test('a folder stands for the files of cases in it and below, by name', () => {
    mkdirSync(join(folder, 'suite/below'), { recursive: true })
    written('suite/2.jsonl', line({ ...good, name: 'second' }))
    written('suite/1.jsonl.gz', gzipSync(line({ ...good, name: 'first' })))
    written('suite/below/3.jsonl', line({ ...good, name: 'third' }))
    written('suite/README.md', 'not a case')
    expect(names(join(folder, 'suite'))).toEqual(['first', 'second', 'third'])
  })

  test('a case as a value has no place', () => {
    expect(readCases(good)).toEqual([{ one: good }])
  })

  test.each([
    ['results may be left out', { results: undefined }],
    ['or hold null where nothing is expected', { results: [null] }],
    ['a profile may be named', { profile: '5.10' }],
    ['and a note made', { note: 'why' }],
  ])('%s', (_, change) => {
    expect(names(written('variant.jsonl', line({ ...good, ...change })))).toEqual(['a'])
  })

  test('an operation of a process that is recorded not to exist is right', () => {
    const gone = { name: 'gone', ops: [{ op: 'nop', proc: 'p1' }], results: [{ ret: -1, err: 'NOPROC' }] }
    expect(readCases(gone)).toHaveLength(1)
  })
})

const map = { op: 'map_dma', fd: 'c0', iova: '0x0', size: '0x1000', vaddr: 'b0', flags: 3 }
const withOp = (op: object): object => ({ name: 'a', ops: [op], results: [{ ret: 0 }] })
const without = (field: string): object => Object.fromEntries(Object.entries(map).filter(([name]) => name !== field))
const race = {
  name: 'race.a',
  reps: 60,
  ops: [
    { op: 'thread', as: 't1' },
    { ...map, proc: 't1', async: 0, barrier: 1 },
    { ...map, async: 0, barrier: 1 },
  ],
  outcomes: [{ count: 60, results: [{ ret: 0 }, { pending: true }, { pending: true }] }],
}

/** What is complained of: where, which field, and what was expected. */
const complaint = (given: unknown): MalformedCase => {
  const path = written('bad.jsonl', typeof given === 'string' ? given : line(given))
  try {
    readCases(path)
  } catch (error) {
    if (error instanceof MalformedCase) return error
  }
  throw new Error('nothing was wrong with it')
}

describe('what is not right is answered with its place, its field, and what was expected', () => {
  test.each([
    ['not JSON', '{"name": "a", "ops": [', 'the line', undefined, 'one case, whole, on a line of its own'],
    ['no record', [good], 'the case', undefined, '{"name": …, "ops": […], "results": […]}'],
    ['no name', { ops: good.ops }, 'the case', 'name', 'a text, as "map.two_pages"'],
    ['no ops', { name: 'a' }, 'the case', 'ops', 'a list of operations'],
    ['no operation', { name: 'a', ops: [] }, 'the case', 'ops', 'a list of operations'],
    ['a field of its own', { ...good, result: [] }, 'the case', 'result', 'one of its fields'],
    ['an unknown kernel', { ...good, profile: '6.2' }, 'the case', 'profile', 'a profile'],
    ['an operation that is no record', withOp([]), 'op 0', 'op', /^the name of an operation/],
    ['an operation without a name', withOp({ as: 'c0' }), 'op 0', 'op', /^the name of an operation/],
    ['an unknown operation', withOp({ op: 'map_dna' }), 'op 0', 'op', 'the name of an operation'],
    ['an operation with a heritage', withOp({ op: 'constructor' }), 'op 0', 'op', 'the name of an operation'],
    ['an unknown field', withOp({ ...map, iovva: 0 }), 'op 0 (map_dma)', 'iovva', 'one of its fields'],
    ['a field that is missing', withOp(without('vaddr')), 'op 0 (map_dma)', 'vaddr', /^an address: "b0"/],
    ['a number in words', withOp({ ...map, size: 'one page' }), 'op 0 (map_dma)', 'size', /^a 64-bit number/],
    ['a number with a fraction', withOp({ ...map, size: 0.5 }), 'op 0 (map_dma)', 'size', /^a 64-bit number/],
    ['a number too large', withOp({ ...map, iova: '0x10000000000000000' }), 'op 0 (map_dma)', 'iova', /^a 64-bit/],
    [
      'a count beyond counting',
      withOp({ ...map, flags: '0x20000000000001' }),
      'op 0 (map_dma)',
      'flags',
      /^a whole number/,
    ],
    ['a name for nothing', withOp({ op: 'open_container', as: '' }), 'op 0 (open_container)', 'as', /^a name for what/],
    [
      'a number JSON rounds',
      '{"name":"a","ops":[{"op":"set_iommu","fd":"c0","type":18446744073709551615}]}',
      'op 0 (set_iommu)',
      'type',
      /^a 64-bit number/,
    ],
    ['an address that is none', withOp({ ...map, vaddr: 'b0 + 0x1000' }), 'op 0 (map_dma)', 'vaddr', /^an address/],
    ['a descriptor by number', withOp({ ...map, fd: 3 }), 'op 0 (map_dma)', 'fd', /^the name of a descriptor/],
    ['one of a few words', withOp({ op: 'mmap', as: 'b0', len: 1, kind: 'memfdd' }), 'op 0 (mmap)', 'kind', /"memfd"/],
    ['an unknown process', withOp({ ...map, proc: 'p1' }), 'op 0 (map_dma)', 'proc', /^p0, or what a fork/],
    ['an unknown process to kill', withOp({ op: 'kill', target: 'p1' }), 'op 0 (kill)', 'target', /^p0, or what/],
    ['results too few', { ...good, results: [] }, 'the case', 'results', '1 result, one for each op'],
    ['results that are no list', { ...good, results: {} }, 'the case', 'results', '1 result, one for each op'],
    ['a result that is no record', { ...good, results: [0] }, 'result 0 (open_container)', undefined, /or null$/],
    [
      'a result without ret',
      { ...good, results: [{ err: 'EINVAL' }] },
      'result 0 (open_container)',
      'ret',
      /^a number/,
    ],
    ['a result in words', { ...good, results: [{ ret: '0' }] }, 'result 0 (open_container)', 'ret', 'a number, as 0'],
    [
      'an errno by number',
      { ...good, results: [{ ret: -1, err: 22 }] },
      'result 0 (open_container)',
      'err',
      /"EINVAL"$/,
    ],
    [
      'an unknown field of a result',
      { ...good, results: [{ ret: 0, szie: '0x0' }] },
      'result 0 (open_container)',
      'szie',
      'one of its fields',
    ],
    ['a race that nobody counted', { ...race, reps: undefined }, 'the race', 'reps', /^how often/],
    [
      'a race of one',
      { ...race, ops: race.ops.map((op) => ({ ...op, barrier: undefined })) },
      'the race',
      'barrier',
      /^two ops/,
    ],
    ['a race without outcome', { ...race, outcomes: [] }, 'the race', 'outcomes', /^a list of/],
    [
      'an outcome too short',
      { ...race, outcomes: [{ count: 1, results: [] }] },
      'the case',
      'results',
      '3 results, one for each op',
    ],
  ])('%s', (_, given, of, field, expected) => {
    const { place, problem } = complaint(given)
    expect({ of: problem.of, field: problem.field }).toEqual({ of, field })
    expect(problem.expected).toMatch(expected)
    expect(place).toMatchObject({ file: join(folder, 'bad.jsonl'), line: 1 })
  })

  test('a race is right as it is', () => expect(readCases(race as never)).toHaveLength(1))

  test('the first is told, the other lines are named', () => {
    const bad = line(withOp({ op: 'map_dna' }))
    const { place, others } = complaint(line(good) + bad + line(good) + bad)
    expect(place).toMatchObject({ line: 2, name: 'a' })
    expect(others.map(({ line: number }) => number)).toEqual([4])
  })

  test.each([
    ['nowhere.jsonl', () => join(folder, 'nowhere.jsonl'), 'There is no such file or folder.'],
    ['a folder without cases', () => mkdtempSync(join(folder, 'empty-')), 'No file in this folder is called'],
    ['an empty file', () => written('empty.jsonl', '\n'), 'It is empty.'],
    ['a broken archive', () => written('broken.jsonl.gz', Buffer.from([0x1f, 0x8b, 1])), 'unexpected end of file'],
  ])('%s', (_, path, why) => {
    expect(() => readCases(path())).toThrow(NoCases)
    expect(() => readCases(path())).toThrow(why)
  })
})

describe('for people', () => {
  const said = (given: unknown): string => {
    const { place, problem, others } = complaint(given)
    const text = errors.sayUserError(errors.malformedCase({ place: { ...place, file: 'bad.jsonl' }, problem, others }))
    // What there is to call grows.
    return text.replace(/(?<=Possible:\n).*(?=\n\n {2}To go on)/s, (list) => (list.includes(', ') ? '    …' : list))
  }

  test.each([
    ['a slip in the name of an operation', withOp({ op: 'map_dna' })],
    ['a slip in the name of a field', withOp({ ...without('iova'), iovva: 0 })],
    ['a field that is missing', withOp(without('iova'))],
    ['too few results', { ...good, results: [] }],
    ['a process nobody made', withOp({ ...map, proc: 'p1' })],
  ])('%s', (_, given) => {
    expect(said(given)).toMatchSnapshot()
    expect(said(given)).toMatch(/To go on: .+$/)
  })

  test('a case on several lines', () => {
    const text = said('{\n"name": "a"\n}')
    expect(text).toContain('bad.jsonl:1: the line is not JSON.')
    expect(text).toContain('To go on: write the whole case on one line')
  })
})
