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

export class Answers {
  readonly #tables: Tables
  readonly #barriers: boolean
  readonly #mayCome: (component: number, local: unknown, message: number) => boolean
  /** By receiver, message and local state. */
  readonly #asked = new Map<string, Asked | null>()

  /** `mayCome`: whether a message can be on its way there at all. */
  constructor(tables: Tables, mayCome: (component: number, local: unknown, message: number) => boolean = () => true) {
    this.#tables = tables
    this.#barriers = hasBarriers(tables.components)
    this.#mayCome = mayCome
  }

  /** Null: it does not take it there. */
  of(component: number, local: unknown, message: number): Asked | null {
    const subject = this.#tables.components[component]!
    const question = `${component} ${message} ${subject.key(local)}`
    const known = this.#asked.get(question)
    if (known !== undefined) return known
    const heard = this.#tables.messages[component]![message]!
    const answer = this.#mayCome(component, local, message) ? this.#ask(subject, local, heard) : null
    this.#asked.set(question, answer)
    return answer
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
