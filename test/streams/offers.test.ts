/** How a person says which step should come next. */
import { expect, test } from 'vitest'
import { choose, type Offer } from '../../streams/offers.ts'

const offers = ['env → a GO', 'env → a GOING', 'env → b GO'].map((name): Offer => ({
  from: 'env',
  to: 'a',
  message: { type: 'GO', from: 'env' },
  name,
}))

test('a name that another begins with is chosen by itself', () => {
  expect(choose(offers, 'env → a GO')).toBe(0)
  expect(choose(offers, 'env → a GOING')).toBe(1)
})

test('blanks around a name, and an arrow as it is typed, make no difference', () => {
  expect(choose(offers, '  env -> b GO\n')).toBe(2)
})

test('the beginning of one name chooses it, that of two does not', () => {
  expect(choose(offers, 'env → b')).toBe(2)
  expect(() => choose(offers, 'env → a')).toThrow('More than one step begins with: env → a')
})

test('whoever says nothing has chosen nothing, though there is but one step', () => {
  expect(() => choose(offers.slice(0, 1), ' ')).toThrow('Step not possible:')
})
