/**
 * What comes before what in a run: each delivery as what it does to that order.
 *
 * THE HOOK, for whoever makes an object by which threads are ordered and which is no lock: `orders: { releases, acquires }` on its ActorSpec
 * (system.ts, `Orders`). "This delivery releases X": its type is in `releases`; "it acquires X": the answer's type is in `acquires`. An access
 * of memory says for itself what it orders (`order`, as smp_store_release); of a lock it is read off its holders.
 *
 * An access is followed from its thread on: whoever knows of it comes after it. Knowing are threads, locks, objects with `orders`, and marked
 * variables, each a bit of a number; what a delivery does is a list of effects on such numbers, the same for every access that is followed:
 *
 *   lock        who gets it alone knows what it knows, and what its readers knew; who gets it to read, what its writers knew. Who lets go of
 *               it hands over what he knows. Readers do not order each other.
 *   orders      releases: the object knows what the sender knows; acquires: the receiver knows what the object knows (told when it is sent:
 *               it is owed to him from then on)
 *   sections    who enters one of a processor's knows what those knew who have left it: what is done with interrupts off is ordered against
 *               a handler there, what is done with interrupts on is not, for it may be interrupted in its middle
 *   variable    a store that releases leaves in the variable what its thread knows, and what it has only met; any other store leaves nothing
 *               there but what a barrier allows; a read-modify-write adds to it. A load that acquires takes it up, another has met it.
 *   barriers    smp_mb takes up what was met, and marked stores behind it hand over all that is known; so do those behind smp_wmb, but only the
 *               thread's own writes; what smp_rmb takes up is known to reads alone.
 *
 * Release is cumulative and smp_wmb is not, as the kernel's memory model has it (tools/memory-model/Documentation/explanation.txt). Not
 * modelled: dependencies of addresses, data and control by themselves. Every run that is looked at is sequentially consistent.
 *
 * This is happens-before as vector clocks have it (Lamport; Flanagan and Freund, FastTrack), turned round: not what each thread knows of all
 * accesses, but who knows of one. For each access that is a small number, and there are few of them.
 */
import { holdersOf, isLock } from '../locks/holders.ts'
import { sectionsOf } from './orders.ts'
import type { AccessKind, Component, Marked, Memory, MemoryOrder, Message } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'

/** Who knows of an access: a bit for each. */
export type Knowing = bigint

/** An access of a variable, wherever it stands in runs: the same for each time that the same function does the same to the same variable. */
export interface Access {
  readonly number: number
  /** `counter`, or a field of one life of an object: `req0#1->len`. */
  readonly variable: string
  /** What it is one of: `counter`, `req->len`. */
  readonly of: string
  readonly thread: string
  /** The function that does it. */
  readonly site: string
  readonly kind: AccessKind
  readonly marked: Marked
  readonly bytes: number
}

/** `from` hands over to `to`; `writesOf`: nothing but that this thread has written. */
interface Flow {
  readonly from: Knowing
  readonly to: Knowing
  readonly writesOf?: string
}
/** What stood in these is forgotten. */
interface Forget {
  readonly forget: Knowing
}
export type Effect = Flow | Forget

/** What a delivery does: one access at most, which comes first, and its effects in order. */
export interface Effects {
  readonly access: Access | undefined
  readonly effects: readonly Effect[]
}

const nothing: Effects = { access: undefined, effects: [] }

/** As KCSAN words it, whichever came first. */
export const titleOf = (one: Access, other: Access): string =>
  `data-race in ${[one.site, other.site].sort().join(' / ')}`

const isMarkedTo = ({ marked }: Access, other: Access): boolean =>
  marked === 'to readers' ? other.kind === 'read' : marked

/** Both touch the same variable, in different threads, one writes, and not both are marked. */
export const conflict = (one: Access, other: Access): boolean =>
  one.variable === other.variable &&
  one.thread !== other.thread &&
  (one.kind !== 'read' || other.kind !== 'read') &&
  !(isMarkedTo(one, other) && isMarkedTo(other, one))

/** The bits of a thread: it knows; its marked stores hand over; its marked loads have met it; its reads know. All that it releases. */
interface ThreadBits {
  readonly knows: Knowing
  readonly hands: Knowing
  readonly met: Knowing
  readonly reads: Knowing
  readonly all: Knowing
}

