/**
 * A trace retold for people. Calls fold into the lane of their task, a request and its answer into one row, repeated stretches into
 * one line; what the end does not depend on is left out and counted. Step numbers stay those of the trace.
 */
import type { Trace, TraceStep, WaitEdge } from '../explore/runs/trace.ts'
import { changed, changes, sayChange } from './changes.ts'
import { eventFields, inScript } from './saying.ts'
import { eventsOf } from './sanitizer.ts'
import { functionName, systemCallsOf, type SystemCalls } from './system-calls.ts'
import { kernelWord } from './kernel-words.ts'
import { touchWords } from './memory-words.ts'
import { inWords, isQuietWord, ofObject, wordAnswered, wordsOf, wordsWaiting } from './procedures.ts'
import { answer, fieldsTo, noteWords } from './words.ts'

export interface Row {
  readonly kind: 'row'
  /** The steps told here: a request and, when it is told too, its answer. Empty: sent, and never delivered. */
  readonly steps: readonly number[]
  /** Lanes; equal for what happens inside one thread. */
  readonly from: string
  readonly to: string
  /** The message, what it carries, and what it brings back. */
  readonly head: string
  readonly asked: string
  readonly answered: string
  /** The thread it is done for. */
  readonly thread: string | undefined
  /** What the receiver changed. */
  readonly changes: readonly string[]
  /** Finding titles. */
  readonly findings: readonly string[]
  /** Sent at this step, and the receiver did something else in between. */
  readonly waitedSince: number | undefined
  readonly overtaken: boolean
  readonly ignored: boolean
  readonly answerOnly: boolean
  /** Of actors that know of no kernel: what they called for, and their words are their own. */
  readonly calls?: readonly string[]
}

/** The same rows again and again. */
export interface Stretch {
  readonly kind: 'stretch'
  readonly times: number
  readonly first: number
  readonly last: number
  readonly what: string
}

/** Rows left out of a long story. */
export interface Hidden {
  readonly kind: 'hidden'
  readonly rows: number
  readonly first: number
  readonly last: number
}

export type Line = Row | Stretch | Hidden

export interface Lane {
  readonly id: string
  readonly thread: boolean
  /** How many rows touch it. */
  readonly rows: number
}

/** What there is to draw of a story. */
export interface Drawable {
  readonly lanes: readonly Lane[]
  readonly lines: readonly Line[]
}

export interface Story extends Drawable {
  readonly lines: readonly (Row | Stretch)[]
  readonly steps: number
  /** Steps the end does not depend on. */
  readonly unrelated: number
}

const locking = new Map([
  ['LOCK', 'lock'],
  ['TRYLOCK', 'trylock'],
  ['UNLOCK', 'unlock'],
  ['DOWN_READ', 'down_read'],
  ['DOWN_WRITE', 'down_write'],
  ['TRY_READ', 'down_read_trylock'],
  ['TRY_WRITE', 'down_write_trylock'],
  ['UP_READ', 'up_read'],
  ['UP_WRITE', 'up_write'],
])

export const locks = (type: string): boolean => type === 'LOCK' || type.startsWith('DOWN_')
export const unlocks = (type: string): boolean => type === 'UNLOCK' || type.startsWith('UP_')
export const isLocking = (type: string): boolean => locking.has(type)
/** As the kernel spells it: `down_read`. */
export const verb = (type: string): string => locking.get(type) ?? type

/** A call belongs to its task's lane, everything else has its own. */
export const laneOf = (trace: Trace, id: string): string => trace.threads[id] ?? id

/** `unmap` for `vmm0/unmap`: inside its own lane a call needs no surname. */
export const callName = (trace: Trace, id: string): string => {
  const name = functionName(trace, id)
  if (name !== undefined) return name
  const thread = trace.threads[id]
  return thread !== undefined && id.startsWith(`${thread}/`) ? id.slice(thread.length + 1) : id
}

/**
 * The steps the given ones depend on: a step needs the one that sent its message, and every earlier step that changed its receiver.
 * Steps that only looked are not needed by anybody else.
 */
