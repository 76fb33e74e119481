/** What the paper can do: how wide it is, whether it takes colour, and which signs it can show. */
import { styleText } from 'node:util'
import { visible } from './words.ts'

/** Signs for paper that shows them all. */
export const unicode = {
  yes: '✓',
  no: '✗',
  bounded: '~',
  unknown: '?',
  now: '①',
  earlier: '②',
  dot: '●',
  line: '│',
  leaves: '├',
  leavesLeft: '┤',
  cross: '┼',
  opens: '┌',
  within: '┆',
  closes: '└',
  dash: '─',
  right: '►',
  left: '◄',
  arrow: '→',
  minus: '−',
  many: '⋮',
  more: '…',
  cycle: '↺',
  overtaken: '⤳',
  times: '×',
  range: '–',
  middle: '·',
  bars: '▁▂▃▄▅▆▇█',
}

export type Glyphs = typeof unicode

const ascii: Glyphs = {
  yes: '+',
  no: 'x',
  bounded: '~',
  unknown: '?',
  now: '1',
  earlier: '2',
  dot: '*',
  line: '|',
  leaves: '|',
  leavesLeft: '|',
  cross: '+',
  opens: ',',
  within: ':',
  closes: "'",
  dash: '-',
  right: '>',
  left: '<',
  arrow: '->',
  minus: '-',
  many: ':',
  more: '...',
  cycle: '(cycle)',
  overtaken: '(overtaken)',
  times: 'x',
  range: '-',
  middle: '-',
  bars: '_.-=+*#@',
}

/** Roles, not colours: colour is never the only carrier of anything. */
export type Role = 'bad' | 'earlier' | 'good' | 'unsure' | 'head' | 'dim' | 'strong'

const colours = {
  bad: 'red',
  earlier: 'yellow',
  good: 'green',
  unsure: 'yellow',
  head: 'cyan',
  dim: 'dim',
  strong: 'bold',
} as const satisfies Record<Role, Parameters<typeof styleText>[0]>

export interface Page {
  readonly columns: number
  readonly ascii: boolean
  readonly glyphs: Glyphs
  /** Paints after layout, so that widths are counted on plain text. */
  paint(role: Role, text: string): string
}

export interface PageOptions {
  readonly columns?: number
  readonly ascii?: boolean
  readonly colour?: boolean
}

/** Below this nothing can be laid out; a narrower terminal wraps by itself. */
export const narrowest = 40

export const makePage = ({ columns = 80, ascii: plain = false, colour = false }: PageOptions = {}): Page => ({
  columns: Math.max(narrowest, columns),
  ascii: plain,
  glyphs: plain ? ascii : unicode,
  // What the stream can do was decided by `pageFor`; styleText must not decide again.
  paint: (role, text) => (colour && text !== '' ? styleText(colours[role], text, { validateStream: false }) : text),
})

export interface Paper {
  readonly isTTY?: boolean
  readonly columns?: number
}

type Environment = Readonly<Record<string, string | undefined>>

export const wantsColour = ({ isTTY = false }: Paper, env: Environment): boolean => {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false
  const force = env['FORCE_COLOR']
  if (force !== undefined) return force !== '0' && force !== 'false'
  return isTTY && env['TERM'] !== 'dumb'
}

/** The page for a stream. TERM=dumb and `--ascii` mean signs every font has. */
export const pageFor = (paper: Paper, env: Environment, options: { readonly ascii?: boolean } = {}): Page => {
  const fromEnv = Number(env['COLUMNS'])
  return makePage({
    columns: paper.columns ?? (Number.isInteger(fromEnv) && fromEnv > 0 ? fromEnv : 80),
    ascii: options.ascii ?? env['TERM'] === 'dumb',
    colour: wantsColour(paper, env),
  })
}

const inAscii: readonly (readonly [string, string])[] = [
  ['→', '->'],
  ['–', '-'],
  ['—', '-'],
  ['…', '...'],
  ['×', 'x'],
  ['·', '-'],
  ['−', '-'],
  ['①', '1'],
  ['②', '2'],
]

/** A line with text from elsewhere (names, messages) in it, as this page can print it. */
export const legible = (page: Page, line: string): string =>
  page.ascii
    ? inAscii.reduce((t, [sign, twin]) => t.replaceAll(sign, twin), visible(line)).replace(/[^\x20-\x7e]/g, '?')
    : visible(line)
