/**
 * The block a kernel engineer reads first: what went wrong, both sides of it, the life of the object, and the gap between the unlock
 * and the relock. Everything in it comes from the trace.
 */
import type { Finding } from '../explore/system.ts'
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { actorLines, broughtBy, isOfActors } from './actors.ts'
import { changes, sayChange } from './changes.ts'
import { lockOrderLines, wrongContextsAt } from './lockdep.ts'
import { dataRaceLines, isDataRace } from './data-race.ts'
import { deadlockLines } from './locks.ts'
import { eventsOf, memoryLines } from './sanitizer.ts'
import { changesInWords, inWords, type LostUpdate } from './procedures.ts'
import { claimSides, isLeft, lifeOf, sidesOf, type Sides, type Wrong } from './sides.ts'
import { callName, laneOf, stepWord } from './story.ts'
import { legible, type Page } from './style.ts'
import { systemCallsOf } from './system-calls.ts'
import { answer, block, count, counted, fields, fieldsTo, listed, noteWords, value, wrap } from './words.ts'

/** Stable and greppable: the kind is always in it. */
export const titleOf = (kind: string, title: string): string => {
  // `lock order A → B` says its kind already, but not so that it can be searched for.
  const spoken = `${kind.replaceAll('-', ' ')} `
  if (kind.includes('-') && title.startsWith(spoken)) return `${kind}: ${title.slice(spoken.length)}`
  return title.toLowerCase().includes(kind.toLowerCase()) ? title : `${kind}: ${title}`
}

const by = (trace: Trace, actor: string): string => {
  const thread = laneOf(trace, actor)
  return thread === actor ? thread : `${thread} (in ${callName(trace, actor)})`
}

/** Numbers its call has counted up to this step, with the bounds beside them: `retries 10, retryBound 10`. */
const countersOf = (trace: Trace, { to, before }: TraceStep): string => {
  const initial = trace.initial[to]?.data ?? {}
  const numbers = Object.entries(before.data).filter(([, x]) => typeof x === 'number' && x !== 0)
  const moved = numbers.filter(([name, x]) => initial[name] !== x)
  const bounds = numbers.filter(([name, x]) => initial[name] === x)
  if (moved.length === 0) return ''
  return [...moved, ...bounds].map(([name, x]) => `${name} ${value(x)}`).join(', ')
}

const ordinal = (n: number): string => {
  const end = n % 100 > 10 && n % 100 < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th')
  return `${count(n)}${end}`
}

/** A bug at the end of many rounds: how often the same was heard before. */
const againLines = (trace: Trace, now: TraceStep): string[] => {
  const same = trace.steps.filter(
    ({ from, to, message }) =>
      from === now.from &&
      to === now.to &&
      message.type === now.message.type &&
      fields(message) === fields(now.message),
  )
  if (same.length < 3) return []
  return [`the ${ordinal(same.length)} time that it hears this; the first was step ${same[0]!.number}`]
}

/** A step as a clause: `vmm0: unmap returned 0 size 0x1000 at step 66`, `READ dma0#1 by vmm0 (in unmap) at step 54, at type1`. */
const clause = (trace: Trace, step: TraceStep, object: string | undefined): string => {
  const { from, to, message, number } = step
  const actor = trace.threads[from] === undefined ? to : from
  const calls = systemCallsOf(trace)
  const call = calls?.said(step)
  const words = call?.asked ?? fieldsTo(to, message)
  const with_ = words === '' ? '' : ` ${words}`
  if (actor !== from) {
    const said = calls ? calls.answered(step) : answer(message)
    return `${by(trace, actor)} hears ${stepWord(trace, step).replace(/^answer of/, 'the answer of')}${said === '' ? '' : ` ${said}`} from ${from} at step ${number}`
  }
  if (laneOf(trace, to) === laneOf(trace, from)) {
    if (message.type === 'RETURN' && call !== undefined) return `${laneOf(trace, from)}: ${call.head} at step ${number}`
    if (message.type === 'RETURN')
      return `${laneOf(trace, from)}: ${callName(trace, from)} returned${with_} at step ${number}`
    if (message.type === 'CALL') return `${by(trace, from)} calls ${callName(trace, to)}${with_} at step ${number}`
  }
  if (inWords(step)) return `${String(message['says'])} by ${by(trace, from)} at step ${number}`
  const word = stepWord(trace, step)
  const isNamed = object === undefined || object === to || word.includes(object)
  return `${word}${isNamed ? '' : ` ${object}`} by ${by(trace, from)} at step ${number}, at ${to}`
}