export const sliceOf = (trace: Trace, seeds: readonly number[]): ReadonlySet<number> => {
  const needed = new Set(seeds)
  // Components whose earlier changes matter. Going backwards, a step is decided before anything it could depend on.
  const receivers = new Set<string>()
  for (const step of [...trace.steps].reverse()) {
    if (!needed.has(step.number) && !(receivers.has(step.to) && changed(step.before, step.after))) continue
    needed.add(step.number)
    needed.add(step.sentAt)
    receivers.add(step.to)
  }
  needed.delete(0)
  return needed
}

const startWords = new Set(['GO', 'START'])

/** Passing a plain result back inside a thread, or being started: steps, but no news. */
const isQuiet = (trace: Trace, step: TraceStep): boolean => {
  if (step.findings.length > 0 || eventsOf(step).length > 0 || step.ignored) return false
  if (step.from === 'env') return startWords.has(step.message.type)
  const within = trace.threads[step.from] !== undefined && laneOf(trace, step.from) === laneOf(trace, step.to)
  return within && step.message.type === 'RETURN' && step.to !== laneOf(trace, step.to) && answer(step.message) === ''
}

/** Kept by a story for its own sake: what a user knows of a device, and files that are found and let go of without anything coming of it. */
const isBookkeeping = ({ to, message }: TraceStep, reply: TraceStep | undefined): boolean => {
  const word = kernelWord(to, message.type)
  if (word === 'current' || word === 'has PASID') return true
  return (
    (word === 'fdget' || word === 'fdput') && reply !== undefined && reply.message['last'] !== true && !isError(reply)
  )
}

const isError = ({ message: { ret } }: TraceStep): boolean => typeof ret === 'string' && ret.startsWith('-')

/** What happened here must be told, however small it is. */
const isNews = (step: TraceStep, reply: TraceStep | undefined, kept: readonly number[]): boolean =>
  [step, ...(reply ? [reply] : [])].some(
    (each) => each.findings.length > 0 || eventsOf(each).length > 0 || each.ignored || kept.includes(each.number),
  )

/** What a step is told to have done to its receiver: events in an object's life say more than fields do. */
const newsOf = (trace: Trace, step: TraceStep): readonly string[] => {
  const events = eventsOf(step)
  const changed = () => changes(step.before, step.after)
  if (events.length > 0) return events.map(noteWords)
  if (trace.threads[step.to] !== undefined || isLocking(step.message.type)) return []
  return (inWords(step) ? changed().map((change) => ofObject(step, change)) : changed()).map(sayChange)
}

/** An answer that came at once: the next delivery to the asker, sent by the asked in the step that heard the question. */
const answerTo = (trace: Trace, asked: TraceStep): TraceStep | undefined => {
  if (trace.threads[asked.from] === undefined || trace.threads[asked.to] !== undefined) return undefined
  return trace.steps.find((s) => s.sentAt === asked.number && s.from === asked.to && s.to === asked.from)
}

const waited = (trace: Trace, step: TraceStep): { since: number | undefined; overtaken: boolean } => {
  const between = trace.steps
    .slice(step.sentAt, step.number - 1)
    .filter((s) => s.to === step.to && s.from !== step.from)
  return {
    since: between.length > 0 && step.sentAt > 0 ? step.sentAt : undefined,
    overtaken: between.some((s) => s.sentAt > step.sentAt),
  }
}

/** What comes after the head, in one piece. */
export const detailOf = ({ asked, answered }: Row): string =>
  [asked, answered === '' ? '' : `→ ${answered}`].filter((s) => s !== '').join(' ')

/** Since when it was under way, if it had to wait; and that later ones came before it. */
export const waitingWords = ({ waitedSince, overtaken }: Row, glyphs: { readonly overtaken: string }): string =>
  [...(waitedSince === undefined ? [] : [`(sent at ${waitedSince})`]), ...(overtaken ? [glyphs.overtaken] : [])].join(
    ' ',
  )

