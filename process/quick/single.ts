/**
 * One machine by itself, quickly: a state is a number for its configuration and one for each field of its context, and an event goes the way that
 * the answers of guards lead, which XState has shown once. XState is asked again on a sample, with the machine as it is.
 */
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import { NotNumbered, type Gone, type Numbered, type NumberedStep } from '../../explore/numbered.ts'
import type { Finding } from '../../explore/system.ts'
import { alone } from '../alone.ts'
import { nodesOf, type ChartNode } from '../coverage.ts'
import type { Outside } from '../describe.ts'
import { isMachineSnapshot, type Action, type Live, type MachineSnapshot, type Node } from '../inside.ts'
import { ownName } from '../names.ts'
import { worded } from '../offers.ts'
import type { Process } from '../process.ts'
import { stateOf } from '../shown.ts'
import { stuckIn } from '../stuck.ts'
import { sendingsOf } from '../users.ts'
import { viewOf } from '../view.ts'
import { isAmong } from '../vocabulary.ts'
import { Numbers } from './numbers.ts'
import { withWay, type End, type Microstep, type Way } from './paths.ts'
import { Shapes, TypeSets } from './sets.ts'
import { Slots } from './slots.ts'
import { lookedAtActors, traced, type Traced } from './traced.ts'

/** Slots: the configuration, what was emitted, what was lost, the names in the context, what was sent how often; then the fields of the context. */
const configuration = 0
const emitted = 1
const lost = 2
const names = 3
const counts = 4

/** So many steps are compared with XState's own, and then one in so many. */
const comparedFirst = 256
const comparedOneIn = 512

/** More microsteps than that in one step: the ordinary way tells whether there is an end. */
const most = 500

type Context = Readonly<Record<string, unknown>>

/** What a user may send. */
interface Sending {
  /** As a schedule has it. */
  readonly type: string
  readonly event: AnyEventObject
  readonly times: number
  /** Where it is counted; 0: it is not. */
  readonly slot: number
  /** Not handled, it is lost. */
  readonly isDear: boolean
}

interface Configuration {
  readonly key: string
  /** With the nodes of the traced machine, and with those of the machine itself. */
  readonly traced: MachineSnapshot
  readonly original: MachineSnapshot
  /** The same, with whatever context is looked at. */
  readonly shown: { -readonly [Field in keyof MachineSnapshot]: MachineSnapshot[Field] }
  /** Who waits for what cannot come: whatever comes, and if nothing of what users send is handled. */
  readonly isStuck: readonly string[]
  readonly waits: readonly string[]
  /** By what was sent. */
  readonly ways: (Way | undefined)[]
  /** Steps that set nothing off, by what was sent, and whether it is counted. */
  readonly ignored: NumberedStep[]
}

/** What XState needs of an actor to take a step: no action is run. */
class Scope {
  microsteps: Microstep[] = []
  emits: string[] = []
  readonly self = {}
  readonly system = { _sendInspectionEvent: (told: Microstep) => this.#hear(told) }
  readonly defer = (): void => {}
  actionExecutor = ({ type, params }: Action): void => {
    if (type === 'xstate.emit') this.emits.push((params as { readonly event: AnyEventObject }).event.type)
  }

  begin(): this {
    this.microsteps = []
    this.emits = []
    return this
  }

  #hear(told: Microstep): void {
    this.microsteps.push(told)
    if (this.microsteps.length > most) throw new Error('no end in sight')
  }
}

