/**
 * What receivers would do with messages, asked outside of any run, and whether two of them may change places: of whole objects (commuting.ts), and of
 * single pairs of messages (pairs.ts).
 */
import { canonical } from '../states/canonical.ts'
import { handOf, handsOver, hasBarriers, type Hand } from '../memory/orders.ts'
import type { Component, Message, Outcome } from '../system.ts'
import type { Tables } from '../states/tables.ts'

/** What a receiver does with a message that it takes. */
export interface Asked {
  readonly next: unknown
  readonly key: string
  readonly says: string
  readonly targets: readonly string[]
  readonly hand: Hand | undefined
  readonly fatal: boolean
}

/** By message. Null: it does not take it there. */
type AskedOf = (Asked | null | undefined)[]

export class Answers {
  readonly #tables: Tables
  readonly #barriers: boolean
  readonly #mayCome: (component: number, local: unknown, message: number) => boolean
  /** By receiver, then by local state: what it answers to each message. Local states are known by what they are, or else by their keys. */
  readonly #ofLocal: readonly Map<unknown, AskedOf>[]
  readonly #ofKey: readonly Map<string, AskedOf>[]

  /** `mayCome`: whether a message can be on its way there at all. */
  constructor(tables: Tables, mayCome: (component: number, local: unknown, message: number) => boolean = () => true) {
    this.#tables = tables
    this.#barriers = hasBarriers(tables.components)
    this.#mayCome = mayCome
    this.#ofLocal = tables.components.map(() => new Map())
    this.#ofKey = tables.components.map(() => new Map())
  }

  /** Null: it does not take it there. */
  of(component: number, local: unknown, message: number): Asked | null {
    const asked = this.#askedIn(component, local)
    const known = asked[message]
    if (known !== undefined) return known
    const heard = this.#tables.messages[component]![message]!
    return (asked[message] = this.#mayCome(component, local, message)
      ? this.#ask(this.#tables.components[component]!, local, heard)
      : null)
  }

  #askedIn(component: number, local: unknown): AskedOf {
    const known = this.#ofLocal[component]!.get(local)
    if (known) return known
    const key = this.#tables.components[component]!.key(local)
    const asked = this.#ofKey[component]!.get(key) ?? []
    this.#ofKey[component]!.set(key, asked)
    this.#ofLocal[component]!.set(local, asked)
    return asked
  }

  /** What is asked here may never happen: a receiver that cannot answer does not take it, and nothing is wrong with it. */
  #ask(subject: Component, local: unknown, heard: Message): Asked | null {
    try {
      if (!subject.accepts(local, heard)) return null
      const outcome = subject.receive(local, heard)
      const { local: next, sends, findings, notes, ignored } = outcome
      return {
        next,
        key: subject.key(next),
        says: canonical([sends, findings, notes, livesIn(outcome), ignored]),
        targets: sends.map(({ to }) => to),
        hand: handOf(subject, heard, sends, outcome.memory, this.#barriers),
        fatal: findings.some(({ fatal }) => fatal),
      }
    } catch {
      return null
    }
  }
}

/** Nobody else sees which of them came first: they speak to different receivers, and neither hands the other anything. */
export const goUnseen = (a: Asked, b: Asked): boolean =>
  !a.targets.some((target) => b.targets.includes(target)) && !handsOver(a.hand, b.hand)

/** In both orders they come to the same, and say the same. */
export const comeToTheSame = (a: Asked, b: Asked, ab: Asked, ba: Asked): boolean =>
  ab.key === ba.key && a.says === ba.says && b.says === ab.says

/** Where lives begin and end. Uses and counts may come in any order: what would be wrong with them is among the findings. */
const livesIn = ({ memory = [] }: Outcome) => memory.filter(({ act }) => act === 'alloc' || act === 'free')

/** A list for each number, made when it is wanted. */
export function listAt<Each>(lists: Map<number, Each[]>, number: number): Each[] {
  const known = lists.get(number)
  if (known) return known
  const made: Each[] = []
  lists.set(number, made)
  return made
}
