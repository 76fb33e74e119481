/**
 * Nothing that a component says is simply believed. It is asked everything twice (the second time in another way, if it has one), on a sample once more with the fields of every record
 * in another order, and what it answers must be an outcome.
 */
import { brief, canonical, deepFreeze, firstDifference, isPlain, NotPlain, reversed } from '../states/canonical.ts'
import { ModelError } from '../errors.ts'
import { faultIn, problemsIn, type Problem } from '../../shapes/insist.ts'
import { outcomeShape } from '../shapes.ts'
import type { Component, Finding, Message, Outcome } from '../system.ts'

/** Of what a component is asked, the first is asked in another order of fields, and then every so many. */
const firstOnes = 8
const oneIn = 8

export class Distrust {
  readonly #subject: Component
  readonly #isPlain: boolean
  #asked = 0

  constructor(subject: Component) {
    this.#subject = subject
    this.#isPlain = isPlain(subject.initial)
  }

  key(local: unknown): string {
    const key: unknown = this.#compared(() => this.#subject.key(local))
    if (typeof key !== 'string') throw this.#wrong('key', key, 'a text')
    return key
  }

  accepts(local: unknown, message: Message): boolean {
    const answer: unknown = this.#subject.accepts(local, message)
    if (typeof answer !== 'boolean') throw this.#wrong(`accepts(${message.type})`, answer, 'true or false')
    return answer
  }

  offers(local: unknown): readonly Message[] {
    const answer: unknown = this.#subject.offers!(local)
    if (areOffers(answer)) return answer
    throw this.#wrong('offers', answer, 'a list of messages { type, from, … }, no two with the same type and from')
  }

  receive(local: unknown, message: Message): Outcome {
    const outcome = this.#ask(local, message)
    const again = this.#ask(local, message, this.#subject.confirm ? 'confirm' : 'receive')
    if (!this.#isSame(outcome, again))
      throw nondeterministic(this.#subject.id, message, this.#difference(outcome, again))
    if (this.#asked < firstOnes || this.#asked % oneIn === 0) this.#askInAnotherOrder(local, message, outcome)
    this.#asked++
    return outcome
  }

  #compared<T>(text: () => T): T {
    try {
      return text()
    } catch (cause) {
      if (!(cause instanceof NotPlain)) throw cause
      throw new ModelError(
        'not-json-like',
        `${this.#subject.id} comes to or says what cannot be compared with anything else.`,
        [['because', cause.message]],
      )
    }
  }

  #ask(local: unknown, message: Message, asked: 'receive' | 'confirm' = 'receive'): Outcome {
    const outcome: unknown = this.#subject[asked]!(local, message)
    if (isOutcome(outcome, this.#subject.id)) return outcome
    const [problem] = problemsIn(outcomeShape(this.#subject.id), outcome)
    throw this.#wrong(`${asked}(${message.type})`, outcome, problem?.expected ?? '', problem)
  }

  #askInAnotherOrder(local: unknown, message: Message, expected: Outcome): void {
    const turn = (value: unknown) => (this.#isPlain ? deepFreeze(reversed(value)) : value)
    const [turned, heard] = [turn(local), deepFreeze(reversed(message))]
    const outcome = this.#ask(turned, heard)
    if (this.#isSame(expected, outcome)) return
    // Whoever compares with `===` knows only the very object: that is no matter of order.
    if (!this.#isSame(expected, this.#ask(turn(turned), reversed(heard)))) return
    const step = `${message.from} → ${this.#subject.id} ${message.type}`
    throw dependsOnOrder(this.#subject.id, step, this.#difference(expected, outcome))
  }

  #isSame(one: Outcome, other: Outcome): boolean {
    const text = (outcome: Outcome) => this.#compared(() => canonical(said(outcome)))
    return this.key(one.local) === this.key(other.local) && text(one) === text(other)
  }

  #difference(one: Outcome, other: Outcome): string {
    const subject = this.#subject
    const local = firstDifference(subject.show(one.local), subject.show(other.local))
    return local ?? firstDifference(said(one), said(other)) ?? 'its local state'
  }

  #wrong(asked: string, answer: unknown, expected: string, inside?: Problem): ModelError {
    const isInside = inside !== undefined && inside.path !== ''
    return new ModelError(
      'bad-component',
      `${this.#subject.id} does not answer as a component must.`,
      [
        ['asked', asked],
        ['answered', brief(answer)],
        ...(isInside ? [['where', faultIn(inside)] as const] : []),
        ['expected', expected],
      ],
      isInside ? undefined : 'Is a `return` missing, or is it `async`?',
    )
  }
}

const said = ({ sends, findings, notes, memory = [], ignored }: Outcome) => ({
  sends,
  findings,
  notes,
  memory,
  ignored,
})

/** The same as its shape says, as fast as it goes: the five fields that there have to be, one that there may be, and nothing else. */
function isOutcome(given: unknown, from: string): given is Outcome {
  if (typeof given !== 'object' || given === null || !('local' in given)) return false
  if (Object.keys(given).length !== ('memory' in given ? 6 : 5)) return false
  const { sends, findings, notes, memory, ignored } = given as Partial<Outcome>
  return (
    typeof ignored === 'boolean' &&
    isList(sends) &&
    sends.every((send) => typeof send?.to === 'string' && isFrom(send.message, from)) &&
    isList(findings) &&
    findings.every(isFinding) &&
    isList(notes) &&
    notes.every((note) => typeof note?.object === 'string' && typeof note.what === 'string') &&
    (memory === undefined || Array.isArray(memory))
  )
}

const isList = <T>(given: readonly T[] | undefined): given is readonly T[] => Array.isArray(given)

const areOffers = (given: unknown): given is readonly Message[] =>
  Array.isArray(given) &&
  given.every((each: Message | undefined) => typeof each?.from === 'string' && typeof each.type === 'string') &&
  new Set(given.map(({ from, type }: Message) => `${from}\n${type}`)).size === given.length

const isFrom = (message: Message | undefined, from: string): boolean =>
  typeof message === 'object' && message !== null && typeof message.type === 'string' && message.from === from

const isFinding = (finding: Finding): boolean =>
  typeof finding?.kind === 'string' && typeof finding.title === 'string' && typeof finding.fatal === 'boolean'

export function nondeterministic(actor: string, message: Message, difference: string): ModelError {
  return new ModelError(
    'nondeterministic',
    'The model is not deterministic: the same step from the same state gave two results.',
    [
      ['step', `${message.from} → ${actor} ${message.type}`],
      ['differs', `${actor}.${difference}`],
    ],
    'Usual causes: Math.random, Date.now, iteration over a Set built elsewhere, state kept outside context.',
  )
}

export const dependsOnOrder = (actor: string, step: string, difference: string): ModelError =>
  new ModelError(
    'order-of-fields',
    `${actor} answers differently when the fields of a record stand in another order.`,
    [
      ['step', step],
      ['differs', difference],
    ],
    'Object.keys, Object.entries, for…in and JSON.stringify show that order, and to the checker it is no difference: sort the names first.',
  )
