/**
 * Modules as they are shipped: not indented, and without the comments that the bundler has kept, on as many lines as before. What stands in a text
 * of several lines is left as it is, and so is what a comment says to tools.
 */
import { parseSync, Visitor, type ParseResult } from 'oxc-parser'

export interface Shipped {
  readonly text: string
  /** How many characters each line has lost at its beginning. */
  readonly lost: readonly number[]
}

/** `path`: for what is said of a text that is no module. */
export const shipped = (path: string, given: string): Shipped => {
  const { program, comments, errors } = parseSync(path, given)
  const [error] = errors
  if (error) throw new Error(`${path}: ${error.message}`)
  const kept = linesInTexts(program, given)
  const lost: number[] = []
  const lines = withoutSaid(given, comments).split('\n')
  for (const [number, line] of lines.entries()) {
    const spaces = kept.has(number) ? 0 : /^ */.exec(line)![0].length
    lost.push(spaces)
    lines[number] = line.slice(spaces)
  }
  return { text: lines.join('\n'), lost }
}

/** Only what describes is left out; lines stay, and what stands behind it in its line stays where it was. */
const withoutSaid = (text: string, comments: ParseResult['comments']): string => {
  let so = ''
  let from = 0
  for (const { start, end, value } of comments) {
    if (!value.startsWith('*') || /@license|@preserve/.test(value)) continue
    const isBefore = text[end] !== '\n'
    so +=
      text.slice(from, start) +
      (isBefore ? text.slice(start, end).replaceAll(/[^\n]/g, ' ') : '\n'.repeat(value.split('\n').length - 1))
    from = end
  }
  return so + text.slice(from)
}

/** Lines, counted from 0, that begin inside of a text. */
const linesInTexts = (program: ParseResult['program'], text: string): ReadonlySet<number> => {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  const kept = new Set<number>()
  new Visitor({
    TemplateElement({ start, end }) {
      if (text.slice(start, end).includes('\n'))
        for (const [number, at] of starts.entries()) if (at > start && at <= end) kept.add(number)
    },
  }).visit(program)
  return kept
}
