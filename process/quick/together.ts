/**
 * A process of several actors, quickly: what a step does depends on no more than the actors that it touches. A state is a number for each actor;
 * what real actors did once when they were so is known from then on, and XState is asked only what it was never asked before.
 */
import { NotNumbered, type Gone, type Numbered, type NumberedStep } from '../../explore/numbered.ts'
import type { IgnoredReport } from '../../explore/report.ts'
import type { Finding } from '../../explore/system.ts'
import type { Outside } from '../describe.ts'
import { identityOf } from '../identity.ts'
import { isMachineSnapshot, running, type Live } from '../inside.ts'
import { childrenOf, isOrphan } from '../names.ts'
import { worded, type Coming } from '../offers.ts'
import type { Judge } from '../judge.ts'
import type { Process } from '../process.ts'
import { stateOf } from '../shown.ts'
import type { State } from '../state.ts'
import { awaitedBy, childOf, mayHandle, waitingTitle } from '../stuck.ts'
import { sendingsOf, type Sent } from '../users.ts'
import { viewOf } from '../view.ts'
import { mostActors } from '../watch.ts'
import { TypeSets } from './sets.ts'
import { Slots } from './slots.ts'
import type { Subject } from './numbered.ts'
import type { Touches } from './touches.ts'

/** Slots: what was emitted, what was lost, timers, names in the system, what was sent how often; then actors, by whose child they are. */
const emitted = 0
const lost = 1
const armed = 2
const keyed = 3
const counts = 4

/** One in so many of the steps that are new is taken twice, beside what the judge does. */
const twiceOneIn = 8

/** An actor in a state of its own. */
interface Value {
  /** A stand-in that is in it, whatever the real one is in. */
  readonly actor: Live
  readonly state: string
  readonly isAlive: boolean
  readonly isRunning: boolean
  /** What may come of it. */
  readonly offers: readonly number[]
  readonly children: readonly number[]
  /** Whom else it knows of. */
  readonly refs: readonly number[]
  /** What it waits for, if it does. */
  readonly waits: readonly string[]
  /** By number of a sending: whether it is handled. */
  readonly handles: (boolean | undefined)[]
  /** Of the root: what is told of something that sets nothing off. */
  readonly ignored: IgnoredReport[]
}

/** What is armed, or named. */
interface Shared {
  readonly offers: readonly number[]
  readonly refs: readonly number[]
  readonly timers: readonly { readonly target: number; readonly type: string }[]
  readonly named: readonly (readonly [name: string, slot: number])[]
}

/** What comes of something in a state that is so in the slots that were looked at on the way here. */
interface Outcome {
  /** Slot, value. */
  readonly writes: readonly number[]
  readonly removed: readonly number[]
  readonly emitted: readonly string[]
  readonly lost: readonly string[]
  /** What was sent, where it is counted. */
  readonly count: number
  readonly findings: readonly Finding[]
  readonly fatal: boolean
  readonly ignored: boolean
}

interface Look {
  readonly slot: number
  readonly by: (Look | Outcome | undefined)[]
}

/** A step of real actors. */
interface Taken {
  /** Where it led to; undefined: it was the last one. */
  readonly vector: readonly number[] | undefined
  readonly state: State
  readonly findings: readonly Finding[]
  readonly ignored: boolean
}

type Vector = ArrayLike<number>

const isOutcome = (given: Look | Outcome): given is Outcome => 'writes' in given

