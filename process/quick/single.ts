/**
 * One machine by itself, quickly: a state is a number for its configuration and one for each field of its context, and an event goes the way that
 * the answers of guards lead, which XState has shown once. XState is asked again on a sample, with the machine as it is.
 */
import type { AnyStateMachine } from 'xstate'
import { NotNumbered, type Gone, type Numbered, type NumberedStep } from '../../explore/numbered.ts'
import type { Finding } from '../../explore/system.ts'
import { alone } from '../alone.ts'
import type { Outside } from '../describe.ts'
import { isMachineSnapshot, type Live, type MachineSnapshot } from '../inside.ts'
import { ownName } from '../names.ts'
import type { Process } from '../process.ts'
import { stateOf } from '../shown.ts'
import { viewOf } from '../view.ts'
import { Asking } from './asking.ts'
import { Configurations, type Configuration } from './configurations.ts'
import { Fields, type Context } from './fields.ts'
import { nextOf, Ways, type End } from './paths.ts'
import { Table } from './rows.ts'
import { Scope } from './scope.ts'
import { userOf, type Sending } from './sendings.ts'
import { TypeSets } from './sets.ts'
import { Slots } from './slots.ts'
import { Stays } from './stays.ts'
import { lookedAtActors, traced, type Traced } from './traced.ts'

/** Slots: the configuration, what was emitted, what was lost, the names in the context, what was sent how often; then the fields of the context. */
const configuration = 0
const emitted = 1
const lost = 2
const names = 3
const counts = 4

/** So many steps are compared with XState's own, and then those of one state in so many. */
const comparedFirst = 256
const comparedOneIn = 2048

