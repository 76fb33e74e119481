/** Case files: what is read, and what is answered to files that are not quite right. */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declared } from '../../actors/kernel/system-calls/build.ts'
import { planFor } from '../../actors/kernel/system-calls/case-plan.ts'
import { replayCase } from '../../actors/kernel/system-calls/replay.ts'
import { conform, MalformedCase, NoCases, readCases } from '../../conform/index.ts'
import { profiles } from '../../machines/profile.ts'
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
    mkdirSync(join(folder, 'suite/4.jsonl'))
    expect(names(join(folder, 'suite'))).toEqual(['first', 'second', 'third'])
  })

  test('a mark of the order of bytes is no part of the first case', () => {
    expect(names(written('marked.jsonl', `\uFEFF${line(good)}`))).toEqual(['a'])
  })

  test('a case as a value has no place', () => {
    expect(readCases(good)).toEqual([{ one: good }])
  })

  test.each([
    ['results may be left out', { results: undefined }],
    ['or hold null where nothing is expected', { results: [null] }],
    ['a profile may be named', { profile: '5.10' }],
    ['and a note made', { note: 'why' }],
    ['and a seed told, which may be 0', { seed: 0 }],
    ['or a text', { seed: '1:15' }],
    ['and another IOMMU', { iommu: { dirtyTracking: true, devices: ['edu0'] } }],
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

describe('an operation that is not known', () => {
  const strange = { name: 'strange', ops: [...good.ops, { op: 'ioas_swap', fd: 'c0' }] }

  test('keeps the other cases of its file from nothing, and is named with its place', async () => {
    const path = written('mixed.jsonl', `${line(strange)}${line(good)}`)
    const { verdict, cases, unknown } = await conform(path)
    expect({ verdict, cases }).toEqual({
      verdict: 'undecided',
      cases: { all: 2, agreed: 1, disagreed: 0, notCompared: 1 },
    })
    const of = { name: 'strange', profile: '6.1', file: path, line: 1 }
    expect(unknown).toMatchObject([{ of, op: 'ioas_swap', index: good.ops.length }])
  })

  test('of the name that another one nearly has', async () => {
    const slip = { name: 'slip', ops: [{ op: 'map_dna' }] }
    const path = written('slip.jsonl', `${line(good)}${line(slip)}`)
    const { unknown } = await conform(path)
    expect(unknown.map(({ op, meant }) => [op, meant])).toEqual([['map_dna', 'map_dma']])
  })

  test('makes the whole file wrong where there is no other case', () => {
    expect(complaint(strange).problem).toMatchObject({ of: `op ${good.ops.length}`, found: 'ioas_swap' })
  })
})

describe('what is not right is answered with its place, its field, and what was expected', () => {
  type Wrong = readonly [what: string, given: unknown, of: string, field: string | undefined, expected: string | RegExp]
  test.each<Wrong>([
    ['not JSON', '{"name": "a", "ops": [', 'the line', undefined, 'one case, whole, on a line of its own'],
    ['a character that begins what is compressed', '\x1f', 'the line', undefined, /^one case/],
    ['no record', [good], 'the case', undefined, '{"name": …, "ops": […], "results": […]}'],
    ['no name', { ops: good.ops }, 'the case', 'name', 'a text, as "map.two_pages"'],
    ['no ops', { name: 'a' }, 'the case', 'ops', 'a list of operations'],
    ['no operation', { name: 'a', ops: [] }, 'the case', 'ops', 'a list of operations'],
    ['a field of its own', { ...good, result: [] }, 'the case', 'result', 'one of its fields'],
    ['an unknown kernel', { ...good, profile: 'six' }, 'the case', 'profile', /^a version of Linux/],
    ['an operation that is no record', withOp([]), 'op 0', 'op', /^the name of an operation/],
    ['an operation without a name', withOp({ as: 'c0' }), 'op 0', 'op', /^the name of an operation/],
    ['an unknown operation', withOp({ op: 'map_dna' }), 'op 0', 'op', 'the name of an operation'],
    ['an operation with a heritage', withOp({ op: 'constructor' }), 'op 0', 'op', 'the name of an operation'],
    ['an unknown field', withOp({ ...map, iovva: 0 }), 'op 0 (map_dma)', 'iovva', 'one of its fields'],
    ['a field with a heritage', withOp({ ...map, constructor: 1 }), 'op 0 (map_dma)', 'constructor', /^one of its/],
    ['a field that is missing', withOp(without('vaddr')), 'op 0 (map_dma)', 'vaddr', /^an address: "b0"/],
    ['a number in words', withOp({ ...map, size: 'one page' }), 'op 0 (map_dma)', 'size', /^a 64-bit number/],
    ['a number with a fraction', withOp({ ...map, size: 0.5 }), 'op 0 (map_dma)', 'size', /^a 64-bit number/],
    [
      'a number below nothing',
      withOp({ ...map, iova: -4096 }),
      'op 0 (map_dma)',
      'iova',
      /^a 64-bit number that is not/,
    ],
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
    [
      'results too many',
      { ...good, results: [{ ret: 0 }, { ret: 0 }] },
      'the case',
      'results',
      '1 result, one for each op',
    ],
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
    ...(
      [
        ['an errno in words', 'err', 'no such device', /"EINVAL"$/],
        ['a death that did not happen', 'died', false, /^true; leave it out/],
        ['a size in words', 'size', 'one page', /^a number, as 4096/],
        ['a record that is a list', 'migration', [], 'a record'],
      ] as const
    ).map(
      ([what, field, value, expected]) =>
        [
          what,
          { ...good, results: [{ ret: 0, [field]: value }] },
          'result 0 (open_container)',
          field,
          expected,
        ] as const,
    ),
    [
      'an unknown field of a result',
      { ...good, results: [{ ret: 0, szie: '0x0' }] },
      'result 0 (open_container)',
      'szie',
      'one of its fields',
    ],
    [
      'a name with a space',
      withOp({ op: 'open_container', as: 'c 0' }),
      'op 0 (open_container)',
      'as',
      /^a name for what/,
    ],
    ['a name every object has', withOp({ op: 'eventfd', as: '__proto__' }), 'op 0 (eventfd)', 'as', /^a name for what/],
    ['a process with a part', withOp({ op: 'fork', as: 'p1.mm' }), 'op 0 (fork)', 'as', /^a name without a dot/],
    [
      'a race of one thread',
      { ...race, ops: race.ops.map((op) => ({ ...op, proc: 'p0' })) },
      'the race',
      'barrier',
      /of two threads$/,
    ],
    [
      'a race with a thread that is not there yet',
      { ...race, ops: [race.ops[1], race.ops[0], race.ops[2]] },
      'op 0 (map_dma)',
      'proc',
      /^p0, or what a fork/,
    ],
    [
      'a race that makes its thread',
      { ...race, ops: [{ op: 'thread', as: 't1', barrier: 1 }, ...race.ops.slice(1)] },
      'op 0 (thread)',
      undefined,
      'a place before the ops with "barrier"',
    ],
    [
      'a race that somebody leaves',
      { ...race, ops: [...race.ops, { op: 'exit' }] },
      'op 3 (exit)',
      undefined,
      /^threads that are there/,
    ],
    [
      'a race that waits',
      { ...race, ops: [...race.ops.slice(0, 2), { op: 'await', barrier: 1 }] },
      'op 2 (await)',
      undefined,
      /^no "barrier"/,
    ],
    [
      'a race that waits for nobody',
      { ...race, ops: [{ op: 'thread', as: 't2' }, ...race.ops, { op: 'await', proc: 't2' }] },
      'op 4 (await)',
      undefined,
      'one of t1, p0',
    ],
    ['a name twice', '{"name":"a","ops":[],"name":"b"}', 'the case', undefined, 'each name once'],
    [
      'a name twice, further in',
      '{"name":"a","ops":[{"op":"eventfd","as":"e0"},{"op":"eventfd","as":"e1","as":"e2"}]}',
      'ops[1]',
      undefined,
      'each name once',
    ],
    ['an ability of its IOMMU', { ...good, iommu: { nest: true } }, 'the case', 'iommu', /dirtyTracking, nesting/],
    ['one that is neither so nor so', { ...good, iommu: { nesting: 1 } }, 'the case', 'iommu', 'true or false'],
    ['a device that has no IOMMU', { ...good, iommu: { devices: ['emu0'] } }, 'the case', 'iommu', /^one of edu0/],
    ['a seed that is none', { ...good, seed: -1 }, 'the case', 'seed', 'a whole number of 0 or more, or a text'],
    [
      'more bytes than one call moves',
      withOp({ op: 'emu_rw', fd: 'd0', iova: 0, len: 2 ** 31, write: 0 }),
      'op 0 (emu_rw)',
      'len',
      /to 65536$/,
    ],
    [
      'fewer than no bytes',
      withOp({ op: 'edu_dma', fd: 'd0', iova: 0, len: -4, dir: 'to_mem' }),
      'op 0 (edu_dma)',
      'len',
      /to 4096$/,
    ],
    [
      'no byte',
      withOp({ op: 'unmap_dma', fd: 'c0', iova: 0, size: 0, prefill: 256 }),
      'op 0 (unmap_dma)',
      'prefill',
      /to 255$/,
    ],
    ['more than 32 bits', withOp({ ...map, flags: 2 ** 32 }), 'op 0 (map_dma)', 'flags', /^a whole number of 32 bits/],
    [
      'a number without end',
      withOp({ ...map, iova: `0x${'0'.repeat(1e6)}` }),
      'op 0 (map_dma)',
      'iova',
      /^a 64-bit number/,
    ],
    ['a race that nobody counted', { ...race, reps: undefined }, 'the race', 'reps', /^how often/],
    ['a race that was never made', { ...race, reps: 0 }, 'the race', 'reps', /^how often/],
    ['a race that was made less than never', { ...race, reps: -1 }, 'the race', 'reps', /^how often/],
    ['a race without end', line(race).replace('"reps":60', '"reps":1e999'), 'the race', 'reps', /^how often/],
    ...[-60, 0, 0.5, 1.5, '60', null].map(
      (count) =>
        [
          `an outcome that was seen ${count} times`,
          { ...race, outcomes: [{ ...race.outcomes[0], count }] },
          'outcome 0',
          'count',
          /^how often/,
        ] as const,
    ),
    [
      'an outcome seen more often than it was tried',
      { ...race, outcomes: [{ ...race.outcomes[0], count: 61 }] },
      'the race',
      'count',
      'counts that make no more than 60 together',
    ],
    [
      'an outcome of which something is left open',
      { ...race, outcomes: [{ count: 60, results: [{ ret: 0 }, { pending: true }, null] }] },
      'outcome 0, result 2 (map_dma)',
      undefined,
      /an outcome is all of it$/,
    ],
    [
      'an outcome of which the first is left open',
      { ...race, outcomes: [{ count: 60, results: [null, { pending: true }, { pending: true }] }] },
      'outcome 0, result 0 (thread)',
      undefined,
      /an outcome is all of it$/,
    ],
    [
      'an outcome with more than there is to it',
      { ...race, outcomes: [{ ...race.outcomes[0], counted: 60 }] },
      'outcome 0',
      'counted',
      'one of its fields',
    ],
    [
      'a race of one',
      { ...race, ops: race.ops.map((op) => ({ ...op, barrier: undefined })) },
      'the race',
      'barrier',
      /^two ops/,
    ],
    [
      'a race of one with nobody',
      { ...race, ops: [...race.ops.slice(0, 2), { ...map, async: 0 }] },
      'the race',
      'barrier',
      /^two ops/,
    ],
    ['a race that tells of no outcomes', { ...race, outcomes: undefined }, 'the race', 'outcomes', /^a list of/],
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

  const deep = (depth: number): unknown => Array.from({ length: depth }).reduce((inside) => [inside], [])
  const nested = (place: string): string => place.replace('…', `${'['.repeat(5000)}${']'.repeat(5000)}`)
  test.each([
    ['as the line', nested('…'), 'the line'],
    ['as operations', nested('{"name":"a","ops":…}'), 'ops[0][0][0]'],
    ['as a field', nested('{"name":"a","ops":[{"op":"eventfd","as":…}]}'), 'ops[0].as[0]'],
    ['as a result', nested('{"name":"a","ops":[{"op":"vmlck"}],"results":[…]}'), 'results[0][0][0]'],
  ])('lists in lists %s', (_, text, of) => {
    expect(complaint(text).problem).toMatchObject({ fact: 'holds lists and records in each other, more than 200 deep' })
    if (of !== 'the line') expect(complaint(text).problem.of).toBe(of)
  })

  test.each([
    ['as a case', deep(5000), 'the case'],
    ['as operations', { name: 'a', ops: deep(5000) }, 'op 0'],
    ['as a field', { name: 'a', ops: [{ op: 'eventfd', as: deep(5000) }] }, 'op 0 (eventfd)'],
    ['as a result', { ...good, results: deep(5000) }, 'result 0 (open_container)'],
    ['in a result', { ...good, results: [{ ret: 0, kmsg: deep(5000) }] }, 'result 0 (open_container)'],
    ['with itself inside', { ...good, results: [{ ret: 0, migration: 1n }] }, 'result 0 (open_container)'],
  ])('a value with lists in lists, %s, is told in words', (_, given, of) => {
    const error = (() => {
      try {
        return readCases(given as never)
      } catch (thrown) {
        return thrown
      }
    })()
    expect(error).toBeInstanceOf(MalformedCase)
    const said = errors.malformedCase(error as MalformedCase)
    expect(said.message).toContain(of)
    expect(errors.sayUserError(said).length).toBeLessThan(2000)
  })

  test('two cases of one name in a file, or as values', () => {
    const { place, problem } = complaint(`\n${line(good)}${line({ ...good, name: 'b' })}${line(good)}`)
    expect(place).toMatchObject({ line: 4, name: 'a' })
    expect(problem).toMatchObject({ field: 'name', fact: 'has the name of the one in line 2' })
    expect(() => readCases([good, good])).toThrow('has the name of another one')
    // Elsewhere it is told apart by its file.
    expect(names([written('one.jsonl', line(good)), written('other.jsonl', line(good))])).toEqual(['a', 'a'])
  })

  test('what a value throws when it is looked at is no slip in a file', () => {
    const trap = {
      ...good,
      get ops(): never {
        throw new Error('not now')
      },
    }
    expect(() => readCases(trap as never)).toThrow('not now')
  })

  test('a process cannot have a name that the machine has given', () => {
    const dev = ['edu0', 'multi0', 'emu0', 'nvme0']
    const ops = [
      ...dev.flatMap((one) => [
        { op: 'open_group', dev: one, as: one },
        { op: 'bind', dev: one, driver: 'vfio-pci' },
      ]),
      ...[
        { op: 'open_container', as: 'c0' },
        { op: 'eventfd', as: 'e0' },
        { op: 'fork', as: 'p1' },
        { op: 'kill', target: 'p1' },
      ],
    ]
    const ids = Object.values(profiles).flatMap((profile) =>
      declared(planFor('all of it', ops, profile)).actors.map(({ id }) => id),
    )
    const taken = new Set(ids.filter((id) => !['p0', 'p1'].includes(id)))
    expect(taken.size).toBeGreaterThan(200)
    for (const as of taken)
      expect(complaint(withOp({ op: 'fork', as })).problem, as).toMatchObject({ field: 'as', of: 'op 0 (fork)' })
  })

  test('a kernel without files of devices has no such file', () => {
    const one = { name: 'a', ops: [{ op: 'open_cdev', dev: 'edu0', as: 'd0' }] }
    expect(readCases(one)).toHaveLength(1)
    expect(replayCase(one, '6.1').results).toEqual([{ ret: -1, err: 'ENOENT' }])
  })

  test('a race is right as it is', () => expect(readCases(race as never)).toHaveLength(1))

  test('the first is told, the other lines are named', () => {
    const bad = line(withOp({ as: 'c0' }))
    const { place, others } = complaint(line(good) + bad + line({ ...good, name: 'b' }) + bad)
    expect(place).toMatchObject({ line: 2, name: 'a' })
    expect(others.map(({ line: number }) => number)).toEqual([4])
  })

  test('of a file that is no file of cases the first thousand are enough', () => {
    const bad = line(withOp({ as: 'c0' }))
    expect(complaint(bad.repeat(1500)).others).toHaveLength(999)
  })

  test.each([
    ['nowhere.jsonl', () => join(folder, 'nowhere.jsonl'), 'There is no such file or folder.'],
    ['a folder without cases', () => mkdtempSync(join(folder, 'empty-')), 'No file in this folder is called'],
    ['an empty file', () => written('empty.jsonl', '\n'), 'It is empty.'],
    ['something without end', () => '/dev/zero', 'It is neither a file nor a folder.'],
    [
      'an archive of much more than it seems',
      () => written('huge.jsonl.gz', gzipSync(Buffer.alloc(70 << 20))),
      'It holds more than 64 MiB',
    ],
    [
      'a file that nobody has written by hand',
      () => {
        const path = written('huge.jsonl', '')
        truncateSync(path, 70 << 20)
        return path
      },
      'It holds more than 64 MiB',
    ],
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
    expect(said('{"name": "a" "ops": []}')).toContain('To go on: correct this line')
  })
})
