/**
 * Which lock guards what, as far as the procedures show: an object that is only ever asked for while one lock is held is guarded by it. The
 * reduction lives on that, and checks it; so what is said here is never more than every way through the procedures bears out.
 *
 * For each thread the locks that it must hold in each state of its procedures are the ones held on all ways to it: a fixed point over the
 * charts, calls included. A statechart of one's own is not looked into: it may do anything to what it uses.
 */
import { targeted, type State } from './fragments.ts'
import type { Procedure } from './procedure.ts'

/** One state of a procedure's chart: what it asks of whom, and where it goes with which answer. */
export interface Visit {
  readonly state: string
  /** The actor that is asked, where that does not depend on a pointer. */
  readonly at?: string
  readonly type?: string
  /** It leaves what it asks as it is. */
  readonly reads?: boolean
  /** The procedure that is called. */
  readonly callee?: string
  readonly next: readonly { readonly on: string; readonly target: string }[]
}

/** The chart of a procedure, as a graph. */
export interface Flow {
  readonly start: string
  /** Where it stands when it has returned. */
  readonly end: string
  readonly visits: readonly Visit[]
}

/** The states of a chart, and where each leads. */
export const visitsOf = (
  states: ReadonlyMap<string, State>,
  asked: ReadonlyMap<string, Omit<Visit, 'state' | 'next'>>,
): readonly Visit[] =>
  [...states].map(([name, { on = {}, always = [] }]) => ({
    state: targeted(name),
    ...asked.get(name),
    next: [
      ...Object.entries(on).flatMap(([answer, ways]) => ways.map(({ target }) => ({ on: answer, target }))),
      ...always.map(({ target }) => ({ on: '', target })),
    ],
  }))

/** Locks that are held, and whether by oneself; undefined: nobody has come here yet. */
type Held = ReadonlyMap<string, 'exclusive' | 'shared'>

const none: Held = new Map()

const exclusively = new Set([
  'LOCK',
  'LOCK_KILLABLE',
  'LOCK_INTERRUPTIBLE',
  'TRYLOCK',
  'DOWN_WRITE',
  'DOWN_WRITE_KILLABLE',
  'TRY_WRITE',
])
const leaving = new Set(['UNLOCK', 'UP_READ', 'UP_WRITE', 'DOWNGRADE'])
const shared = new Set(['DOWN_READ', 'DOWN_READ_KILLABLE', 'DOWN_READ_INTERRUPTIBLE', 'TRY_READ'])

const meet = (one: Held | undefined, other: Held): Held =>
  one === undefined
    ? other
    : new Map(
        [...one].flatMap(([lock, how]) => {
          const also = other.get(lock)
          return also === undefined ? [] : [[lock, how === 'exclusive' ? also : how] as const]
        }),
      )

const isSame = (one: Held | undefined, other: Held): boolean =>
  one !== undefined && one.size === other.size && [...one].every(([lock, how]) => other.get(lock) === how)

/** What one thread holds where. */
class Thread {
  /** Procedure and state → what is held there. */
  readonly #held = new Map<string, Held>()
  readonly #procedures: ReadonlyMap<string, Procedure>
  #moved = true

  constructor({ run, procedures, inAnyOrder }: Run) {
    this.#procedures = new Map(procedures.map((each) => [each.name, each]))
    while (this.#moved) {
      this.#moved = false
      if (inAnyOrder) for (const each of run) this.#go([each])
      else this.#go(run)
    }
  }

  /** What it asks of whom, with what it holds then. */
  *asked(): Generator<readonly [visit: Visit, held: Held]> {
    for (const { name, flow } of this.#procedures.values())
      for (const visit of flow?.visits ?? []) {
        const held = this.#held.get(`${name} ${visit.state}`)
        if (held) yield [visit, held]
      }
  }

  #go(run: readonly Procedure[]): void {
    let before: Held | undefined = none
    for (const { name, flow } of run) {
      if (before === undefined) break
      if (flow === undefined) before = none
      else {
        this.#come(name, flow.start, before)
        before = this.#held.get(`${name} ${flow.end}`)
      }
    }
    for (const { name, flow } of this.#procedures.values())
      for (const visit of flow?.visits ?? []) this.#leave(name, visit)
  }

  #come(procedure: string, state: string, held: Held): void {
    const place = `${procedure} ${state}`
    const before = this.#held.get(place)
    const now = meet(before, held)
    if (isSame(before, now)) return
    this.#held.set(place, now)
    this.#moved = true
  }

  #leave(procedure: string, visit: Visit): void {
    const held = this.#held.get(`${procedure} ${visit.state}`)
    if (held === undefined) return
    const callee = visit.callee === undefined ? undefined : this.#procedures.get(visit.callee)?.flow
    if (callee) this.#come(visit.callee!, callee.start, held)
    for (const { on, target } of visit.next) {
      const after = visit.callee === undefined ? afterAnswer(visit, on, held) : this.#afterCall(visit.callee, callee)
      if (after) this.#come(procedure, target, after)
    }
  }

  #afterCall(callee: string, flow: Flow | undefined): Held | undefined {
    return flow === undefined ? none : this.#held.get(`${callee} ${flow.end}`)
  }
}

const afterAnswer = ({ at, type = '' }: Visit, on: string, held: Held): Held => {
  if (at === undefined) return held
  if (on === 'LOCKED' && exclusively.has(type)) return new Map([...held, [at, 'exclusive']])
  if (on === 'LOCKED' && shared.has(type)) return new Map([...held, [at, 'shared']])
  return on === 'UNLOCKED' ? new Map([...held].filter(([lock]) => lock !== at)) : held
}

/** A thread, and what it runs. */
export interface Run {
  readonly thread: string
  /** One after the other. */
  readonly run: readonly Procedure[]
  /** Those, and what they call. */
  readonly procedures: readonly Procedure[]
  /** It runs any of them whenever somebody asks for it. */
  readonly inAnyOrder?: true
  /** What it allocates was counted already. */
  readonly isAnother?: true
}

/** `on`: the processor that its thread is bound to. */
export type BoundRun = Run & { readonly on?: string }

export interface ReadOff {
  /** Object → the lock that guards it, for those that several threads ask. */
  readonly guards: ReadonlyMap<string, string>
  /** Locks that somebody may let go of without holding them. */
  readonly strays: ReadonlySet<string>
}

/** What the procedures of these threads show about locks. */
export function readOff(threads: readonly Run[]): ReadOff {
  const strays = new Set<string>()
  const under = new Map<string, Held>()
  const by = new Map<string, Set<number>>()
  const unknown = new Set<string>()
  for (const [index, thread] of threads.entries()) {
    for (const { flow, uses } of thread.procedures)
      if (flow === undefined) for (const { name } of uses) unknown.add(name)
    for (const [{ at, type = '', reads = false }, held] of new Thread(thread).asked()) {
      if (at === undefined) continue
      if (leaving.has(type) && !held.has(at)) strays.add(at)
      by.set(at, (by.get(at) ?? new Set()).add(index))
      under.set(at, meet(under.get(at), reads ? held : onlyExclusive(held)))
    }
  }
  const guards = new Map(
    [...under].flatMap(([object, held]) => {
      const [lock] = held.keys()
      return lock === undefined || by.get(object)!.size < 2 || unknown.has(object) ? [] : [[object, lock] as const]
    }),
  )
  return { guards, strays }
}

const onlyExclusive = (held: Held): Held => new Map([...held].filter(([, how]) => how === 'exclusive'))
