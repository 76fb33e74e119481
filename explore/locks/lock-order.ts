/**
 * Lock order by class, as lockdep keeps it: whoever asks for a lock while holding others adds an edge from each of their classes. A cycle
 * among classes is an inversion, reported even where no run deadlocks. What interrupts others is a class, too (contexts.ts).
 */
import { inInterruption, interruptionsIn, isInterruption, letIn, waitContext, waitsTooLong } from './contexts.ts'
import { holdersOf, isLock } from './holders.ts'
import { edgeKey } from '../outcome/keys.ts'
import type { Finding, Interruption, WaitTypes } from '../system.ts'
import type { Entry, Lane, Tables } from '../states/tables.ts'

/** `to` was asked for while `from` was held. Names are lock classes. */
export interface Edge {
  readonly from: string
  readonly to: string
}

export class LockOrder {
  readonly edges: Edge[] = []
  readonly #tables: Tables
  readonly #locks: readonly number[]
  /** Component → the message types that ask for it; undefined for what is no lock. */
  readonly #asks: readonly (ReadonlySet<string> | undefined)[]
  readonly #held = new Map<number, (readonly string[])[]>()
  /** Lock → the locks that may be held when it is asked for, though they are of its class. */
  readonly #nests = new Map<number, ReadonlySet<number>>()
  readonly #known = new Set<string>()
  readonly #interruptions: ReadonlyMap<string, Interruption>
  /** Those that there are. */
  readonly #comes: ReadonlySet<Interruption>
  readonly #waitTypes: ReadonlyMap<string, WaitTypes>

  constructor(tables: Tables) {
    this.#tables = tables
    this.#locks = [...tables.components.keys()].filter((index) => tables.components[index]!.lockClass !== undefined)
    this.#asks = tables.components.map(({ lockClass, acquires = [] }) =>
      lockClass === undefined ? undefined : new Set(acquires),
    )
    this.#interruptions = interruptionsIn(tables.components)
    this.#comes = new Set(this.#interruptions.values())
    this.#waitTypes = new Map(
      tables.components.flatMap(({ lockClass, waitType }) =>
        lockClass === undefined || waitType === undefined ? [] : [[lockClass, waitType]],
      ),
    )
    for (const lock of this.#locks) {
      this.#held.set(lock, [])
      const { nest, lockClass } = tables.components[lock]!
      const others = nest?.after.map((id) => tables.indexOf(id)) ?? []
      const alike = others.filter((other) => tables.components[other]!.lockClass === lockClass)
      if (alike.length > 0) this.#nests.set(lock, new Set(alike))
    }
  }

  /** The edges that a step adds by asking for locks; `after` is the state behind it. Most steps ask for none. */
  edgesOf(after: Int32Array, entry: Entry): readonly Edge[] {
    if (!entry.asks) return none
    return entry.lanes.flatMap((number, index) => {
      const lane = this.#tables.lanes[number]!
      return lane.sender >= 0 ? this.#edgesOf(after, lane, entry.messages[index]!) : none
    })
  }

  /** Is this an edge to what one must not wait for there? */
  waitsTooLong({ from, to }: Edge): boolean {
    return waitsTooLong(isInterruption(from) ? inInterruption : this.#waitTypes.get(from), this.#waitTypes.get(to))
  }

  /** Nothing was seen: another run begins. */
  forget(): void {
    if (this.edges.length === 0) return
    this.edges.length = 0
    this.#known.clear()
  }

  /** These were seen before. */
  know(edges: readonly Edge[]): void {
    for (const edge of edges) this.#known.add(edgeKey(edge))
    this.edges.push(...edges)
  }

  /** The same, but only edges never seen before. */
  newEdges(after: Int32Array, entry: Entry): readonly Edge[] {
    return this.see(this.edgesOf(after, entry))
  }

  /** Of these, those never seen before. */
  see(edges: readonly Edge[]): readonly Edge[] {
    if (edges.length === 0) return none
    // Several locks of one class may be held: that is one edge.
    const fresh = edges.filter((edge) => {
      const key = edgeKey(edge)
      const isNew = !this.#known.has(key)
      this.#known.add(key)
      return isNew
    })
    this.edges.push(...fresh)
    return fresh
  }

  #edgesOf(after: Int32Array, lane: Lane, number: number): readonly Edge[] {
    const { components, messages } = this.#tables
    const { thread } = components[lane.sender]!
    if (thread === undefined) return none
    const message = messages[lane.receiver]![number]!
    const asks = this.#asks[lane.receiver]?.has(message.type) ?? false
    const lets = letIn(message)
    if (!asks && lets.length === 0) return none
    const asked = components[lane.receiver]!
    const own = this.#interruptions.get(thread)
    const held = this.#locks.filter((lock) => this.#holders(lock, after[lock]!).includes(thread))
    const nests = this.#nests.get(lane.receiver)
    const under = held.flatMap((lock) => (nests?.has(lock) ? [] : [components[lock]!.lockClass!]))
    const interrupted = [...held.map((lock) => components[lock]!), ...(asks ? [asked] : [])].filter(isLock)
    return [
      ...(asks ? [...(own ? [own] : []), ...under].map((from) => ({ from, to: asked.lockClass! })) : []),
      ...lets
        .filter((to) => to !== own && this.#comes.has(to))
        .flatMap((to) => interrupted.map(({ lockClass }) => ({ from: lockClass!, to }))),
    ]
  }

  #holders(lock: number, local: number): readonly string[] {
    const known = this.#held.get(lock)!
    return (known[local] ??= holdersOf(this.#tables.components[lock]!, this.#tables.locals[lock]![local]).threads)
  }
}

export const isSame = (one: Edge, other: Edge): boolean => one.from === other.from && one.to === other.to

const none: readonly Edge[] = []

/** A cycle of classes, each asked for while the one before was held; the last leads back to the first. */
export type Cycle = readonly string[]

/**
 * All cycles of an order that contain no smaller one, each beginning with its smallest name. The answer depends on the set of edges alone,
 * not on when they were seen.
 */
export function cyclesOf(edges: readonly Edge[]): Cycle[] {
  const found = new Map<string, Cycle>()
  const leads = new Set(edges.map(edgeKey))
  const isEdge = (from: string, to: string) => leads.has(edgeKey({ from, to }))
  const walk = (way: readonly string[]) => {
    const start = way[0]!
    for (const { to } of edges.filter(({ from }) => from === way.at(-1))) {
      if (to === start) found.set(way.join('\n'), way)
      // A cycle is walked once: from its smallest name. A short cut between its classes would make a smaller one, and in the end only the smallest
      // are kept: to leave off here only saves time, and so the second half of this, or the first, could be left out.
      const isShortcut =
        way.slice(0, -1).some((each) => isEdge(each, to)) || way.slice(1).some((each) => isEdge(to, each))
      if (to > start && !isShortcut && !way.includes(to)) walk([...way, to])
    }
  }
  for (const start of new Set(edges.map(({ from }) => from))) walk([start])
  const cycles = [...found.values()]
  const isSmaller = (one: Cycle, other: Cycle) =>
    one.length > 1 && one.length < other.length && one.every((each) => other.includes(each))
  return cycles
    .filter((cycle) => !cycles.some((other) => isSmaller(other, cycle)))
    .sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1))
}

