/**
 * Draws a story in lanes: a column for each thread and object, a row for each delivery.
 *
 *   lane width  what the columns allow, 14 to 26
 *   `├─ X ─►│`  a request, `► … → answer` when the answer came with it; `┼` where an arrow crosses a lane
 *   `●`         what the receiver changed, or what happened inside one thread
 *
 * Objects that do not find room get no lane of their own; what is done to them becomes a line on the doer's lane, so nothing is lost.
 * No room even for the threads and what the violation is about: numbered sentences.
 */
import type { Page, Role } from './style.ts'
import { legible } from './style.ts'
import {
  asNote,
  called,
  detailOf,
  isOfLock,
  sentence,
  type Drawable,
  type Hidden,
  type Lane,
  type Row,
  type Stretch,
  waitingWords,
} from './story.ts'
import { clip, counted, wrap } from './words.ts'

const narrowestLane = 14
const widestLane = 26
/** Objects get a lane only while each lane keeps this much: an arrow needs room for its words. */
const roomyLane = 20
/** What the violation is about may have it a little tighter. */
const essentialLane = 17

export interface DrawOptions {
  readonly marks?: ReadonlyMap<number, 'now' | 'earlier'>
  /** Objects that should have a lane, all of them or none. */
  readonly essential?: readonly string[]
  /** Steps of the unlock and the relock: a bracket beside the numbers. */
  readonly gap?: readonly [from: number, to: number] | undefined
  readonly list?: boolean
  /** What shows the rows that are hidden. */
  readonly allBy?: string
  /** Every change of a step. */
  readonly all?: boolean
}

/** The bracket's sign for a row: where the lock is dropped, while it is not held, where it is taken again. */
const bracket = (page: Page, steps: readonly number[], gap: DrawOptions['gap']): string => {
  const first = steps[0]
  if (gap === undefined || first === undefined || first < gap[0] || first > gap[1]) return ' '
  return first === gap[0] ? page.glyphs.opens : first === gap[1] ? page.glyphs.closes : page.glyphs.within
}

/** What does not get its answer any more stands in red, as the end of the story that it is. */
const roleOf = (row: Row, mark: 'now' | 'earlier' | undefined): Role | undefined =>
  row.steps.length === 0 ? 'bad' : rolesOf(mark)

const rolesOf = (mark: 'now' | 'earlier' | undefined): Role | undefined =>
  mark === 'now' ? 'bad' : mark === 'earlier' ? 'earlier' : undefined

const numberOf = (page: Page, row: Row): string => {
  const [first, second] = row.steps
  if (first === undefined) return page.glyphs.range
  if (second === undefined) return `${first}`
  return `${first}${second === first + 1 ? page.glyphs.range : ','}${second}`
}

const markOf = (row: Row, marks: DrawOptions['marks']): 'now' | 'earlier' | undefined =>
  row.steps.map((n) => marks?.get(n)).find((mark) => mark !== undefined)

const stretchWords = (page: Page, line: Stretch | Hidden, allBy = '--all'): string => {
  const { first, last } = line
  const steps = `(steps ${first}${page.glyphs.range}${last})`
  return line.kind === 'hidden'
    ? `${page.glyphs.many} ${counted(line.rows, 'row')} hidden ${steps}; ${allBy} shows them`
    : `${page.glyphs.many} ${line.times} ${page.glyphs.times} ${line.what} ${steps}`
}

/** At most two changes a step are drawn, unless all are wanted; the rest is counted. */
const changeLines = (changes: readonly string[], all: boolean): readonly string[] =>
  all || changes.length <= 2 ? changes : [...changes.slice(0, 1), `${changes[1]} (+${changes.length - 2} more)`]

