/**
 * The block a kernel engineer reads first: what went wrong, both sides of it, the life of the object, and the gap between the unlock
 * and the relock. Everything in it comes from the trace.
 */
import type { Trace } from '../explore/trace.ts'
import { changes, sayChange } from './changes.ts'
import { lifeOf, nestingsOf, sidesOf, type Nesting, type Sides, type Wrong } from './sides.ts'
import { callName, laneOf, verb } from './story.ts'
import { legible, type Page } from './style.ts'
import { counted, fields, wrap } from './words.ts'

/** Stable and greppable: the kind is always in it. */
export const titleOf = (kind: string, title: string): string =>
  title.toLowerCase().includes(kind.toLowerCase()) ? title : `${kind}: ${title}`

const by = (trace: Trace, actor: string): string => {
  const thread = laneOf(trace, actor)
  return thread === actor ? thread : `${thread} (in ${callName(trace, actor)})`
}

/** ① what happened, by whom, when. */
const nowLines = (trace: Trace, { now, object, learnt, gap, earlierWhat }: Sides): string[] => {
  const actor = trace.threads[now.from] === undefined ? now.to : now.from
  const about = object === undefined ? '' : ` ${object}`
  const said = now.message.type === 'RETURN' ? `RETURN ${fields(now.message)}`.trim() : `${now.message.type}${about}`
  const lines =
    actor === now.from
      ? [
          `${said} by ${by(trace, actor)} at step ${now.number}${laneOf(trace, now.to) === laneOf(trace, actor) ? '' : `, at ${now.to}`}`,
        ]
      : [`${by(trace, actor)} hears ${said} from ${now.from} at step ${now.number}`]
  for (const { detail } of now.findings) if (detail !== undefined) lines.push(detail)
  if (learnt !== undefined && learnt.number < now.number - 1 && earlierWhat?.startsWith('freed')) {
    lines.push(
      `it has this pointer from ${learnt.from}, which answered ${learnt.message.type} at step ${learnt.number}`,
    )
  }
  if (gap !== undefined) {
    const again = gap.taken === undefined ? 'has not taken it again' : `took it again at step ${gap.taken}`
    lines.push(`it dropped ${gap.lock} at step ${gap.dropped} and ${again}`)
  }
  return lines
}

const earlierLines = (trace: Trace, { now, earlier, earlierWhat, object, gap }: Sides): string[] => {
  if (earlier === undefined) return []
  const actor = trace.threads[earlier.from] === undefined ? earlier.to : earlier.from
  const what = earlierWhat === undefined ? earlier.message.type : `${object ?? ''} ${earlierWhat}`.trim()
  const lines = [
    `${what} by ${by(trace, actor)} at step ${earlier.number}, with ${earlier.message.type} at ${earlier.to}`,
  ]
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
  if (life.length === 0) return [`${object} was there before the run began; nothing happened to it since.`]
  const sign = (step: number): string =>
    step === now.number ? page.glyphs.now : step === earlier?.number ? page.glyphs.earlier : ' '
  const rows = life.map(({ step, what, actor }) => ({ step, what, who: by(trace, actor) }))
  // The violation itself is the last event of a life, though nobody noted it.
  if (!rows.some(({ step }) => step === now.number)) {
    rows.push({
      step: now.number,
      what: now.message.type,
      who: by(trace, trace.threads[now.from] === undefined ? now.to : now.from),
    })
  }
  // A retry loop would make this long; how it began and how it ended is what matters.
  const shown = rows.length <= 10 ? rows : [...rows.slice(0, 4), undefined, ...rows.slice(-5)]
  const width = Math.max(...rows.map(({ what }) => what.length))
  const digits = String(rows.at(-1)!.step).length
  return [
    `Life of ${object}:`,
    ...shown.map((row) =>
      row === undefined
        ? `    ${page.glyphs.many} ${rows.length - 9} more`
        : `  ${sign(row.step)} step ${String(row.step).padStart(digits)}  ${row.what.padEnd(width)}  by ${row.who}`,
    ),
    ...(rows[0]!.what.startsWith('mapped') ? [] : ['    (it was there before the run began)']),
  ]
}

