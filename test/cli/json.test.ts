/** `--json` has exactly the shape that docs/JSON.md writes down: the shapes below are read out of that document. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forget, relockIn, scratch } from './run.ts'
import { documented, misfits, shapeOf, type Shape } from './shapes.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

/** The words of the issue; what is found goes by no other. */
const kinds = [
  ...['use-after-free', 'double-free', 'leak', 'refcount', 'deadlock', 'livelock', 'lock-order', 'warn', 'bug'],
  ...['stale-mapping', 'lost-notification', 'wrong-result'],
]

const exploreText = documented('## `relock explore')
const shapes = {
  list: shapeOf(documented('## `relock list')),
  explore: shapeOf(exploreText),
  compare: shapeOf(withExplored(documented('## `relock compare <scenario>'))),
  family: shapeOf(withExplored(documented('## `relock compare <family>'))),
}

/** All fields of the explore document stand in each row. */
function withExplored(text: string): string {
  return text.replace(/^ *….*$/m, exploreText.slice(exploreText.indexOf('\n'), exploreText.lastIndexOf('}')))
}

const searches = [
  ['explore', 'stale-dma', '--json'],
  ['explore', 'v1-tail', '--json'],
  ['explore', 'stolen-mapping', '--json'],
  ['explore', 'three-party-deadlock+pin-takes-group-lock', '--json'],
  ['explore', 'deaf-driver', '--json'],
  ['explore', 'well-behaved', '--states', '50', '--json'],
  ['explore', 'stale-dma', '--strategy', 'pct', '--runs', '5', '--json'],
  ['explore', 'missed-mirror', '--no-reduction', '--stop-at-first', '--json'],
]
const documents: unknown[] = []
beforeAll(async () => {
  for (const args of searches) documents.push(JSON.parse((await relock(args)).out))
})

test('explore', () => {
  for (const document of documents) expect(misfits(document, shapes.explore)).toEqual([])
})

test('several scenarios are a list of documents', async () => {
  const several = JSON.parse((await relock(['explore', 'v1-tail', 'late-pin', '--json'])).out) as unknown
  expect(misfits(several, { is: 'list', of: shapes.explore })).toEqual([])
})

test('list', async () => {
  expect(misfits(JSON.parse((await relock(['list', '--json'])).out), shapes.list)).toEqual([])
})

test('compare', async () => {
  const document = JSON.parse((await relock(['compare', 'v1-tail', '--json'])).out) as unknown
  expect(misfits(document, shapes.compare)).toEqual([])
})

test('the table of a family', async () => {
  const document = JSON.parse((await relock(['compare', 'register', '--json'])).out) as unknown
  expect(misfits(document, shapes.family)).toEqual([])
})

test('findings go by the words of the issue only', () => {
  const found = (documents as { findings: { kind: string }[] }[]).flatMap(({ findings }) => findings)
  expect(found.length).toBeGreaterThan(5)
  expect(found.filter(({ kind }) => !kinds.includes(kind))).toEqual([])
})

describe('the check itself', () => {
  const good: Shape = { is: 'record', fields: new Map([['a', { may: true, shape: { is: 'word', word: 'number' } }]]) }

  test.each([
    ['a field that is not documented', { b: 1 }],
    ['a field of another type', { a: '1' }],
    ['no record at all', [1]],
  ])('sees %s', (_, x) => expect(misfits(x, good)).not.toEqual([]))

  test('reads what is written', () => expect(shapeOf('{ a?: number }')).toEqual(good))
})
