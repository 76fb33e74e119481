/**
 * Decision trees by step, all in one array of numbers: a node says what it asks, and where each answer leads. To follow one is most of what a large
 * search does, and whatever leads from one object to the next would wait for memory at each of them.
 */
import type { Hands } from '../locks/hands.ts'
import type { Leap } from './leaps.ts'

/** What a node asks of a state: the value of a cell, or what is held. */
export type Question = number | Hands

/** What a node asks: 1 + a cell, or −1 − the number of what may be held; how many answers it has room for; for each, where that leads. */
const asks = 0
const room = 1
const answers = 2
/** Answers are small numbers, for most. */
const fewest = 4

/** Nothing is known there. Where a leap is, −1 − its number stands in place of a node. */
const nothing = 0
/** The path that is written is of trees that are forgotten. */
const nowhere = -1

export class LeapTrees {
  /** The first number is in no node: it says where the node is that asks which step it is. */
  #numbers = new Int32Array(1 << 10)
  #end = 1
  readonly #hands: Hands[] = []
  readonly #leaps: Leap[] = []
  /** Where it is said where the path leads that is written now. */
  #at = 0

  /** Of a step, from a state. */
  find(step: number, state: Int32Array, held: (hands: Hands) => number): Leap | undefined {
    const numbers = this.#numbers
    const steps = numbers[0]!
    if (steps === nothing || step >= numbers[steps + room]!) return undefined
    let node = numbers[steps + answers + step]!
    while (node > nothing) {
      const asked = numbers[node + asks]!
      const answer = asked > 0 ? state[asked - 1]! : held(this.#hands[-1 - asked]!)
      if (answer >= numbers[node + room]!) return undefined
      node = numbers[node + answers + answer]!
    }
    return node === nothing ? undefined : this.#leaps[-1 - node]
  }

  forget(): void {
    this.#numbers.fill(nothing)
    this.#end = 1
    this.#hands.length = 0
    this.#leaps.length = 0
    this.#at = nowhere
  }

  /** A path is written from here on. */
  begin(step: number): void {
    this.#at = 0
    this.#goOn(1, step)
  }

  /** What is asked next on this path, and the answer. */
  ask(question: Question, answer: number): void {
    if (this.#at === nowhere) return
    const isAsked = this.#numbers[this.#at] !== nothing
    this.#goOn(isAsked ? 0 : typeof question === 'number' ? 1 + question : -this.#hands.push(question), answer)
  }

  /** The path ends in this leap. */
  end(leap: Leap): void {
    if (this.#at === nowhere) return
    this.#numbers[this.#at] = -this.#leaps.push(leap)
  }

  /** There is a node that asks this; where it is, it may be anything. */
  #goOn(asked: number, answer: number): void {
    let node = this.#numbers[this.#at]!
    if (node === nothing) node = this.#place(asked, answer)
    else if (answer >= this.#numbers[node + room]!) node = this.#move(node, answer)
    this.#at = node + answers + answer
  }

  #place(asked: number, answer: number): number {
    const many = Math.max(fewest, answer + 1)
    const node = this.#end
    this.#reserve(answers + many)
    this.#numbers[node + asks] = asked
    this.#numbers[node + room] = many
    this.#numbers[this.#at] = node
    return node
  }

  /** To where it has room for this answer; where it was nobody comes again. */
  #move(from: number, answer: number): number {
    const before = this.#numbers[from + room]!
    const node = this.#place(this.#numbers[from + asks]!, Math.max(answer, 2 * before - 1))
    this.#numbers.copyWithin(node + answers, from + answers, from + answers + before)
    return node
  }

  #reserve(many: number): void {
    this.#end += many
    if (this.#end <= this.#numbers.length) return
    const larger = new Int32Array(2 * this.#end)
    larger.set(this.#numbers)
    this.#numbers = larger
  }
}
