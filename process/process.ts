/**
 * A process: real XState actors, held on to. Between two things that come from outside every mailbox is empty, so a state of the process is what
 * the fields of its actors hold, its registry and its clock; it is read off after each step, and put back before another one is taken.
 * Nothing of XState is written anew but the scheduler and the registry, which keep what they know where nobody can reach it.
 */
import { createActor, type AnyActorLogic, type AnyStateMachine } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import type { Finding } from '../explore/system.ts'
import { alone } from './alone.ts'
import { Asked } from './asked.ts'
import type { Outside } from './describe.ts'
import { identityOf, type Identity, type Label } from './identity.ts'
import { running, type Inspected, type Live, type Told } from './inside.ts'
import { callsOf, childrenOf, namesOf, rootId, spokenOf, srcOf } from './names.ts'
import { addressed, answersIn, offersIn, outsideOffers } from './offers.ts'
import type { Coming, MayAnswer, Offer, Openings } from './offers.ts'
import { answersOf, kindOf } from './outside.ts'
import { Watch, type Hop } from './watch.ts'
import { insistOnMachine } from './rules.ts'
import { listening, mayHandle, stuckIn } from './stuck.ts'
import { inFlight, mostInFlight, mostOnLane, Network } from './network.ts'
import { heldOf, putBack, type State } from './state.ts'
import { tame } from './tamed.ts'
import { Timers } from './timers.ts'
import { sendingsOf, type Sent } from './users.ts'

/** What a step was. */
export interface Taken {
  readonly state: State
  readonly identity: Identity
  /** Told when somebody asks. */
  readonly hops: () => readonly Hop[]
  /** The same of each actor by itself: what it heard in which state. */
  readonly locals: () => readonly string[]
  /** Who took a transition, or came to an end. */
  readonly doers: () => readonly Live[]
  /** All that an inspector and a listener are told. */
  readonly told: readonly Told[]
  readonly findings: readonly Finding[]
  /** The event that came from outside was not handled. */
  readonly ignored: boolean
}

/** Whoever wants to see what a step looks at. */
export interface Onlooker {
  /** A new actor, before it has any state. */
  meet(actor: Live): void
  /** Lets a step be taken. */
  during(act: () => void): void
}

const nobody: Onlooker = { meet: () => {}, during: (act) => act() }

const none: MayAnswer = { times: Infinity, all: [] }

export class Process {
  readonly root: Live
  readonly begun: Taken
  readonly watch: Watch
  readonly asked: Asked
  readonly #outside: Outside
  readonly #sendings: readonly Sent[]
  readonly #timers: Timers
  /** Where actors live apart. */
  readonly network: Network | undefined
  /** Something would have come from outside, had there not been so much on its way. */
  heldBack = false
  readonly #onlooker: Onlooker
  #told: Told[] = []
  readonly #given = new Map<Live, number>()
  readonly #answers = new WeakMap<Live, MayAnswer>()
  #alive = new Map<string, Live>()
  #keyed = new Map<string, Live>()
  #booked = 0
  #sent: readonly number[]
  #emitted: ReadonlySet<string> = new Set()
  #lost: ReadonlySet<string> = new Set()
  /** What the actors are in now. */
  #now: State | undefined

  /** `monitored`: types of events that are remembered when they are lost. Throws a ModelError where it does not fit. */
  constructor(
    logic: AnyActorLogic,
    outside: Outside = {},
    monitored: readonly string[] = [],
    onlooker: Onlooker = nobody,
  ) {
    this.#onlooker = onlooker
    this.asked = new Asked(logic)
    this.#outside = outside
    this.#sendings = sendingsOf(logic, outside)
    this.#sent = this.#sendings.map(() => 0)
    this.watch = new Watch(outside, {
      onEmit: (type) => (this.#emitted = added(this.#emitted, type)),
      onLost: (type) => monitored.includes(type) && (this.#lost = added(this.#lost, type)),
      alive: () => this.#alive.values(),
      refuse: (error) => (this.#refused ??= error),
      crowded: () => this.network?.crowded(mostOnLane),
      isToStop: (actor) => this.network?.isToStop(actor) ?? false,
    })
    this.network = outside.semantics === 'network' ? new Network(outside, (each) => this.watch.sent(each)) : undefined
    this.#timers = new Timers(outside.clock !== 'any', (source, id) => this.watch.armedTwice(source, id))
    this.begun = this.#seen(() => {
      const actor = createActor(logic, {
        id: rootId,
        ...(outside.input !== undefined && { input: outside.input }),
        inspect: (event) => this.#inspected(event as unknown as Inspected),
        logger: () => {},
      })
      // Somebody listens, so nothing is thrown to nobody.
      actor.subscribe({ error: () => {} })
      this.#root = actor as unknown as Live
      actor.start()
    })
    this.root = this.#root!
  }

  #root: Live | undefined
  #refused: ModelError | undefined
  /** By what actors hold: states that only differ in what went before have one and the same. */
  readonly #offered = new WeakMap<State['held'], readonly Offer[]>()
  readonly #named = new WeakMap<State['held'], ReadonlyMap<Live, string>>()

  /** What may come in this state. */
  offers(state: State): readonly Offer[] {
    const known = this.#offered.get(state.held)
    if (known) return known
    const names = this.names(state)
    const offers = this.#root!._processingStatus === running ? offersIn(this.#openings(names)) : []
    this.#offered.set(state.held, offers)
    return offers
  }

  /** The same of what comes from outside, however much is on its way. */
  outside(state: State): readonly Offer[] {
    if (!this.network) return this.offers(state)
    const names = this.names(state)
    return this.#root!._processingStatus === running ? outsideOffers(this.#openings(names)) : []
  }

  /** More may come in this state than a search lets in: it was sent as often as it may be, or there is too much on its way. */
  holdsBack(state: State): boolean {
    const names = this.names(state)
    if (this.#root!._processingStatus !== running) return false
    const openings = this.#openings(names)
    const { network, inFlight: most, isAlive } = openings
    return (
      this.#sendings.some(({ event, times, to }, at) => {
        const target = this.#sent[at]! < times ? undefined : addressed(to, openings)
        return target !== undefined && isAlive(target) && mayHandle(target, event)
      }) ||
      [...names.keys()].some((actor) => isAlive(actor) && this.hasSaidAll(actor)) ||
      (network?.isFull(most) === true && outsideOffers(openings).length > 0)
    )
  }

