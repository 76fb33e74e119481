/**
 * What the readers of each format would take for something else than text, and how it is written instead. All was seen in the readers
 * themselves (test/statecharts/escapes.test.ts has a row for every row).
 */
import { visible } from '../words.ts'

export interface Escape {
  readonly signs: RegExp
  readonly as: (sign: string) => string
  readonly why: string
  /** A text in which they occur. */
  readonly example: string
}

const numbered = (sign: string): string => `#${sign.codePointAt(0)};`
const behindBackslash = (sign: string): string => `\\${sign}`

export const escapes = {
  mermaid: [
    { signs: /;/, as: numbered, why: 'ends the statement; the rest becomes a state', example: 'n = 1; m = 2' },
    { signs: /#/, as: numbered, why: 'begins an entity, or a comment', example: 'page#2' },
    { signs: /:/, as: numbered, why: 'begins another description, or a class', example: 'vfio::open' },
    { signs: /</, as: numbered, why: 'begins a tag, and the rest is cut', example: 'n<max' },
    { signs: />/, as: numbered, why: 'ends a tag, and quotes at the beginning', example: 'n>max' },
    { signs: /&/, as: numbered, why: 'begins an entity of HTML', example: 'a &lt; b' },
    { signs: /"/, as: numbered, why: 'ends the text of a state', example: 'say "go"' },
    { signs: /%/, as: numbered, why: 'twice, it begins a comment or a directive', example: '100%% sure' },
    { signs: /\\/, as: numbered, why: 'with n it is a line break, else it hides a sign', example: 'a\\nb \\* c' },
    { signs: /[`*~]/, as: numbered, why: 'Markdown in labels of transitions', example: '* and **all** `b` ~~c~~' },
    {
      // Within a name it is a sign like any other, and names stay readable.
      signs: /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/,
      as: numbered,
      why: 'Markdown, at the edge of a word',
      example: '_private_ and __init__ of get_device_fd',
    },
    { signs: /\](?=\()/, as: numbered, why: 'a link of Markdown', example: '[isFree](now)' },
    { signs: /\$(?=\$)/, as: numbered, why: 'twice, it begins a formula', example: '$$x$$' },
    { signs: /[{}]/, as: numbered, why: 'begins or ends what is in a state', example: 'fn() { return }' },
    { signs: /-(?=[->])/, as: numbered, why: 'an arrow, or a new region', example: 'a --> b -- c' },
    { signs: /^[-+](?=\s)|(?<=^\d+)[.)](?=\s)/, as: numbered, why: 'a list of Markdown', example: '1. lock' },
  ],
  dot: [{ signs: /["\\]/, as: behindBackslash, why: 'ends the text, or hides a sign', example: 'say "go" \\N' }],
  smcat: [
    { signs: /"/, as: behindBackslash, why: 'ends the text', example: 'say "go"' },
    { signs: /\\$/, as: (sign: string) => `${sign} `, why: 'would hide the quote that ends the text', example: 'a\\' },
  ],
  scxml: [
    { signs: /[&<>"]/, as: (sign: string) => `&#${sign.codePointAt(0)};`, why: 'of XML', example: 'n<max && "a">b' },
  ],
} as const satisfies Readonly<Record<string, readonly Escape[]>>

export type Format = keyof typeof escapes

/** Of no use as a name of a state: they mean something, or break the reader. All names we write begin with `s_`, and none ends with `_start` or `_end`. */
export const reserved: Readonly<Record<Format, readonly string[]>> = {
  mermaid: [
    ...[
      'state',
      'root',
      'default',
      'note',
      'start',
      'end',
      'class',
      'classDef',
      'style',
      'scale',
      'click',
      'direction',
    ],
    ...['as', 'fork', 'join', 'choice', 'hide', 'accTitle', 'accDescr', 'title', '-', '--'],
  ],
  dot: ['graph', 'digraph', 'subgraph', 'node', 'edge', 'strict'],
  smcat: ['initial', 'final', 'history', 'deephistory', 'parallel', 'terminate', '^choice', ']fork', 'initialized'],
  scxml: [],
}

/** Text as the reader of this format gets it back: nothing in it is taken for more than text. */
export const escaped = (format: Format, text: string): string => {
  const rows: readonly Escape[] = escapes[format]
  const any = new RegExp(rows.map(({ signs }) => `(${signs.source})`).join('|'), 'gm')
  return visible(text).replace(any, (sign, ...groups: readonly unknown[]) => {
    const row = groups.findIndex((group) => group !== undefined)
    return rows[row]!.as(sign)
  })
}

/** For quotes, in one line. */
export const quoted = (format: Format, text: string): string => `"${escaped(format, text)}"`
