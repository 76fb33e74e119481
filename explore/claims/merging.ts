/**
 * Does a component take for one what can be told apart? Two local states with one `key` are merged: the second is dropped, and what only it
 * would do is never seen. So they are compared: in what they show, what they claim, what properties say of them, and what they answer to the
 * messages known, a few steps on. Likewise records whose fields only stand in another order: they are the same to the checker.
 */
import { canonical, firstDifference, isInSameOrder, isPlain } from '../states/canonical.ts'
import { dependsOnOrder } from './distrust.ts'
import { ModelError } from '../errors.ts'
import type { Component, Message, Outcome } from '../system.ts'

/** Asked how many times for one pair, and how many steps on. */
const mostQuestions = 32
const mostSteps = 3

/** Of what a component has merged, the first are compared, and then every so many. */
const firstOnes = 8
const oneIn = 16

/** Names a property that answers otherwise for the one than for the other. */
export type TellApart = (component: number, kept: unknown, dropped: unknown) => string | undefined

export class Merging {
  readonly #components: readonly Component[]
  /** By component: the messages that it is known to get. */
  readonly #messages: readonly (readonly Message[])[]
  readonly #met: number[]
  tellApart: TellApart | undefined

  constructor(components: readonly Component[], messages: readonly (readonly Message[])[]) {
    this.#components = components
    this.#messages = messages
    this.#met = components.map(() => 0)
  }

  /** `dropped` has the key of `kept`, and is another object. Throws a ModelError when they differ. */
  meet(component: number, kept: unknown, dropped: unknown): void {
    const met = this.#met[component]!++
    if (met >= firstOnes && met % oneIn !== 0) return
    const subject = this.#components[component]!
    const [one, other] = visibleOf(subject, kept, dropped)
    if (canonical(one) !== canonical(other) || !isInSameOrder(one, other)) this.#compare(component, kept, dropped)
  }

  #compare(component: number, kept: unknown, dropped: unknown): void {
    const subject = this.#components[component]!
    const pairs: { readonly kept: unknown; readonly dropped: unknown; readonly way: readonly string[] }[] = [
      { kept, dropped, way: [] },
    ]
    let questions = 0
    for (const pair of pairs) {
      const difference = this.#difference(component, pair.kept, pair.dropped)
      if (difference !== undefined) throw merged(subject, kept, dropped, pair.way, difference)
      if (pair.way.length >= mostSteps) continue
      for (const message of this.#messages[component]!) {
        if (questions++ >= mostQuestions) return
        const way = [...pair.way, `${message.type} from ${message.from}`]
        const [one, other] = [answerOf(subject, pair.kept, message), answerOf(subject, pair.dropped, message)]
        if (one.says !== other.says)
          throw merged(subject, kept, dropped, way, `answers ${clip(one.says)} ≠ ${clip(other.says)}`)
        if (one.local !== other.local) pairs.push({ kept: one.local, dropped: other.local, way })
      }
    }
  }

  #difference(component: number, kept: unknown, dropped: unknown): string | undefined {
    const subject = this.#components[component]!
    const shown = firstDifference(subject.show(kept), subject.show(dropped))
    if (shown !== null) return `shows ${shown}`
    const facts = firstDifference(factsOf(subject, kept), factsOf(subject, dropped))
    if (facts !== null) return `claims ${facts}`
    const property = this.tellApart?.(component, kept, dropped)
    return property === undefined ? undefined : `the property "${property}" answers differently`
  }
}

/** All that is to be seen of them: what is no plain data is as good as what it shows. */
const visibleOf = (subject: Component, kept: unknown, dropped: unknown): readonly [unknown, unknown] =>
  isPlain(kept) && isPlain(dropped) ? [kept, dropped] : [subject.show(kept), subject.show(dropped)]

const factsOf = (subject: Component, local: unknown) => ({
  waits: subject.waits?.(local),
  holders: subject.holders?.(local),
  owes: subject.owes?.(local),
  heap: subject.heap?.(local),
  leadsTo: subject.leadsTo?.(local),
})

/** Not every message can come in every state: one that cannot be answered is as good as any other such. */
function answerOf(
  subject: Component,
  local: unknown,
  message: Message,
): { readonly says: string; readonly local: unknown } {
  try {
    if (!subject.accepts(local, message)) return { says: 'deferred', local }
    const outcome: Outcome = subject.receive(local, message)
    const { sends, findings, notes, memory = [], ignored } = outcome
    return { says: canonical({ sends, findings, notes, memory, ignored }), local: outcome.local }
  } catch {
    return { says: 'cannot answer', local }
  }
}

const clip = (text: string): string => (text.length > 160 ? `${text.slice(0, 160)}…` : text)

function merged(
  subject: Component,
  kept: unknown,
  dropped: unknown,
  way: readonly string[],
  difference: string,
): ModelError {
  const [one, other] = visibleOf(subject, kept, dropped)
  if (canonical(one) === canonical(other))
    return dependsOnOrder(subject.id, way.join(', then ') || 'asked what it is', difference)
  return new ModelError(
    'merged-states',
    `The key of ${subject.id} is the same for two local states that can be told apart: what only one of them does is never seen.`,
    [
      ['key', clip(subject.key(kept))],
      ...(way.length > 0 ? [['after', way.join(', then ')] as const] : []),
      ['differs', difference],
    ],
    'Let `key` cover everything that `receive`, `accepts`, `show`, the claims and the properties look at.',
  )
}
