/**
 * One machine by itself, quickly: a state is a number for its configuration and one for each field of its context, and an event goes the way that
 * the answers of guards lead, which XState has shown once. XState is asked again on a sample, with the machine as it is.
 */
import type { AnyStateMachine } from 'xstate'
import { NotNumbered, type Gone, type Numbered, type NumberedStep } from '../../explore/breadth/numbered.ts'
import { alone } from '../alone.ts'
import type { Outside } from '../describe.ts'
import { isMachineSnapshot, type Live, type MachineSnapshot } from '../inside.ts'
import { ownName } from '../names.ts'
import type { Process } from '../process.ts'
import { stateOf } from '../shown.ts'
import { listening } from '../stuck.ts'
import { stillViewOf, type ActorsView } from '../view.ts'
import { Configurations, listed, type Configuration } from './configurations.ts'
import { andThen, Failing } from './failing.ts'
import { Fields, type Context } from './fields.ts'
import { Going } from './going.ts'
import type { End } from './paths.ts'
import { Table } from './rows.ts'
import { Sample } from './sample.ts'
import { Scope } from './scope.ts'
import { userOf, type Sending } from './sendings.ts'
import { TypeSets } from './sets.ts'
import { configuration, counts, emitted, lost, names } from './slots-of-one.ts'
import { Slots } from './slots.ts'
import { Stays } from './stays.ts'
import { lookedAtActors, traced, type Traced } from './traced.ts'

export class Single extends Slots implements Numbered {
  readonly #process: Process
  readonly #machine: AnyStateMachine
  readonly #traced: Traced
  readonly #sendings: readonly Sending[]
  readonly #configurations: Configurations
  readonly #fields: Fields
  readonly #table = new Table()
  readonly #types = new TypeSets()
  readonly #going: Going
  readonly #sample: Sample
  readonly #failing: Failing
  /** The root in whatever state it is looked at in, and what it is called. */
  readonly #root: Live
  readonly #names: ReadonlyMap<Live, string>
  readonly #keyed: ReadonlyMap<string, Live>
  /** What may be sent in the state that is looked at; if nothing is counted, it is everything. */
  #offers: readonly number[] = []
  readonly #all: readonly number[] | undefined
  #from: Configuration | undefined
  /** What changes nothing in it, by what may be sent, and how that is known. */
  readonly #stay: Int32Array
  #stays: Stays | undefined
  #wayTo: () => readonly Gone[] = () => []

