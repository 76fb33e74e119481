/** The values that a cell was met with, by number: what stands in its slots, and what can be delivered then. */
import type { Move } from './cells.ts'

export interface Value {
  /** Of the components of the cell, in their order. */
  readonly locals: readonly number[]
  /** Lanes that are not empty, by number: lane, content. */
  readonly lanes: readonly number[]
  moves: readonly Move[] | undefined
  /** Lane and message, as one number → the value with that message on that lane. */
  readonly pushed: Map<number, number>
}

export class Values {
  readonly known: Value[] = []
  readonly #numbers = new Map<string, number>()

  at(number: number): Value {
    return this.known[number]!
  }

  /** The number of what stands there. */
  numbered(locals: readonly number[], lanes: readonly number[]): number {
    const key = `${locals.join()} ${lanes.join()}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const made = this.known.length
    this.add(made, locals, lanes)
    this.#numbers.set(key, made)
    return made
  }

  /** One after the other: its locals, how many numbers its lanes are, and these. */
  get kept(): Int32Array {
    return Int32Array.from(this.known.flatMap(({ locals, lanes }) => [...locals, lanes.length, ...lanes]))
  }

  /** Numbers them again, in the same order; each has so many locals. */
  restore(kept: Int32Array, locals: number): void {
    for (let at = 0; at < kept.length;) {
      const lanes = at + locals + 1
      const end = lanes + kept[lanes - 1]!
      this.numbered([...kept.subarray(at, at + locals)], [...kept.subarray(lanes, end)])
      at = end
    }
  }

  /** Where the number is given. */
  add(number: number, locals: readonly number[], lanes: readonly number[]): void {
    this.known[number] = { locals, lanes, moves: undefined, pushed: new Map() }
  }
}

/** What is on a lane of a cell. */
export function contentOf(lanes: readonly number[], lane: number): number {
  for (let at = 0; at < lanes.length; at += 2) if (lanes[at] === lane) return lanes[at + 1]!
  return 0
}

/** The lanes of a cell when there is something else on one of them. */
export function withContent(lanes: readonly number[], lane: number, content: number): readonly number[] {
  let place = 0
  while (place < lanes.length && lanes[place]! < lane) place += 2
  const there = lanes[place] === lane ? 2 : 0
  const now = content === 0 ? [] : [lane, content]
  return [...lanes.slice(0, place), ...now, ...lanes.slice(place + there)]
}
