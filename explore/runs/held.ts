/**
 * What an order holds back. Of each of its rules ("this step before that one") it is known how often the two have come; as long as the first has not
 * come often enough, the other is not taken. All of that is one number, which is part of a state: 0 at the start.
 *
 * Whatever is taken, nothing is held back by it that was not: which delivery it is that has to wait is known from the start, and what ends its wait
 * stays done. So a delivery that may be taken alone (reduction.ts) still may: what could come before it are fewer runs, not others.
 */
import type { Lane } from '../states/tables.ts'

/** The nth delivery by this name: `from → to TYPE`. */
export interface Named {
  readonly from: string
  readonly to: string
  readonly type: string
  readonly nth: number
}

export interface Rule {
  readonly first: Named
  readonly second: Named
  /** As they were given. */
  readonly said: readonly [first: string, second: string]
}

/** What is seen of a rule by those who search. */
export interface RuleSeen {
  /** The first of the two has come, as often as was said. */
  came: boolean
  /** Nothing else was left to be done. */
  cut: boolean
  /** A delivery by the name of the second could be taken somewhere, held back or not. */
  met: boolean
}

/** Why states that differ only in who is who are not one. */
export const tellsWho = 'an order tells who is who'

export interface Order {
  readonly rules: readonly Rule[]
  /** By rule. */
  readonly seen: readonly RuleSeen[]
  /** What has come before the start. */
  readonly came: number
}

/** A rule that a delivery is about. */
interface Part {
  readonly rule: number
  readonly isFirst: boolean
  readonly isSecond: boolean
}

/** More would not be a number that an array of states can hold. */
const mostCounts = 2 ** 30

/** In how many ways a rule can be kept so far: the one that is done stands last. */
const waysOf = ({ first, second }: Rule): number => first.nth * second.nth + 1

export const isCountable = (rules: readonly Rule[]): boolean =>
  rules.reduce((product, rule) => product * waysOf(rule), 1) <= mostCounts

/** How far a rule is kept: how often the first has come, times as often as the other may, plus how often that has. */
const keptIn = (rules: readonly Rule[], radix: number, rule: number, came: number): number =>
  Math.floor(came / radix) % waysOf(rules[rule]!)

/** What is part of a number that tells of all rules, by rule. */
function radicesOf(rules: readonly Rule[]): readonly number[] {
  let radix = 1
  return rules.map((rule) => {
    const own = radix
    radix *= waysOf(rule)
    return own
  })
}

/** An order of which no search has seen anything but what came before the start. */
export function unseen(rules: readonly Rule[], came: number): Order {
  const radices = radicesOf(rules)
  const isDone = (at: number): boolean => keptIn(rules, radices[at]!, at, came) === waysOf(rules[at]!) - 1
  return { rules, came, seen: rules.map((_, at) => ({ came: isDone(at), cut: false, met: false })) }
}

export class Held {
  readonly #order: Order
  readonly #radices: readonly number[]
  /** By lane, then by message. */
  readonly #parts: (readonly Part[])[][] = []

  constructor(order: Order) {
    this.#order = order
    this.#radices = radicesOf(order.rules)
  }

  get atStart(): number {
    return this.#order.came
  }

  /** A delivery that could be taken, but for the order. */
  isHeld(came: number, number: number, lane: Lane, message: number, type: string): boolean {
    const parts = this.#partsOf(number, lane, message, type)
    for (let at = 0; at < parts.length; at++) {
      const { rule, isSecond } = parts[at]!
      if (isSecond && this.#isWaited(came, rule)) return true
    }
    return false
  }

  /** What has come when this is delivered, too. */
  after(came: number, number: number, lane: Lane, message: number, type: string): number {
    const parts = this.#partsOf(number, lane, message, type)
    let next = came
    for (let at = 0; at < parts.length; at++) next += this.#more(came, parts[at]!)
    return next
  }

  /** The same, of a delivery that is taken. */
  take(came: number, number: number, lane: Lane, message: number, type: string): number {
    const next = this.after(came, number, lane, message, type)
    if (next === came) return came
    for (const { rule } of this.#partsOf(number, lane, message, type))
      if (this.#kept(next, rule) === this.#done(rule)) this.#order.seen[rule]!.came = true
    return next
  }

  /** Nothing but these rules stands in the way of this delivery. */
  cut(came: number, number: number, lane: Lane, message: number, type: string): void {
    for (const { rule, isSecond } of this.#partsOf(number, lane, message, type))
      if (isSecond && this.#isWaited(came, rule)) this.#order.seen[rule]!.cut = true
  }

  /** One of them may have to wait for the other. */
  areOrdered(
    one: readonly [number: number, lane: Lane, message: number, type: string],
    other: readonly [number: number, lane: Lane, message: number, type: string],
  ): boolean {
    const [parts, others] = [this.#partsOf(...one), this.#partsOf(...other)]
    return parts.some(({ rule, isFirst, isSecond }) =>
      others.some((each) => each.rule === rule && ((isFirst && each.isSecond) || (isSecond && each.isFirst))),
    )
  }

  isNamed(number: number, lane: Lane, message: number, type: string): boolean {
    return this.#partsOf(number, lane, message, type).length > 0
  }

  #isWaited(came: number, rule: number): boolean {
    const { nth } = this.#order.rules[rule]!.second
    const kept = this.#kept(came, rule)
    return kept < this.#done(rule) && kept % nth === nth - 1
  }

  #kept(came: number, rule: number): number {
    return keptIn(this.#order.rules, this.#radices[rule]!, rule, came)
  }

  #done(rule: number): number {
    return waysOf(this.#order.rules[rule]!) - 1
  }

  #more(came: number, { rule, isFirst, isSecond }: Part): number {
    const { first, second } = this.#order.rules[rule]!
    const [kept, done] = [this.#kept(came, rule), this.#done(rule)]
    if (kept === done) return 0
    const firsts = Math.floor(kept / second.nth) + Number(isFirst)
    const thens = Math.min(second.nth - 1, (kept % second.nth) + Number(isSecond))
    return ((firsts === first.nth ? done : firsts * second.nth + thens) - kept) * this.#radices[rule]!
  }

  #partsOf(number: number, lane: Lane, message: number, type: string): readonly Part[] {
    const ofLane = (this.#parts[number] ??= [])
    return (ofLane[message] ??= this.#askParts(lane, type))
  }

  #askParts({ from, to }: Lane, type: string): readonly Part[] {
    const isIt = (named: Named): boolean => named.from === from && named.to === to && named.type === type
    return this.#order.rules.flatMap(({ first, second }, rule) => {
      if (isIt(second)) this.#order.seen[rule]!.met = true
      return isIt(first) || isIt(second) ? [{ rule, isFirst: isIt(first), isSecond: isIt(second) }] : []
    })
  }
}