export const edgesOfCycle = (cycle: Cycle): Edge[] =>
  cycle.map((from, index) => ({ from, to: cycle[(index + 1) % cycle.length]! }))

const titleOf = (cycle: Cycle): string => {
  const level = levels.find((each) => cycle.includes(each.lockClass))
  if (level !== undefined && cycle.length > 1) return irqTitle(cycle, level)
  return cycle.length === 1 ? `recursive locking of ${cycle[0]}` : `lock order ${[...cycle, cycle[0]].join(' → ')}`
}

/**
 * Handlers are a class in the order of locks: what one asks for is asked for in it, and who holds a lock while an interrupt may come asks for
 * it. So lockdep's rules about interrupts are circles like all others, and have names of their own.
 */
const levels = [
  { lockClass: '(hardirq)', name: 'HARDIRQ' },
  { lockClass: '(softirq)', name: 'SOFTIRQ' },
]

function irqTitle(cycle: Cycle, { lockClass, name }: (typeof levels)[number]): string {
  const at = cycle.indexOf(lockClass)
  const locks = [...cycle.slice(at + 1), ...cycle.slice(0, at)]
  return locks.length === 1
    ? `inconsistent {${name}-ON-W} -> {IN-${name}-W} usage of ${locks[0]}`
    : `${name}-safe -> ${name}-unsafe lock order ${locks.join(' → ')}`
}

export const inversion = (cycle: Cycle): Finding => ({
  kind: 'lock-order',
  title: titleOf(cycle),
  fatal: false,
  cycle,
})

export const isEdgeOf = (cycle: Cycle, edge: Edge): boolean => edgesOfCycle(cycle).some((each) => isSame(each, edge))

/** Waits in the wrong context among the edges of a step. A step that complains by itself, as might_sleep() does, need not be told twice. */
export const wrongContexts = (order: LockOrder, fresh: readonly Edge[], { findings }: Entry): Finding[] =>
  findings.length > 0 ? [] : fresh.filter((edge) => order.waitsTooLong(edge)).map(waitContext)

/** What the edges of a step, the newest of an order, make wrong: inversions that they complete, and waits in the wrong context. */
export const completedBy = (order: LockOrder, fresh: readonly Edge[], entry: Entry): Finding[] =>
  fresh.length === 0
    ? []
    : [
        ...cyclesOf(order.edges)
          .filter((cycle) => fresh.some((edge) => isEdgeOf(cycle, edge)))
          .map(inversion),
        ...wrongContexts(order, fresh, entry),
      ]
