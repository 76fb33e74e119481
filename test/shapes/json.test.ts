/** JSON that somebody wrote: what JSON.parse passes over is told with its place. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readJson, UnsoundJson } from '../../shapes/json.ts'

const complaint = (text: string): UnsoundJson => {
  try {
    readJson(text)
  } catch (error) {
    if (error instanceof UnsoundJson) return error
    throw error
  }
  throw new Error('nothing is wrong with it')
}

test('is what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(0, 1, 2), (text, indent) => {
      const written = JSON.stringify(JSON.parse(text), null, indent)
      expect(readJson(written)).toEqual(JSON.parse(text))
    }),
  )
})

test('is no JSON where JSON.parse says so', () => {
  for (const text of ['', '{', '{"a":1,}', '[1,]', "{'a':1}", '{"a" 1}', '"', '01'])
    expect(() => readJson(text)).toThrow(SyntaxError)
})

describe('a name twice in one record', () => {
  test.each([
    ['{"a":1,"a":1}', '', '"a"'],
    ['{"ops":[{"op":"x"},{"op":"y","as":"c0","op":"z"}]}', 'ops[1]', '"op"'],
    ['[[],[{},{"a":{"b":[],"b":0}}]]', '[1][1].a', '"b"'],
    ['{"a":1,"\\u0061":1}', '', '"a"'],
    ['{"\\\\":1,"a\\"":2,"\\\\":1}', '', '"\\\\"'],
    ['{"__proto__":1,"__proto__":2}', '', '"__proto__"'],
  ])('%s', (text, path, name) => {
    expect(complaint(text)).toMatchObject({ path, message: `has ${name} twice` })
  })

  test('is another thing in another record, in a value, or in another case', () => {
    for (const text of ['[{"a":1},{"a":1}]', '{"a":{"a":"a"}}', '{"a":"a","b":"a"}', '{"a":1,"A":1}', '["a","a"]'])
      expect(readJson(text)).toEqual(JSON.parse(text))
  })

  test('is found wherever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 }), fc.nat(), (bag, at) => {
        const members = Object.entries(bag).map(([name, x]) => `${JSON.stringify(name)}:${JSON.stringify(x)}`)
        const again = members[at % members.length]!
        expect(() => readJson(`{"x":[{${[...members, again].join()}}]}`)).toThrow(/ twice$/)
      }),
    )
  })
})

test.each([200, 201, 5000, 200_000])('lists in lists, %i deep', (depth) => {
  const text = `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  if (depth <= 200) expect(readJson(text)).toEqual(JSON.parse(text))
  else expect(complaint(text)).toMatchObject({ path: 'a[0][0][0]', message: expect.stringContaining('200 deep') })
})