const drawList = (story: Drawable, page: Page, { marks, allBy }: DrawOptions): string[] => {
  const lines: string[] = []
  const width = Math.max(2, ...story.lines.map((l) => (l.kind === 'row' ? numberOf(page, l).length : 1)))
  for (const line of story.lines) {
    if (line.kind !== 'row') {
      lines.push(
        page.paint(
          'dim',
          clip(
            `${' '.repeat(width + 6)}${legible(page, stretchWords(page, line, allBy))}`,
            page.columns,
            page.glyphs.more,
          ),
        ),
      )
      continue
    }
    const mark = markOf(line, marks)
    const head = `  ${numberOf(page, line).padStart(width)} ${mark ? page.glyphs[mark] : ' '}  `
    const news = [...line.changes, ...(line.calls ?? []), ...(line.ignored ? ['ignored'] : [])].join(', ')
    const extra = waitingWords(line, page.glyphs)
    const text = [sentence(line), extra, news === '' ? '' : `${page.glyphs.dot} ${news}`]
      .filter((s) => s !== '')
      .join('  ')
    const role = roleOf(line, mark)
    for (const [i, l] of wrap(legible(page, text), page.columns - head.length, '  ').entries()) {
      const whole = (i === 0 ? head : ' '.repeat(head.length)) + l
      lines.push(role ? page.paint(role, whole) : whole)
    }
    for (const finding of line.findings) {
      lines.push(
        page.paint(
          'bad',
          clip(`${' '.repeat(head.length)}${page.glyphs.no} ${legible(page, finding)}`, page.columns, page.glyphs.more),
        ),
      )
    }
  }
  return lines
}

/** Lanes that are drawn: all threads, what the violation is about if all of it fits, then others by how much happens there. */
const chooseLanes = (story: Drawable, room: number, essential: readonly string[]): readonly Lane[] | undefined => {
  const threads = story.lanes.filter(({ thread }) => thread).map(({ id }) => id)
  const wanted = story.lanes.filter(({ id, thread }) => thread || essential.includes(id)).map(({ id }) => id)
  const must = new Set(wanted.length * essentialLane > room ? threads : wanted)
  if (must.size * narrowestLane > room || must.size === 0) return undefined
  const isLock = (id: string): boolean => story.lines.some((l) => l.kind === 'row' && l.to === id && isOfLock(l))
  const others = story.lanes
    .filter(({ id }) => !must.has(id))
    .sort((a, b) => Number(isLock(a.id)) - Number(isLock(b.id)) || b.rows - a.rows)
  for (const { id } of others) if ((must.size + 1) * roomyLane <= room) must.add(id)
  return story.lanes.filter(({ id }) => must.has(id))
}

/** One line of signs that later signs may overwrite. */
class Canvas {
  readonly signs: string[]
  constructor(width: number) {
    this.signs = Array.from({ length: width }, () => ' ')
  }
  put(at: number, text: string): void {
    for (const [i, sign] of [...text].entries()) {
      if (at + i >= 0 && at + i < this.signs.length) this.signs[at + i] = sign
    }
  }
  toString(): string {
    return this.signs.join('').trimEnd()
  }
}

class Drawing {
  readonly lines: string[] = []
  readonly page: Page
  readonly at: ReadonlyMap<string, number>
  readonly width: number
  readonly gutter: number
  /** Continues the bracket on lines that have no number. */
  margin = ' '

  constructor(page: Page, lanes: readonly Lane[], gutter: number) {
    this.page = page
    this.gutter = gutter
    this.width = Math.min(widestLane, Math.floor((page.columns - gutter) / lanes.length))
    this.at = new Map(lanes.map(({ id }, i) => [id, gutter + i * this.width]))
  }

  canvas(head = ''): Canvas {
    const canvas = new Canvas(this.page.columns)
    for (const x of this.at.values()) canvas.put(x, this.page.glyphs.line)
    if (head === '' && this.margin !== ' ') canvas.put(this.gutter - 3, this.margin)
    canvas.put(0, head)
    return canvas
  }

  push(canvas: Canvas, role?: Role): void {
    this.lines.push(role ? this.page.paint(role, canvas.toString()) : canvas.toString())
  }

  heads(): void {
    const canvas = new Canvas(this.page.columns)
    const { more } = this.page.glyphs
    for (const [id, x] of this.at) canvas.put(x, clip(legible(this.page, id), this.width - 1, more))
    this.push(canvas, 'head')
  }

  /** `● text` from a lane to the right; where that would leave the page, `text ●` to its left. */
  note(lane: string, sign: string, text: string, head = '', role?: Role): void {
    const { columns } = this.page
    const x = this.at.get(lane) ?? this.gutter
    const [right, left] = [columns - x - 2, x - this.gutter - 1]
    const said = legible(this.page, text)
    // What fits on neither side goes to the wider one, in several lines.
    const toTheLeft = said.length > right && (said.length <= left || left > right)
    const lines = wrap(said, toTheLeft ? left : right)
    for (const [i, line] of lines.entries()) {
      const canvas = this.canvas(i === 0 ? head : '')
      const mark = i === 0 ? sign : this.page.glyphs.line
      if (toTheLeft) canvas.put(x - line.length - 1, `${line} ${mark}`)
      else canvas.put(x, `${mark} ${line} `)
      this.push(canvas, role)
    }
  }