/** `type1.dmas −= dma0#1   by step 50` for the steps that made the difference. */
const valueLines = (steps: readonly (Sides['now'] | undefined)[]): string[] => {
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

const block = (...groups: readonly (readonly string[])[]): string[] =>
  groups.filter((group) => group.length > 0).flatMap((group, i) => (i === 0 ? group : ['', ...group]))

const numbered = (sign: string, [first, ...rest]: readonly string[]): string[] =>
  first === undefined ? [] : [`${sign} ${first}`, ...rest.map((line) => `  ${line}`)]

const findingLines = (trace: Trace, at: number, page: Page, object?: string): string[] => {
  const sides = sidesOf(trace, at, object)
  if (sides === undefined) return []
  const { earlier } = sides
  const relevant = earlier !== undefined && trace.threads[earlier.to] === undefined ? [earlier] : []
  return block(
    [
      ...numbered(page.glyphs.now, nowLines(trace, sides)),
      ...numbered(page.glyphs.earlier, earlierLines(trace, sides)),
    ],
    lifeLines(trace, sides, page),
    valueLines(relevant),
  )
}

const orders = (nestings: readonly Nesting[], lastStep: number): string[] => {
  const seen = new Set<string>()
  return nestings.flatMap(({ thread, held, heldSince, taken, at }) => {
    const key = `${thread} ${held} ${taken}`
    if (seen.has(key)) return []
    seen.add(key)
    const when = at > lastStep ? `waits for ${taken}` : `took ${taken} at step ${at}`
    return [`${thread} held ${held} (since step ${heldSince}) and ${when}`]
  })
}

/** Only nestings that are part of a circle: each one's lock is held by another while that one's held lock is wanted. */
const circular = (nestings: readonly Nesting[]): readonly Nesting[] => {
  const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
    from === to ||
    (!seen.has(from) &&
      nestings.some(({ held, taken }) => held === from && reaches(taken, to, new Set([...seen, from]))))
  return nestings.filter(({ held, taken }) => reaches(taken, held))
}

const deadlockLines = (trace: Trace, page: Page): string[] => {
  const { waiting } = trace
  const [a, b] = [
    Math.max(0, ...waiting.map((w) => w.thread.length)),
    Math.max(0, ...waiting.map((w) => w.on.join(', ').length)),
  ]
  const edges = waiting.map(
    ({ thread, at, type, sentAt, on }) =>
      `  ${thread.padEnd(a)}  waits for  ${(on.join(', ') || 'nobody').padEnd(b)}  ${verb(type)} ${at}, sent at step ${sentAt}`,
  )
  // Follow the first edge of each until somebody comes again.
  const path: string[] = []
  for (
    let thread = waiting[0]?.thread;
    thread !== undefined;
    thread = waiting.find((w) => w.thread === thread)?.on[0]
  ) {
    if (path.includes(thread)) {
      path.splice(0, path.indexOf(thread))
      path.push(thread)
      break
    }
    path.push(thread)
  }
  const isCycle = path.length > 1 && path[0] === path.at(-1)
  const circle = isCycle ? [`  ${page.glyphs.cycle} ${path.join(' → ')}`] : []
  const held = orders(circular(nestingsOf(trace)), trace.steps.length).map((line) => `  ${line}`)
  return block([...edges, ...circle], held.length === 0 ? [] : ['Both orders, in this run:', ...held])
}

const lockOrderLines = (trace: Trace, at: number, detail: string | undefined): string[] => {
  const nestings = nestingsOf(trace)
  const inCircle = circular(nestings)
  const told = orders(inCircle.length > 0 ? inCircle : nestings, trace.steps.length).map((line) => `  ${line}`)
  const head = inCircle.length > 0 ? 'Both orders, in this run:' : `This order, closed by step ${at}:`
  return block(told.length === 0 ? [] : [head, ...told], detail === undefined ? [] : [detail])
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

/** The greppable first line, without the trace: also what a list of findings prints. */
export const headline = (wrong: Wrong, trace?: Trace): string => {
  const tasks = wrong.what === 'deadlock' && trace ? `, ${counted(trace.waiting.length, 'thread')} waiting` : ''
  return `BUG: relock: ${kindOf(wrong)}${tasks}`
}

const bodyOf = (trace: Trace, wrong: Wrong, page: Page): string[] => {
  if (wrong.what === 'deadlock') return deadlockLines(trace, page)
  if (wrong.what === 'finding') {
    const { kind, detail, object } = wrong.finding
    if (kind === 'lock-order') return lockOrderLines(trace, wrong.at, detail)
    if (kind === 'deadlock') return deadlockLines(trace, page)
    const also =
      trace.steps[wrong.at - 1]?.findings.filter((other) => other !== wrong.finding).map(({ title }) => title) ?? []
    return block(
      findingLines(trace, wrong.at, page, object),
      also.length === 0 ? [] : [`At the same step: ${also.join(', ')}`],
    )
  }
  if (wrong.loopsFrom !== undefined) {
    return block([`expected at some point of every run: ${wrong.name}`], lassoLines(trace, wrong.loopsFrom, page))
  }
  if (wrong.kind === 'eventually') {
    return block(
      [
        `expected at some point of every run: ${wrong.name}`,
        `this run ends after step ${trace.steps.length} without it`,
      ],
      trace.end === 'deadlock' ? deadlockLines(trace, page) : [],
    )
  }
  const step = trace.steps[wrong.at - 1]
  return step === undefined
    ? ['it is false before the first step']
    : block(
        [`true in every state was claimed, and after step ${wrong.at} it is false`],
        findingLines(trace, wrong.at, page),
      )
}

/** The unlock and the relock around ②, to be bracketed in the lanes. */
export const gapOf = (trace: Trace, wrong: Wrong): readonly [number, number] | undefined => {
  if (wrong.what !== 'finding') return undefined
  const gap = sidesOf(trace, wrong.at, wrong.finding.object)?.gap
  return gap && [gap.dropped, gap.taken ?? wrong.at]
}

/** The marks that story and splat share. */
export const marksOf = (trace: Trace, wrong: Wrong): ReadonlyMap<number, 'now' | 'earlier'> => {
  const marks = new Map<number, 'now' | 'earlier'>()
  if (wrong.what === 'deadlock' || (wrong.what === 'property' && wrong.loopsFrom !== undefined)) return marks
  const sides = sidesOf(trace, wrong.at, wrong.what === 'finding' ? wrong.finding.object : undefined)
  if (sides?.earlier !== undefined) marks.set(sides.earlier.number, 'earlier')
  if (sides !== undefined) marks.set(wrong.at, 'now')
  return marks
}

export const splat = (trace: Trace, wrong: Wrong, page: Page): string[] => {
  const ruler = '='.repeat(Math.min(66, page.columns))
  const lines = [headline(wrong, trace), '', ...bodyOf(trace, wrong, page)]
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
