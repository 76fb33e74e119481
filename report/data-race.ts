/**
 * A data race as KCSAN tells it (kernel/kcsan/report.c): both accesses, by whom, in which calls, and with which locks. Where the kernel prints an
 * address there is the name of the variable; where it prints an offset in a function there is the step. A thread has a processor of its own.
 */
import { sanitizer, type Touch } from '../explore/memory/sanitizer.ts'
import type { Finding } from '../explore/system.ts'
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { changes } from './changes.ts'
import { stackLines } from './sanitizer.ts'
import { block, counted } from './words.ts'

export const isDataRace = ({ kind }: Finding): boolean => kind === 'data-race'

/** The access that a step is. */
const accessAt = (trace: Trace, step: number): Touch | undefined =>
  sanitizer(trace)
    .lives.flatMap(({ touches }) => touches)
    .find((touch) => touch.step === step && touch.memory.bytes !== undefined)

/** Locks that a thread holds behind a step, and since when. */
const heldBy = ({ locks }: Trace, thread: string, at: number): readonly string[] =>
  Object.entries(locks).flatMap(([id, { held, awaited }]) => {
    const now = held.findLast(({ since }) => since <= at)
    if (awaited !== undefined || now === undefined || !now.threads.includes(thread)) return []
    return [`${id}${now.exclusive ? '' : ' (read)'}, step ${now.since}`]
  })

const locksLines = (trace: Trace, thread: string, at: number): readonly string[] => {
  const held = heldBy(trace, thread, at)
  if (held.length === 0) return [` no locks held by ${thread}.`]
  return [` ${counted(held.length, 'lock')} held by ${thread}:`, ...held.map((lock, index) => `  #${index}: ${lock}`)]
}

const side = (trace: Trace, step: number): readonly string[] => {
  const touch = accessAt(trace, step)
  if (touch === undefined) return []
  const { thread, memory } = touch
  const { object, field, access = 'read', marked = false, bytes = 0 } = memory
  const what = `${access}${marked === true ? ' (marked)' : ''} to ${object}${field === undefined ? '' : `->${field}`}`
  const cpu = [...new Set(Object.values(trace.threads))].indexOf(thread)
  return [
    `${what} of ${counted(bytes, 'byte')} by task ${thread} on cpu ${cpu}:`,
    ...stackLines(touch, ' '),
    ...locksLines(trace, thread, step),
  ]
}

/** Of the two the one that writes, the later if both do; of a list that has become longer there is no value. */
const valueLine = (steps: readonly TraceStep[]): readonly string[] => {
  const [change] = steps.flatMap(({ before, after }) => changes(before, after).slice(0, 1))
  return change === undefined || !change.text.includes('→') ? [] : [`value changed: ${change.text.replace('→', '->')}`]
}

export const dataRaceLines = (trace: Trace, finding: Finding, at: number): string[] => {
  const [now, earlier] = [trace.steps[at - 1], trace.steps[(finding.against ?? 0) - 1]]
  if (now === undefined || earlier === undefined) return []
  return block(
    [`BUG: KCSAN: ${finding.title}`],
    [...side(trace, now.number)],
    [...side(trace, earlier.number)],
    [...valueLine([now, earlier])],
  )
}