export class Together extends Slots implements Numbered {
  readonly #process: Process
  readonly #judge: Judge
  readonly #touches: Touches
  readonly #outside: Outside
  readonly #sendings: readonly Sent[]
  /** By sending: where it is counted, or 0. */
  readonly #counted: readonly number[]
  readonly #types = new TypeSets()
  /** By slot, and number. */
  readonly #values: (Value | undefined)[][] = []
  readonly #shared: readonly [Shared[], Shared[]] = [[], []]
  readonly #sharedKeys = [new Map<string, number>(), new Map<string, number>()] as const
  readonly #keys: Map<string, number>[] = []
  /** By slot: the name of the actor in it, and whose child it is. */
  readonly #names: string[] = []
  readonly #paths: string[] = []
  readonly #rootSlot: number
  readonly #slots = new Map<string, number>()
  readonly #slotOf = new WeakMap<Live, number>()
  readonly #comings: Coming[] = []
  readonly #comingKeys = new Map<string, number>()
  /** By number of what may come: its place among all, and what comes of it. */
  readonly #ranks: number[] = []
  readonly #known: (Look | Outcome | undefined)[] = []
  /** By sending, and by slot of whom it is sent to. */
  readonly #sentTo: number[][]
  /** Real actors, by number of the state that they are in. */
  readonly #reals = new Map<number, State>()
  /** Where the last step led to, if it was taken by real actors. */
  #reached: State | undefined
  readonly #offers: number[] = []
  #looked = -1
  #wayTo: () => readonly Gone[] = () => []
  #missed = 0

  constructor({ process, judge, touches, logic, outside }: Subject) {
    super()
    // What is on its way has no place in a state here.
    if (outside.semantics === 'network') throw new NotNumbered()
    this.#outside = outside
    this.#sendings = sendingsOf(logic, outside)
    while (this.width < counts) this.addSlot()
    this.#counted = this.#sendings.map(({ times }) => (Number.isFinite(times) ? this.addSlot() : 0))
    const texts = this.#sendings.map(({ event, to }) => `${worded(event)} to ${to}`)
    if (new Set(texts).size < texts.length) throw new NotNumbered()
    this.#sentTo = this.#sendings.map(() => [])
    this.#rootSlot = this.#slotAt('')
    this.#process = process
    this.#judge = judge
    this.#touches = touches
  }

  guarded(act: () => void): void {
    act()
  }

