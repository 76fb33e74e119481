/** Sequence counts: who reads looks whether somebody has written meanwhile. */
import { expect, test } from 'vitest'
import { explore } from '../../index.ts'
import {
  always,
  field,
  kernel,
  loop,
  procedure,
  raw_read_seqcount,
  READ_ONCE,
  read_seqcount_begin,
  read_seqcount_retry,
  ret,
  seqcount_t,
  set,
  sometimes,
  WRITE_ONCE,
  write_seqcount_begin,
  write_seqcount_end,
} from '../../kernel/index.ts'
import { found } from './find.ts'

const s = seqcount_t('s')
const [x, y] = [field('x', 0), field('y', 0)]
const writes = procedure('writes', [write_seqcount_begin(s), WRITE_ONCE(x, 1), WRITE_ONCE(y, 1), write_seqcount_end(s)])
const locals = { seq: 0, again: true, x: 0, y: 0 }
const same = always('both are of one time', (w) => w.thread('a').returned === 0, {
  when: (w) => w.thread('a').finished,
})

test('who reads again until nobody has written meanwhile reads what belongs together', async () => {
  const reads = procedure('reads', locals, [
    loop('again', [
      read_seqcount_begin(s, 'seq'),
      READ_ONCE(x, 'x'),
      READ_ONCE(y, 'y'),
      read_seqcount_retry(s, 'seq', 'again'),
    ]),
    ret(({ x, y }) => x - y),
  ])
  const world = kernel({ threads: { a: reads, b: writes } })
  const report = await explore(world, [same, sometimes('it reads the new', (w) => w.thread('a').finished)])
  expect(report).toMatchObject({ findings: [], exhaustive: true, reduction: 'on' })
  expect(report.properties.map(({ verdict }) => verdict)).toEqual(['holds', 'seen'])
})

test('who does not look reads the half of it; so does who does not wait for the writer', async () => {
  const careless = procedure('reads', locals, [
    read_seqcount_begin(s, 'seq'),
    READ_ONCE(x, 'x'),
    READ_ONCE(y, 'y'),
    ret(({ x, y }) => x - y),
  ])
  const hasty = procedure('reads', locals, [
    loop('again', [
      raw_read_seqcount(s, 'seq'),
      READ_ONCE(x, 'x'),
      READ_ONCE(y, 'y'),
      read_seqcount_retry(s, 'seq', 'again'),
      set('again', ({ again }) => again),
    ]),
    ret(({ x, y }) => x - y),
  ])
  for (const reads of [careless, hasty]) {
    const { properties } = await explore(kernel({ threads: { a: reads, b: writes } }), [same])
    expect(properties[0]!.verdict).toBe('violated')
  }
})

test('two writers at a time, and one who has not begun, are told of', async () => {
  const write = [write_seqcount_begin(s), write_seqcount_end(s)]
  expect(await found(write, write)).toEqual(['write_seqcount_begin of s while another writes'])
  expect(await found([write_seqcount_end(s)])).toEqual(['write_seqcount_end of s by a task that does not write'])
})

test('who reads while he writes waits for himself', async () => {
  const both = procedure('both', { seq: 0 }, [write_seqcount_begin(s), read_seqcount_begin(s, 'seq')])
  const { findings } = await explore(kernel({ threads: { a: both } }))
  expect(findings.map(({ title }) => title)).toEqual(['deadlock at s', 'recursive locking of s'])
})