/** How a thread came by a pointer: the function that found it, where it has a name. */
const learntBy = (trace: Trace, learnt: TraceStep): string => {
  const word = stepWord(trace, learnt)
  return word === learnt.message.type ? `which answered ${word}` : `which answered ${word.replace(/^answer of /, '')}`
}

/** ① what happened, by whom, when. */
const nowLines = (trace: Trace, { now, object, learnt, gap, earlierWhat, update }: Sides): string[] => {
  const lines = [clause(trace, now, object)]
  for (const { detail } of now.findings) if (detail !== undefined) lines.push(detail)
  if (now.findings.length > 0) {
    const counters = trace.threads[now.to] === undefined ? '' : countersOf(trace, now)
    if (counters !== '') lines.push(`its call has ${counters}`)
    lines.push(...againLines(trace, now))
  }
  const asked = learnt && trace.steps[learnt.sentAt - 1]
  if (learnt !== undefined && learnt.number < now.number - 1 && earlierWhat?.startsWith('freed')) {
    lines.push(
      asked !== undefined && inWords(asked)
        ? `it has this pointer since step ${learnt.number}: ${String(asked.message['says'])}`
        : `it has this pointer from ${learnt.from}, ${learntBy(trace, learnt)} at step ${learnt.number}`,
    )
  }
  // Of a lost update the window is told with it.
  if (gap !== undefined && update === undefined) {
    const again = gap.taken === undefined ? 'has not taken it again' : `took it again at step ${gap.taken}`
    lines.push(`it dropped ${gap.lock} at step ${gap.dropped} and ${again}`)
  }
  return lines
}

/** An update that is lost: who read before it and wrote after it. */
const updateLines = (trace: Trace, { what, read, lost, write }: LostUpdate, gap: Sides['gap']): string[] => [
  clause(trace, lost, what),
  `${laneOf(trace, write.from)} had read ${what} at step ${read.number} and wrote it at step ${write.number}: what ${laneOf(trace, lost.from)} wrote is lost`,
  ...(gap?.taken === undefined
    ? []
    : [`between the unlock and the relock of ${gap.lock} (steps ${gap.dropped} and ${gap.taken})`]),
]

const earlierLines = (trace: Trace, { now, earlier, earlierWhat, object, gap, update, race }: Sides): string[] => {
  if (earlier === undefined) return []
  if (update) return updateLines(trace, update, gap)
  if (race)
    return [
      clause(trace, earlier, object),
      'nothing orders the two: no lock that both hold, no release and acquire in between',
    ]
  const actor = trace.threads[earlier.from] === undefined ? earlier.to : earlier.from
  const what = earlierWhat === undefined ? stepWord(trace, earlier) : `${object ?? ''} ${earlierWhat}`.trim()
  const word = inWords(earlier) ? String(earlier.message['says']) : undefined
  const how = earlierWhat === undefined ? '' : `with ${word ?? `${stepWord(trace, earlier)} at ${earlier.to}`}`
  const where = how === '' ? `at ${earlier.to}` : how
  const lines = [`${what} by ${by(trace, actor)} at step ${earlier.number}, ${where}`]
  if (gap?.taken !== undefined)
    lines.push(`between the unlock and the relock of ① (steps ${gap.dropped} and ${gap.taken})`)
  else if (gap !== undefined) lines.push(`while ① was without ${gap.lock} (from step ${gap.dropped} on)`)
  else if (laneOf(trace, actor) === laneOf(trace, now.from)) lines.push('the same thread as ①')
  return lines
}

