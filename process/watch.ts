/** What happens inside a step, as XState's own inspection tells it: who hears what from whom, and what is wrong with it. */
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import type { Finding, Shown } from '../explore/system.ts'
import type { ChartStep } from '../explore/runs/trace.ts'
import type { Outcome } from './alone.ts'
import { chartStep } from './chart.ts'
import { Coverage, eventNamed } from './coverage.ts'
import type { Outside } from './describe.ts'
import {
  isMachine,
  isMachineSnapshot,
  stopped,
  type Inspected,
  type Live,
  type MachineSnapshot,
  type Snapshot,
  type Transition,
} from './inside.ts'
import { callsOf, isOrphan, ownName, pathOf, srcOf } from './names.ts'
import { mostOnLane, type Flight } from './network.ts'
import { insistOnAnswer, negatingIn } from './rules.ts'
import { plain, shownSnapshot, stateOf, type Naming } from './shown.ts'
import { isWhereItBegan } from './stuck.ts'
import { Met } from './unmet.ts'
import { isAmong, isOf } from './vocabulary.ts'

/** One event on its way to one actor. */
export interface Hop {
  /** Undefined: it came from outside. */
  readonly from: string | undefined
  readonly to: string
  readonly event: AnyEventObject
  readonly before: Shown
  readonly after: Shown
  /** What became of it: `dropped`, because its receiver had stopped. */
  readonly fate: 'handled' | 'unhandled' | 'dropped'
  /** Custom actions that it called for, and what it emitted. */
  readonly calls: readonly string[]
  readonly findings: readonly Finding[]
  /** Of a machine: itself, and which way it went. */
  readonly machine?: AnyStateMachine
  readonly chart?: ChartStep
}

interface Heard {
  readonly source: Live | undefined
  readonly actor: Live
  readonly event: AnyEventObject
  begun: number
  before: Snapshot
  /** Behind its last microstep. */
  reached: Snapshot
  after?: Snapshot
  fate: Hop['fate']
  isStepped: boolean
  readonly calls: string[]
  readonly findings: Finding[]
  readonly transitions: Transition[]
}

interface Hooks {
  readonly onEmit: (type: string) => void
  readonly onLost: (type: string) => void
  readonly alive: () => Iterable<Live>
  /** Word of it is on its way. */
  readonly isToStop: (actor: Live) => boolean
  /** It ends the search. */
  readonly refuse: (error: ModelError) => void
  /** From whom to whom too much is on its way. */
  readonly crowded: () => readonly [string, string] | undefined
}

/** Microsteps, or deliveries, of one step: more of them never end. */
const most = 2000

export const mostActors = 50

export class Watch {
  readonly coverage = new Coverage()
  readonly met = new Met()
  readonly #outside: Outside
  readonly #hooks: Hooks
  #heard: Heard[] = []
  #waiting = new Map<Live, Heard[]>()
  #findings: Finding[] = []
  #count = 0
  #endless: string | undefined
  /** What actors were called before the step, and what those are called that are there after it. */
  #names: ReadonlyMap<Live, string> = new Map()
  #then: ReadonlyMap<Live, string> = new Map()
  #orphans: ReadonlySet<Live> = new Set()

  constructor(outside: Outside, hooks: Hooks) {
    this.#outside = outside
    this.#hooks = hooks
  }

  begin(names: ReadonlyMap<Live, string>): void {
    this.#heard = []
    this.#waiting = new Map()
    this.#findings = []
    this.#count = 0
    this.#endless = undefined
    this.#names = names
    this.#then = names
    this.#orphans = new Set(this.#orphansNow())
  }

  inspected(told: Inspected): void {
    switch (told.type) {
      case '@xstate.event':
        this.#event(told.sourceRef, told.actorRef, told.event)
        break
      case '@xstate.microstep':
        this.coverage.meet(told.snapshot, told._transitions)
        this.#microstep(told.actorRef, told.event, told.snapshot, told._transitions)
        break
      case '@xstate.snapshot':
        if (isMachineSnapshot(told.snapshot)) this.coverage.meet(told.snapshot, [])
        this.#snapshot(told.actorRef, told.event, told.snapshot)
        break
      case '@xstate.action':
        this.met.actions.add(told.action.type)
        if (!told.action.type.startsWith('xstate.'))
          this.#called(told.actorRef, actionWords(told.action.type), told.action.params)
        break
      case '@xstate.actor':
        this.#met(told.actorRef)
        break
    }
  }

