/**
 * Stateless search by optimal dynamic partial order reduction: one run of each class (dependence.ts), and none that is given up half-way. After
 * Abdulla, Aronsson, Jonsson and Sagonas, "Source Sets: A Foundation for Optimal Dynamic Partial Order Reduction" (J. ACM 64, 2017).
 *
 * A run is followed to its end. Then, for each of its steps e, what came after e without depending on it is put before e; if something is possible
 * there that depends on e, that is another class, to be tried from where e was taken: unless it was, or is about to be, as the sleep set of that
 * place and its wakeup tree tell. Lanes are what the paper calls processes.
 *
 * Receivers defer messages, which the paper's processes do only at locks, and what comes from outside may be gone. So what is possible before e is not
 * read off the run but asked, of what is still to come in it and of what is left at its end. That is enough, because of messages that make a third one
 * impossible each two are dependent (pairs.ts): what could come after any part of what does not depend on e still can after all of it, if it is e
 * that stands in its way.
 *
 * A crash ends the run for its receiver alone, so that what others would have done is seen; nothing ever depends on it.
 *
 * A run that comes back to a state it has been in would go round for ever: it is ended there. Whatever else is possible in that state is tried from
 * where the run was there first, lest somebody who goes round keep all others from ever having their turn.
 */
import type { Dependence, Delivery } from './dependence.ts'
import type { Entry, Tables } from '../states/tables.ts'
import { insert, mayBegin, type Branch } from './wakeup.ts'

/** A step of the run that is followed. */
export interface Event extends Delivery {
  readonly entry: Entry
  /** The step that sent its message; -1: none. */
  readonly sentBy: number
}

/** A place in the run. */
interface Place {
  /** Deliveries that were gone on with from here or before, in the same order of everything that depends on them. */
  readonly sleep: Delivery[]
  readonly branches: Branch[]
  /** Slots and values that the step to here has changed. */
  readonly changed: readonly number[]
  /** The state, and who has crashed. */
  readonly key: string
}

const [nobody, never] = [-1, -1]

export class Stateless {
  readonly tables: Tables
  readonly dependence: Dependence
  /** The run that is followed. */
  readonly run: Event[] = []
  runs = 0
  /** Runs that were given up, because all that was possible had been tried: there are none. */
  blocked = 0
  /** Runs that were ended by the bound for their steps. */
  cut = 0
  /** A run has come back to where it had been. That is so however often the search begins again. */
  goesRound = false
  steps = 0
  depth = 0
  readonly #areDependent = (one: Delivery, other: Delivery): boolean => this.dependence.areDependent(one, other)
  readonly #longest: number
  #state: Int32Array
  #places: Place[] = []
  /** By the key of a state, the first place of the run that is in it. */
  readonly #passed = new Map<string, number>()
  readonly #crashed = new Set<number>()
  /** By lane: the steps that sent what was ever on it; and how many of these were delivered. */
  #senders: number[][] = []
  #delivered: number[] = []
  /** By step: the steps it depends on, a bit for each. */
  readonly #past: Uint32Array[] = []

  constructor(tables: Tables, dependence: Dependence, longest: number) {
    this.tables = tables
    this.dependence = dependence
    this.#longest = longest
    this.#state = tables.initial()
    this.begin()
  }

  /** From the start, with what was learned. */
  begin(): void {
    const { tables } = this
    this.run.length = 0
    ;[this.runs, this.blocked, this.cut] = [0, 0, 0]
    this.#state = tables.initial()
    this.#crashed.clear()
    this.#places = []
    this.#passed.clear()
    this.#arrive({ sleep: [], branches: [], changed: [] })
    this.#senders = []
    this.#delivered = []
    for (const lane of tables.laneOrder)
      if (tables.lanes[lane]!.offer === undefined)
        this.#senders[lane] = tables.contents[lane]!.all(this.#state[tables.laneBase + lane]!).map(() => never)
  }

