/** Real actors with a clock and answers that are controlled from outside, and with nothing else about them that is relock's. */
import { createActor, type AnyActorLogic, type AnyEventObject } from 'xstate'
import type { Outside } from '../../process/describe.ts'
import { running, type Inspected, type Live, type Told } from '../../process/inside.ts'
import { namesOf, rootId } from '../../process/names.ts'
import type { Offer } from '../../process/offers.ts'
import { Process } from '../../process/process.ts'
import type { State } from '../../process/state.ts'
import { Clock, inOrder, lineOf, portrait } from '../../process/witness.ts'
import type { Dice } from '../../streams/dice.ts'
import { bodies, type Bodies, type Hand } from './bodies.ts'

/** A system to be compared: its logic, over whatever bodies. */
export interface Compared {
  readonly logic: (of: Bodies) => AnyActorLogic
  readonly outside?: Outside
}

/** What XState itself makes of it. */
class Real {
  #told: Told[] = []
  readonly #hands: Hand[] = []
  readonly #actors: Live[] = []
  readonly #root: Live
  readonly #clock = new Clock(true)

  constructor({ logic, outside = {} }: Compared) {
    const root = createActor(logic(bodies((hand) => this.#hands.push(hand))), {
      id: rootId,
      clock: this.#clock as never,
      logger: () => {},
      ...(outside.input !== undefined && { input: outside.input }),
      inspect: (told) => {
        const inspected = told as unknown as Inspected
        this.#told.push(inspected)
        if (inspected.type === '@xstate.actor') this.#met(inspected.actorRef)
      },
    })
    root.subscribe({ error: () => {} })
    this.#root = root as unknown as Live
    root.start()
  }

  get lines(): readonly string[] {
    return this.#told.map(lineOf)
  }

  #met(actor: Live): void {
    this.#actors.push(actor)
    actor.on('*', (event) => this.#told.push({ type: 'emitted', actorRef: actor, event }))
  }

  /** The same choice by the same name; resolves when promises have been heard. */
  async take({ from, type, value }: Offer): Promise<void> {
    this.#told = []
    if (from === 'user') this.#root.send(value as AnyEventObject)
    else if (from === 'clock') this.#clock.fire(0)
    else {
      const [verb] = type.split(' ') as [string]
      const names = namesOf(inOrder(this.#root, this.#alive))
      const actor = [...names].find(([each, name]) => name === from && this.#alive.includes(each))?.[0]
      this.#hands.findLast(({ self }) => self === actor)!.answer(verb, value)
    }
    for (let turn = 0; turn < 6; turn++) await Promise.resolve()
  }

  portrait(): readonly string[] {
    return portrait(this.#root, this.#alive)
  }

  get #alive(): readonly Live[] {
    return this.#actors.filter(({ _processingStatus }) => _processingStatus === running)
  }
}

/** The same in relock, which is sent back to earlier states now and then. */
class Held {
  lines: readonly string[]
  readonly process: Process
  state: State
  readonly #states: State[]

  constructor({ logic, outside }: Compared) {
    this.process = new Process(logic(bodies()), outside)
    this.state = this.process.begun.state
    this.lines = this.process.begun.told.map(lineOf)
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
    const { state, told, findings } = this.process.take(this.state, offer)!
    this.state = state
    this.lines = told.map(lineOf)
    this.#states.push(state)
    return !findings.some(({ kind }) => kind === 'endless')
  }

  portrait(): readonly string[] {
    this.process.restore(this.state)
    return portrait(this.process.root, this.state.alive.values())
  }
}

export interface Difference {
  readonly schedule: readonly string[]
  readonly relock: readonly string[]
  readonly xstate: readonly string[]
}

/** The first step of a random schedule in which relock and XState differ; otherwise how many steps were compared. */
export const compare = async (subject: Compared, random: Dice, most: number): Promise<Difference | number> => {
  const [held, real] = [new Held(subject), new Real(subject)]
  const schedule: string[] = []
  const differ = (): Difference | undefined => {
    const [relock, xstate] = [
      [...held.lines, ...held.portrait()],
      [...real.lines, ...real.portrait()],
    ]
    return relock.join('\n') === xstate.join('\n') ? undefined : { schedule, relock, xstate }
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