export class HappensBefore {
  readonly #tables: Tables
  readonly #bits = new Map<string, Knowing>()
  readonly #known = new Map<Entry, Effects>()
  readonly #accesses = new Map<string, Access>()
  readonly #components: ReadonlyMap<string, Component>
  readonly #threads: readonly string[]

  constructor(tables: Tables) {
    this.#tables = tables
    this.#components = new Map(tables.components.map((each) => [each.id, each]))
    this.#threads = [...new Set(tables.components.flatMap(({ thread }) => thread ?? []))]
  }

  /** What a delivery does to the order. */
  of(entry: Entry): Effects {
    const known = this.#known.get(entry)
    if (known) return known
    const made = this.#made(entry)
    this.#known.set(entry, made)
    return made
  }

  /** Entries that were asked about, in that order: what stands first in a run gives others their numbers. */
  get kept(): readonly number[] {
    return [...this.#known.keys()].map(({ number }) => number)
  }

  /** Who knows of an access when it is done: its thread. */
  start({ thread }: Access): Knowing {
    return this.#thread(thread).knows
  }

  /** All threads do: nobody can race with it any more. */
  isKnownToAll(knowing: Knowing): boolean {
    return this.#threads.every((thread) => (knowing & this.#thread(thread).knows) !== 0n)
  }

  /** Does an access come after one that these know of? */
  isAfter(knowing: Knowing, { thread, kind }: Access): boolean {
    const { knows, reads } = this.#thread(thread)
    return (knowing & (kind === 'read' ? knows | reads : knows)) !== 0n
  }

  #made(entry: Entry): Effects {
    const { accepted, component, message } = entry
    const receiver = this.#tables.components[component]!
    const { orders } = receiver
    const seen = entry.memory.find(({ bytes, live }) => bytes !== undefined && live)
    if (!accepted || (!orders && !isLock(receiver) && !seen)) return nothing
    const heard = this.#tables.messages[component]![message]!
    const access = seen && this.#accessed(seen, this.#threadOf(heard))
    const effects = [
      ...(access ? this.#ofVariable(access, seen.order) : []),
      ...(isLock(receiver) ? this.#ofLock(entry) : []),
      ...(orders ? this.#ofObject(entry, heard) : []),
    ]
    return { access, effects }
  }

  #ofObject(entry: Entry, heard: Message): Effect[] {
    const { id, orders } = this.#tables.components[entry.component]!
    const { releases = [], acquires = [], relaxed = [], fences = {}, sections = false } = orders!
    const object = this.#object(id)
    const barrier = fences[heard.type]
    const released = releases.includes(heard.type) ? [{ from: this.#speaker(heard), to: object }] : []
    const acquired = entry.lanes.flatMap((lane, at) => {
      const { receiver } = this.#tables.lanes[lane]!
      const { type } = this.#tables.messages[receiver]![entry.messages[at]!]!
      const isRelaxed = this.#tables.lanes[lane]!.to === heard.from && relaxed.includes(heard.type)
      return acquires.includes(type) && !isRelaxed
        ? [{ from: object, to: this.#hearer(this.#tables.components[receiver]!) }]
        : []
    })
    const ofSections = sections ? this.#ofSections(entry, heard) : []
    return [
      ...released,
      ...acquired,
      ...ofSections,
      ...(barrier ? this.#ofBarrier(this.#threadOf(heard), barrier) : []),
    ]
  }

  #ofSections({ component, lanes, messages }: Entry, heard: Message): Effect[] {
    const { id } = this.#tables.components[component]!
    const flows = (names: readonly string[], flow: (section: Knowing) => Flow): readonly Flow[] =>
      names.map((name) => flow(this.#object(`${id} ${name}`)))
    return [
      ...flows(sectionsOf(heard, 'leaves'), (section) => ({ from: this.#speaker(heard), to: section })),
      ...lanes.flatMap((lane, at) => {
        const { receiver } = this.#tables.lanes[lane]!
        const said = this.#tables.messages[receiver]![messages[at]!]!
        const to = this.#hearer(this.#tables.components[receiver]!)
        return flows(sectionsOf(said, 'enters'), (section) => ({ from: section, to }))
      }),
    ]
  }

  #ofBarrier(thread: string, order: 'release' | 'acquire' | 'full'): Effect[] {
    const { knows, hands, met, reads } = this.#thread(thread)
    if (order === 'release') return [{ from: knows, to: hands, writesOf: thread }]
    if (order === 'acquire') return [{ from: met, to: reads }]
    return [
      { from: met, to: knows },
      { from: knows, to: hands },
    ]
  }

  #ofVariable({ variable, thread, kind, marked }: Access, order: MemoryOrder | undefined): Effect[] {
    const it = this.#object(variable)
    if (!marked) return kind === 'read' ? [] : [{ forget: it }]
    const { knows, hands, met, all } = this.#thread(thread)
    const barrier = order === 'full' ? this.#ofBarrier(thread, 'full') : []
    const acquires = order !== undefined && order !== 'release'
    const releases = order !== undefined && order !== 'acquire'
    const loads = kind === 'write' ? [] : [{ from: it, to: acquires ? knows : met }]
    const forgets = kind === 'write' ? [{ forget: it }] : []
    const stores = kind === 'read' ? [] : [{ from: releases ? all : hands, to: it }]
    return [...barrier, ...loads, ...forgets, ...stores, ...barrier]
  }

  /** Whoever holds it less than before lets go of it, whoever holds it more has got it. */
  #ofLock({ component, local, next }: Entry): Effect[] {
    if (local === next) return []
    const lock = this.#tables.components[component]!
    const [before, after] = [local, next].map((each) => holdersOf(lock, this.#tables.locals[component]![each]))
    const [writers, readers] = [this.#object(lock.id), this.#object(`${lock.id} readers`)]
    const isSame = before!.exclusive === after!.exclusive
    const times = (threads: readonly string[], thread: string) => threads.filter((each) => each === thread).length
    const threads = new Set([...before!.threads, ...after!.threads])
    const changes = [...threads].map((thread) => {
      const [had, has] = [times(before!.threads, thread), times(after!.threads, thread)]
      return { ...this.#thread(thread), leaves: isSame ? had > has : had > 0, comes: isSame ? has > had : has > 0 }
    })
    return [
      ...changes.flatMap(({ all, leaves }) =>
        leaves ? [{ from: all, to: before!.exclusive ? writers : readers }] : [],
      ),
      ...changes.flatMap(({ knows, comes }) =>
        comes ? [{ from: after!.exclusive ? writers | readers : writers, to: knows }] : [],
      ),
    ]
  }

  #accessed(seen: Memory, thread: string): Access {
    const { object, cache, field, site = 'an unknown place', access: kind = 'read', marked = false, bytes } = seen
    const variable = field === undefined ? object : `${object}->${field}`
    const of = field === undefined ? object : `${cache}->${field}`
    const key = JSON.stringify([variable, thread, site, kind, marked])
    const known = this.#accesses.get(key)
    if (known) return known
    const made = { number: this.#accesses.size, variable, of, thread, site, kind, marked, bytes: bytes! }
    this.#accesses.set(key, made)
    return made
  }

  /** On whose behalf a message is sent: an object that speaks to another says it in the message. */
  #threadOf({ from, task }: Message): string {
    return this.#components.get(from)?.thread ?? (typeof task === 'string' ? task : from)
  }

  #speaker(heard: Message): Knowing {
    const sender = this.#components.get(heard.from)
    if (sender?.thread === undefined && sender?.orders) return this.#object(sender.id)
    return this.#thread(this.#threadOf(heard)).all
  }

  #hearer({ id, thread }: Component): Knowing {
    return thread === undefined ? this.#object(id) : this.#thread(thread).knows
  }

  #object(id: string): Knowing {
    return this.#bit(`object ${id}`)
  }

  #thread(name: string): ThreadBits {
    const bit = (what: string) => this.#bit(`${what} ${name}`)
    const [knows, hands, met, reads] = [bit('knows'), bit('hands'), bit('met'), bit('reads')]
    return { knows, hands, met, reads, all: knows | hands | met | reads }
  }

  #bit(name: string): Knowing {
    const known = this.#bits.get(name)
    if (known !== undefined) return known
    const made = 1n << BigInt(this.#bits.size)
    this.#bits.set(name, made)
    return made
  }
}

/** Who knows of an access after these effects. */
export function carried(knowing: Knowing, effects: readonly Effect[], { kind, thread }: Access): Knowing {
  let now = knowing
  for (const each of effects) {
    if ('forget' in each) now &= ~each.forget
    else if ((now & each.from) !== 0n && isMeant(each, kind, thread)) now |= each.to
  }
  return now
}

const isMeant = ({ writesOf }: Flow, kind: AccessKind, thread: string): boolean =>
  writesOf === undefined || (kind !== 'read' && thread === writesOf)