  /** Goes on to the end of another run. False: there is none. */
  follow(): boolean {
    if (this.#places.length === 0) return false
    for (;;) {
      const { branches, sleep } = this.#places.at(-1)!
      const [branch] = branches
      if (branch) {
        this.#take(branches.shift()!)
        continue
      }
      if (this.#isBack()) {
        this.runs++
        return true
      }
      const possible = this.#possible()
      const next = possible.find((each) => !sleep.some(({ lane }) => lane === each.lane))
      if (next === undefined || this.run.length >= this.#longest) {
        if (next !== undefined) this.cut++
        else if (possible.length > 0 && !this.goesRound) this.blocked++
        this.runs++
        return true
      }
      this.#take({ ...next, behind: [] })
    }
  }

  /** Looks back from the end of a run, and goes back to where there is something else to try. False: nowhere. */
  turn(): boolean {
    this.#lookBack()
    for (;;) {
      const place = this.#places.at(-1)!
      if (place.branches.length > 0) return true
      this.#places.pop()
      if (this.#passed.get(place.key) === this.#places.length) this.#passed.delete(place.key)
      const event = this.run.pop()
      if (!event) return false
      this.#undo(event, place.changed)
      this.#places.at(-1)!.sleep.push({ lane: event.lane, message: event.message })
    }
  }

  /** The run has come to where nothing is possible, and nothing has crashed. */
  get isAtEnd(): boolean {
    return this.#crashed.size === 0 && this.#possible().length === 0
  }

  get state(): Int32Array {
    return this.#state
  }

  /** In how many places there is something left to try. */
  get waiting(): number {
    return this.#places.reduce((sum, { branches }) => sum + branches.length, 0)
  }

  #possible(): Delivery[] {
    const { tables } = this
    return tables.laneOrder.flatMap((lane) => {
      const entry = tables.entryOf(this.#state, lane)
      const isFree = entry?.accepted && !this.#crashed.has(entry.component) && !tables.isHeld(this.#state, lane)
      return isFree ? [{ lane, message: entry.message }] : []
    })
  }

  #take({ lane, message, behind }: Branch): void {
    const { tables } = this
    const { sleep } = this.#places.at(-1)!
    const entry = tables.entryOf(this.#state, lane)
    if (!entry?.accepted || entry.message !== message || tables.isHeld(this.#state, lane))
      throw new Error('a step that was possible is not')
    const at = this.run.length
    const changed: number[] = []
    const isOffer = tables.lanes[lane]!.offer !== undefined
    const sentBy = isOffer ? never : this.#senders[lane]![(this.#delivered[lane] ??= 0)]!
    if (!isOffer) this.#delivered[lane]!++
    if (entry.fatal) this.#crash(lane, entry, changed)
    else {
      tables.apply(this.#state, lane, entry, changed)
      for (const target of entry.lanes) (this.#senders[target] ??= []).push(at)
    }
    const delivery = { lane, message }
    this.run.push({ ...delivery, entry, sentBy })
    this.#arrive({
      sleep: sleep.filter((each) => !this.dependence.areDependent(each, delivery)),
      branches: behind,
      changed,
    })
    this.#past[at] = this.#pastOf(at)
    this.steps++
    this.depth = Math.max(this.depth, this.run.length)
  }

  #arrive(place: Omit<Place, 'key'>): void {
    const key = `${this.#state.join()} ${this.#crashed.size}`
    if (!this.#passed.has(key)) this.#passed.set(key, this.#places.length)
    this.#places.push({ ...place, key })
  }

  /** The run is in a state that it has been in; then there is more to be tried from there. */
  #isBack(): boolean {
    const first = this.#passed.get(this.#places.at(-1)!.key)!
    if (first === this.#places.length - 1) return false
    this.goesRound = true
    const { sleep, branches } = this.#places[first]!
    const tried = new Set([this.run[first]!, ...sleep, ...branches].map(({ lane }) => lane))
    for (const each of this.#possible()) if (!tried.has(each.lane)) branches.push({ ...each, behind: [] })
    return true
  }

  /** Nothing comes of it. */
  #crash(lane: number, { component }: Entry, changed: number[]): void {
    const slot = this.tables.laneBase + lane
    const content = this.#state[slot]!
    changed.push(slot, content)
    this.#state[slot] = this.tables.contents[lane]!.rests[content]!
    this.#crashed.add(component)
  }

  #undo({ lane, entry }: Event, changed: readonly number[]): void {
    for (let at = changed.length - 2; at >= 0; at -= 2) this.#state[changed[at]!] = changed[at + 1]!
    if (this.tables.lanes[lane]!.offer === undefined) this.#delivered[lane]!--
    if (entry.fatal) this.#crashed.delete(entry.component)
    else for (const target of entry.lanes) this.#senders[target]!.pop()
  }

  #pastOf(step: number): Uint32Array {
    const past = new Uint32Array((step >>> 5) + 1)
    const event = this.run[step]!
    for (let at = step - 1; at >= 0; at--) {
      if (has(past, at)) continue
      if (at !== event.sentBy && !this.dependence.areDependent(this.run[at]!, event)) continue
      const before = this.#past[at]!
      for (let word = 0; word < before.length; word++) past[word]! |= before[word]!
      past[at >>> 5]! |= 1 << (at & 31)
    }
    return past
  }

  #dependsOn(step: number, on: number): boolean {
    return step > on && has(this.#past[step]!, on)
  }

  #lookBack(): void {
    const left = this.#left()
    for (let step = 0; step < this.run.length; step++) this.#lookBackFrom(step, left)
  }

  /** What is still waiting at the end of the run, and who sent it. */
  #left(): readonly Event[] {
    const { tables } = this
    return tables.laneOrder.flatMap((lane) => {
      const entry = tables.lanes[lane]!.offer === undefined && tables.entryOf(this.#state, lane)
      if (!entry) return []
      return [{ lane, message: entry.message, entry, sentBy: this.#senders[lane]![this.#delivered[lane] ?? 0]! }]
    })
  }

  /** All that could have come before a step and not after it. */
  #lookBackFrom(step: number, left: readonly Event[]): void {
    const event = this.run[step]!
    const { sleep, branches } = this.#places[step]!
    const free = this.run.filter((_, at) => at > step && !this.#dependsOn(at, step))
    for (const other of this.#others(step, free, left)) {
      if (!this.dependence.areDependent(event, other)) continue
      const sequence = [...free, other]
      if (sleep.some((each) => mayBegin(each, sequence, this.#areDependent))) continue
      if (this.#isPossible(step, free, other)) insert(branches, sequence, this.#areDependent)
    }
  }

  /** What is the next on its lane when all is done that is free of a step; of what comes from outside, all there may be. */
  #others(step: number, free: readonly Event[], left: readonly Event[]): Delivery[] {
    const { run, tables } = this
    const { lane: own } = run[step]!
    const { receiver } = tables.lanes[own]!
    const met = new Set([own])
    const others: Delivery[] = []
    for (let at = step + 1; at < run.length; at++) {
      const { lane, sentBy } = run[at]!
      if (met.has(lane) || !this.#dependsOn(at, step)) continue
      met.add(lane)
      if (tables.lanes[lane]!.offer === undefined && this.#isThere(sentBy, step)) others.push(run[at]!)
    }
    for (const each of left) if (!met.has(each.lane) && this.#isThere(each.sentBy, step)) others.push(each)
    for (const [component, each] of tables.components.entries()) {
      const isMeant = each.offers !== undefined && this.dependence.mayDepend(component, receiver)
      const local = isMeant ? this.#localBefore(component, step, free) : nobody
      if (local === nobody) continue
      for (const [lane, message] of tables.offeredIn(component, local)) if (lane !== own) others.push({ lane, message })
    }
    return others
  }

  #isThere(sentBy: number, step: number): boolean {
    return sentBy !== step && !this.#dependsOn(sentBy, step)
  }

  #isPossible(step: number, free: readonly Event[], { lane, message }: Delivery): boolean {
    const { receiver } = this.tables.lanes[lane]!
    const local = this.#localBefore(receiver, step, free)
    if (local === nobody || !this.tables.entry(receiver, local, message).accepted) return false
    return !this.#isHeldBefore(step, free, lane, message)
  }

  /** The order stands in its way before a step, but after what is free of it. */
  #isHeldBefore(step: number, free: readonly Event[], lane: number, message: number): boolean {
    const { held } = this.tables
    if (!held) return false
    const came = [...this.run.slice(0, step), ...free].reduce(
      (before, each) => held.after(before, ...this.tables.inOrder(each.lane, each.message)),
      held.atStart,
    )
    return held.isHeld(came, ...this.tables.inOrder(lane, message))
  }

  /** The local state of a component before a step, but after what is free of it; nobody when it has crashed. */
  #localBefore(component: number, step: number, free: readonly Event[]): number {
    const { run, tables } = this
    let local = run[step]!.entry.local
    if (run[step]!.entry.component !== component) {
      let at = step - 1
      while (at >= 0 && run[at]!.entry.component !== component) at--
      if (at >= 0 && run[at]!.entry.fatal) return nobody
      local = at < 0 ? tables.initial()[component]! : run[at]!.entry.next
    }
    for (const { entry, message } of free) {
      if (entry.component !== component) continue
      const then = tables.entry(component, local, message)
      if (then.fatal) return nobody
      local = then.next
    }
    return local
  }
}

const has = (bits: Uint32Array, at: number): boolean => at >= 0 && ((bits[at >>> 5] ?? 0) & (1 << (at & 31))) !== 0