export class Single extends Slots implements Numbered {
  readonly #process: Process
  readonly #machine: AnyStateMachine
  readonly #traced: Traced
  readonly #nodes: ReadonlyMap<number, Node>
  readonly #sendings: readonly Sending[]
  readonly #numbers = new Numbers()
  readonly #configurations: Configuration[] = []
  readonly #configurationKeys = new Map<string, number>()
  readonly #types = new TypeSets()
  readonly #shapes = new Shapes()
  /** By name of a field. */
  readonly #slots = new Map<string, number>()
  readonly #scope = new Scope()
  /** The root in whatever state it is looked at in, and what it is called. */
  readonly #root: Live
  readonly #names: ReadonlyMap<Live, string>
  readonly #keyed: ReadonlyMap<string, Live>
  /** What may be sent in the state that is looked at. */
  readonly #offers: number[] = []
  #context: Context = {}
  #behind: Context = {}
  readonly #heard: AnyEventObject[] = []
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
    this.#nodes = new Map(nodesOf(machine.root as unknown as ChartNode).map((node) => [node.order, node]))
    this.#root = { ...process.root }
    this.#names = new Map([[this.#root, ownName(process.root)]])
    this.#keyed = new Map([...state.keyed.keys()].map((name) => [name, this.#root]))
    while (this.width < counts) this.addSlot()
    this.#sendings = sendingsOf(machine, outside)
      .map(({ event, times, to }): Sending => {
        if (to !== undefined || event.type.startsWith('xstate.')) throw new NotNumbered()
        const isDear = monitored.includes(event.type) && !isAmong(outside.ignores, event.type)
        return { type: worded(event), event, times, slot: Number.isFinite(times) ? this.addSlot() : 0, isDear }
      })
      .toSorted((one, other) => (one.type < other.type ? -1 : one.type > other.type ? 1 : 0))
    const offered = new Set(process.offers(state).map(({ from, type }) => `${from}\n${type}`))
    const expected = this.#sendings.filter(({ times }) => times > 0).map(({ type }) => `user\n${type}`)
    if (offered.size !== expected.length || !expected.every((each) => offered.has(each))) throw new NotNumbered()
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
    const { root } = this.#traced.machine
    const copies = new Map(nodesOf(root as unknown as ChartNode).map((node) => [node.order, node]))
    const copied = withNodes(snapshot, this.#traced.machine, (node) => copies.get(node.order)!)
    this.after[configuration] = this.#configurationOf(copied)
    this.after[emitted] = this.#types.of(types)
    this.after[lost] = this.#types.of(missing)
    this.#write({}, snapshot.context as Context)
    this.#behind = snapshot.context as Context
  }

  look(_: number, wayTo: () => readonly Gone[]): number {
    const { state } = this
    this.#wayTo = wayTo
    this.#offers.length = 0
    if (this.#configurations[state[configuration]!]!.traced.status === 'active')
      for (let at = 0; at < this.#sendings.length; at++) {
        const { slot, times } = this.#sendings[at]!
        if (slot === 0 || state[slot]! < times) this.#offers.push(at)
      }
    this.#context = this.#contextIn(state)
    return this.#offers.length
  }

  take(at: number): NumberedStep {
    const number = this.#offers[at]!
    const sending = this.#sendings[number]!
    const from = this.#configurations[this.state[configuration]!]!
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
      if (isLost) this.after[lost] = this.#types.with(this.after[lost]!, sending.event.type)
      if (sending.slot > 0) this.after[sending.slot]!++
    }
    this.#compared++
    if (this.#compared <= comparedFirst || this.#compared % comparedOneIn === 0) this.#compare(sending, end)
    const changed = this.#isCopied && this.#hasChanged()
    if (end.ignored) return from.ignored[number * 2 + Number(changed)] ?? this.#ignored(from, number, changed)
    return changed ? moved : stayed
  }

  view(): unknown {
    const { after } = this
    const { shown } = this.#configurations[after[configuration]!]!
    // Nobody looks at two states at a time.
    this.#root._snapshot = shown
    shown.context = this.#behind
    return viewOf({
      root: this.#root,
      names: this.#names,
      keyed: this.#keyed,
      emitted: this.#types.at(after[emitted]!),
      lost: this.#types.at(after[lost]!),
      isAlive: () => shown.status === 'active',
    })
  }

  kept(): void {}

  show(): void {
    this.copy()
    this.#behind = this.#contextIn(this.after)
  }

  waits(): readonly string[] {
    const number = this.after[configuration]!
    const { isStuck, waits } = this.#configurations[number]!
    if (isStuck.length > 0 || waits.length === 0) return isStuck
    for (let at = 0; at < this.#sendings.length; at++) if (this.#mayHandle(number, at)) return none
    return waits
  }

  /** Goes the way of an event from the state that is looked at, and writes where it leads. */
  #go(from: Configuration, number: number): End {
    const heard = this.#heard
    heard[0] = this.#sendings[number]!.event
    let many = 1
    let context = this.#context
    let way = from.ways[number]
    for (;;) {
      if (way === undefined) return this.#learn(from, number)
      switch (way.kind) {
        case 'end':
          return this.#arrive(way.end!, context)
        case 'chosen':
          way = way.yes
          break
        case 'guard':
          way = way.ask(context, way.always ?? heard[way.event]!) ? way.yes : way.no
          break
        case 'assign': {
          const before = context
          const answer = way.ask(before, way.always ?? heard[way.event]!)
          if (typeof answer === 'object' && answer !== null) {
            context = { ...before, ...answer }
            this.#copy()
            if (way.fields) this.#writeFields(way, before, answer as Context, context)
            else this.#write(before, context, answer as Context)
          }
          way = way.yes
          break
        }
        default: {
          const answer: unknown = way.ask(context, way.always ?? heard[way.event]!)
          if (way.kind === 'raise') heard[many++] = answer as AnyEventObject
          way = way.next(answer)
        }
      }
    }
  }

  #arrive(end: End, context: Context): End {
    this.#behind = context
    if (end.told.length > 0) this.#meet(end)
    if (end.to === this.state[configuration] && end.emitted.length === 0) return end
    this.#copy()
    const { after } = this
    after[configuration] = end.to
    for (const type of end.emitted) after[emitted] = this.#types.with(after[emitted]!, type)
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
  }

