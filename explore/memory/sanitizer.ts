/**
 * The sanitizer of memory: one mechanism for every object of every family. Machines only say what happened to memory (`Memory`); what is
 * wrong with it is told here: use after free and double free as KASAN knows them, counts as refcount_t does, leaks as kmemleak (leaks.ts finds
 * them). Besides, as a consumer of traces, the lives of objects: who allocated them, freed them and touched them, and in which calls.
 */
import { Calls, type Stack } from '../locks/calls.ts'
import { insist } from '../../shapes/insist.ts'
import { traceShape } from '../outcome/run-shapes.ts'
import type { Count, Finding, HeapObject, Memory } from '../system.ts'
import type { Trace, TraceStep } from '../runs/trace.ts'

const largest = 2 ** 31 - 1

/** lib/refcount.c: what a change of a refcount_t is warned of. */
function miscounted({ from, by, title, untested }: Count): string | undefined {
  if (untested && from + by <= 0) return 'refcount_t: decrement hit 0; leaking memory.'
  if (by > 0 && from === 0) return 'refcount_t: addition on 0; use-after-free.'
  if (by > 0 && (from < 0 || from + by > largest)) return 'refcount_t: saturated; leaking memory.'
  return by < 0 && from + by < 0 ? (title ?? 'refcount_t: underflow; use-after-free.') : undefined
}

/** What is wrong with what happened to memory; undefined when nothing is. */
export function judge({ act, object, site, live, count, detail }: Memory): Finding | undefined {
  const about = { object, ...(detail !== undefined && { detail }) }
  if (!live) {
    const kind = act === 'free' ? 'double-free' : 'use-after-free'
    return { kind, title: `${kind} in ${site ?? 'an unknown place'}`, fatal: true, ...about }
  }
  const title = count && miscounted(count)
  return title === undefined ? undefined : { kind: 'refcount', title, fatal: false, ...about }
}

/** An object that nothing leads to at the end of a run. */
export const leaked = ({ object, cache }: HeapObject): Finding => ({
  kind: 'leak',
  title: `unreferenced object ${cache}`,
  fatal: false,
  object,
})

/** Something happened to an object. */
export interface Touch {
  readonly step: number
  readonly thread: string
  /** The calls of the thread at that moment, the newest first. */
  readonly stack: Stack
  readonly memory: Memory
}

/** One life of an object. */
export interface Life {
  readonly object: string
  readonly cache: string
  /** Undefined: it was there when the run began. */
  readonly allocated: Touch | undefined
  readonly freed: Touch | undefined
  /** Uses and counts while it lived. */
  readonly touches: readonly Touch[]
}

/** What is wrong, with the life of the object it is about. */
export interface Violation {
  readonly finding: Finding
  readonly life: Life
  /** Undefined for a leak: nobody did anything. */
  readonly touch: Touch | undefined
}

export interface Sanitizer {
  /** In the order in which they were met. */
  readonly lives: readonly Life[]
  readonly violations: readonly Violation[]
}

type Writable<T> = { -readonly [Field in keyof T]: T[Field] }
type Living = Writable<Life> & { readonly touches: Touch[] }

/** The lives of objects in one run, and what was wrong with them. */
export function sanitizer(trace: Trace): Sanitizer {
  insist(traceShape, trace, 'sanitizer()')
  const watch = new Watch(trace)
  for (const step of trace.steps) watch.see(step)
  for (const leak of trace.leaks ?? []) watch.leak(leak)
  return { lives: watch.lives, violations: watch.violations }
}

class Watch {
  readonly lives: Living[] = []
  readonly violations: Violation[] = []
  readonly #threads: Trace['threads']
  readonly #calls: Calls

  constructor({ threads }: Trace) {
    this.#threads = threads
    this.#calls = new Calls(threads)
  }

  see(step: TraceStep): void {
    this.#calls.move(step)
    for (const memory of step.memory ?? []) this.#see(step, memory)
  }

  leak(finding: Finding): void {
    const life = this.lives.findLast(({ object }) => object === finding.object)
    const cache = finding.title.slice(finding.title.lastIndexOf(' ') + 1)
    this.violations.push({ finding, life: life ?? this.#met(finding.object!, cache), touch: undefined })
  }

  #see(step: TraceStep, memory: Memory): void {
    const thread = this.#threadOf(step)
    const touch = { step: step.number, thread, stack: this.#calls.stackOf(thread), memory }
    const { act, object, cache } = memory
    const life = (act === 'alloc' ? undefined : this.#lifeOf(memory)) ?? this.#met(object, cache)
    if (act === 'alloc') life.allocated = touch
    else if (act === 'free' && memory.live) life.freed = touch
    else life.touches.push(touch)
    const finding = judge(memory)
    if (finding) this.violations.push({ finding, life, touch })
  }

  /** The one that goes on. Not every object says in its name which life it is: one that is over is the last that ended. */
  #lifeOf({ object, live }: Memory): Living | undefined {
    const lives = this.lives.filter((each) => each.object === object)
    return (live ? undefined : lives.findLast(({ freed }) => freed)) ?? lives.at(-1)
  }

  #met(object: string, cache: string): Living {
    const life: Living = { object, cache, allocated: undefined, freed: undefined, touches: [] }
    this.lives.push(life)
    return life
  }

  /** On whose behalf a step is: an object that hears another object has the message say so. */
  #threadOf({ from, to, message }: TraceStep): string {
    const { task } = message
    return this.#threads[from] ?? (typeof task === 'string' ? task : undefined) ?? this.#threads[to] ?? from
  }
}
