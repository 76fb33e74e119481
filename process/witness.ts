/**
 * Real actors that go one way and are never put back: with XState's own scheduler and registry, a clock and answers that come when they are told to,
 * and nothing else about them that is relock's. What they come to is what a step comes to.
 */
import { createActor, type AnyActorLogic } from 'xstate'
import { alone } from './alone.ts'
import { standIn, type StandIn } from './chance.ts'
import type { Outside } from './describe.ts'
import { running, type Inspected, type Live, type Told } from './inside.ts'
import { childrenOf, namesOf, ownName, rootId, srcOf, withoutNumbers } from './names.ts'
import { inFlight, Network } from './network.ts'
import { flightAt, type Actors, type Offer } from './offers.ts'
import { kindOf } from './outside.ts'
import { plain, shownSnapshot, stateOf } from './shown.ts'
import { tame } from './tamed.ts'

const path = (actor: Live): string => (actor._parent ? `${path(actor._parent)}/${ownName(actor)}` : 'root')

/** Whatever JSON forgets; but how an observable is subscribed to is the business of its body. */
const written = (name: string, value: unknown): unknown => {
  if (name === '_subscription') return undefined
  if (value === undefined) return 'undefined'
  if (typeof value === 'bigint') return `${value}n`
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? numbered(value) : value
}

const numbered = (value: number): string => (value === 0 ? '-0' : String(value))

const text = (value: unknown): string => JSON.stringify(plain(value, path), written)

/** One line of what an inspector or a listener is told. */
export const lineOf = (told: Told): string => withoutNumbers(numberedLine(told))

const numberedLine = (told: Told): string => {
  switch (told.type) {
    case '@xstate.actor':
      return `actor ${path(told.actorRef)}`
    case '@xstate.event':
      return `event ${told.sourceRef ? path(told.sourceRef) : 'outside'} > ${path(told.actorRef)} ${text(told.event)}`
    case '@xstate.microstep':
      return `microstep ${path(told.actorRef)} ${told.event.type} ${stateOf(told.snapshot)} ${told._transitions.length}`
    case '@xstate.snapshot':
      return `snapshot ${path(told.actorRef)} ${told.event.type} ${text(shownSnapshot(told.snapshot, path))}`
    case '@xstate.action':
      return `action ${path(told.actorRef)} ${told.action.type} ${text(told.action.params)}`
    case 'emitted':
      return `emitted ${path(told.actorRef)} ${text(told.event)}`
  }
}

/** From the root on, whoever is known to somebody or alive. */
export const inOrder = (root: Live, alive: Iterable<Live>): ReadonlySet<Live> => {
  const found = new Set([root])
  for (const each of found) for (const child of childrenOf(each)) found.add(child)
  for (const each of alive) found.add(each)
  return found
}

/** Actors as people read them. */
export const portrait = (root: Live, alive: Iterable<Live>): readonly string[] => {
  const found = inOrder(root, alive)
  const names = namesOf(found)
  const name = (actor: Live): string => names.get(actor) ?? path(actor)
  return [...found].map(
    (each) => `${name(each)} ${each._processingStatus} ${JSON.stringify(shownSnapshot(each._snapshot, name), written)}`,
  )
}

/** What is on its way, lane by lane. */
export const flightLines = (network: Network | undefined): readonly string[] =>
  (network?.lanes() ?? [])
    .map((lane) =>
      withoutNumbers(
        lane.map(({ source, target, event }) => `${path(source)} >> ${path(target)} ${text(event)}`).join('\n'),
      ),
    )
    .toSorted()

interface Armed {
  readonly at: number
  readonly fire: () => void
}

/** Timers in the order in which they fire; where any may, as they were armed. */
export class Clock {
  readonly #inOrder: boolean
  #armed: readonly Armed[] = []
  #now = 0

  constructor(inOrder: boolean) {
    this.#inOrder = inOrder
  }

  setTimeout(fire: () => void, delay = 0): Armed {
    const timer = { at: this.#inOrder ? this.#now + Math.max(delay, 0) : 0, fire }
    this.#armed = [...this.#armed, timer].toSorted((one, other) => one.at - other.at)
    return timer
  }

  clearTimeout(timer: Armed): void {
    this.#armed = this.#armed.filter((each) => each !== timer)
  }

  fire(at: number): void {
    const timer = this.#armed[at]!
    this.clearTimeout(timer)
    this.#now = timer.at
    timer.fire()
  }
}

/** XState's scheduler asks for the time, and for names of timers that have none. Both are nobody's business. */
const withTimeAndNames = (act: () => void): void => {
  const leave = standIn(timeAndNames)
  act()
  leave()
}

const timeAndNames: StandIn = { time: () => 0, chance: () => ++names / 2 ** 32, name: (_, real) => real() }

let names = 0

export class Witness {
  readonly #outside: Outside
  readonly #clock: Clock
  readonly #network: Network | undefined
  /** In the order in which they were started. */
  readonly #actors: Live[] = []
  readonly #root: Live
  #told: Told[] = []
  #booked = 0

  constructor(logic: AnyActorLogic, outside: Outside) {
    this.#outside = outside
    this.#clock = new Clock(outside.clock !== 'any')
    this.#network = outside.semantics === 'network' ? new Network(outside) : undefined
    let root: unknown
    alone(() => {
      const actor = createActor(logic, {
        id: rootId,
        ...(outside.input !== undefined && { input: outside.input }),
        clock: this.#clock as never,
        inspect: (event) => this.#inspected(event as unknown as Inspected),
        logger: () => {},
      })
      actor.subscribe({ error: () => {} })
      root = actor
      actor.start()
    })
    this.#root = root as Live
  }

  /** Lets it come here, too. */
  take({ come }: Offer): void {
    this.#told = []
    const names = namesOf(inOrder(this.#root, [...this.#alive, ...inFlight(this.#network)]))
    const actors: Actors = {
      root: this.#root,
      named: (name) => [...names].find(([actor, each]) => each === name && actor._processingStatus === running)![0],
      fire: (at) => this.#clock.fire(at),
      fly: (fate, ...lane) =>
        this.#network!.meetFate(
          fate,
          flightAt(this.#network!, (actor) => names.get(actor), lane),
        ),
    }
    alone(() => come(actors))
    this.#network?.settle()
  }

  /** What an inspector was told when something came last (or when it began), and who is in which state since then. */
  lines(): readonly string[] {
    return [...this.#told.map(lineOf), ...portrait(this.#root, this.#alive), ...flightLines(this.#network)]
  }

  get #alive(): readonly Live[] {
    return this.#actors.filter(({ _processingStatus: status }) => status === running)
  }

  #inspected(told: Inspected): void {
    this.#told.push(told)
    if (told.type !== '@xstate.actor') return
    const actor = told.actorRef
    const kind = kindOf(actor.logic, srcOf(actor))
    this.#network?.meet(actor, kind)
    tame(actor, kind, this.#outside, {
      onEmit: (event) => this.#told.push({ type: 'emitted', actorRef: actor, event }),
    })
    if (actor._parent) return
    const { scheduler } = actor.system
    // Who has no id is called by his number, and that may be in a context.
    actor.system._bookId = () => `of:${this.#booked++}`
    const register = actor.system._register.bind(actor.system)
    actor.system._register = (id, each) => {
      this.#actors.push(each)
      return register(id, each)
    }
    const schedule = scheduler.schedule.bind(scheduler)
    scheduler.schedule = (...timer) => withTimeAndNames(() => schedule(...timer))
  }
}