const lifeLines = (trace: Trace, sides: Sides, page: Page): string[] => {
  const { object, now, earlier } = sides
  if (object === undefined) return []
  const life = lifeOf(trace, object)
  if (life.length === 0) {
    const since = earlier === undefined ? '; nothing happened to it since.' : '.'
    return [`${object} was there before the run began${since}`]
  }
  const sign = (step: number): string =>
    step === now.number ? page.glyphs.now : step === earlier?.number ? page.glyphs.earlier : ' '
  const rows = life.map(({ step, what, actor }) => ({ step, what, who: by(trace, actor) }))
  // The violation itself is the last event of a life, though nobody noted it.
  if (!rows.some(({ step }) => step === now.number)) {
    rows.push({
      step: now.number,
      what: stepWord(trace, now),
      who: by(trace, trace.threads[now.from] === undefined ? now.to : now.from),
    })
  }
  return [
    `Life of ${object}:`,
    ...eventTable(rows, sign, page),
    ...(rows[0]!.what.startsWith('mapped') ? [] : ['    (it was there before the run began)']),
  ]
}

interface Event {
  readonly step: number
  readonly what: string
  readonly who: string
}

/** Beyond this `by whom` follows where it can. */
const widestEvent = 40

/** Events in order. A retry loop would make this long: what happens again and again is told once, with how often and when last. */
const eventTable = (events: readonly Event[], sign: (step: number) => string, page: Page): string[] => {
  const rows: (Event & { times: number; last: number })[] = []
  for (const event of events) {
    const before = rows.at(-1)
    const same = before?.what === event.what && before.who === event.who && sign(event.step) === ' '
    if (same && sign(before.last) === ' ') rows.splice(-1, 1, { ...before, times: before.times + 1, last: event.step })
    else rows.push({ ...event, times: 1, last: event.step })
  }
  // Still long: how it began and how it ended is what matters.
  const shown = rows.length <= 10 ? rows : [...rows.slice(0, 4), undefined, ...rows.slice(-5)]
  const width = Math.min(widestEvent, Math.max(...rows.map(({ what }) => what.length)))
  const digits = String(rows.at(-1)?.step ?? '').length
  return shown.map((row) => {
    if (row === undefined) return `    ${page.glyphs.many} ${rows.length - 9} more`
    const often = row.times === 1 ? '' : `, ${row.times} times, last at step ${row.last}`
    return `  ${sign(row.step)} step ${String(row.step).padStart(digits)}  ${row.what.padEnd(width)}  by ${row.who}${often}`
  })
}

/** Everything that came, went, was pinned or let go before a claim broke: no one object is to blame. */
const allLives = (trace: Trace, { now, earlier }: Sides, page: Page): string[] => {
  const events = trace.steps.slice(0, now.number).flatMap((step) => [
    ...eventsOf(step).map(({ object, what }) => ({
      step: step.number,
      what: noteWords({ object, what }),
      who: by(trace, trace.threads[step.from] === undefined ? step.to : step.from),
    })),
    ...toldIn(trace, step),
    ...changesInWords(step).map((what) => ({ step: step.number, what, who: by(trace, step.from) })),
  ])
  const sign = (step: number): string =>
    step === now.number ? page.glyphs.now : step === earlier?.number ? page.glyphs.earlier : ' '
  if (events.length === 0 && trace.steps.some(inWords)) return ['Nothing was written, allocated or freed in this run.']
  if (events.length === 0) return ['Nothing was mapped, pinned, unpinned or freed in this run, and no driver told.']
  const rows = eventTable(events, sign, page)
  // Where nothing is mapped there is nothing to tell a driver of.
  if (!events.some(({ what }) => /\b(mapped|pinned)\b/.test(what)))
    return ['What became of objects in this run:', ...rows]
  const silence = events.some(({ what }) => what.includes(' told of ')) ? [] : ['No driver was told of anything.']
  return ['What became of mappings and pins in this run:', ...rows, ...silence]
}

/** A driver's callback runs: for a claim about notifications that is an event like any other. */
const toldIn = (trace: Trace, { number, from, to, message }: TraceStep): readonly Event[] => {
  const device = /(?:^|\/)([^/]+)\.dma_unmap$/.exec(to)?.[1]
  if (device === undefined || message.type !== 'CALL') return []
  return [{ step: number, what: `${device} told of ${fields(message)}`, who: by(trace, from) }]
}

