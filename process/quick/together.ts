/**
 * A process of several actors, quickly: what a step does depends on no more than the actors that it touches. A state is a number for each actor, and
 * for each lane between two of them on which something may be; what real actors did once when they were so is known from then on, and XState is
 * asked only what it was never asked before.
 */
import { NotNumbered, type Gone, type Numbered, type NumberedStep } from '../../explore/breadth/numbered.ts'
import type { IgnoredReport } from '../../explore/outcome/report.ts'
import type { Finding } from '../../explore/system.ts'
import { running, type Live } from '../inside.ts'
import type { Judge } from '../judge.ts'
import { ownName } from '../names.ts'
import { mostInFlight } from '../network.ts'
import { worded, type Coming } from '../offers.ts'
import type { Process } from '../process.ts'
import type { State } from '../state.ts'
import { isAtItsEnd, waitingForEver } from '../for-ever.ts'
import { sendingsOf } from '../users.ts'
import { viewOf } from '../view.ts'
import { Comings } from './comings.ts'
import { Known, type Outcome } from './known.ts'
import type { Subject } from './numbered.ts'
import { Outlook } from './outlook.ts'
import { armed, counts, emitted, faulty, keyed, lost, Parts, type Vector } from './parts.ts'
import { Places } from './places.ts'
import { Reading } from './reading.ts'
import { TypeSets } from './sets.ts'
import { Slots } from './slots.ts'
import type { Touches } from './touches.ts'

/** One in so many of the steps that are new is taken twice, beside what the judge does. */
const twiceOneIn = 8

/** A step of real actors. */
interface Taken {
  /** Where it led to; undefined: it was the last one. */
  readonly vector: readonly number[] | undefined
  readonly state: State
  readonly findings: readonly Finding[]
  /** Slots of those who took a transition, or came to an end. */
  readonly doers: readonly number[]
  readonly ignored: boolean
}

export class Together extends Slots implements Numbered {
  readonly #process: Process
  readonly #judge: Judge
  readonly #touches: Touches
  /** By sending: where it is counted, or 0. */
  readonly #counted: readonly number[]
  readonly #types = new TypeSets()
  readonly #parts = new Parts()
  readonly #places: Places
  readonly #comings: Comings
  readonly #outlook: Outlook
  readonly #reading: Reading
  readonly #known = new Known()
  /** Real actors, by number of the state that they are in. */
  readonly #reals = new Map<number, State>()
  /** Where the last step led to, if it was taken by real actors. */
  #reached: State | undefined
  readonly #offers: number[] = []
  #looked = -1
  /** By slot: the last look at a state from which that actor has done something; and whether a step from there was a crash. */
  readonly #doing: number[] = []
  #looks = 0
  #isCrashing = false
  #wayTo: () => readonly Gone[] = () => []
  #missed = 0

