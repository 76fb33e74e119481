/**
 * Answers of components, kept from one search to the next. A search asks a component each question once; whoever knows that it is the same
 * component as before need not have it asked again.
 */
import { canonical } from './canonical.ts'
import { Distrust } from '../claims/distrust.ts'
import type { Component, Message, Outcome } from '../system.ts'

/** Asks a component, and believes nothing. */
export type Witness = Pick<Distrust, 'key' | 'accepts' | 'offers' | 'receive'>

const kept = new WeakMap<Component, Witness>()

/** From now on every search is given the answers that this component has given to the ones before. */
export const keepAnswers = (component: Component): void => {
  if (!kept.has(component)) kept.set(component, new Remembering(component))
}

export const witnessOf = (component: Component): Witness => kept.get(component) ?? new Distrust(component)

/** Local states are known by what they are, not by their key: those of a kept answer are the very same ones. */
class Remembering implements Witness {
  readonly #witness: Distrust
  readonly #keys = new Map<unknown, string>()
  readonly #offers = new Map<unknown, readonly Message[]>()
  readonly #accepts = new Map<unknown, Map<string, boolean>>()
  readonly #outcomes = new Map<unknown, Map<string, Outcome>>()

  constructor(component: Component) {
    this.#witness = new Distrust(component)
  }

  key(local: unknown): string {
    return known(this.#keys, local, () => this.#witness.key(local))
  }

  offers(local: unknown): readonly Message[] {
    return known(this.#offers, local, () => this.#witness.offers(local))
  }

  accepts(local: unknown, message: Message): boolean {
    return known(inside(this.#accepts, local), canonical(message), () => this.#witness.accepts(local, message))
  }

  receive(local: unknown, message: Message): Outcome {
    return known(inside(this.#outcomes, local), canonical(message), () => this.#witness.receive(local, message))
  }
}

const known = <Key, Value>(values: Map<Key, Value>, key: Key, ask: () => Value): Value => {
  if (values.has(key)) return values.get(key)!
  const value = ask()
  values.set(key, value)
  return value
}

const inside = <Value>(maps: Map<unknown, Map<string, Value>>, local: unknown): Map<string, Value> =>
  known(maps, local, () => new Map<string, Value>())
