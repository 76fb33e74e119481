/** Which chunks a chunk of the program imports. */
import { expect, test } from 'vitest'
import { withoutNeedless } from '../../build/imports.ts'

const chunk = (path: string, ...lines: string[]) => ({ path, text: lines.join('\n') })

test('what comes by way of others is not imported again, and what nobody takes something from still is', () => {
  const chunks = [
    chunk(
      'dist/door.js',
      'import {',
      'one',
      '} from "./chunks/a.js";',
      'import "./chunks/b.js";',
      'import "./chunks/c.js";',
    ),
    chunk('dist/chunks/a.js', 'import {', 'two', '} from "./b.js";', 'import "./c.js";'),
    chunk('dist/chunks/b.js', 'export {}'),
    chunk('dist/chunks/c.js', 'export {}'),
  ]
  expect(
    withoutNeedless(chunks).map(({ text }) => text.split('\n').filter((line) => line.startsWith('import "'))),
  ).toEqual([['import "./chunks/c.js";'], ['import "./c.js";'], [], []])
})

test('lines stay where they are', () => {
  const chunks = [
    chunk('dist/door.js', 'import "./chunks/b.js";', 'import {', 'one', '} from "./chunks/b.js";', 'one()'),
    chunk('dist/chunks/b.js', 'export {}'),
  ]
  expect(withoutNeedless(chunks)[0]!.text.split('\n')).toEqual([
    '',
    'import {',
    'one',
    '} from "./chunks/b.js";',
    'one()',
  ])
})

test('two that take from each other, and what is imported without a file of ours', () => {
  const chunks = [
    chunk('dist/a.js', 'import "rxjs";', 'import {', 'b', '} from "./b.js";'),
    chunk('dist/b.js', 'import {', 'a', '} from "./a.js";', 'import "./a.js";'),
  ]
  expect(withoutNeedless(chunks).map(({ text }) => text)).toEqual([
    chunks[0]!.text,
    ['import {', 'a', '} from "./a.js";', ''].join('\n'),
  ])
})
