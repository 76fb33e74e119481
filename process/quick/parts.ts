/** Parts of a state of several actors, by number: what each of them is in, what is on its way on each lane, what is armed, named and gone wrong. */
import type { IgnoredReport } from '../../explore/outcome/report.ts'
import type { Live } from '../inside.ts'
import type { Faults, Flight } from '../network.ts'

/** Slots: what was emitted, what was lost, timers, names in the system, what went wrong on lanes, what was sent how often; then actors and lanes. */
export const emitted = 0
export const lost = 1
export const armed = 2
export const keyed = 3
export const faulty = 4
export const counts = 5

export type Vector = ArrayLike<number>

/** An actor in a state of its own. */
export interface Value {
  /** A stand-in that is in it, whatever the real one is in. */
  readonly actor: Live
  readonly state: string
  readonly isAlive: boolean
  readonly isRunning: boolean
  /** What may come of it. */
  readonly offers: readonly number[]
  readonly children: readonly number[]
  /** Whom else it knows of. */
  readonly refs: readonly number[]
  /** A machine that goes on. */
  readonly mayWait: boolean
  /** It has answered as often as it may. */
  readonly hasSaidAll: boolean
  /** What it waits for, if it does. */
  readonly waits: readonly string[]
  /** By number of a sending: whether it is handled. */
  readonly handles: (boolean | undefined)[]
  /** Of the root: what is told of something that sets nothing off. */
  readonly ignored: IgnoredReport[]
}

/** What is on its way on a lane. */
export interface Load {
  readonly flights: readonly Flight[]
  readonly refs: readonly number[]
  /** What may come of it, by number of what went wrong before. */
  readonly offers: (readonly number[] | undefined)[]
}

/** What all share. */
export interface Shared {
  readonly offers: readonly number[]
  readonly refs: readonly number[]
  readonly timers: readonly { readonly target: number; readonly type: string }[]
  readonly named: readonly (readonly [name: string, slot: number])[]
  readonly faults: Faults
}

const nothing: Shared = { offers: [], refs: [], timers: [], named: [], faults: [] }

/** By text. */
class Numbered<Part> {
  readonly #parts: (Part | undefined)[]
  readonly #numbers = new Map<string, number>()

  constructor(parts: (Part | undefined)[]) {
    this.#parts = parts
  }

  at(number: number): Part {
    return this.#parts[number]!
  }

  of(text: string, make: () => Part): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    const made = this.#parts.push(make()) - 1
    this.#numbers.set(text, made)
    return made
  }
}

export class Parts {
  /** By slot; number 0 is nobody, and nothing on a lane. */
  readonly #values: Numbered<Value>[] = []
  readonly #loads: Numbered<Load>[] = []
  readonly #shared = [armed, keyed, faulty].map(() => new Numbered<Shared>([]))

  value(vector: Vector, slot: number): Value {
    return this.#values[slot]!.at(vector[slot]!)
  }

  load(vector: Vector, slot: number): Load {
    return this.#loads[slot]!.at(vector[slot]!)
  }

  shared(vector: Vector, slot: typeof armed | typeof keyed | typeof faulty): Shared {
    return this.#shared[slot - armed]!.at(vector[slot]!)
  }

  ofValue(slot: number, text: string, make: () => Value): number {
    return (this.#values[slot] ??= new Numbered<Value>([undefined])).of(text, make)
  }

  ofLoad(slot: number, text: string, make: () => Load): number {
    return (this.#loads[slot] ??= new Numbered<Load>([undefined])).of(text, make)
  }

  ofShared(
    slot: typeof armed | typeof keyed | typeof faulty,
    text: string,
    make: () => Partial<Shared> = () => nothing,
  ): number {
    return this.#shared[slot - armed]!.of(text, () => ({ ...nothing, ...make() }))
  }
}