  /** Draws the first label there is room for, and answers what is left to say below. */
  arrow(
    from: string,
    to: string,
    tries: readonly (readonly [label: string, below: string])[],
    head: string,
    role?: Role,
  ): string {
    const g = this.page.glyphs
    const [a, b] = [this.at.get(from)!, this.at.get(to)!]
    const [low, high] = [Math.min(a, b), Math.max(a, b)]
    const inner = high - low - 1
    // One dash before the label, the head of the arrow after it, and a space on both sides.
    const fitting = tries.find(([l]) => legible(this.page, l).length <= inner - 4) ?? tries.at(-1)!
    const label = legible(this.page, fitting[0])
    const canvas = this.canvas(head)
    canvas.put(low + 1, g.dash.repeat(inner))
    for (const x of this.at.values()) if (x > low && x < high) canvas.put(x, g.cross)
    canvas.put(a, a < b ? g.leaves : g.leavesLeft)
    canvas.put(a < b ? b - 1 : b + 1, a < b ? g.right : g.left)
    // The label stands beside the sender when it fits before the first crossing, so that the arrow does not hide it.
    const near = label.length <= this.width - 4
    const space = near ? Math.min(inner, this.width - 1) : inner
    const start = a < b ? low + 1 : high - space
    if (label !== '') canvas.put(start + Math.max(1, Math.floor((space - label.length - 2) / 2)), ` ${label} `)
    this.push(canvas, role)
    return fitting[1]
  }
}

export const drawLanes = (story: Drawable, page: Page, options: DrawOptions = {}): string[] => {
  const { marks, essential = [], gap, list = false, all = false, allBy } = options
  const widest = Math.max(2, ...story.lines.map((l) => (l.kind === 'row' ? numberOf(page, l).length : 1)))
  const gutter = widest + (options.gap ? 8 : 6)
  const lanes = list ? undefined : chooseLanes(story, page.columns - gutter, essential)
  if (lanes === undefined) return drawList(story, page, options)
  const drawing = new Drawing(page, lanes, gutter)
  const { glyphs: g } = page
  drawing.heads()
  for (const line of story.lines) {
    if (line.kind !== 'row') {
      const canvas = drawing.canvas()
      canvas.put(gutter, clip(`${legible(page, stretchWords(page, line, allBy))} `, page.columns - gutter, g.more))
      drawing.push(canvas, 'dim')
      continue
    }
    const mark = markOf(line, marks)
    const role = roleOf(line, mark)
    const head = `  ${numberOf(page, line).padStart(widest)} ${mark ? g[mark] : ' '} ${bracket(page, line.steps, gap)}`
    drawing.margin = line.steps.some((n) => gap && n >= gap[0] && n < gap[1]) ? g.within : ' '
    const extra = waitingWords(line, g)
    const detail = [detailOf(line), extra].filter((s) => s !== '').join(' ')
    const inside = line.from === line.to
    const withoutLane = !drawing.at.has(line.from) || !drawing.at.has(line.to)
    if (inside || withoutLane) {
      const own = drawing.at.has(line.from) ? line.from : line.to
      const said = inside ? [line.head, detail] : [line.answerOnly ? `${line.from} ${line.head}` : asNote(line), extra]
      if (line.answerOnly && !inside) said[1] = detail
      drawing.note(own, g.dot, said.filter((s) => s !== '').join(' '), head, role)
    } else {
      // Everything on the arrow; else the answer below it; else all but the message's name below it; else that, too.
      const words = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(' ')
      const word = called(line)
      const back = words(line.answered === '' ? '' : `→ ${line.answered}`, extra)
      const tries: readonly (readonly [label: string, below: string])[] = [
        [words(word, detail), ''],
        [words(word, line.asked), back],
        [word, detail],
        ['', words(word, detail)],
      ]
      const below = drawing.arrow(line.from, line.to, tries, head, role)
      if (below !== '') drawing.note(line.to, g.line, below, '', role)
    }
    const under = drawing.at.has(line.to) ? line.to : line.from
    for (const change of [...changeLines(line.changes, all), ...(line.calls ?? [])]) {
      drawing.note(under, withoutLane ? g.line : g.dot, change, '', role ?? 'dim')
    }
    if (line.ignored) drawing.note(under, g.no, `ignored by ${line.to}`, '', 'unsure')
    for (const finding of line.findings) drawing.note(under, g.no, finding, '', 'bad')
  }
  return drawing.lines
}