export class Single extends Slots implements Numbered {
  readonly #process: Process
  readonly #machine: AnyStateMachine
  readonly #traced: Traced
  readonly #sendings: readonly Sending[]
  readonly #configurations: Configurations
  readonly #fields: Fields
  readonly #ways: Ways
  readonly #table = new Table()
  readonly #asking: Asking
  readonly #types = new TypeSets()
  readonly #scope = new Scope()
  /** The root in whatever state it is looked at in, and what it is called. */
  readonly #root: Live
  readonly #names: ReadonlyMap<Live, string>
  readonly #keyed: ReadonlyMap<string, Live>
  /** What may be sent in the state that is looked at; if nothing is counted, it is everything. */
  #offers: number[] = []
  readonly #all: number[] | undefined
  #from: Configuration | undefined
  /** What changes nothing in it, by what may be sent, and how that is known. */
  #stay: Int32Array
  #stays: Stays | undefined
  #looked = 0
  #compared = 0
  /** `after` was begun as a copy of `state`. */
  #isCopied = false
  #wayTo: () => readonly Gone[] = () => []
  readonly #fatal = new Map<string, readonly Finding[]>()

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
    this.#fields = new Fields(this, names)
    this.#asking = new Asking(this.#fields)
    this.#ways = new Ways((field) => this.#fields.slotOf(field), this.#table)
    this.#stay = new Int32Array((this.#sendings.length + 31) >>> 5)
    this.#configurations = new Configurations(machine, this.#traced, this.#root, this.#names)
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
    this.after[configuration] = this.#configurations.ofOriginal(snapshot)
    this.after[emitted] = this.#types.of(types)
    this.after[lost] = this.#types.of(missing)
    this.#fields.write(snapshot.context as Context)
  }

  look(_: number, wayTo: () => readonly Gone[]): number {
    const { state } = this
    this.changes = -1
    this.#wayTo = wayTo
    const from = this.#configurations.at(state[configuration]!)
    this.#from = from
    if (from.traced.status !== 'active') return (this.#offers = []).length
    this.#stays = from.stays[state[names]!] ??= new Stays(this.#sendings.length, this.#table)
    if (this.#isCompared(++this.#looked)) this.#stay.fill(0)
    else this.#stays.read(state, this.#stay)
    if (this.#all) return (this.#offers = this.#all).length
    this.#offers = []
    for (let at = 0; at < this.#sendings.length; at++) {
      const { slot, times } = this.#sendings[at]!
      if (slot === 0 || state[slot]! < times) this.#offers.push(at)
    }
    return this.#offers.length
  }

  next(choice: number): number {
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
    this.#isCopied = false
    let end: End
    try {
      end = this.#go(from, number)
    } catch (cause) {
      if (cause instanceof NotNumbered) throw cause
      return this.#fail(at, cause)
    }
    const isLost = end.ignored && sending.isDear
    if (isLost || sending.slot > 0) {
      this.#copy()
      if (isLost) this.put(lost, this.#types.with(this.after[lost]!, sending.event.type))
      if (sending.slot > 0) this.put(sending.slot, this.after[sending.slot]! + 1)
    }
    if (!this.#isCopied && end.isPlain) this.#noteStay(from, number, end)
    if (this.#compared < comparedFirst || this.#isCompared(this.#looked)) this.#compare(sending, end)
    const changed = this.#isCopied && this.#hasChanged()
    if (end.ignored) return from.ignored[number * 2 + Number(changed)] ?? this.#ignored(from, number, changed)
    return changed ? moved : stayed
  }

  /** Nobody looks at two states at a time. */
  view(): unknown {
    const { after } = this
    const here = this.#configurations.at(after[configuration]!)
    const { shown } = here
    shown.context = this.#fields.shownIn(after)
    this.#root._snapshot = shown
    return (here.view ??= viewOf({
      root: this.#root,
      names: this.#names,
      keyed: this.#keyed,
      emitted: this.#isIn(emitted),
      lost: this.#isIn(lost),
      isAlive: () => shown.status === 'active',
    }))
  }

  kept(): void {}

  show(): void {
    this.copy()
  }

  waits(): readonly string[] {
    const here = this.#configurations.at(this.after[configuration]!)
    const { isStuck, waits } = here
    if (isStuck.length > 0 || waits.length === 0) return isStuck
    for (let at = 0; at < this.#sendings.length; at++) if (this.#mayHandle(here, at)) return none
    return waits
  }

  /** Goes the way of an event from the state that is looked at, and writes where it leads. */
  #go(from: Configuration, number: number): End {
    const asking = this.#asking
    let way = from.ways[number]
    if (way !== undefined) asking.hear(this.#sendings[number]!.event)
    let now = this.state
    for (;;) {
      if (way === undefined) return this.#learn(from, number)
      switch (way.kind) {
        case 'end':
          return this.#arrive(way.end!)
        case 'chosen':
          way = way.yes
          break
        case 'guard':
          way = asking.isTrue(way.question, now) ? way.yes : way.no
          break
        case 'assign':
          this.#copy()
          now = this.after
          if (way.fields) asking.assignFields(way.fields, now)
          else asking.assign(way.question, now)
          // There may be more slots than there were.
          now = this.after
          way = way.yes
          break
        case 'run':
          asking.run(way.question, now)
          way = way.yes
          break
        default:
          way = nextOf(way, asking.event(way.kind, way.question, now))
      }
    }
  }

  #isIn(slot: number): Pick<ReadonlySet<string>, 'has'> {
    return { has: (type) => this.#types.at(this.after[slot]!).has(type) }
  }

  #isCompared(looked: number): boolean {
    return looked % comparedOneIn === 0
  }

  /** Guards that look at one field at most decide it for whatever the others are. */
  #noteStay(from: Configuration, number: number, end: End): void {
    const { state } = this
    let slot = 0
    for (let way = from.ways[number]; way && way.kind !== 'end';) {
      if (way.kind === 'guard') {
        const looks = way.question.memo?.slotOf(state, state[names]!) ?? -1
        if (looks < 0 || (slot > 0 && looks > 0 && looks !== slot)) {
          end.isPlain = false
          return
        }
        slot = Math.max(slot, looks)
        way = this.#asking.isTrue(way.question, state) ? way.yes : way.no
      } else if (way.kind === 'chosen' || way.kind === 'run') way = way.yes
      else return
    }
    this.#stays!.add(number, slot, state)
  }

  #arrive(end: End): End {
    if (end.told.length > 0) this.#meet(end)
    if (end.to === this.state[configuration] && end.emitted.length === 0) return end
    this.#copy()
    if (end.to !== this.after[configuration]) this.put(configuration, end.to)
    for (const type of end.emitted) this.put(emitted, this.#types.with(this.after[emitted]!, type))
    return end
  }

  #meet(end: End): void {
    for (const { snapshot, _transitions } of end.told)
      this.#process.watch.coverage.meet(
        { ...snapshot, machine: this.#machine },
        _transitions.map((each) => this.#traced.original(each)),
      )
    end.told = []
  }

  /** Most steps change nothing. */
  #copy(): void {
    if (this.#isCopied) return
    this.#isCopied = true
    this.copy()
    this.changes = 0
  }

  #hasChanged(): boolean {
    const { state, after, changed, changes } = this
    for (let at = 0; at < changes; at++) if (state[changed[at]!] !== after[changed[at]!]) return true
    return false
  }

  /** Lets XState take the step, and keeps the way that it went. */
  #learn(from: Configuration, number: number): End {
    const { context, end } = this.#shown(from, number, this.#fields.contextIn(this.state))
    // A part of the way may have been gone already.
    this.#isCopied = false
    this.#copy()
    this.#fields.write(context)
    return this.#arrive(end)
  }

  #shown(before: Configuration, number: number, context: Context) {
    const { machine, asked } = this.#traced
    const { event } = this.#sendings[number]!
    asked.length = 0
    const scope = this.#scope.begin()
    const snapshot = machine.transition(
      { ...before.traced, context } as never,
      event,
      scope as never,
    ) as never as MachineSnapshot
    const end: End = {
      to: this.#configurations.of(snapshot),
      ignored: scope.microsteps[0]?._transitions.length === 0,
      emitted: scope.emits,
      told: scope.microsteps,
      isPlain: true,
    }
    before.ways[number] = this.#ways.with(before.ways[number], event, asked, end)
    return { context: snapshot.context as Context, end }
  }

  /** A guard that fails to answer is asked again when the event comes. */
  #mayHandle(from: Configuration, number: number): boolean {
    this.#asking.hear(this.#sendings[number]!.event)
    try {
      for (let way = from.ways[number]; ;) {
        if (way === undefined) {
          this.#shown(from, number, this.#fields.contextIn(this.after))
          way = from.ways[number]!
        }
        if (way.kind === 'chosen') return way.question.ask(undefined, this.#sendings[number]!.event) as boolean
        way = nextOf(way, this.#asking.isTrue(way.question, this.after))
      }
    } catch (cause) {
      if (cause instanceof NotNumbered) throw cause
      return true
    }
  }

  /** The same for each configuration. */
  #ignored(from: Configuration, number: number, changed: boolean): NumberedStep {
    const component = ownName(this.#process.root)
    const state = stateOf({ ...from.original, context: this.#fields.contextIn(this.state) })
    const ignored = { component, state, type: this.#sendings[number]!.type }
    return (from.ignored[number * 2 + Number(changed)] = { changed, fatal: false, findings: [], ignored })
  }

  /** What comes of an error only the ordinary way can tell. */
  #fail(at: number, cause: unknown): NumberedStep {
    const key = `${this.state[configuration]} ${this.#offers[at]} ${String(cause)}`
    const known = this.#fatal.get(key)
    const findings = known ?? this.#ordinarily(at)
    this.#fatal.set(key, findings)
    return { changed: false, fatal: true, findings }
  }

  #ordinarily(at: number): readonly Finding[] {
    const sent = this.#sendings.map(() => 0)
    let { state } = this.#process.begun
    let findings: readonly Finding[] = []
    for (const choice of [...this.#wayTo().map((each) => each.choice), at]) {
      const offers = [...this.#sendings.keys()].filter((each) => sent[each]! < this.#sendings[each]!.times)
      const number = offers[choice]!
      sent[number]!++
      const taken = this.#process.take(state, { from: 'user', type: this.#sendings[number]!.type })
      if (!taken) throw new NotNumbered()
      ;({ state, findings } = taken)
    }
    if (!findings.some(({ fatal }) => fatal)) throw new NotNumbered()
    return findings
  }

  /** The machine as it is, on the same event in the same state. */
  #compare({ event }: Sending, end: End): void {
    this.#compared++
    this.#copy()
    const { original } = this.#configurations.at(this.state[configuration]!)
    const scope = this.#scope.begin()
    const context = this.#fields.contextIn(this.state)
    const snapshot = this.#machine.transition(
      { ...original, context } as never,
      event as never,
      scope as never,
    ) as never as MachineSnapshot
    const isSame =
      this.#configurations.keyOf(snapshot) === this.#configurations.at(end.to).key &&
      scope.emits.join('\n') === end.emitted.join('\n') &&
      this.#fields.isIn(this.after, snapshot.context as Context) &&
      this.#fields.isIn(this.state, context)
    if (!isSame) throw new NotNumbered()
  }
}

const none: readonly string[] = []
const moved: NumberedStep = { changed: true, fatal: false, findings: [] }
const stayed: NumberedStep = { changed: false, fatal: false, findings: [] }