  #met(actor: Live): void {
    const { met } = this
    for (const name of callsOf(actor)) met.actors.add(name)
    const { logic } = actor
    if (actor._parent && isMachine(logic)) met.machines.set(pathOf(actor), logic)
  }

  emitted(actor: Live, event: AnyEventObject): void {
    this.#hooks.onEmit(event.type)
    const { type, ...fields } = event
    this.#called(actor, `emits ${type}`, Object.keys(fields).length === 0 ? undefined : fields)
  }

  /** Something is on its way now. */
  sent({ source, target, event }: Flight): void {
    const what =
      event.type === 'xstate.stop' ? `stops ${this.#name(target)}` : `sends ${event.type} to ${this.#name(target)}`
    this.#waiting.get(source)?.[0]?.calls.push(what)
  }

  /** It will not arrive. */
  lostOnTheWay({
    source,
    actor,
    event,
  }: {
    readonly source: Live
    readonly actor: Live
    readonly event: AnyEventObject
  }): void {
    const before = actor._snapshot
    this.#heard.push({
      ...{ source, actor, event, before, reached: before, after: before, begun: this.#count },
      ...{ fate: 'dropped' as const, isStepped: true },
      ...{ calls: ['lost on the way'], findings: [], transitions: [] },
    })
    this.#hooks.onLost(event.type)
  }

  armedTwice(source: Live, id: string): void {
    const of = this.#name(source)
    this.#findings.push(finding('timer', `timer ${id} of ${of} is armed twice: to cancel it stops the later one only`))
  }

  end(root: Live, names: ReadonlyMap<Live, string>, { unhandled, thrown }: Outcome) {
    this.#then = names
    const before = this.#names
    const name = (actor: Live): string => before.get(actor) ?? names.get(actor) ?? ownName(actor)
    const errors = [...unhandled, ...(thrown ? [thrown.error] : [])]
    if (root._snapshot.status === 'error') errors.unshift(root._snapshot.error)
    const findings = [
      ...this.#findings,
      ...(this.#endless === undefined
        ? [...new Set(errors)].map((error) => uncaught(error))
        : [finding('endless', this.#endless, true)]),
      ...this.#leftAlone(),
      ...this.#tooMany(),
    ]
    // What was not over when an error came.
    for (const each of this.#heard) each.after ??= each.actor._snapshot
    const heard = this.#heard.toSorted((one, other) => one.begun - other.begun)
    const [first] = heard
    return {
      hops: () => heard.map((each) => hopOf(each, name)),
      locals: () => heard.map(localOf),
      doers: () => heard.filter(doesSomething).map(({ actor }) => actor),
      findings: [...heard.flatMap((each) => each.findings), ...findings],
      ignored: first !== undefined && !first.source && first.fate === 'unhandled',
    }
  }

  #name(actor: Live): string {
    return this.#names.get(actor) ?? this.#then.get(actor) ?? ownName(actor)
  }

  #event(source: Live | undefined, actor: Live, event: AnyEventObject): void {
    this.#tick(() => `${this.#name(actor)} is sent ${event.type} again and again`)
    this.met.events.add(event.type)
    if (source && source !== actor && !actor._parent) this.met.told.add(event.type)
    const isStopped = actor._processingStatus === stopped
    const waiting = this.#waiting.get(actor)
    const isWaiting = waiting !== undefined && waiting.length > 0
    const before = actor._snapshot
    const heard: Heard = {
      source,
      actor,
      event,
      before,
      reached: before,
      isStepped: false,
      calls: [],
      findings: [],
      transitions: [],
      // Behind what waits already; set when its turn comes.
      begun: isWaiting ? Infinity : this.#count,
      fate: isStopped ? 'dropped' : 'handled',
    }
    this.#heard.push(heard)
    if (isStopped) {
      heard.after = before
      this.#lost(heard, finding('dropped', `${event.type} is sent to ${this.#name(actor)}, which has stopped`))
    } else if (isWaiting) waiting.push(heard)
    else this.#waiting.set(actor, [heard])
  }

  /** Before it is created an actor has no snapshot of its own. */
  #microstep(actor: Live, event: AnyEventObject, next: Snapshot, transitions: readonly Transition[]): void {
    this.#tick(() => `${this.#name(actor)} takes transitions without end in ${stateOf(actor._snapshot ?? next)}`)
    const heard = this.#waiting.get(actor)?.[0]
    heard?.transitions.push(...transitions)
    this.#insistOnAnswers(actor, event, heard?.reached ?? actor._snapshot, transitions)
    if (heard) heard.reached = next
    if (!heard || heard.isStepped || heard.event !== event) return
    heard.isStepped = true
    heard.before = actor._snapshot
    if (transitions.length === 0) this.#unhandled(heard)
    else {
      this.#formerLife(heard)
      this.#goesOn(heard)
    }
  }

  #snapshot(actor: Live, event: AnyEventObject, snapshot: Snapshot): void {
    this.#tick(() => 'a step has no end')
    const waiting = this.#waiting.get(actor)
    if (waiting && waiting[0]?.event === event) {
      waiting.shift()!.after = snapshot
      if (waiting.length > 0) waiting[0]!.begun = this.#count
    } else if (event.type === 'xstate.stop') {
      const before = { ...snapshot, status: 'active' as const }
      const source = actor._parent
      this.#heard.push({
        ...{ source, actor, event, begun: this.#count, before, reached: before, after: snapshot },
        ...{ fate: 'handled' as const },
        ...{ isStepped: true, calls: [], findings: [], transitions: [] },
      })
    }
  }

  /** An event of somebody else's that falls through; and an answer for which there is a place, but not here. */
  #unhandled(heard: Heard): void {
    const { source, actor, event } = heard
    const { type } = event
    const snapshot = heard.before
    if (!isMachineSnapshot(snapshot)) return
    const isOwn = type.startsWith('xstate.')
    const isAwaited = /^xstate\.(done|error)\.actor\./.test(type) && snapshot.machine.events.includes(type)
    if (isOwn && !isAwaited) return
    heard.fate = 'unhandled'
    const found = finding(
      'unhandled',
      `${eventNamed(type, snapshot.machine)} is not handled: ${this.#name(actor)} in ${stateOf(snapshot)}`,
    )
    if (source) this.#lost(heard, found)
    else if (!this.#isIgnored(type)) this.#hooks.onLost(type)
  }

  #lost(heard: Heard, found: Finding): void {
    if (this.#isIgnored(heard.event.type)) return
    this.#hooks.onLost(heard.event.type)
    heard.findings.push(found)
  }

  #isIgnored(type: string): boolean {
    return isAmong(this.#outside.ignores, type)
  }

  /** Of guards that let somebody through, and of those that kept somebody back under a `not`. */
  #insistOnAnswers(actor: Live, event: AnyEventObject, before: Snapshot, transitions: readonly Transition[]): void {
    const { logic } = actor
    if (!isMachine(logic)) return
    const args = { context: before?.context, event, self: actor, system: actor.system }
    const { _nodes: nodes = [] } = (before ?? {}) as Partial<MachineSnapshot>
    const isAsked = ({ source, eventType }: Transition): boolean =>
      nodes.includes(source) && (eventType === '' || isOf(eventType, event.type))
    try {
      for (const each of transitions) if (each.guard !== undefined) insistOnAnswer(logic, each, args, true)
      for (const each of negatingIn(logic))
        if (isAsked(each) && !transitions.includes(each)) insistOnAnswer(logic, each, args, false)
    } catch (error) {
      if (!(error instanceof ModelError)) throw error
      this.#hooks.refuse(error)
    }
  }

  #goesOn({ event, before }: Heard): void {
    if (event.type === 'xstate.init' || !isMachineSnapshot(before) || this.met.begun.has(before.machine)) return
    if (isWhereItBegan(before)) this.met.begun.add(before.machine)
  }

  /** A child's last word that its parent takes for that of another child of the same id. */
  #formerLife(heard: Heard): void {
    const { source, actor, event, before } = heard
    const id = /^xstate\.(?:done|error)\.actor\.(.*)$/s.exec(event.type)?.[1]
    if (id === undefined || !source || !isMachineSnapshot(before) || before.children[id] === source) return
    heard.findings.push(
      finding(
        'former-life',
        `former life: ${this.#name(actor)} takes the answer of an earlier ${id} in ${stateOf(before)}`,
      ),
    )
  }

  #called(actor: Live, what: string, params: unknown): void {
    const heard = this.#waiting.get(actor)?.[0]
    const said =
      params === undefined
        ? ''
        : ` ${JSON.stringify(
            plain(params, (each) => this.#name(each)),
            texts,
          )}`
    heard?.calls.push(`${what}${said}`)
  }

  #tick(endless: () => string): void {
    this.#count++
    if (this.#count <= most) return
    this.#endless ??= endless()
    throw new Error(this.#endless)
  }

  *#orphansNow(): Generator<Live> {
    const alive = new Set(this.#hooks.alive())
    for (const actor of alive)
      if (isOrphan(actor, (each) => alive.has(each)) && !this.#hooks.isToStop(actor)) yield actor
  }

  /** Alive, and nobody's child any more. */
  #leftAlone(): readonly Finding[] {
    return [...this.#orphansNow()]
      .filter((actor) => !this.#orphans.has(actor))
      .map((actor) => {
        const parent = this.#name(actor._parent!)
        const isThere = [...this.#hooks.alive()].includes(actor._parent!)
        return finding(
          'orphan',
          isThere
            ? `orphan: the id ${ownName(actor)} was used again by ${parent}, and who had it before goes on`
            : `orphan: ${ownName(actor)} outlives ${parent}`,
        )
      })
  }

  #tooMany(): readonly Finding[] {
    const [from, to] = this.#hooks.crowded() ?? []
    if (from !== undefined)
      return [finding('growth', `growth: more than ${mostOnLane} events are on their way from ${from} to ${to}`, true)]
    const alive = [...this.#hooks.alive()]
    const { actors = mostActors } = this.#outside
    if (alive.length <= actors) return []
    const often = (src: string): number => alive.filter((each) => srcOf(each) === src).length
    const src = alive.map(srcOf).toSorted((one, other) => often(other) - often(one))[0]!
    return [finding('growth', `growth: more than ${actors} actors are alive, most of them ${src}`, true)]
  }
}

const hopOf = (heard: Heard, name: Naming): Hop => {
  const { source, actor, event, before, after = before, fate, calls, findings } = heard
  return {
    from: source && name(source),
    to: name(actor),
    event: plain(event, name) as AnyEventObject,
    before: shownSnapshot(before, name),
    after: shownSnapshot(after, name),
    ...{ fate, calls, findings },
    ...wayOf(heard),
  }
}

/** It took a transition, or came to its end. */
const doesSomething = ({ event, before, after, transitions }: Heard): boolean =>
  transitions.length > 0 || event.type === 'xstate.stop' || (before?.status === 'active' && after?.status !== 'active')

/** Where a machine went that goes on. */
const wayOf = ({ event, before, after = before, fate, transitions }: Heard): Pick<Hop, 'machine' | 'chart'> => {
  if (!isMachineSnapshot(before) || !isMachineSnapshot(after) || fate === 'dropped' || event.type === 'xstate.stop')
    return {}
  return { machine: before.machine, chart: chartStep(event.type, before, after, transitions, fate === 'unhandled') }
}

/** What an actor by itself heard, in which state of its own. */
const localOf = ({ actor, event, before }: Heard): string =>
  `${before === undefined ? srcOf(actor) : ownStateOf(actor, before)} ${JSON.stringify(plain(event, ownName), texts)}`

const ownStates = new WeakMap<Snapshot, string>()

/** Children by their ids. What an actor is in does not change, so it is told once. */
const ownStateOf = (actor: Live, before: Snapshot): string => {
  const known = ownStates.get(before)
  if (known !== undefined) return known
  const own = isMachineSnapshot(before)
    ? [
        before.machine.id,
        idsOf(before._nodes),
        Object.values(before.historyValue).map(idsOf),
        Object.keys(before.children),
      ]
    : [srcOf(actor)]
  const { status, context, output, error } = before
  const told = JSON.stringify([...own, status, plain([context, output, error], ownName)], texts)
  ownStates.set(before, told)
  return told
}

/** A function that was given no name is called by the field that it was written into. */
const actionWords = (type: string): string =>
  ['(anonymous)', 'actions', 'entry', 'exit', ''].includes(type) ? 'calls a function' : `calls ${type}`

const idsOf = (nodes: readonly { readonly id: string }[]): readonly string[] => nodes.map(({ id }) => id)

const texts = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value)

const finding = (kind: string, title: string, fatal = false): Finding => ({ kind, title, fatal })

const uncaught = (error: unknown): Finding => finding('uncaught', `uncaught ${errorWords(error)}`, true)

/** In one line. */
const errorWords = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).replace(/:?\s*\n\s*/g, ': ')