const told = (trace: Trace, step: TraceStep, reply: TraceStep | undefined, calls: SystemCalls | undefined): Row => {
  const [from, to] = [laneOf(trace, step.from), laneOf(trace, step.to)]
  const { type } = step.message
  const inside = from === to || step.from === 'env'
  const { since, overtaken } = inside ? { since: undefined, overtaken: false } : waited(trace, step)
  const row = {
    kind: 'row',
    steps: reply === undefined ? [step.number] : [step.number, reply.number],
    from: step.from === 'env' ? to : from,
    to,
    thread: trace.threads[step.from] ?? trace.threads[step.to],
    changes: newsOf(trace, step),
    findings: step.findings.map(({ title }) => title),
    waitedSince: since,
    overtaken,
    ignored: step.ignored,
    answerOnly: trace.threads[step.from] === undefined && trace.threads[step.to] !== undefined,
  } as const
  const plain = { ...row, asked: fieldsTo(step.to, step.message), answered: '' }
  if (step.from === 'env') return { ...plain, head: type, asked: `${plain.asked} (from outside)`.trim() }
  const words = wordsOf(step, reply)
  if (words !== undefined && !inside) {
    const own = trace.threads[step.from] === undefined ? to : from
    return { ...row, from: own, to: own, ...words }
  }
  const touch = inside ? undefined : touchWords(step, reply)
  if (touch !== undefined) {
    const { head, asked, answered } = touch
    // What memory becomes is said by the row itself.
    return { ...row, from, to: from, head, asked, answered, changes: [] }
  }
  const answered = row.answerOnly ? wordAnswered(trace, step) : undefined
  if (answered !== undefined) return { ...plain, from: to, answerOnly: false, head: answered, asked: 'done' }
  const said = calls?.said(step)
  if (calls !== undefined && row.answerOnly)
    return { ...plain, head: answerName(trace, step), asked: calls.answered(step) }
  if (row.answerOnly) return { ...plain, head: answerName(trace, step) }
  if (inside && said !== undefined) return { ...plain, ...said }
  if (inside && type === 'RETURN') return { ...plain, head: `${callName(trace, step.from)} returned` }
  if (inside && type === 'CALL') return { ...plain, head: callName(trace, step.to) }
  const queued = reply === undefined && locks(type) && step.sends.length === 0 && step.findings.length === 0
  const back = reply && (calls === undefined ? answer(reply.message) : calls.answered(reply))
  const asked = { ...plain, head: type, ...said, answered: back ?? (queued ? 'queued' : '') }
  const word = kernelWord(step.to, type)
  return word === undefined || asked.head !== type ? asked : inKernelWords(asked, word)
}

/** That it went well is said by what came of it, and what a row has said it does not say again. */
const inKernelWords = (row: Row, head: string): Row => ({
  ...row,
  head,
  answered: row.answered.replace(/^0 (?=.)/, ''),
  changes: row.changes.filter((change) => !isSaid(change, row.asked)),
})

/** `ptrs += vfio_task0#1` below `list_add vfio_task0#1`. */
const isSaid = (change: string, asked: string): boolean => {
  const now = /(?:→|[+−]=) (.+)$/.exec(change)?.[1]
  return now !== undefined && ` ${asked} `.replace(/[[\]]/g, ' ').includes(` ${now} `)
}

/** A step as people call it: what was asked for by its function, an answer by what it answers. */
export const stepWord = (trace: Trace, step: TraceStep): string => {
  const touch = touchWords(step, undefined)
  if (touch !== undefined) return touch.head
  if (trace.threads[step.from] === undefined && trace.threads[step.to] !== undefined) return answerName(trace, step)
  return kernelWord(step.to, step.message.type) ?? step.message.type
}

/** `answer of vfio_find_dma`; what answers nothing that has a word keeps its name. */
const answerName = (trace: Trace, { number, from, to, message }: TraceStep): string => {
  const asked = trace.steps.findLast((step) => step.number < number && step.from === to && step.to === from)
  const word = asked && requestWord(asked)
  return word === undefined ? message.type : `answer of ${word}`
}

const requestWord = (asked: TraceStep): string | undefined =>
  touchWords(asked, undefined)?.head ??
  (inWords(asked) ? String(asked.message['says']) : undefined) ??
  locking.get(asked.message.type) ??
  kernelWord(asked.to, asked.message.type)

/** On its way to whom it was sent; a word of a procedure is told where it was said. */
const asRequest = (trace: Trace, edge: WaitEdge): { readonly to: string; readonly head: string } => {
  const words = wordsWaiting(trace, edge)
  return words === undefined
    ? { to: edge.at, head: kernelWord(edge.at, edge.type) ?? edge.type }
    : { to: edge.thread, head: words }
}

/** What a message to this actor is called by people. */
export const messageWord = (to: string, type: string): string => verb(kernelWord(to, type) ?? type)

