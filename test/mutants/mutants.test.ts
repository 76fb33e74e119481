/** The mutants fit the sources. Whether the tests notice them is seen by hand: `npm run mutants`. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { areas, mutants } from './mutants.ts'

const path = (file: string) => fileURLToPath(new URL(`../../${file}`, import.meta.url))

test('the text that each mutant changes is there, once', () => {
  const wrong = mutants.flatMap(({ file, from, what }) => {
    const times = readFileSync(path(file), 'utf8').split(from).length - 1
    return times === 1 ? [] : [`${file}, ${what}: ${times} times`]
  })
  expect(wrong).toEqual([])
})

test('each mutant is another program, and the only one of its kind', () => {
  expect(mutants.filter(({ from, to }) => from === to)).toEqual([])
  expect(new Set(mutants.map(({ file, from, to }) => `${file}\n${from}\n${to}`)).size).toBe(mutants.length)
})

test('each is noticed by a test file that there is, or there is a reason why none can', () => {
  const wrong = mutants.filter(({ by, why }) => (by === undefined ? !why : !existsSync(path(by))))
  expect(wrong).toEqual([])
})

test('docs/TRUST.md has their number', () => {
  const row = (area: string, of: typeof mutants) => {
    const noticed = of.filter(({ by }) => by !== undefined).length
    return `| ${area} | ${of.length} | ${noticed} | ${of.length - noticed} |`
  }
  const rows = [...Object.entries(areas).map(([area, of]) => row(area, of)), row('all', mutants)]
  expect(readFileSync(path('docs/TRUST.md'), 'utf8').split('\n')).toEqual(expect.arrayContaining(rows))
})
