/** Shapes as docs/JSON.md writes them down, and where a value differs from one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.ts'

export type Shape =
  | { readonly is: 'word'; readonly word: string }
  | { readonly is: 'any'; readonly of: readonly Shape[] }
  | { readonly is: 'list'; readonly of: Shape }
  | { readonly is: 'record'; readonly fields: ReadonlyMap<string, { readonly may: boolean; readonly shape: Shape }> }
  | { readonly is: 'map'; readonly of: Shape }

/** Reads the little of TypeScript that the document uses: records, lists, unions, literals, `[key: string]`. */
export const shapeOf = (text: string): Shape => {
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
export const misfits = (x: unknown, shape: Shape, path = ''): readonly string[] => {
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
export const documented = (heading: string): string => {
  const section = text.slice(text.indexOf(heading))
  return /```ts\n(.*?)```/s.exec(section)?.[1] ?? ''
}