  /** It has answered as often as it may. */
  hasSaidAll(actor: Live): boolean {
    return actor._snapshot.status === 'active' && (this.#given.get(actor) ?? 0) >= this.#answersOf(actor).times
  }

  /** `label`: what actors are called in what tells the state that it leads to from others. */
  take(state: State, { from, type }: Coming, label?: Label): Taken | undefined {
    const offer = this.offers(state).find((each) => each.from === from && each.type === type)
    this.restore(state)
    return offer && this.#seen(() => offer.take(), { state, by: { from, type } }, label)
  }

  /** Names of the actors of a state, which they are in now. */
  names(state: State): ReadonlyMap<Live, string> {
    this.restore(state)
    const known = this.#named.get(state.held)
    if (known) return known
    const names = this.#names()
    this.#named.set(state.held, names)
    return names
  }

  restore(state: State): void {
    if (this.#now === state) return
    this.#now = state
    this.#given.clear()
    for (const held of state.held) {
      putBack(held)
      if (held.given > 0) this.#given.set(held.actor, held.given)
    }
    this.#alive = new Map(state.alive)
    this.#keyed = new Map(state.keyed)
    this.#timers.armed = state.armed
    this.#booked = state.booked
    this.#sent = state.sent
    if (this.network) Object.assign(this.network, { flying: state.flying, faults: state.faults })
    this.#emitted = state.emitted
    this.#lost = state.lost
  }

  #seen(act: () => void, from?: State['from'], label?: Label): Taken {
    this.watch.begin(from ? this.names(from.state) : new Map())
    const told: Told[] = []
    this.#told = told
    const outcome = alone(() => this.#onlooker.during(act))
    this.network?.settle()
    if (this.#refused) throw this.#refused
    this.#now = undefined
    const root = this.#root!
    const identity = identityOf({
      ...(label && { label }),
      root,
      alive: this.#alive.values(),
      keyed: this.#keyed,
      timers: this.#timers.armed.timers,
      byKey: this.#timers.armed.byKey,
      lanes: this.network?.lanes() ?? [],
      given: (actor) => this.#given.get(actor) ?? 0,
      rest: [
        this.#sent.join(),
        this.network?.faults.join(),
        [...this.#emitted].sort().join(),
        [...this.#lost].sort().join(),
      ].join('|'),
    })
    const { key, actors } = identity
    const names = this.#names()
    const stuck = this.#stuckNow(names)
    const held = actors.map((actor) => heldOf(actor, this.#given.get(actor) ?? 0))
    this.#named.set(held, names)
    const state: State = {
      of: this,
      key: this.network ? `${key}\n${namesakes(actors, names)}` : key,
      held,
      alive: this.#alive,
      keyed: this.#keyed,
      armed: this.#timers.armed,
      booked: this.#booked,
      sent: this.#sent,
      flying: this.network?.flying ?? [],
      faults: this.network?.faults ?? [],
      emitted: this.#emitted,
      lost: this.#lost,
      stuck,
      ...(from && { from }),
    }
    this.#now = state
    // The maps belong to that state now.
    this.#alive = new Map(this.#alive)
    this.#keyed = new Map(this.#keyed)
    const { hops, locals, doers, findings, ignored } = this.watch.end(root, names, outcome)
    const isNew = (title: string): boolean => !from?.state.stuck.includes(title)
    const waiting = stuck.filter(isNew).map((title) => ({ kind: 'deadlock', title, fatal: false }))
    return { state, identity, hops, locals, doers, told, findings: [...findings, ...waiting], ignored }
  }

  #inspected(event: Inspected): void {
    if (event.type === '@xstate.actor') this.#holdOrRefuse(event.actorRef)
    this.#told.push(event)
    this.watch.inspected(event)
  }

  /** XState takes what is thrown here for an error of the actor. */
  #holdOrRefuse(actor: Live): void {
    try {
      this.#hold(actor)
    } catch (error) {
      if (error instanceof ModelError) this.#refused ??= error
      throw error
    }
  }

  /** A new actor, before it has any state. */
  #hold(actor: Live): void {
    const { system } = actor
    if (!actor._parent) {
      this.#root = actor
      Object.assign(system, {
        scheduler: this.#timers,
        // The root has its number already, of those that all systems share.
        _bookId: () => `of:${this.#booked++}`,
        _register: (id: string, each: Live) => {
          this.#alive.set(id, each)
          return id
        },
        _unregister: (each: Live) => {
          // Who lives elsewhere goes on until word of it comes there.
          if (!this.network || each._processingStatus !== running) this.#alive.delete(each.sessionId)
          for (const [id, other] of this.#keyed) if (other === each) this.#keyed.delete(id)
        },
        _set: (id: string, each: Live) => {
          const known = this.#keyed.get(id)
          if (known && known !== each) throw new Error(`Actor with system ID '${id}' already exists.`)
          this.#keyed.set(id, each)
        },
        get: (id: string) => this.#keyed.get(id),
        getAll: () => Object.fromEntries(this.#keyed),
      })
    }
    const kind = kindOf(actor.logic, srcOf(actor))
    if (kind === 'machine') insistOnMachine(actor.logic as unknown as AnyStateMachine)
    const { answers: said = {} } = this.#outside
    const name = callsOf(actor).find((each) => Object.hasOwn(said, each))
    const answers = name === undefined ? undefined : said[name]
    this.#answers.set(actor, { times: answers?.times ?? Infinity, all: answersOf(kind, spokenOf(actor), answers) })
    if (kind === 'promise' && !answers) this.watch.met.unsaid.add(spokenOf(actor))
    this.network?.meet(actor, kind)
    this.#onlooker.meet(actor)
    tame(actor, kind, this.#outside, {
      onEmit: (event) => {
        this.#told.push({ type: 'emitted', actorRef: actor, event })
        this.watch.emitted(actor, event)
      },
      refuse: (error) => (this.#refused ??= error),
    })
  }

  #answersOf(actor: Live): MayAnswer {
    return this.#answers.get(actor) ?? none
  }

  /** Actors that are alive, from the root on. */
  #inOrder(): readonly Live[] {
    // Most have no children.
    const flying = inFlight(this.network)
    if (flying.length === 0 && this.#alive.size === 1 && childrenOf(this.#root!).length === 0) return [this.#root!]
    const found = new Set<Live>([this.#root!])
    for (const each of found) for (const child of childrenOf(each)) found.add(child)
    for (const each of [...this.#alive.values(), ...flying]) found.add(each)
    return [...found]
  }

  #names(): ReadonlyMap<Live, string> {
    return namesOf(this.#inOrder())
  }

  /** All that what may come depends on, and how it is taken. */
  #openings(names: ReadonlyMap<Live, string>): Openings {
    const { timers } = this.#timers.armed
    return {
      root: this.#root!,
      names,
      keyed: this.#keyed,
      isAlive: (actor) => this.#isAlive(actor),
      sendings: this.#sendings,
      sent: this.#sent,
      onSent: (at) => (this.#sent = this.#sent.with(at, this.#sent[at]! + 1)),
      answers: (actor) => this.#answersOf(actor),
      given: (actor) => this.#given.get(actor) ?? 0,
      onGiven: (actor) => this.#given.set(actor, (this.#given.get(actor) ?? 0) + 1),
      timers: this.#outside.clock === 'any' ? timers : timers.slice(0, 1),
      fire: (timer) => this.#timers.fire(timer),
      network: this.network,
      inFlight: this.#outside.inFlight ?? mostInFlight,
      onHeldBack: () => (this.heldBack = true),
      onFate: (fate, { source, target, event }) =>
        fate === 'lost' && this.watch.lostOnTheWay({ source, actor: target, event }),
    }
  }

  #isAlive(actor: Live): boolean {
    return this.#alive.get(actor.sessionId) === actor
  }

  /** Who waits for what cannot come any more. */
  #stuckNow(names: ReadonlyMap<Live, string>): readonly string[] {
    if (this.#root!._processingStatus !== running) return []
    const openings = this.#openings(names)
    return stuckIn({
      ...openings,
      listens: listening(this.#outside),
      timers: this.#timers.armed.timers,
      flying: this.network?.flying ?? [],
      mayCome: () => openings.timers.length > 0 || inFlight(this.network).length > 0 || answersIn(openings).length > 0,
      sent: () => this.#sendings.map(({ event, to }) => ({ event, target: addressed(to, openings) })),
    })
  }
}

const added = (set: ReadonlySet<string>, type: string): ReadonlySet<string> =>
  set.has(type) ? set : new Set([...set, type])

/** Of several of one name, who has which number: that follows from who was there first, which is in their names only. */
const namesakes = (actors: readonly Live[], names: ReadonlyMap<Live, string>): string =>
  actors.flatMap((actor, at) => (names.get(actor)?.includes('#') ? `${at}:${names.get(actor)}` : [])).join()
