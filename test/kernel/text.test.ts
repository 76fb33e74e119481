/** Names of steps are the same however the code was bundled. */
import { expect, test } from 'vitest'
import { textOf } from '../../kernel/text.ts'

test('a local that a bundler has renamed goes by its own name', () => {
  expect(textOf(({ handle: renamed }: { handle: number }) => renamed)).toBe('handle')
  expect(textOf(({ a: b, c }: { a: number; c: number }) => b > c)).toBe('a > c')
  expect(textOf(({ n }: { n: number }) => n + 1)).toBe('n + 1')
})
