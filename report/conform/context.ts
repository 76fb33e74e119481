/** One disagreement in full: what was asked, what both said, and the objects it was about. */
import type { Disagreement, SeenObject } from '../../conform/report.ts'
import { legible, type Page } from '../style.ts'
import { command, shellWord } from '../text.ts'
import { clip, counted, value, wrap } from '../words.ts'
import { kernelWords, opWords, placeWords, resultWords } from '../../conform/words.ts'

const indent = '     '
const label = 10

/** Signs of one field of an object, so that each field is seen; lines of one object, and of all of them. The rest is for `--all`. */
const most = { field: 90, object: 8, objects: 30 }

export interface ContextOptions {
  readonly all?: boolean
  /** Options that the replay of this case alone needs, too. */
  readonly options?: readonly string[]
}

export const contextLines = (
  each: Disagreement,
  page: Page,
  { all = false, options = [] }: ContextOptions = {},
): string[] => {
  const { of, op, recorded, said, differences, objects = [] } = each
  return [
    ...heading(each, page),
    ...row(page, 'op', opWords(op)),
    ...row(page, 'kernel', resultWords(recorded)),
    ...row(page, 'relock', resultWords(said, recorded)),
    ...row(page, 'differs', differences.map(({ field }) => field).join(', ')),
    ...objectLines(page, objects, all),
    ...row(page, 'case', restOfCase(each)),
    ...(of.file === undefined ? [] : command(page, '   Again    ', againWords(of.file, of.name, options))),
  ]
}

const heading = ({ of, index, ops }: Disagreement, page: Page): string[] =>
  wrap(legible(page, `${placeWords(of)} · op ${index} of ${ops} · ${kernelWords(of)}`), page.columns - 3, '  ').map(
    (line) => `   ${page.paint('strong', line)}`,
  )

/** A label and a text beside it, as many lines as it takes. */
const row = (page: Page, name: string, text: string): string[] =>
  wrap(legible(page, text), page.columns - indent.length - label).map(
    (line, i) => `${indent}${i === 0 ? page.paint('dim', name.padEnd(label)) : ' '.repeat(label)}${line}`,
  )

/** Later ones may be consequences of the first, which is why it matters where in the row this one stands. */
const restOfCase = ({ before, after }: Disagreement): string => {
  if (before + after === 0) return 'nothing else in it disagrees'
  const earlier =
    before === 0
      ? 'the first that disagrees in it'
      : `${counted(before, 'op')} in it ${before === 1 ? 'disagrees' : 'disagree'} before this`
  return `${earlier}; ${after === 0 ? 'none' : `${after} more`} after it`
}

const againWords = (file: string, name: string, options: readonly string[]): string =>
  ['npx relock conform', shellWord(file), '--case', shellWord(name), ...options].join(' ')

const objectLines = (page: Page, objects: readonly SeenObject[], all: boolean): string[] => {
  const told = objects.map((object) => ({ object, data: dataOf(object, page, all) }))
  const silent = told.filter(({ data }) => data === '').map(({ object: { id, state } }) => `${id} ${state}`)
  const texts = [
    ...told.flatMap(({ object: { id, state }, data }) => (data === '' ? [] : [`${id} · ${state} · ${data}`])),
    ...(silent.length > 0 ? [silent.join(', ')] : []),
  ]
  const lines = texts.flatMap((text) => shortened(page, row(page, '', text), all ? Infinity : most.object))
  const shown = shortened(page, lines, all ? Infinity : most.objects)
  const [first, ...rest] = shown
  if (first === undefined) return []
  return [`${indent}${page.paint('dim', 'objects'.padEnd(label))}${first.slice(indent.length + label)}`, ...rest]
}

const shortened = (page: Page, lines: readonly string[], room: number): readonly string[] =>
  lines.length <= room
    ? lines
    : [
        ...lines.slice(0, room - 1),
        `${indent}${' '.repeat(label)}${page.glyphs.more} ${counted(lines.length - room + 1, 'more line')}: \`--all\``,
      ]

/** What an object holds, in words; nothing when that is nothing (a free lock, say). The kernel it is of stands above. */
const dataOf = ({ id, data }: SeenObject, page: Page, all: boolean): string =>
  typeof data === 'object' && data !== null
    ? Object.entries(data)
        .filter(([name, x]) => !isEmpty(x) && !(name === 'id' && x === id) && name !== 'profile')
        .map(([name, x]) => `${name} ${all ? value(x) : clip(value(x), most.field, page.glyphs.more)}`)
        .join(', ')
    : ''

const isEmpty = (x: unknown): boolean =>
  x === null || x === undefined || x === false || (typeof x === 'object' && Object.keys(x).length === 0)
