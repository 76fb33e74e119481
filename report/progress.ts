/**
 * How far a search is. On a terminal two lines, drawn again at most ten times a second and not at all in the first 400 ms, when most
 * searches are over. Elsewhere one plain line every ten seconds.
 */
import type { Alone, Progress } from '../explore/outcome/report.ts'
import { legible, type Page } from './style.ts'
import { clip, count, counted } from './words.ts'

const quietFor = 400
const redrawEvery = 100
const plainEvery = 10_000

/** Frontier sizes as bars. It bends down when the end is near: the only percentage nobody has to guess. */
export const sparkline = (sizes: readonly number[], width: number, page: Page): string => {
  const bars = [...page.glyphs.bars]
  if (sizes.length === 0 || width < 1) return ''
  const buckets = Math.min(width, sizes.length)
  const highest = Math.max(1, ...sizes)
  return Array.from({ length: buckets }, (_, i) => {
    const part = sizes.slice(Math.floor((i * sizes.length) / buckets), Math.floor(((i + 1) * sizes.length) / buckets))
    return bars[Math.min(bars.length - 1, Math.floor((Math.max(...part) / highest) * bars.length))]
  }).join('')
}

const direction = (frontier: readonly number[]): string => {
  const [a, b] = [frontier.at(-2), frontier.at(-1)]
  return a === undefined || b === undefined || a === b ? '' : b < a ? 'shrinking' : 'growing'
}

export const clock = (s: number): string => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, '0')}`

export const speed = (done: number, s: number, what = 'steps'): string => {
  const rate = s > 0 ? done / s : 0
  return rate >= 10_000 ? `${(rate / 1000).toFixed(1)}k ${what}/s` : `${count(rate)} ${what}/s`
}

/** No more digits than can be meant. */
const about = (number: number): number => Number(number.toPrecision(2))

/** As many as there is room for, the first in any case. */
const fitting = ([first = '', ...others]: readonly string[], room: number): string => {
  let line = first
  for (const each of others) {
    if (line.length + each.length + 2 > room) break
    line += `  ${each}`
  }
  return line
}

export const progressLine = (
  { states, steps, depth, seconds, frontier, runs, ofRuns, findings, spilled, trouble, alone, estimate }: Progress,
  page: Page,
): string => {
  const far =
    runs === undefined ? `depth ${depth}` : `runs ${count(runs)}${ofRuns === undefined ? '' : `/${count(ofRuns)}`}`
  const found = findings.length === 0 ? [] : [counted(findings.length, 'finding')]
  const remarks = [
    ...found,
    ...(spilled ? ['on disk'] : []),
    ...(trouble === undefined ? [] : ['no checkpoint']),
    ...(alone ? ['one thread'] : []),
  ]
  const numbers = estimate
    ? [
        ...['exploring', `${count(states)} of about ${counted(about(estimate.states), 'state')}`],
        ...[`${clock(seconds)}, about ${clock(about(estimate.seconds))} left`, ...remarks, speed(steps, seconds), far],
      ]
    : [
        ...['exploring', counted(states, 'state'), counted(steps, 'step'), speed(steps, seconds)],
        ...[far, clock(seconds), ...remarks],
      ]
  const line = fitting(numbers, page.columns - 1)
  // Room for the bars is what the numbers leave; under ten signs they say nothing.
  const room = page.columns - line.length - 24
  if (runs !== undefined || frontier.length < 2 || room < 10) return clip(line, page.columns - 1, page.glyphs.more)
  return clip(
    `${line}   frontier ${sparkline(frontier, Math.min(room, 24), page)}  ${direction(frontier)}`.trimEnd(),
    page.columns - 1,
    page.glyphs.more,
  )
}

const aloneWords: Readonly<Record<Alone, string>> = {
  symmetry: 'tasks that are alike count once here. `--no-symmetry` has more states searched, by all threads.',
  order: 'nobody else knows what an order holds back.',
  steps: 'claims about steps are asked at each of them.',
  numbered: 'what these XState actors do is looked up in tables, which one thread fills.',
}

/** Threads that were asked for had nothing to do. */
export const sayAlone = (alone: Alone): string =>
  `One thread has searched, whatever \`--workers\` says: ${aloneWords[alone]}\n`

export interface ProgressPaper {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface ProgressView<Told> {
  update(progress: Told): void
  /** Takes back what was drawn. */
  done(): void
}

/** What is told is put into words by `lineOf`, only when it is drawn. */
export const showLine = <Told>(
  paper: ProgressPaper,
  page: Page,
  title: string,
  lineOf: (told: Told, page: Page) => string,
  now: () => number = () => performance.now(),
): ProgressView<Told> => {
  const begun = now()
  let last = begun
  let drawn = false
  // The carriage return: a Ctrl-C leaves its `^C` where the next line begins.
  const wipe = (): void => {
    if (drawn) paper.write('\r\u001B[2A\u001B[0J')
    drawn = false
  }
  return {
    update(progress) {
      const time = now()
      if (paper.isTTY !== true) {
        if (time - last < plainEvery) return
        last = time
        paper.write(`${legible(page, title)}: ${lineOf(progress, page)}\n`)
        return
      }
      if (time - begun < quietFor || (drawn && time - last < redrawEvery)) return
      last = time
      wipe()
      paper.write(
        `${page.paint('dim', clip(legible(page, title), page.columns - 1, page.glyphs.more))}\n${lineOf(progress, page)}\n`,
      )
      drawn = true
    },
    done: wipe,
  }
}