/** `type1.dmas −= dma0#1   by step 50` for the steps that made the difference. */
const valueLines = (steps: readonly (TraceStep | undefined)[]): string[] => {
  const rows = steps.flatMap((step) =>
    step === undefined
      ? []
      : changes(step.before, step.after)
          .slice(0, 3)
          .map((change) => ({ text: `${step.to}: ${sayChange(change)}`, step: step.number })),
  )
  const width = Math.max(0, ...rows.map(({ text }) => text.length))
  return rows.map(({ text, step }) => `${text.padEnd(Math.min(width, 50))}   by step ${step}`)
}

const numbered = (sign: string, [first, ...rest]: readonly string[]): string[] =>
  first === undefined ? [] : [`${sign} ${first}`, ...rest.map((line) => `  ${line}`)]

const findingLines = (trace: Trace, finding: Finding, at: number, page: Page): string[] => {
  const memory = isDataRace(finding) ? dataRaceLines(trace, finding, at) : memoryLines(trace, finding, at)
  // A leak has no sides: nobody did anything.
  if (isLeft(trace, finding)) return memory
  const sides = sidesOf(trace, at, finding)
  if (sides === undefined) return memory
  const { earlier } = sides
  const relevant = earlier !== undefined && trace.threads[earlier.to] === undefined ? [earlier] : []
  return block(
    [
      ...numbered(page.glyphs.now, nowLines(trace, sides)),
      ...numbered(page.glyphs.earlier, earlierLines(trace, sides)),
    ],
    memory.length > 0 ? memory : lifeLines(trace, sides, page),
    // That ② freed it, or what it wrote, is told already.
    memory.length > 0 && (sides.race || sides.earlierWhat?.startsWith('freed')) ? [] : valueLines(relevant),
  )
}

const lassoLines = (trace: Trace, from: number, page: Page): string[] => {
  const loop = trace.steps.slice(Math.max(0, from - 1))
  const types = loop
    .filter(({ from: f, to }) => laneOf(trace, f) !== laneOf(trace, to))
    .map(({ message }) => message.type)
  const words = types.length <= 8 ? types : [...types.slice(0, 8), page.glyphs.more]
  return [
    `after step ${from - 1} the run repeats steps ${from}${page.glyphs.range}${trace.steps.length} for ever (lasso):`,
    `  ${[...words, types[0] ?? ''].join(' → ')}`,
  ]
}

const kindOf = (wrong: Wrong): string =>
  wrong.what === 'finding'
    ? titleOf(wrong.finding.kind, wrong.finding.title)
    : wrong.what === 'deadlock'
      ? 'deadlock'
      : wrong.kind === 'eventually'
        ? `${wrong.loopsFrom === undefined ? '' : 'livelock: '}never: ${wrong.name}`
        : titleOf(wrong.finding ?? 'violated', wrong.name)

/** How many wait for each other; or that nobody does, and yet not everybody is through. */
const howMany = ({ waiting, stopped = [] }: Trace): string =>
  stopped.length > 0
    ? `nothing is in flight, and ${listed(stopped.map(({ id }) => id))} ${stopped.length === 1 ? 'is' : 'are'} not through`
    : `${counted(waiting.length, 'thread')} waiting`

/** What it is, in a line. */
export const fault = (wrong: Wrong, trace?: Trace): string => {
  const tasks = wrong.what === 'deadlock' && trace ? `, ${howMany(trace)}` : ''
  return `${kindOf(wrong)}${tasks}`
}

/** The greppable first line, without the trace: also what a list of findings prints. */
export const headline = (wrong: Wrong, trace?: Trace): string => `BUG: relock: ${fault(wrong, trace)}`

const claimLines = (trace: Trace, at: number, page: Page, ofStep?: true): string[] => {
  const sides = claimSides(trace, at)
  if (sides === undefined) return []
  const [first = '', ...rest] = nowLines(trace, sides)
  return block(
    [
      ...numbered(page.glyphs.now, [
        first,
        ofStep ? 'this step breaks the claim' : 'from here on the claim is false',
        ...rest,
      ]),
      ...numbered(page.glyphs.earlier, earlierLines(trace, sides)),
    ],
    allLives(trace, sides, page),
  )
}

