/**
 * What the sanitizer of memory found, told as the kernel tells it: use after free and double free in KASAN's shape, counts in refcount_t's,
 * leaks in kmemleak's. Where the kernel prints an address there is the name of the object, with its life; where it prints a time there is the
 * step.
 */
import { sanitizer, type Life, type Touch, type Violation } from '../explore/memory/sanitizer.ts'
import type { Finding, Note } from '../explore/system.ts'
import type { Trace, TraceStep } from '../explore/runs/trace.ts'
import { functionName } from './lockdep-lines.ts'
import { block } from './words.ts'

/** Events in the lives of objects that a step tells of: what was noted, and which lives began and ended. */
export const eventsOf = ({ notes, memory = [] }: Pick<TraceStep, 'notes' | 'memory'>): readonly Note[] => [
  ...notes,
  ...memory.flatMap(({ act, object, live, what }) => {
    if (!live || (act !== 'alloc' && act !== 'free')) return []
    return [{ object, what: what ?? (act === 'alloc' ? 'allocated' : 'freed') }]
  }),
]

/** Names wider than this push the step to the right. */
const usual = 28

/** Calls, the newest first, with the step in which each was entered; above them the function that touched the object. */
export const stackLines = ({ thread, stack, step, memory }: Touch, indent: string): string[] => {
  const calls = stack.map(({ call, since }) => [functionName(thread, call), since] as const)
  const { site } = memory
  // A procedure that touches memory itself is one frame, not two.
  const callers = calls[0]?.[0] === site ? calls.slice(1) : calls
  const rows = site === undefined ? calls : [[site, step] as const, ...callers]
  const width = Math.max(usual, ...rows.map(([name]) => name.length))
  return rows.map(([name, since]) => `${indent}${name.padEnd(width)}  step ${since}`)
}

/** Said once: the step stands beside the function, if that is known. */
const whenOf = ({ memory, step }: Touch): string => (memory.site === undefined ? `, step ${step}` : '')

const side = (verb: string, touch: Touch | undefined): string[] =>
  touch === undefined ? [] : [`${verb} by task ${touch.thread}${whenOf(touch)}:`, ...stackLines(touch, ' ')]

/** An object that was there when the run began was allocated by nobody in it. */
const beginning = (life: Life): string[] =>
  life.allocated === undefined ? ['Allocated before the run began.'] : side('Allocated', life.allocated)

const accesses = { read: 'Read of', write: 'Write of', 'read-write': 'Write of' } as const

const kasan = ({ finding, life, touch }: Violation): string[] => {
  const { memory, thread } = touch!
  const isFree = memory.act === 'free'
  const what = isFree ? 'Free of' : memory.access === undefined ? 'Use of' : accesses[memory.access]
  const title = isFree ? finding.title : `slab-${finding.title}`
  return block(
    [`BUG: KASAN: ${title}`, `${what} ${life.object} by task ${thread}`],
    ['Call trace:', ...stackLines(touch!, ' ')],
    beginning(life),
    side('Freed', life.freed),
    [`The buggy address belongs to the object ${life.object}`, ` which belongs to the cache ${life.cache}`],
  )
}

const signed = (by: number): string => (by < 0 ? `${by}` : `+${by}`)

const refcount = ({ finding, life, touch }: Violation): string[] => {
  const { memory } = touch!
  const { field, from, by } = memory.count!
  // What is no refcount_t warns nobody: it is told where it was.
  const where = finding.title.startsWith('refcount_t') ? 'refcount_warn_saturate' : (memory.site ?? 'an unknown place')
  return block(
    [
      '------------[ cut here ]------------',
      finding.title,
      `WARNING: at ${where}, by task ${touch!.thread}`,
      `${field} of ${life.object} (cache ${life.cache}) was ${from} and is changed by ${signed(by)}`,
    ],
    ['Call trace:', ...stackLines(touch!, ' ')],
    ['---[ end trace ]---'],
  )
}

const kmemleak = ({ life }: Violation): string[] => {
  const { object, cache, allocated, touches } = life
  const last = touches.at(-1)
  const since =
    allocated === undefined
      ? ['  allocated before the run began']
      : [`  comm "${allocated.thread}"${whenOf(allocated)}`, '  backtrace:', ...stackLines(allocated, '    ')]
  return [
    `unreferenced object ${object} (cache ${cache}):`,
    ...since,
    ...(last ? [`  last used by "${last.thread}"${whenOf(last)}:`, ...stackLines(last, '    ')] : []),
  ]
}

/** In the kernel's words. */
export const violationLines = (violation: Violation): string[] => {
  if (violation.touch === undefined) return kmemleak(violation)
  return violation.finding.kind === 'refcount' ? refcount(violation) : kasan(violation)
}

const isSame = (one: Finding, other: Finding): boolean =>
  one.kind === other.kind && one.title === other.title && one.object === other.object

/** What a finding is, in the kernel's words; empty when it is not about memory. A leak brings along all others of its cache. */
export const memoryLines = (trace: Trace, finding: Finding, at: number): string[] => {
  const { violations } = sanitizer(trace)
  const own = violations.filter((each) =>
    each.touch === undefined
      ? finding.kind === 'leak' && each.finding.title === finding.title
      : each.touch.step === at && isSame(each.finding, finding),
  )
  return block(...own.map(violationLines))
}
