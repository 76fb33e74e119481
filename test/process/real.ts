/** Real actors with a clock and answers that are controlled from outside, and with nothing else about them that is relock's. */
import { createActor, type AnyActorLogic, type AnyEventObject } from 'xstate'
import { running, type Inspected, type Live } from '../../process/inside.ts'
import { childrenOf, namesOf, ownName } from '../../process/names.ts'
import type { Offer } from '../../process/offers.ts'
import { Process } from '../../process/process.ts'
import type { State } from '../../process/state.ts'
import { plain, shownSnapshot, stateOf } from '../../process/shown.ts'
import type { Outside } from '../../process/describe.ts'
import type { Dice } from '../../streams/dice.ts'
import { bodies, type Bodies, type Hand } from './bodies.ts'

/** A system to be compared: its logic, over whatever bodies. */
export interface Compared {
  readonly logic: (of: Bodies) => AnyActorLogic
  readonly outside?: Outside
}

const path = (actor: Live): string => (actor._parent ? `${path(actor._parent)}/${ownName(actor)}` : 'root')

/** How an observable is subscribed to is the business of its body. */
const written = (name: string, value: unknown): unknown =>
  name === '_subscription' ? undefined : typeof value === 'bigint' ? `${value}n` : value

const text = (value: unknown): string => JSON.stringify(plain(value, path), written) ?? 'undefined'

/** One line of what an inspector is told. */
const lineOf = (told: Inspected): string => {
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
      return `action ${path(told.actorRef)} ${told.action.type}`
  }
}

/** Actors that are alive, as people read them. */
const portrait = (root: Live, alive: readonly Live[]): string[] => {
  const found = new Set([root])
  for (const each of found) for (const child of childrenOf(each)) found.add(child)
  for (const each of alive) found.add(each)
  const names = namesOf(found)
  return [...found].map(
    (each) =>
      `${names.get(each)} ${each._processingStatus} ${text(shownSnapshot(each._snapshot, (one) => names.get(one) ?? path(one)))}`,
  )
}

interface Armed {
  readonly at: number
  readonly fire: () => void
}

/** What XState itself makes of it. */
class Real {
  lines: string[] = []
  readonly #hands: Hand[] = []
  readonly #actors: Live[] = []
  readonly #root: Live
  #timers: Armed[] = []
  #now = 0

  constructor({ logic, outside = {} }: Compared) {
    const clock = {
      setTimeout: (fire: () => void, delay = 0) => {
        const timer = { at: this.#now + Math.max(delay, 0), fire }
        this.#timers = [...this.#timers, timer]
        return timer
      },
      clearTimeout: (timer: Armed) => (this.#timers = this.#timers.filter((each) => each !== timer)),
    }
    const root = createActor(logic(bodies((hand) => this.#hands.push(hand))), {
      clock: clock as never,
      logger: () => {},
      ...(outside.input !== undefined && { input: outside.input }),
      inspect: (told) => {
        const inspected = told as unknown as Inspected
        if (inspected.type === '@xstate.actor') this.#actors.push(inspected.actorRef)
        this.lines.push(lineOf(inspected))
      },
    })
    root.subscribe({ error: () => {} })
    this.#root = root as unknown as Live
    root.start()
  }

  /** The same choice by the same name; resolves when promises have been heard. */
  async take({ from, type, value }: Offer): Promise<void> {
    this.lines = []
    if (from === 'user') this.#root.send(value as AnyEventObject)
    else if (from === 'clock') this.#fire()
    else {
      const [verb] = type.split(' ') as [string]
      const names = namesOf(this.#inOrder())
      const actor = [...names].find(([each, name]) => name === from && this.#alive.includes(each))?.[0]
      this.#hands.findLast(({ self }) => self === actor)!.answer(verb, value)
    }
    for (let turn = 0; turn < 6; turn++) await Promise.resolve()
  }

  portrait(): string[] {
    return portrait(this.#root, this.#alive)
  }

  get #alive(): readonly Live[] {
    return this.#actors.filter(({ _processingStatus }) => _processingStatus === running)
  }

  #inOrder(): ReadonlySet<Live> {
    const found = new Set([this.#root])
    for (const each of found) for (const child of childrenOf(each)) found.add(child)
    for (const each of this.#alive) found.add(each)
    return found
  }

  #fire(): void {
    const next = this.#timers.toSorted((one, other) => one.at - other.at)[0]!
    this.#timers = this.#timers.filter((each) => each !== next)
    this.#now = next.at
    next.fire()
  }
}

/** The same in relock, which is sent back to earlier states now and then. */
class Held {
  lines: string[] = []
  readonly process: Process
  state: State
  readonly #states: State[]

  constructor({ logic, outside }: Compared) {
    this.process = new Process(logic(bodies()), outside, [], (told) => this.lines.push(lineOf(told)))
    this.state = this.process.begun.state
    this.#states = [this.state]
  }

  offers() {
    return this.process.offers(this.state)
  }

  /** Goes elsewhere and comes back before it does what it is asked to; false: it came to no end. */
  take(offer: Offer, random: Dice): boolean {
    const earlier = this.#states[random(this.#states.length)]!
    const other = this.process.offers(earlier)
    const away = other[random(other.length)]
    if (away) this.process.take(earlier, away)
    this.lines = []
    const { state, findings } = this.process.take(this.state, offer)!
    this.state = state
    this.#states.push(state)
    return !findings.some(({ kind }) => kind === 'endless')
  }

  portrait(): string[] {
    this.process.restore(this.state)
    return portrait(this.process.root, [...this.state.alive.values()])
  }
}

export interface Told {
  readonly schedule: readonly string[]
  readonly relock: readonly string[]
  readonly xstate: readonly string[]
}

/** The first step of a random schedule in which relock and XState differ; otherwise how many steps were compared. */
export const compare = async (subject: Compared, random: Dice, most: number): Promise<Told | number> => {
  const [held, real] = [new Held(subject), new Real(subject)]
  const schedule: string[] = []
  const differ = (): Told | undefined => {
    const [relock, xstate] = [
      [...held.lines, ...held.portrait()],
      [...real.lines, ...real.portrait()],
    ]
    return text(relock) === text(xstate) ? undefined : { schedule, relock, xstate }
  }
  for (let step = 0; step < most; step++) {
    const different = differ()
    if (different) return different
    const offers = held.offers()
    const offer = offers[random(offers.length)]
    if (!offer) return step
    schedule.push(`${offer.from} ${offer.type}`)
    // XState would not come back from it.
    if (!held.take(offer, random)) return step
    await real.take(offer)
  }
  return differ() ?? most
}
