/** `--json` has exactly the shape that docs/JSON.md writes down: the shapes below are read out of that document. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { build, forget, relockIn, root, scratch } from './run.ts'

const folder = scratch()
const relock = relockIn(folder)
afterAll(() => forget(folder))

/** The words of the issue; what is found goes by no other. */
const kinds = [
  ...['use-after-free', 'double-free', 'leak', 'refcount', 'deadlock', 'livelock', 'lock-order', 'warn', 'bug'],
  ...['stale-mapping', 'lost-notification', 'wrong-result'],
]

type Shape =
  | { readonly is: 'word'; readonly word: string }
  | { readonly is: 'any'; readonly of: readonly Shape[] }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'record'; readonly fields: ReadonlyMap<string, { readonly may: boolean; readonly shape: Shape }> }
  | { readonly is: 'map'; readonly of: Shape }

/** Reads the little of TypeScript that the document uses: records, lists, unions, literals, `[key: string]`. */
const shapeOf = (text: string): Shape => {
  const tokens = text.replace(/\/\/.*$/gm, '').match(/'[^']*'|[\w]+|[{}[\]?:|,]/g) ?? []
  let at = 0
  const take = (expected?: string): string => {
    const token = tokens[at++] ?? ''
    if (expected !== undefined && token !== expected) throw new Error(`${expected} was expected, not ${token}`)
    return token
  }
  const lists = (shape: Shape): Shape => {
    if (tokens[at] !== '[' || tokens[at + 1] !== ']') return shape
    at += 2
    return lists({ is: 'list', of: shape })
  }
  const one = (): Shape => {
    if (tokens[at] !== '{') return lists({ is: 'word', word: take() })
    take('{')
    if (tokens[at] === '[') {
      while (take() !== ']');
      take(':')
      const of = union()
      take('}')
      return lists({ is: 'map', of })
    }
    const fields = new Map<string, { may: boolean; shape: Shape }>()
    while (tokens[at] !== '}') {
      const name = take()
      const may = tokens[at] === '?'
      if (may) take('?')
      take(':')
      fields.set(name, { may, shape: union() })
      if (tokens[at] === ',') take(',')
    }
    take('}')
    return lists({ is: 'record', fields })
  }
  const union = (): Shape => {
    const of = [one()]
    while (tokens[at] === '|') {
      take('|')
      of.push(one())
    }
    return of.length === 1 ? of[0]! : { is: 'any', of }
  }
  return union()
}

const isWord = (x: unknown, word: string): boolean => {
  if (word.startsWith("'")) return x === word.slice(1, -1)
  return /^\d+$/.test(word) ? x === Number(word) : typeof x === word
}

/** Where a value differs from a shape, as paths. */
const misfits = (x: unknown, shape: Shape, path = ''): readonly string[] => {
  switch (shape.is) {
    case 'word':
      return isWord(x, shape.word) ? [] : [`${path} is no ${shape.word}: ${JSON.stringify(x)}`]
    case 'any':
      return shape.of.some((each) => misfits(x, each).length === 0) ? [] : [`${path}: ${JSON.stringify(x)}`]
    case 'list':
      if (!Array.isArray(x)) return [`${path} is no list`]
      return x.flatMap((each, i) => misfits(each, shape.of, `${path}[${i}]`))
  }
  if (typeof x !== 'object' || x === null || Array.isArray(x)) return [`${path} is no record`]
  const values = Object.entries(x)
  if (shape.is === 'map') return values.flatMap(([name, each]) => misfits(each, shape.of, `${path}.${name}`))
  const extra = values.filter(([name]) => !shape.fields.has(name)).map(([name]) => `${path}.${name} is not documented`)
  const given = new Map(values)
  const rest = [...shape.fields].flatMap(([name, { may, shape: wanted }]) => {
    if (!given.has(name)) return may ? [] : [`${path}.${name} is missing`]
    return misfits(given.get(name), wanted, `${path}.${name}`)
  })
  return [...extra, ...rest]
}

const text = readFileSync(join(root, 'docs/JSON.md'), 'utf8')
const documented = (heading: string): string => {
  const section = text.slice(text.indexOf(heading))
  return /```ts\n(.*?)```/s.exec(section)?.[1] ?? ''
}
const exploreText = documented('## `relock explore')
const shapes = {
  list: shapeOf(documented('## `relock list')),
  explore: shapeOf(exploreText),
  // All fields of the explore document stand in each row.
  compare: shapeOf(
    documented('## `relock compare').replace(
      /^ *….*$/m,
      exploreText.slice(exploreText.indexOf('\n'), exploreText.lastIndexOf('}')),
    ),
  ),
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
  await build()
  for (const args of searches) documents.push(JSON.parse((await relock(args)).out))
}, 120_000)

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