  #hasChanged(): boolean {
    const { state, after, width } = this
    for (let slot = 0; slot < width; slot++) if (state[slot] !== after[slot]) return true
    return false
  }

  /** Lets XState take the step, and keeps the way that it went. */
  #learn(from: Configuration, number: number): End {
    const { snapshot, end } = this.#shown(from, number, this.#context)
    // A part of the way may have been gone already.
    this.#isCopied = false
    this.#copy()
    this.#write(this.#context, snapshot.context as Context)
    return this.#arrive(end, snapshot.context as Context)
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
      to: this.#configurationOf(snapshot),
      ignored: scope.microsteps[0]?._transitions.length === 0,
      emitted: scope.emits,
      told: scope.microsteps,
    }
    before.ways[number] = withWay(before.ways[number], event, asked, end)
    return { snapshot, end }
  }

  /** A guard that fails to answer is asked again when the event comes. */
  #mayHandle(from: number, number: number): boolean {
    const { ways } = this.#configurations[from]!
    const { event } = this.#sendings[number]!
    try {
      for (let way = ways[number]; ;) {
        if (way === undefined) {
          this.#shown(this.#configurations[from]!, number, this.#behind)
          way = ways[number]!
        }
        const answer = way.ask(this.#behind, event)
        if (way.kind === 'chosen') return answer as boolean
        way = way.next(answer)
      }
    } catch (cause) {
      if (cause instanceof NotNumbered) throw cause
      return true
    }
  }

  /** The same for each configuration. */
  #ignored(from: Configuration, number: number, changed: boolean): NumberedStep {
    const component = ownName(this.#process.root)
    const state = stateOf({ ...from.original, context: this.#context })
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
    this.#copy()
    const { original } = this.#configurations[this.state[configuration]!]!
    const scope = this.#scope.begin()
    const before = { ...original, context: this.#context }
    const snapshot = this.#machine.transition(before as never, event, scope as never) as never as MachineSnapshot
    const isSame =
      keyOf(snapshot, this.#numbers) === this.#configurations[end.to]!.key &&
      scope.emits.join('\n') === end.emitted.join('\n') &&
      this.#isIn(this.after, snapshot.context as Context) &&
      this.#isIn(this.state, this.#context)
    if (!isSame) throw new NotNumbered()
  }

  #isIn(slots: Int32Array, context: Context): boolean {
    const fields = Object.keys(context)
    return (
      this.#shapes.of(fields) === slots[names] &&
      fields.every((name) => this.#numbers.of(context[name]) === slots[this.#slots.get(name)!])
    )
  }

  #contextIn(slots: Int32Array): Context {
    const { values } = this.#numbers
    const fields = this.#shapes.at(slots[names]!)
    const context: Record<string, unknown> = {}
    for (let at = 0; at < fields.length; at++) {
      const name = fields[at]!
      context[name] = values[slots[this.#slots.get(name)!]!]
    }
    return context
  }

  /** Writes what has changed of a context: at most these fields. */
  #write(before: Context, context: Context, fields: Context = context): void {
    let { after } = this
    let isNew = false
    for (const name of Object.keys(fields)) {
      const value = context[name]
      let slot = this.#slots.get(name)
      if (slot === undefined) {
        slot = this.#slotFor(name)
        ;({ after } = this)
      }
      if (after[slot] === 0) isNew = true
      else if (Object.is(value, before[name])) continue
      after[slot] = this.#numbers.of(value)
    }
    if (isNew || after[names] === 0) after[names] = this.#shapes.of(Object.keys(context))
  }

  /** The same for fields that are always these. */
  #writeFields(way: Way, before: Context, fields: Context, context: Context): void {
    const names = way.fields!
    if (way.slots.length < names.length) {
      this.#write(before, context, fields)
      way.slots = names.map((name) => this.#slots.get(name)!)
      return
    }
    const { after } = this
    for (let at = 0; at < names.length; at++) {
      const name = names[at]!
      const slot = way.slots[at]!
      if (after[slot] === 0) return this.#write(before, context, fields)
      const value = fields[name]
      if (!Object.is(value, before[name])) after[slot] = this.#numbers.of(value)
    }
  }

  #slotFor(name: string): number {
    const slot = this.addSlot()
    this.#slots.set(name, slot)
    return slot
  }

  #configurationOf(snapshot: MachineSnapshot): number {
    const key = keyOf(snapshot, this.#numbers)
    const known = this.#configurationKeys.get(key)
    if (known !== undefined) return known
    const original = withNodes(snapshot, this.#machine, (node) => this.#nodes.get(node.order)!)
    this.#root._snapshot = original
    const around = { root: this.#root, names: this.#names, isAlive: () => true, timers: [], flying: [], sent: [] }
    const made: Configuration = {
      key,
      traced: snapshot,
      original,
      shown: { ...original },
      isStuck: stuckIn({ ...around, mayCome: true }),
      waits: stuckIn({ ...around, mayCome: false }),
      ways: [],
      ignored: [],
    }
    this.#configurationKeys.set(key, this.#configurations.length)
    return this.#configurations.push(made) - 1
  }
}

const none: readonly string[] = []
const moved: NumberedStep = { changed: true, fatal: false, findings: [] }
const stayed: NumberedStep = { changed: false, fatal: false, findings: [] }

const keyOf = ({ status, output, _nodes, historyValue, children }: MachineSnapshot, numbers: Numbers): string => {
  if (Object.keys(children).length > 0) throw new NotNumbered()
  const history = Object.keys(historyValue)
    .sort()
    .map((name) => `${name}:${historyValue[name]!.map(({ id }) => id).join()}`)
  return `${status} ${_nodes.map(({ order }) => order).join()} [${history.join()}] ${numbers.of(output)}`
}

/** The same with the nodes of another copy of the machine. */
const withNodes = (
  snapshot: MachineSnapshot,
  machine: AnyStateMachine,
  other: (node: Node) => Node,
): MachineSnapshot => ({
  ...snapshot,
  machine,
  _nodes: snapshot._nodes.map(other),
  historyValue: Object.fromEntries(
    Object.entries(snapshot.historyValue).map(([name, nodes]) => [name, nodes.map((node) => other(node as Node))]),
  ),
})