/** What somebody waits for who is not heard: `lock iommu.lock`, `vfio_wait container0.type1`. */
export const waitsFor = (trace: Trace, edge: WaitEdge): string =>
  wordsWaiting(trace, edge) ?? `${messageWord(edge.at, edge.type)} ${edge.at}`

/** Requests that nobody took: how a deadlock ends. */
const neverTaken = (trace: Trace): Row[] =>
  trace.end !== 'deadlock'
    ? []
    : trace.waiting.map((edge) => ({
        kind: 'row',
        steps: [],
        from: edge.thread,
        ...asRequest(trace, edge),
        asked: `waits for ${edge.on.join(', ') || 'nobody'}`,
        answered: '',
        thread: edge.thread,
        changes: [],
        findings: [],
        waitedSince: edge.sentAt,
        overtaken: false,
        ignored: false,
        answerOnly: false,
      }))

const keyOf = ({ from, to, head, asked, answered, findings, changes: news }: Row): string =>
  JSON.stringify([from, to, head, asked, answered, findings, news.length])

const longestPeriod = 60

/** Folds what comes at least three times in a row, keeping the first time in full. */
export const foldRepeats = (rows: readonly Row[]): (Row | Stretch)[] => {
  const keys = rows.map(keyOf)
  const repeats = (at: number, period: number): number => {
    let times = 1
    while (keys.slice(at, at + period).every((key, i) => key === keys[at + times * period + i])) times++
    return times
  }
  const lines: (Row | Stretch)[] = []
  for (let at = 0; at < rows.length;) {
    let best = { period: 0, times: 0 }
    for (let period = 1; period <= Math.min(longestPeriod, (rows.length - at) / 3); period++) {
      if (keys[at] !== keys[at + period]) continue
      const times = repeats(at, period)
      if (times >= 3 && (times - 1) * period > (best.times - 1) * best.period) best = { period, times }
    }
    if (best.times === 0) {
      lines.push(rows[at]!)
      at++
      continue
    }
    const { period, times } = best
    const again = rows.slice(at + period, at + times * period)
    lines.push(...rows.slice(at, at + period), {
      kind: 'stretch',
      times: times - 1,
      first: again[0]!.steps[0] ?? 0,
      last: again.at(-1)!.steps.at(-1) ?? 0,
      what:
        period > 3
          ? `the same ${period} rows`
          : again
              .slice(0, period)
              .map(({ head }) => head)
              .join('/'),
    })
    at += times * period
  }
  return lines
}

/** Threads first come first, except that the thread of the last row stands at the left edge; objects in order of use between. */
const lanesOf = (trace: Trace, rows: readonly Row[]): Lane[] => {
  const used = new Map<string, number>()
  for (const { from, to } of rows) for (const id of new Set([from, to])) used.set(id, (used.get(id) ?? 0) + 1)
  const threads = new Set(Object.values(trace.threads))
  const all = [...used].map(([id, n]) => ({ id, thread: threads.has(id), rows: n }))
  const first = rows.at(-1)?.thread
  const people = all.filter(({ thread }) => thread).sort((a, b) => Number(b.id === first) - Number(a.id === first))
  const things = all.filter(({ thread }) => !thread)
  return [...people.slice(0, 1), ...things, ...people.slice(1)]
}

export interface StoryOptions {
  /** What the end is: steps to explain. Without it the whole run is told. */
  readonly seeds?: readonly number[]
  /** Steps that must have a row of their own. */
  readonly marked?: readonly number[]
  /** Steps that must be in a row. */
  readonly kept?: readonly number[]
}

/** One step by itself. */
export const tellStep = (trace: Trace, step: TraceStep): Row =>
  trace.told || step.of !== undefined ? heard(trace, step) : told(trace, step, undefined, systemCallsOf(trace))

/** What an actor of XState heard, as those say it who wrote it; what it calls for hides nothing of what became of it. */
const heard = (
  trace: Trace,
  { number, from, to, message, before, after, notes, findings, ignored }: TraceStep,
): Row => ({
  ...{ kind: 'row', steps: [number], from, to, thread: trace.threads[from] },
  ...{ head: message.type, asked: eventFields(message), answered: '' },
  ...{ changes: changes(before, after, inScript).map(sayChange), calls: notes.map(noteWords) },
  ...{ findings: findings.map(({ title }) => title), ignored },
  ...{ waitedSince: undefined, overtaken: false, answerOnly: false },
})

