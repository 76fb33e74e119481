/** Atomic operations lose nothing; plain ones do. And what the code says itself. */
import { describe, expect, test } from 'vitest'
import { explore, start } from '../../index.ts'
import {
  always,
  atomic_add,
  atomic_dec,
  atomic_dec_and_test,
  atomic_dec_return,
  atomic_inc,
  atomic_inc_not_zero,
  atomic_inc_return,
  atomic_read,
  atomic_set,
  atomic_t,
  BUG,
  BUG_ON,
  change_bit,
  clear_bit,
  cmpxchg,
  field,
  kernel,
  loop,
  pr_info,
  procedure,
  read,
  READ_ONCE,
  ret,
  set,
  set_bit,
  test_and_clear_bit,
  test_and_set_bit,
  test_bit,
  WARN,
  WARN_ON,
  write,
  WRITE_ONCE,
  xchg,
  type Procedure,
} from '../../kernel/index.ts'
import { found } from './find.ts'

/** What a field holds when two threads have run this, in every order. */
const after = async (run: Procedure, name: string, holds: number, races: readonly string[] = []) => {
  const report = await explore(kernel({ threads: { a: run, b: run } }), [
    always('it', (w) => w.field(name) === holds, { when: (w) => w.finished }),
  ])
  expect(report.exhaustive).toBe(true)
  expect(report.findings.map(({ title }) => title)).toEqual(races)
  return report.properties[0]!.verdict
}

describe('two threads that count one up', () => {
  const n = atomic_t('n', 0)
  const plain = field('plain', 0)

  test.each([
    ['atomic_inc', 'holds', procedure('p', [atomic_inc(n)]), 'n'],
    ['atomic_add', 'holds', procedure('p', [atomic_add(1, n)]), 'n'],
    [
      'atomic_read and atomic_set',
      'violated',
      procedure('p', { v: 0 }, [atomic_read(n, 'v'), atomic_set(n, ({ v }) => v + 1)]),
      'n',
    ],
    [
      'a read and a write',
      'violated',
      procedure('p', { v: 0 }, [read(plain, 'v'), write(plain, ({ v }) => v + 1)]),
      'plain',
    ],
    [
      'READ_ONCE and WRITE_ONCE',
      'violated',
      procedure('p', { v: 0 }, [READ_ONCE(plain, 'v'), WRITE_ONCE(plain, ({ v }) => v + 1)]),
      'plain',
    ],
    [
      'cmpxchg until it fits',
      'holds',
      procedure('p', { old: 0, got: -1 }, [
        loop(
          ({ old, got }) => old !== got,
          [
            READ_ONCE(plain, 'old'),
            cmpxchg(
              plain,
              ({ old }) => old,
              ({ old }) => old + 1,
              'got',
            ),
          ],
        ),
      ]),
      'plain',
    ],
  ] as const)('with %s: %s', async (how, verdict, run, name) => {
    // Plain accesses without a lock are a data race besides.
    expect(await after(run, name, 2, how === 'a read and a write' ? ['data-race in p / p'] : [])).toBe(verdict)
  })
})

describe('what an operation gives', () => {
  const results = (run: Procedure) =>
    start(kernel({ threads: { a: run } }))
      .settle()
      .state.thread('a').returned

  test('counts: what is there now, or whether that is 0', () => {
    const n = atomic_t('n', 1)
    const run = procedure('p', { up: 0, down: 0, zero: false, had: true }, [
      atomic_inc_return(n, 'up'),
      atomic_dec(n),
      atomic_inc(n),
      atomic_dec_return(n, 'down'),
      atomic_dec_and_test(n, 'zero'),
      atomic_inc_not_zero(n, 'had'),
      ret(({ up, down, zero, had }) => `${up} ${down} ${zero} ${had}`),
    ])
    expect(results(run)).toBe('2 1 true false')
  })

  test('bits: whether it was set before', () => {
    const flags = field('flags', 0)
    const run = procedure('p', { first: true, again: false, is: false, cleared: false, now: 0 }, [
      test_and_set_bit(3, flags, 'first'),
      test_and_set_bit(3, flags, 'again'),
      set_bit(0, flags),
      test_bit(0, flags, 'is'),
      clear_bit(0, flags),
      change_bit(31, flags),
      test_and_clear_bit(3, flags, 'cleared'),
      read(flags, 'now'),
      ret(({ first, again, is, cleared, now }) => `${first} ${again} ${is} ${cleared} ${now}`),
    ])
    expect(results(run)).toBe(`false true true true ${2 ** 31}`)
  })

  test('exchanges: what was there', () => {
    const x = field('x', 5)
    const run = procedure('p', { old: 0, miss: 0, now: 0 }, [
      xchg(x, 7, 'old'),
      cmpxchg(x, 5, 9, 'miss'),
      read(x, 'now'),
      ret(({ old, miss, now }) => old * 100 + miss * 10 + now),
    ])
    expect(results(run)).toBe(577)
  })
})

describe('what the code says itself', () => {
  test.each([
    ['WARN_ON', [WARN_ON(() => true)], ['WARNING in p0: true']],
    ['WARN_ON that does not hold', [WARN_ON(() => false)], []],
    ['WARN', [WARN('not today')], ['WARNING in p0: not today']],
    ['BUG_ON', [BUG_ON(() => true), WARN('not reached')], ['kernel BUG in p0: true']],
    ['BUG', [BUG()], ['kernel BUG in p0']],
    ['pr_info', [pr_info('hello')], []],
  ])('%s', async (_, steps, titles) => {
    expect(await found(steps)).toEqual(titles)
  })

  test('of a local, with the words it was written in', async () => {
    const run = procedure('p', { n: 2 }, [set('n', ({ n }) => n + 1), WARN_ON(({ n }) => n > 2), BUG_ON('n')])
    const report = await explore(kernel({ threads: { a: run } }))
    expect(report.findings.map(({ title }) => title)).toEqual(['WARNING in p: n > 2', 'kernel BUG in p: n'])
  })
})
