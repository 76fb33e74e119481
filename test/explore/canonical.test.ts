/** One text for one value, and different texts for different values. */
import { expect, test } from 'vitest'
import { canonical, isInSameOrder, reversed } from '../../explore/states/canonical.ts'

test('what is different has different texts', () => {
  const values = [
    0,
    -0,
    1,
    1n,
    '1',
    '1n',
    true,
    'true',
    null,
    'null',
    undefined,
    [],
    [null],
    {},
    { a: 1 },
    { a: null },
    NaN,
    Infinity,
  ]
  expect(new Set(values.map((value) => canonical(value))).size).toBe(values.length)
})

test('the order of fields, and fields that are undefined, make no difference', () => {
  const one = { a: 1, b: { c: [{ d: 2, e: 3 }], f: 'x' } }
  expect(canonical(reversed(one))).toBe(canonical(one))
  expect(isInSameOrder(one, reversed(one))).toBe(false)
  expect(isInSameOrder(one, reversed(reversed(one)))).toBe(true)
  expect(canonical({ a: 1, b: undefined })).toBe(canonical({ a: 1 }))
})

test('the order of fields is looked at all the way down', () => {
  expect(isInSameOrder({ a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] })).toBe(false)
})

test.each([() => 1, Symbol('x'), new Set(), new Map(), new Date(0)])('%s has none', (value) => {
  expect(() => canonical({ inside: [value] })).toThrow(/no canonical form/)
})