/** The word for it: of locks the kernel's. */
export const called = ({ head, calls }: Row): string => (calls ? head : verb(head))

/** A lock is asked for, or let go of. */
export const isOfLock = ({ head, calls }: Row): boolean => !calls && isLocking(head)

export const tellStory = (trace: Trace, { seeds, marked = [], kept = [] }: StoryOptions = {}): Story => {
  const calls = systemCallsOf(trace)
  const needed = seeds === undefined ? new Set(trace.steps.map(({ number }) => number)) : sliceOf(trace, seeds)
  const inRows = new Set<number>()
  const rows: Row[] = []
  for (const step of trace.steps) {
    if (!needed.has(step.number) || inRows.has(step.number)) continue
    if (step.of !== undefined) {
      rows.push(heard(trace, step))
      continue
    }
    if (isQuiet(trace, step) && !marked.includes(step.number)) continue
    const reply = answerTo(trace, step)
    const folds = reply !== undefined && reply.findings.length === 0 && !marked.includes(reply.number)
    if (folds) inRows.add(reply.number)
    const answered = folds ? reply : undefined
    const isSmall = calls?.isQuiet(step, answered) || isQuietWord(step) || touchWords(step, answered)?.quiet === true
    if ((isSmall || isBookkeeping(step, answered)) && !isNews(step, answered, kept)) continue
    rows.push(told(trace, step, answered, calls))
  }
  rows.push(...neverTaken(trace))
  return {
    lanes: lanesOf(trace, rows),
    lines: foldRepeats(rows),
    steps: trace.steps.length,
    unrelated: trace.steps.length - trace.steps.filter(({ number }) => needed.has(number) || inRows.has(number)).length,
  }
}

/** The first and last step of a line; undefined for what was never delivered. */
const spanOf = (line: Line): readonly [first: number, last: number] | undefined => {
  if (line.kind !== 'row') return [line.first, line.last]
  const [first] = line.steps
  return first === undefined ? undefined : [first, line.steps.at(-1)!]
}

/**
 * A story of at most about `most` lines: how it began, how it ended, and the marked steps in between. What is left out is counted where it
 * was. Step numbers stay, so nothing else changes.
 */
export const capped = (story: Drawable, most: number, marked: readonly number[]): Drawable => {
  const { lines } = story
  // To hide a handful is not worth a line that says so.
  if (lines.length <= most + 8) return story
  const [head, tail] = [Math.floor(most * 0.4), Math.ceil(most * 0.6)]
  const isMarked = (line: Line): boolean => line.kind === 'row' && line.steps.some((n) => marked.includes(n))
  const kept = new Set(lines.flatMap((line, i) => (i < head || i >= lines.length - tail || isMarked(line) ? [i] : [])))
  const shown: Line[] = []
  for (const [i, line] of lines.entries()) {
    const before = shown.at(-1)
    const span = spanOf(line)
    if (kept.has(i) || span === undefined) shown.push(line)
    else if (before?.kind === 'hidden') shown.splice(-1, 1, { ...before, rows: before.rows + 1, last: span[1] })
    else shown.push({ kind: 'hidden', rows: 1, first: span[0], last: span[1] })
  }
  return { ...story, lines: shown }
}

/** One row as a sentence, for `--list` and for terminals too narrow for lanes. */
export const sentence = (row: Row): string => {
  const detail = detailOf(row)
  const what = detail === '' ? '' : ` ${detail}`
  if (row.from === row.to) return `${row.from}: ${row.head}${what}`
  if (row.answerOnly) return `${row.to}: hears ${row.head}${what} from ${row.from}`
  if (isOfLock(row)) return `${row.from}: ${verb(row.head)} ${row.to}${what}`
  return `${row.from}: ${row.head} at ${row.to}${what}`
}

/** What a row is called when its receiver has no lane: a line of code on the doer's lane. */
export const asNote = (row: Row): string => {
  const detail = detailOf(row)
  const what = detail === '' ? '' : ` ${detail}`
  return isOfLock(row) ? `${verb(row.head)} ${row.to}${what}` : `${row.to} ${row.head}${what}`
}
