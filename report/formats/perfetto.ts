/**
 * Perfetto and Chrome's DevTools: the Trace Event Format, as JSON. A step is a millisecond, and what happens in it a slice of its receiver's
 * track; a call is the slice around its steps. Slices of one track lie beside or within each other, as the format asks.
 */
import type { Trace, TraceStep } from '../../explore/runs/trace.ts'
import { printJson } from '../json.ts'
import { lockSpans } from '../lock-spans.ts'
import { changes, sayChange } from '../changes.ts'
import { inKernel, inScript } from '../saying.ts'
import type { Wrong } from '../sides.ts'
import { callName, laneOf, sentence, tellStep } from '../story.ts'
import { unicode } from '../style.ts'
import { marking } from '../text.ts'
import { visible } from '../words.ts'

interface TraceEvent {
  readonly ph: 'M' | 'X' | 'i' | 's' | 'f'
  readonly name: string
  readonly cat: string
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly ts: number
  readonly [field: string]: unknown
}

/** Microseconds. What comes in a step is over before the next. */
const step = 1000
const inside = 900
const callEnd = 950

const groups = ['threads', 'locks', 'objects'] as const
type Group = (typeof groups)[number]

/** Tracks as they are first asked for, each within its group. */
class Tracks {
  readonly #tracks = new Map<string, { readonly pid: number; readonly tid: number; readonly name: string }>()

  of(group: Group, name: string): { readonly pid: number; readonly tid: number } {
    const key = `${group}\n${name}`
    const track = this.#tracks.get(key) ?? { pid: groups.indexOf(group) + 1, tid: this.#tracks.size + 1, name }
    this.#tracks.set(key, track)
    return { pid: track.pid, tid: track.tid }
  }

  get names(): readonly TraceEvent[] {
    const named = (what: string, at: { readonly pid: number; readonly tid: number }, args: object): TraceEvent => ({
      ...{ ph: 'M', name: what, cat: '__metadata', ts: 0 },
      ...{ pid: at.pid, tid: at.tid, args },
    })
    const tracks = [...this.#tracks.values()]
    return [
      ...groups.map((name, at) => named('process_name', { pid: at + 1, tid: 0 }, { name })),
      ...groups.map((_, at) => named('process_sort_index', { pid: at + 1, tid: 0 }, { sort_index: at })),
      ...tracks.flatMap((each, at) => [
        named('thread_name', each, { name: visible(each.name) }),
        named('thread_sort_index', each, { sort_index: at }),
      ]),
    ]
  }
}

/** The run as a trace: threads, locks and objects have tracks; a message is a flow from the step that sent it to the step that heard it. */
export const perfetto = (trace: Trace, broken: Wrong | undefined): string => {
  const { marks, gap } = marking(trace, broken)
  const tracks = new Tracks()
  const threads = new Set(Object.values(trace.threads))
  for (const thread of threads) tracks.of('threads', thread)
  const trackOf = (actor: string) => {
    const lane = laneOf(trace, actor)
    return tracks.of(threads.has(lane) ? 'threads' : 'objects', lane)
  }
  const end = (trace.steps.length + 1) * step

  const slice = (
    name: string,
    cat: string,
    at: { readonly pid: number; readonly tid: number },
    from: number,
    to: number,
    args: object,
  ): TraceEvent => ({ ph: 'X', name: visible(name), cat, ...at, ts: from, dur: to - from, args })

  const told = (each: TraceStep): TraceEvent => {
    const { number, from, to, message, before, after, findings } = each
    const mark = marks.get(number)
    const name = mark === undefined ? message.type : `${unicode[mark]} ${message.type}`
    return slice(name, 'step', trackOf(to), number * step, number * step + inside, {
      step: number,
      words: visible(sentence(tellStep(trace, each))),
      from,
      to,
      message,
      state: before.state === after.state ? after.state : `${before.state} → ${after.state}`,
      changes: changes(before, after, each.of === undefined ? inKernel : inScript)
        .map(sayChange)
        .map(visible),
      ...(findings.length > 0 && { findings: findings.map(({ title }) => title) }),
    })
  }
  const flow = ({ number, from, to, message, sentAt }: TraceStep): readonly TraceEvent[] => {
    const about = { name: visible(message.type), cat: 'step', id: number }
    if (sentAt === 0) return []
    return [
      { ph: 's', ...about, ...trackOf(from), ts: sentAt * step },
      { ph: 'f', bp: 'e', ...about, ...trackOf(to), ts: number * step },
    ]
  }
  const found = ({ number, to, findings }: TraceStep): readonly TraceEvent[] =>
    findings.map(({ title }) => ({
      ...{ ph: 'i', s: 'g', name: visible(title), cat: 'finding' },
      ...trackOf(to),
      ts: number * step,
    }))
  const calls = trace.steps.flatMap(({ number, from, to, message }): readonly TraceEvent[] => {
    if (message.type !== 'CALL' || laneOf(trace, from) !== laneOf(trace, to)) return []
    const back = trace.steps.find((each) => each.number > number && each.from === to && each.message.type === 'RETURN')
    const until = back ? back.number * step + callEnd : end
    return [slice(callName(trace, to), 'call', trackOf(to), number * step, until, {})]
  })
  // One track for each who holds or wants a lock: those who share it lie beside each other.
  const held = Object.keys(trace.locks).flatMap((lock) =>
    lockSpans(trace, lock).map(({ thread, from, to, how }) => {
      const track = tracks.of('locks', `${lock} · ${thread}`)
      return slice(how, 'lock', track, from * step, to === undefined ? end : to * step, { lock, thread })
    }),
  )
  const windows = gap ? [gap] : []
  const window = windows.map(([dropped, taken]) => {
    const track = tracks.of('threads', `${laneOf(trace, trace.steps[dropped - 1]!.from)}: the window`)
    return slice('between the unlock and the relock', 'window', track, dropped * step, taken * step, {})
  })
  const events = [
    ...calls,
    ...trace.steps.map(told),
    ...held,
    ...window,
    ...trace.steps.flatMap(flow),
    ...trace.steps.flatMap(found),
  ]
  const document = {
    traceEvents: [...tracks.names, ...events.toSorted((a, b) => a.ts - b.ts)],
    displayTimeUnit: 'ms',
    otherData: { system: visible(trace.system), fingerprint: trace.fingerprint },
  }
  return printJson(document, 0)
}