  /** Throws NotNumbered where it is more than one machine. */
  constructor(process: Process, machine: AnyStateMachine, outside: Outside, monitored: readonly string[]) {
    super()
    const { state } = process.begun
    const { timers } = state.armed
    if (state.held.length !== 1 || timers.length > 0) throw new NotNumbered()
    this.#process = process
    this.#machine = machine
    this.#traced = traced(machine, (action) => outside.pure?.includes(action) ?? false)
    this.#root = { ...process.root }
    this.#names = new Map([[this.#root, ownName(process.root)]])
    this.#keyed = new Map([...state.keyed.keys()].map((name) => [name, this.#root]))
    while (this.width < counts) this.addSlot()
    this.#sendings = userOf(process, machine, outside, monitored, () => this.addSlot())
    if (this.#sendings.every(({ slot }) => slot === 0)) this.#all = [...this.#sendings.keys()]
    this.#stay = new Int32Array((this.#sendings.length + 31) >>> 5)
    const fields = new Fields(this, names)
    const configurations = new Configurations({
      ...{ machine, traced: this.#traced, root: this.#root, names: this.#names, events: this.#sendings.length },
      listens: listening(outside),
      viewOf: (shown) => this.#viewOf(shown),
      staysOf: () => new Stays(this.#sendings.length, this.#table),
      shapes: () => fields.shapes,
    })
    const scope = new Scope()
    this.#fields = fields
    this.#configurations = configurations
    this.#going = new Going({
      ...{ slots: this, fields, table: this.#table, types: this.#types, configurations, traced: this.#traced, scope },
      events: this.#sendings.map(({ event }) => event),
      onEnd: (end) => this.#meet(end),
    })
    this.#sample = new Sample(machine, this, fields, configurations, scope)
    this.#failing = new Failing(process, this.#sendings)
  }

  guarded(act: () => void): void {
    const { thrown, unhandled } = alone(act)
    if (thrown) throw thrown.error
    if (unhandled.length > 0 || lookedAtActors()) throw new NotNumbered()
  }

  begin(): void {
    const { held, emitted: types, lost: missing } = this.#process.begun.state
    const { snapshot } = held[0]!
    if (!isMachineSnapshot(snapshot) || snapshot.status !== 'active') throw new NotNumbered()
    this.after[emitted] = this.#types.of(types)
    this.after[lost] = this.#types.of(missing)
    this.#fields.write(snapshot.context as Context)
    this.after[configuration] = this.#configurations.ofOriginal(snapshot)
  }

  look(_: number, wayTo: () => readonly Gone[]): number {
    const { state } = this
    this.changes = -1
    this.#wayTo = wayTo
    const from = this.#configurations.at(state[configuration]!)
    this.#from = from
    if (from.isOver) return (this.#offers = []).length
    this.#stays = from.stays[state[names]!] ??= new Stays(this.#sendings.length, this.#table)
    this.#sample.look()
    this.#stays.read(state, this.#stay)
    return (this.#offers = this.#all ?? this.#counted(state)).length
  }

  next(choice: number): number {
    if (this.#sample.isWhole) return choice
    const stay = this.#stay
    const offers = this.#offers
    for (let at = choice; at < offers.length; at++) {
      const number = offers[at]!
      if ((stay[number >>> 5]! & (1 << (number & 31))) === 0) return at
    }
    return offers.length
  }

  take(at: number): NumberedStep {
    const number = this.#offers[at]!
    const sending = this.#sendings[number]!
    const from = this.#from!
    const stays = this.#stays!
    this.changes = -1
    let end: End
    try {
      end = this.#going.go(from, stays.shortcuts, number)
    } catch (cause) {
      if (cause instanceof NotNumbered) throw cause
      return this.#failing.fail(this.state[configuration]!, number, cause, () => andThen(this.#wayTo(), at))
    }
    if (sending.slot > 0 || (end.ignored && sending.isDear)) this.#count(sending, end)
    else if (this.#going.only >= 0 && !this.hasChanged()) stays.add(number, this.#going.only, this.state)
    if (this.#sample.isDue(this.#going.isNew)) this.#sample.compare(sending.event, end)
    const changed = this.hasChanged()
    if (end.ignored) return from.ignored[number * 2 + Number(changed)] ?? this.#ignored(from, number, changed)
    return changed ? moved : stayed
  }

  /** Nobody looks at two states at a time. */
  view(): unknown {
    const { after } = this
    const { shown, view } = this.#configurations.at(after[configuration]!)
    shown.context = this.#fields.shownIn(after)
    this.#root._snapshot = shown
    return view
  }

  kept(): void {}

  show(): void {
    this.copy()
  }

  waits(): readonly string[] {
    const here = this.#configurations.at(this.after[configuration]!)
    const { isStuck, waits } = here
    if (isStuck.length > 0 || waits.length === 0) return isStuck
    if (here.handled >= 0 && this.#going.mayHandle(here, here.handled)) return none
    for (let at = 0; at < this.#sendings.length; at++)
      if (this.#going.mayHandle(here, at)) {
        here.handled = at
        if (this.#going.isAlwaysHandled(here, at)) here.waits = none
        return none
      }
    return waits
  }

  /** What has not been sent as often as it may be. */
  #counted(state: Int32Array): readonly number[] {
    const offers: number[] = []
    for (let at = 0; at < this.#sendings.length; at++) {
      const { slot, times } = this.#sendings[at]!
      if (slot === 0 || state[slot]! < times) offers.push(at)
    }
    return offers
  }

  #count({ slot, isDear, event }: Sending, { ignored }: End): void {
    this.open()
    if (ignored && isDear) this.put(lost, this.#types.with(this.after[lost]!, event.type))
    if (slot > 0) this.put(slot, this.after[slot]! + 1)
  }

  #viewOf(shown: MachineSnapshot): ActorsView {
    this.#root._snapshot = shown
    return stillViewOf({
      root: this.#root,
      names: this.#names,
      keyed: this.#keyed,
      asked: this.#process.asked,
      emitted: this.#isIn(emitted),
      lost: this.#isIn(lost),
      isAlive: () => shown.status === 'active',
    })
  }

  #isIn(slot: number): Pick<ReadonlySet<string>, 'has'> {
    return { has: (type) => this.#types.at(this.after[slot]!).has(type) }
  }

  #meet({ told }: End): void {
    for (const { snapshot, _transitions } of told)
      this.#process.watch.coverage.meet(
        { ...snapshot, machine: this.#machine },
        _transitions.map((each) => this.#traced.original(each)),
      )
  }

  /** The same for each configuration. */
  #ignored(from: Configuration, number: number, changed: boolean): NumberedStep {
    const component = ownName(this.#process.root)
    const state = stateOf({ ...from.original, context: this.#fields.contextIn(this.state) })
    const ignored = { component, state, type: this.#sendings[number]!.type }
    return (from.ignored[number * 2 + Number(changed)] = { changed, fatal: false, findings: [], ignored })
  }
}

const none = listed([])
const moved: NumberedStep = { changed: true, fatal: false, findings: [] }
const stayed: NumberedStep = { changed: false, fatal: false, findings: [] }