const bodyOf = (trace: Trace, wrong: Wrong, page: Page, of: string): string[] => {
  const isPromise = wrong.what === 'property' && wrong.kind === 'eventually'
  if (isOfActors(trace) && !isPromise) return actorLines(trace, wrong, page)
  if (wrong.what === 'deadlock') return deadlockLines(trace, page)
  if (wrong.what === 'finding') {
    const { kind, cycle } = wrong.finding
    const contexts = wrongContextsAt(trace, wrong.at, of)
    if (kind === 'wait-context') return contexts.flat()
    if (cycle !== undefined) return lockOrderLines(trace, wrong.finding, of, wrong.elsewhere)
    if (kind === 'deadlock') return deadlockLines(trace, page)
    const also =
      trace.steps[wrong.at - 1]?.findings.filter((other) => other !== wrong.finding).map(({ title }) => title) ?? []
    return block(
      findingLines(trace, wrong.finding, wrong.at, page),
      also.length === 0 ? [] : [`At the same step: ${also.join(', ')}`],
      ...contexts,
    )
  }
  if (wrong.loopsFrom !== undefined) {
    return block([`expected at some point of every run: ${wrong.name}`], lassoLines(trace, wrong.loopsFrom, page))
  }
  if (wrong.kind === 'eventually') {
    return [
      `expected at some point of every run: ${wrong.name}`,
      `this run ends after step ${trace.steps.length} without it`,
    ]
  }
  const step = trace.steps[wrong.at - 1]
  return step === undefined ? ['it is false before the first step'] : claimLines(trace, wrong.at, page, wrong.ofStep)
}

const bothSides = (trace: Trace, wrong: Wrong): Sides | undefined => {
  if (wrong.what === 'finding')
    return isLeft(trace, wrong.finding) ? undefined : sidesOf(trace, wrong.at, wrong.finding)
  return wrong.what === 'property' && wrong.kind === 'always' ? claimSides(trace, wrong.at) : undefined
}

const marksOfActors = (
  trace: Trace,
  { at }: Exclude<Wrong, { what: 'deadlock' }>,
): ReadonlyMap<number, 'now' | 'earlier'> => {
  const now = trace.steps[at - 1]
  const earlier = now && broughtBy(trace, now)
  return new Map([...(earlier ? [[earlier.number, 'earlier'] as const] : []), [at, 'now']])
}

/** The unlock and the relock around ②, to be bracketed in the lanes. */
export const gapOf = (trace: Trace, wrong: Wrong): readonly [number, number] | undefined => {
  const sides = isOfActors(trace) ? undefined : bothSides(trace, wrong)
  return sides?.gap && [sides.gap.dropped, sides.gap.taken ?? sides.now.number]
}

/** The marks that story and splat share. */
export const marksOf = (trace: Trace, wrong: Wrong): ReadonlyMap<number, 'now' | 'earlier'> => {
  const marks = new Map<number, 'now' | 'earlier'>()
  if (wrong.what === 'deadlock') return marks
  if (isOfActors(trace)) return marksOfActors(trace, wrong)
  const sides = bothSides(trace, wrong)
  const isInversion = wrong.what === 'finding' && wrong.finding.kind === 'lock-order'
  if (sides?.earlier !== undefined && !isInversion) marks.set(sides.earlier.number, 'earlier')
  if (sides !== undefined) marks.set(wrong.at, 'now')
  return marks
}

/** Lines between rulers, as wide as the page; the first is the headline. */
export const framed = (lines: readonly string[], page: Page): string[] => {
  const ruler = '='.repeat(Math.min(66, page.columns))
  const printed = lines.flatMap((line) => {
    const indent = `${/^ */.exec(line)![0]}    `
    return line === ''
      ? ['']
      : wrap(legible(page, line).trimStart(), page.columns - indent.length + 4, '  ').map((l) => indent.slice(4) + l)
  })
  const paint = (line: string, i: number): string => {
    if (i === 0) return page.paint('bad', line)
    const bare = line.trimStart()
    if (bare.startsWith(page.glyphs.now) && bare[1] === ' ') return page.paint('bad', line)
    return bare.startsWith(page.glyphs.earlier) && bare[1] === ' ' ? page.paint('earlier', line) : line
  }
  return [page.paint('dim', ruler), ...printed.map(paint), page.paint('dim', ruler)]
}

/** `of` is what was looked at: the scenario with its choices. */
export const splat = (trace: Trace, wrong: Wrong, page: Page, of: string = trace.system): string[] =>
  framed([headline(wrong, trace), '', ...bodyOf(trace, wrong, page, of)], page)