  constructor({ process, judge, touches, logic, outside }: Subject) {
    super()
    const sendings = sendingsOf(logic, outside)
    while (this.width < counts) this.addSlot()
    this.#counted = sendings.map(({ times }) => (Number.isFinite(times) ? this.addSlot() : 0))
    const texts = sendings.map(({ event, to }) => `${worded(event)} to ${to}`)
    if (new Set(texts).size < texts.length) throw new NotNumbered()
    this.#process = process
    this.#judge = judge
    this.#touches = touches
    this.#places = new Places(this)
    this.#comings = new Comings(ownName(process.root))
    const around = {
      ...{ process, slots: this, places: this.#places, parts: this.#parts, comings: this.#comings, sendings },
      ...{ counted: this.#counted, inFlight: outside.inFlight ?? mostInFlight },
    }
    this.#outlook = new Outlook(around)
    this.#reading = new Reading(around, this.#outlook, outside)
  }

  guarded(act: () => void): void {
    act()
  }

  begin(): void {
    const { state } = this.#process.begun
    if (state.held[0]!.status !== running) throw new NotNumbered()
    this.after.set(this.#reading.start())
    this.after[emitted] = this.#types.of(state.emitted)
    this.after[lost] = this.#types.of(state.lost)
    this.#reals.set(0, plainly(state))
  }

  look(number: number, wayTo: () => readonly Gone[]): number {
    this.#looked = number
    this.#looks++
    this.#isCrashing = false
    this.#wayTo = wayTo
    this.#outlook.offersIn(this.state, this.#offers)
    return this.#offers.length
  }

  next(choice: number): number {
    return choice
  }

  take(choice: number): NumberedStep {
    const coming = this.#offers[choice]!
    this.#reached = undefined
    const known = this.#known.find(coming, this.state)
    return this.#arrive(coming, known && this.#isFree(known.removed) ? known : this.#ask(coming))
  }

  show(): void {
    this.copy()
  }

  view(): unknown {
    const { after } = this
    const names = new Map<Live, string>()
    const alive = new Set<Live>()
    for (const slot of this.#inOrder(after)) {
      const { actor, isAlive } = this.#parts.value(after, slot)
      names.set(actor, this.#places.names[slot]!)
      if (isAlive) alive.add(actor)
    }
    const { named } = this.#parts.shared(after, keyed)
    return viewOf({
      root: this.#parts.value(after, this.#places.root).actor,
      names,
      asked: this.#process.asked,
      keyed: new Map(named.map(([name, slot]) => [name, this.#parts.value(after, slot).actor])),
      emitted: this.#types.at(after[emitted]!),
      lost: this.#types.at(after[lost]!),
      isAlive: (actor) => alive.has(actor),
    })
  }

  waits(): readonly string[] {
    return this.#outlook.waitsIn(this.after)
  }

  idle(): readonly number[] {
    const { state } = this
    if (this.#isCrashing || this.#outlook.holdsBack(state)) return []
    return this.#places.actors.filter(
      (slot) => this.#doing[slot] !== this.#looks && state[slot]! > 0 && this.#parts.value(state, slot).mayWait,
    )
  }

  forEver(idle: ReadonlySet<number>): readonly Finding[] {
    const { state } = this
    const { root, names } = this.#places
    const snapshotOf = (slot: number) => this.#parts.value(state, slot).actor._snapshot
    if (idle.has(root) && isAtItsEnd(snapshotOf(root))) return []
    return [...idle].flatMap((slot) => {
      const { waits } = this.#parts.value(state, slot)
      const hasChild = (id: string) => this.#outlook.hasChild(state, slot, id)
      return waitingForEver(snapshotOf(slot), names[slot]!, { waits, hasChild, begun: this.#process.watch.met.begun })
    })
  }

  kept(number: number): void {
    if (this.#reached) this.#reals.set(number, this.#reached)
    this.#reached = undefined
  }

  /** Nobody else knows of who would be forgotten. */
  #isFree(removed: readonly number[]): boolean {
    if (removed.length === 0) return true
    const { state } = this
    const parts = this.#parts
    const knows = (refs: readonly number[]): boolean => refs.some((each) => removed.includes(each))
    if (knows(parts.shared(state, armed).refs) || knows(parts.shared(state, keyed).refs)) return false
    const isLeft = (slot: number): boolean => state[slot]! > 0 && !removed.includes(slot)
    return (
      !this.#places.actors.some((slot) => isLeft(slot) && knows(parts.value(state, slot).refs)) &&
      !this.#places.lanes.some(({ slot }) => isLeft(slot) && knows(parts.load(state, slot).refs))
    )
  }

  #arrive(coming: number, outcome: Outcome): NumberedStep {
    const { findings, fatal, ignored, writes, removed, count, doers } = outcome
    for (const slot of doers) this.#doing[slot] = this.#looks
    if (fatal) this.#isCrashing = true
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
    const told = (this.#parts.value(state, this.#places.root).ignored[coming] ??= this.#ignored(state, coming))
    return { ...step, ignored: told }
  }

  #ignored(state: Vector, coming: number): IgnoredReport {
    const { root, names } = this.#places
    return { component: names[root]!, state: this.#parts.value(state, root).state, type: this.#comings.at(coming).type }
  }

  /** Asks real actors, and remembers what they looked at, in the order in which they did. */
  #ask(coming: number): Outcome {
    const before = this.#real()
    const event = this.#comings.at(coming)
    const lanes = this.#places.lanes.length
    const { taken, looks } = this.#taken(before, event)
    if (++this.#missed % twiceOneIn === 0) this.#insistOnSame(taken, this.#taken(before, event).taken)
    const { vector, state: reached, findings, ignored, doers } = taken
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
      ...{ findings, fatal, ignored, doers },
    }
    // There may be something on a lane now on which nobody has counted before.
    if (this.#places.lanes.length > lanes) this.#known.forget()
    const all = [...this.#firstOf(coming, event), ...looks, ...changed, ...this.#lanesToStopped(changed, vector)]
    this.#known.learn(coming, state, [...new Set(all)], outcome)
    if (!fatal) this.#reached = plainly(reached)
    return outcome
  }

  #firstOf(coming: number, { from }: Coming): readonly number[] {
    const lane = this.#outlook.laneOf(coming)
    return lane === undefined ? (from === 'clock' ? [armed] : []) : [lane, faulty]
  }

  /** Word that one is to stop goes when he has stopped. */
  #lanesToStopped(changed: readonly number[], vector: Vector | undefined): readonly number[] {
    const { actors, lanes } = this.#places
    const isRunning = (slot: number, at: Vector): boolean => Boolean(at[slot]) && this.#parts.value(at, slot).isRunning
    const stopped = vector
      ? changed.filter((slot) => actors.includes(slot) && isRunning(slot, this.state) && !isRunning(slot, vector))
      : []
    return lanes.flatMap(({ slot, to }) => (stopped.includes(to) ? [slot] : []))
  }

  /** A step of real actors: where it led to, in numbers, unless it was the last one; and what was looked at. */
  #taken(before: State, event: Coming): { readonly taken: Taken; readonly looks: readonly number[] } {
    const { taken, read } = this.#reading.take(before, event)
    const touched = this.#touches.last()
    this.#judge.hear(before, event, taken)
    const isFatal = taken.findings.some(({ fatal }) => fatal)
    if (taken.findings.some(({ kind }) => kind === 'orphan' || kind === 'growth')) throw new NotNumbered()
    const findings = taken.findings.filter(({ kind }) => kind !== 'deadlock')
    const vector = isFatal ? undefined : read()
    const looks = touched.map((each) =>
      each === 'timers' ? armed : each === 'names' ? keyed : this.#places.slotFor(each),
    )
    const doers = [...new Set(taken.doers())].map((each) => this.#places.slotFor(each))
    return { taken: { vector, state: taken.state, findings, doers, ignored: taken.ignored }, looks }
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
    let vector: readonly number[] = []
    for (; at < way.length; at++) {
      const { taken, read } = this.#reading.take(real, this.#comingAfter(real, way[at]!.choice))
      real = plainly(taken.state)
      this.#reals.set(way[at + 1]?.state ?? this.#looked, real)
      if (at === way.length - 1) vector = read()
    }
    // What was put together of what was known must be what real actors come to.
    const { state } = this
    for (const slot of slotsOf(this.width)) if ((vector[slot] ?? 0) !== state[slot]) throw new NotNumbered()
    return real
  }

  #comingAfter(real: State, choice: number): Coming {
    const offers = this.#process.offers(real).map((each) => this.#comings.of(each))
    return this.#comings.at(this.#comings.sorted(offers)[choice]!)
  }

  /** The root, then who is whose child, then who lives on until he hears that he is to stop. */
  #inOrder(vector: Vector): readonly number[] {
    const found = [this.#places.root]
    for (const slot of found)
      for (const child of this.#parts.value(vector, slot).children) if (!found.includes(child)) found.push(child)
    const others = this.#process.network ? this.#places.actors : []
    return [...found, ...others.filter((slot) => vector[slot] && !found.includes(slot))]
  }
}

/** The search itself remembers what was emitted and lost before. */
const plainly = (state: State): State => ({ ...state, emitted: new Set(), lost: new Set() })

/** Those that stand for what is so; what was emitted and what was lost was so before. */
function* slotsOf(width: number): Generator<number> {
  for (let slot = armed; slot < width; slot++) yield slot
}
