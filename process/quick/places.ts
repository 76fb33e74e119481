/** Who has which slot of a state, by whose child he is; and which lane, by who is at its ends. */
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { Live } from '../inside.ts'
import { routeOf, type Flight } from '../network.ts'
import type { Slots } from './slots.ts'

/** A lane between two actors. */
export interface Lane {
  readonly slot: number
  readonly from: number
  readonly to: number
}

export class Places {
  /** Slots of actors, the root first. */
  readonly actors: number[] = []
  readonly lanes: Lane[] = []
  /** By slot: the name of the actor in it. */
  readonly names: string[] = []
  readonly #owner: Slots
  readonly #paths: string[] = []
  readonly #slots = new Map<string, number>()
  readonly #slotOf = new WeakMap<Live, number>()
  readonly #lanes = new Map<string, Lane>()
  readonly #routes = new Set<string>()

  constructor(owner: Slots) {
    this.#owner = owner
    this.#slotAt('')
  }

  get root(): number {
    return this.actors[0]!
  }

  /** Nobody else may be whose child he is, under the same id. */
  slotFor(actor: Live): number {
    const known = this.#slotOf.get(actor)
    if (known !== undefined) return known
    const { _parent: parent, id, sessionId } = actor
    if (parent && id === sessionId) throw new NotNumbered()
    const path = parent ? pathUnder(this.#paths[this.slotFor(parent)]!, id) : ''
    const slot = this.#slots.get(path) ?? this.#slotAt(path)
    this.#slotOf.set(actor, slot)
    return slot
  }

  /** Of the child of that id, if there ever was one. */
  childOf(slot: number, id: string): number | undefined {
    return this.#slots.get(pathUnder(this.#paths[slot]!, id))
  }

  laneOf(flight: Flight): Lane {
    const [from, to] = [this.slotFor(flight.source), this.slotFor(flight.target)]
    const known = this.#lanes.get(`${from} ${to}`)
    if (known) return known
    const route = routeOf(flight)
    if (this.#routes.has(route)) throw new NotNumbered()
    this.#routes.add(route)
    const made = { slot: this.#owner.addSlot(), from, to }
    this.#lanes.set(`${from} ${to}`, made)
    this.lanes.push(made)
    return made
  }

  #slotAt(path: string): number {
    const slot = this.#owner.addSlot()
    this.#slots.set(path, slot)
    this.#paths[slot] = path
    this.actors.push(slot)
    return slot
  }
}

const pathUnder = (parent: string, id: string): string => `${parent}\n${JSON.stringify(id)}`