  begin(): void {
    const { state } = this.#process.begun
    if (state.held[0]!.status !== running) throw new NotNumbered()
    this.after.set(this.#read(state))
    this.after[emitted] = this.#types.of(state.emitted)
    this.after[lost] = this.#types.of(state.lost)
    this.#reals.set(0, plainly(state))
  }

  look(number: number, wayTo: () => readonly Gone[]): number {
    this.#looked = number
    this.#wayTo = wayTo
    this.#offersIn(this.state, this.#offers)
    return this.#offers.length
  }

  next(choice: number): number {
    return choice
  }

  take(choice: number): NumberedStep {
    const coming = this.#offers[choice]!
    const { state } = this
    this.#reached = undefined
    let at = this.#known[coming]
    while (at !== undefined && 'by' in at) at = at.by[state[at.slot]!]
    if (at === undefined || !this.#isFree(at.removed)) at = this.#ask(coming)
    return this.#arrive(coming, at)
  }

  show(): void {
    this.copy()
  }

  view(): unknown {
    const { after } = this
    const names = new Map<Live, string>()
    const alive = new Set<Live>()
    for (const slot of this.#inOrder(after)) {
      const { actor, isAlive } = this.#at(after, slot)
      names.set(actor, this.#names[slot]!)
      if (isAlive) alive.add(actor)
    }
    const { named } = this.#shared[1][after[keyed]!]!
    return viewOf({
      root: this.#at(after, this.#rootSlot).actor,
      names,
      keyed: new Map(named.map(([name, slot]) => [name, this.#at(after, slot).actor])),
      emitted: this.#types.at(after[emitted]!),
      lost: this.#types.at(after[lost]!),
      isAlive: (actor) => alive.has(actor),
    })
  }

  waits(): readonly string[] {
    return this.#waitsIn(this.after)
  }

  kept(number: number): void {
    if (this.#reached) this.#reals.set(number, this.#reached)
    this.#reached = undefined
  }

  /** Nobody else knows of who would be forgotten. */
  #isFree(removed: readonly number[]): boolean {
    if (removed.length === 0) return true
    const { state } = this
    const knows = (refs: readonly number[]): boolean => refs.some((each) => removed.includes(each))
    if (knows(this.#shared[0][state[armed]!]!.refs) || knows(this.#shared[1][state[keyed]!]!.refs)) return false
    for (let slot = this.#rootSlot; slot < this.width; slot++)
      if (state[slot]! > 0 && !removed.includes(slot) && knows(this.#at(state, slot).refs)) return false
    return true
  }

  #arrive(coming: number, outcome: Outcome): NumberedStep {
    const { findings, fatal, ignored, writes, removed, count } = outcome
    const { state, after } = this
    this.copy()
    let changed = removed.length > 0 || count > 0
    for (let at = 0; at < writes.length; at += 2) {
      if (after[writes[at]!] === writes[at + 1]) continue
      after[writes[at]!] = writes[at + 1]!
      changed = true
    }
    for (const slot of removed) after[slot] = 0
    if (count > 0) after[count]!++
    for (const type of outcome.emitted) after[emitted] = this.#types.with(after[emitted]!, type)
    for (const type of outcome.lost) after[lost] = this.#types.with(after[lost]!, type)
    changed ||= after[emitted] !== state[emitted] || after[lost] !== state[lost]
    const step = { changed, fatal, findings }
    if (!ignored) return step
    const told = (this.#at(state, this.#rootSlot).ignored[coming] ??= this.#ignored(state, coming))
    return { ...step, ignored: told }
  }

  #ignored(state: Vector, coming: number): IgnoredReport {
    const root = this.#rootSlot
    return { component: this.#names[root]!, state: this.#at(state, root).state, type: this.#comings[coming]!.type }
  }

  /** Asks real actors, and remembers what they looked at, in the order in which they did. */
  #ask(coming: number): Outcome {
    const before = this.#real()
    const event = this.#comings[coming]!
    const { taken, looks } = this.#taken(before, event)
    if (++this.#missed % twiceOneIn === 0) this.#insistOnSame(taken, this.#taken(before, event).taken)
    const { vector, state: reached, findings, ignored } = taken
    const fatal = vector === undefined
    const { state } = this
    const changed = fatal
      ? []
      : [...slotsOf(this.width)].filter((slot) => !this.#counted.includes(slot) && (vector[slot] ?? 0) !== state[slot])
    const counted = before.sent.findIndex((many, at) => many !== reached.sent[at])
    const outcome: Outcome = {
      writes: changed.flatMap((slot) => (vector![slot] ? [slot, vector![slot]] : [])),
      removed: changed.filter((slot) => !vector![slot]),
      emitted: [...reached.emitted],
      lost: [...reached.lost],
      count: counted < 0 ? 0 : this.#counted[counted]!,
      ...{ findings, fatal, ignored },
    }
    const first = event.from === 'clock' ? [armed] : []
    this.#learn(coming, [...new Set([...first, ...looks, ...changed])], outcome)
    if (!fatal) this.#reached = plainly(reached)
    return outcome
  }

  #learn(coming: number, looks: readonly number[], outcome: Outcome): void {
    const { state } = this
    const left = new Set(looks)
    let put = (made: Look | Outcome): void => void (this.#known[coming] = made)
    let at = this.#known[coming]
    for (;;) {
      // Not to be kept: somebody else knew of who was forgotten.
      if (at !== undefined && isOutcome(at)) return
      if (at === undefined) {
        const [slot] = left
        if (slot === undefined) return put(outcome)
        at = { slot, by: [] }
        put(at)
      }
      const { slot, by }: Look = at
      left.delete(slot)
      const value = state[slot]!
      put = (made) => void (by[value] = made)
      at = by[value]
    }
  }

  /** A step of real actors: where it led to, in numbers, unless it was the last one; and what was looked at. */
  #taken(before: State, event: Coming): { readonly taken: Taken; readonly looks: readonly number[] } {
    const taken = this.#process.take(before, event)
    if (!taken) throw new NotNumbered()
    const touched = this.#touches.last()
    this.#judge.hear(before, event, taken)
    const isFatal = taken.findings.some(({ fatal }) => fatal)
    if (taken.findings.some(({ kind }) => kind === 'orphan' || kind === 'growth')) throw new NotNumbered()
    const findings = taken.findings.filter(({ kind }) => kind !== 'deadlock')
    const vector = isFatal ? undefined : this.#read(taken.state)
    const looks = touched.map((each) => (each === 'timers' ? armed : each === 'names' ? keyed : this.#slotFor(each)))
    return { taken: { vector, state: taken.state, findings, ignored: taken.ignored }, looks }
  }

  #insistOnSame(one: Taken, other: Taken): void {
    const titles = ({ findings, ignored }: Taken): string => [ignored, ...findings.map(({ title }) => title)].join('\n')
    const isSame = ({ vector }: Taken): boolean =>
      [...slotsOf(this.width)].every((slot) => (vector?.[slot] ?? 0) === (one.vector?.[slot] ?? 0))
    if (titles(one) !== titles(other) || !isSame(other)) throw new NotNumbered()
  }

  /** Real actors in the state that is looked at. */
  #real(): State {
    const known = this.#reals.get(this.#looked)
    if (known) return known
    const way = this.#wayTo()
    let at = way.length - 1
    while (!this.#reals.has(way[at]!.state)) at--
    let real = this.#reals.get(way[at]!.state)!
    for (; at < way.length; at++) {
      const taken = this.#process.take(real, this.#comingAfter(real, way[at]!.choice))
      if (!taken) throw new NotNumbered()
      real = plainly(taken.state)
      this.#reals.set(way[at + 1]?.state ?? this.#looked, real)
    }
    // What was put together of what was known must be what real actors come to.
    const vector = this.#read(real)
    const { state } = this
    for (const slot of slotsOf(this.width)) if ((vector[slot] ?? 0) !== state[slot]) throw new NotNumbered()
    return real
  }

  #comingAfter(real: State, choice: number): Coming {
    return this.#comings[this.#sorted(this.#process.offers(real).map((each) => this.#comingOf(each)))[choice]!]!
  }

  /** A state of real actors in numbers. Throws NotNumbered where somebody has no place of his own. */
  #read(real: State): number[] {
    const process = this.#process
    process.restore(real)
    const { root } = process
    const given = new Map(real.held.map((each) => [each.actor, each.given]))
    const refs = new Map<Live, Set<number>>()
    const {
      actors,
      texts,
      armed: timersText,
      named: namesText,
    } = identityOf({
      ...{ root, keyed: real.keyed, alive: real.alive.values(), lanes: [], rest: '' },
      ...{ timers: real.armed.timers, byKey: real.armed.byKey },
      given: (actor) => given.get(actor) ?? 0,
      label: (actor, by) => {
        const slot = this.#slotFor(actor)
        if (by) refs.set(by, (refs.get(by) ?? new Set()).add(slot))
        return slot
      },
    })
    const isAlive = (actor: Live): boolean => real.alive.get(actor.sessionId) === actor
    for (const actor of real.alive.values()) if (actor !== root && isOrphan(actor, isAlive)) throw new NotNumbered()
    if (real.alive.size > (this.#outside.actors ?? mostActors)) throw new NotNumbered()
    const names = process.names(real)
    const offers = process.offers(real).map((each) => ({ from: each.from, number: this.#comingOf(each) }))
    const of = (name: string): readonly number[] =>
      offers.flatMap(({ from, number }) => (from === name ? [number] : []))
    const vector: number[] = []
    for (const [at, slot] of this.#counted.entries()) if (slot > 0) vector[slot] = real.sent[at]!
    for (const [at, actor] of actors.entries()) {
      const slot = this.#slotFor(actor)
      const name = names.get(actor) ?? ''
      this.#names[slot] ??= name
      if (vector[slot] || (names.has(actor) && this.#names[slot] !== name)) throw new NotNumbered()
      vector[slot] = this.#number(slot, texts[at]!, () => {
        const { _snapshot: snapshot, _parent: parent } = actor
        const children = childrenOf(actor).map((each) => this.#slotFor(each))
        const isWaiting = isAlive(actor) && isMachineSnapshot(snapshot) && snapshot.status === 'active'
        const own = new Set([...children, ...(parent ? [this.#slotFor(parent)] : [])])
        return {
          actor: { ...actor } as Live,
          state: stateOf(snapshot),
          isAlive: isAlive(actor),
          isRunning: actor._processingStatus === running,
          offers: of(name),
          children,
          refs: [...(refs.get(actor) ?? [])].filter((each) => !own.has(each)),
          waits: isWaiting ? awaitedBy(snapshot) : [],
          handles: [],
          ignored: [],
        }
      })
      if (this.#values[slot]![vector[slot]!]!.isAlive !== isAlive(actor)) throw new NotNumbered()
    }
    const { timers } = real.armed
    vector[armed] = this.#sharedNumber(0, timersText, () => ({
      offers: of('clock'),
      refs: timers.flatMap(({ source, target }) => [this.#slotFor(source), this.#slotFor(target)]),
      timers: timers.map(({ target, event }) => ({ target: this.#slotFor(target), type: event.type })),
      named: [],
    }))
    vector[keyed] = this.#sharedNumber(1, namesText, () => {
      const named = [...real.keyed].map(([name, actor]) => [name, this.#slotFor(actor)] as const)
      return { offers: [], refs: named.map(([, slot]) => slot), timers: [], named }
    })
    for (let slot = 0; slot < this.width; slot++) vector[slot] ??= 0
    this.#insistOnRest(
      vector,
      real,
      offers.map(({ number }) => number),
    )
    return vector
  }

  /** What is put together of the parts is what the whole says. */
  #insistOnRest(vector: readonly number[], real: State, offers: readonly number[]): void {
    const expected = this.#offersIn(vector, [])
    if (expected.join() !== this.#sorted(offers).join()) throw new NotNumbered()
    if (this.#waitsIn(vector).toSorted().join('\n') !== real.stuck.toSorted().join('\n')) throw new NotNumbered()
  }

  #offersIn(vector: Vector, into: number[]): number[] {
    into.length = 0
    if (!this.#at(vector, this.#rootSlot).isRunning) return into
    for (let at = 0; at < this.#sendings.length; at++) {
      const slot = this.#counted[at]!
      if (slot > 0 && vector[slot]! >= this.#sendings[at]!.times) continue
      const target = this.#targetOf(vector, at)
      if (target >= 0) this.#add(into, this.#sent(at, target))
    }
    for (let slot = this.#rootSlot; slot < this.width; slot++) {
      if (vector[slot] === 0 || vector[slot] === undefined) continue
      const { offers } = this.#at(vector, slot)
      for (let at = 0; at < offers.length; at++) this.#add(into, offers[at]!)
    }
    for (const each of this.#shared[0][vector[armed]!]!.offers) this.#add(into, each)
    return into
  }

  /** In the order in which schedules count. */
  #add(into: number[], coming: number): void {
    const rank = this.#ranks[coming]!
    let at = into.length
    for (; at > 0 && this.#ranks[into[at - 1]!]! > rank; at--) into[at] = into[at - 1]!
    into[at] = coming
  }

  #sorted(comings: readonly number[]): number[] {
    return comings.toSorted((one, other) => this.#ranks[one]! - this.#ranks[other]!)
  }

  /** Slot of whom it is sent to; -1: there is none. */
  #targetOf(vector: Vector, sending: number): number {
    const { to } = this.#sendings[sending]!
    if (to === undefined) return this.#rootSlot
    const named = this.#shared[1][vector[keyed]!]!.named.find(([name]) => name === to)
    if (named) return named[1]
    for (let slot = this.#rootSlot; slot < this.width; slot++)
      if (this.#names[slot] === to && vector[slot]! > 0 && this.#at(vector, slot).isAlive) return slot
    return -1
  }

  #sent(sending: number, target: number): number {
    const known = this.#sentTo[sending]![target]
    if (known !== undefined) return known
    const text = worded(this.#sendings[sending]!.event)
    const type = target === this.#rootSlot ? text : `${text} to ${this.#names[target]!}`
    return (this.#sentTo[sending]![target] = this.#comingOf({ from: 'user', type }))
  }

  #comingOf({ from, type }: Coming): number {
    const key = `${from}\n${type}`
    const known = this.#comingKeys.get(key)
    if (known !== undefined) return known
    const made = this.#comings.push({ from, type }) - 1
    this.#comingKeys.set(key, made)
    const order = [...this.#comings.keys()].sort((one, other) => inOrder(this.#comings[one]!, this.#comings[other]!))
    for (const [rank, each] of order.entries()) this.#ranks[each] = rank
    return made
  }

  #waitsIn(vector: Vector): readonly string[] {
    const titles: string[] = []
    if (!this.#at(vector, this.#rootSlot).isRunning) return titles
    let isOver: boolean | undefined
    for (let slot = this.#rootSlot; slot < this.width; slot++) {
      if (vector[slot] === 0 || vector[slot] === undefined) continue
      const { waits, actor } = this.#at(vector, slot)
      if (waits.length === 0) continue
      const isLost = waits.every((type) => type.startsWith('xstate.') && !this.#isComing(vector, slot, type))
      if (!isLost && !(slot === this.#rootSlot && (isOver ??= this.#isOver(vector)))) continue
      titles.push(waitingTitle(this.#names[slot]!, actor._snapshot, waits))
    }
    return titles
  }

  #isComing(vector: Vector, slot: number, type: string): boolean {
    const id = childOf(type)
    if (id === undefined)
      return this.#shared[0][vector[armed]!]!.timers.some((each) => each.target === slot && each.type === type)
    const child = this.#slots.get(pathUnder(this.#paths[slot]!, id))
    return (
      id.includes('*') ||
      (child !== undefined &&
        this.#at(vector, slot).children.includes(child) &&
        vector[child]! > 0 &&
        this.#at(vector, child).isAlive)
    )
  }

  /** Nothing can come but what users send, and of that nothing is handled. */
  #isOver(vector: Vector): boolean {
    if (this.#shared[0][vector[armed]!]!.offers.length > 0) return false
    for (let slot = this.#rootSlot; slot < this.width; slot++)
      if (vector[slot]! > 0 && this.#at(vector, slot).offers.length > 0) return false
    return !this.#sendings.some(({ event }, at) => {
      const target = this.#targetOf(vector, at)
      if (target < 0) return false
      const value = this.#at(vector, target)
      return value.isAlive && (value.handles[at] ??= mayHandle(value.actor, event))
    })
  }

  /** The root, then who is whose child. */
  #inOrder(vector: Vector): readonly number[] {
    const found = [this.#rootSlot]
    for (const slot of found)
      for (const child of this.#at(vector, slot).children) if (!found.includes(child)) found.push(child)
    return found
  }

  #at(vector: Vector, slot: number): Value {
    return this.#values[slot]![vector[slot]!]!
  }

  #number(slot: number, text: string, make: () => Value): number {
    const keys = (this.#keys[slot] ??= new Map())
    const known = keys.get(text)
    if (known !== undefined) return known
    const values = (this.#values[slot] ??= [undefined])
    keys.set(text, values.length)
    return values.push(make()) - 1
  }

  #sharedNumber(which: 0 | 1, text: string, make: () => Shared): number {
    const keys = this.#sharedKeys[which]
    const known = keys.get(text) ?? this.#shared[which].push(make()) - 1
    keys.set(text, known)
    return known
  }

  /** By whose child he is, and by which id: nobody else may have it. */
  #slotFor(actor: Live): number {
    const known = this.#slotOf.get(actor)
    if (known !== undefined) return known
    const { _parent: parent, id, sessionId } = actor
    if (parent && id === sessionId) throw new NotNumbered()
    const path = parent ? pathUnder(this.#paths[this.#slotFor(parent)]!, id) : ''
    const slot = this.#slots.get(path) ?? this.#slotAt(path)
    this.#slotOf.set(actor, slot)
    return slot
  }

  #slotAt(path: string): number {
    const slot = this.addSlot()
    this.#slots.set(path, slot)
    this.#paths[slot] = path
    return slot
  }
}

/** The search itself remembers what was emitted and lost before. */
const plainly = (state: State): State => ({ ...state, emitted: new Set(), lost: new Set() })

const pathUnder = (parent: string, id: string): string => `${parent}\n${JSON.stringify(id)}`

const inOrder = (one: Coming, other: Coming): number =>
  one.from === other.from ? (one.type < other.type ? -1 : 1) : one.from < other.from ? -1 : 1

/** Those that stand for what is so; what was emitted and what was lost was so before. */
function* slotsOf(width: number): Generator<number> {
  for (let slot = armed; slot < width; slot++) yield slot
}
