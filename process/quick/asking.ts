/** Asks the functions of a machine on behalf of states that are numbers; what they answered before is looked up. */
import type { AnyEventObject } from 'xstate'
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { Context, Fields } from './fields.ts'
import type { FieldQuestion, Question } from './paths.ts'

export class Asking {
  readonly #fields: Fields
  /** Events that came up on the way, behind the one that came. */
  #heard: AnyEventObject[] = []
  #answers: number[] = []
  /** What assigns change: slot, number. */
  readonly #changes: (readonly number[])[] = []
  /** All that the last answer depends on is known. */
  #isSeen = false

  constructor(fields: Fields) {
    this.#fields = fields
  }

  /** Another way begins. */
  hear(event: AnyEventObject): void {
    if (this.#heard.length > 1) this.#heard = []
    this.#heard[0] = event
  }

  /** As a number, as it is remembered. */
  answer(question: Question | FieldQuestion, now: Int32Array): number {
    return 'slot' in question ? this.#valueOf(question, now) : this.#answer(question, now, truth)
  }

  isTrue(question: Question, now: Int32Array): boolean {
    return this.#answer(question, now, truth) !== 0
  }

  run(question: Question, now: Int32Array): void {
    this.#answer(question, now, nothing)
  }

  event(kind: 'raise' | 'emit', question: Question, now: Int32Array): unknown {
    const event = this.#plainly(question, now)
    if (kind === 'raise') this.#heard.push(event as AnyEventObject)
    return event
  }

  /** All are asked before any is changed. */
  assignFields(questions: readonly FieldQuestion[], now: Int32Array): void {
    if (questions.length > this.#answers.length) this.#answers = questions.map(() => 0)
    const answers = this.#answers
    const fields = this.#fields
    for (let at = 0; at < questions.length; at++) {
      const question = questions[at]!
      const known = this.#known(question, now)
      answers[at] = known >= 0 ? known : this.#valueOf(question, now)
    }
    for (let at = 0; at < questions.length; at++) fields.set(questions[at]!.slot, answers[at]!)
  }

  #valueOf(question: FieldQuestion, now: Int32Array): number {
    return this.#answer(question, now, (answer) => this.#fields.numberOf(question.slot, answer))
  }

  assign(question: Question, now: Int32Array): void {
    const known = this.#known(question, now)
    const changes = known >= 0 ? this.#changes[known]! : this.#fresh(question, now, this.#changesOf)
    if (known < 0 && this.#learn(question, now, this.#changes.length)) this.#changes.push(changes)
    for (let at = 0; at < changes.length; at += 2) this.#fields.set(changes[at]!, changes[at + 1]!)
  }

  readonly #changesOf = (answer: unknown): readonly number[] => {
    if (typeof answer !== 'object' || answer === null) return []
    const fields = this.#fields
    return Object.keys(answer).flatMap((name) => {
      const slot = fields.slotOf(name)
      return [slot, fields.numberOf(slot, (answer as Context)[name])]
    })
  }

  #answer(question: Question, now: Int32Array, numberOf: (answer: unknown) => number): number {
    const known = this.#known(question, now)
    if (known >= 0) return known
    const number = this.#fresh(question, now, numberOf)
    this.#learn(question, now, number)
    return number
  }

  #known({ memo }: Question, now: Int32Array): number {
    return memo === undefined ? -1 : memo.find(now, now[this.#fields.names]!)
  }

  #fresh<T>(question: Question, now: Int32Array, make: (answer: unknown) => T): T {
    const { memo, ask, always } = question
    this.#isSeen = memo !== undefined
    if (memo === undefined) return make(this.#plainly(question, now))
    const answer = ask(this.#fields.watchedIn(now), always!)
    try {
      return make(answer)
    } catch (cause) {
      if (!(cause instanceof NotNumbered)) throw cause
      // It may hold on to the context that was watched.
      this.#isSeen = false
      return make(this.#plainly(question, now))
    }
  }

  /** True: it is kept. */
  #learn({ memo }: Question, now: Int32Array, answer: number): boolean {
    const { looks, names } = this.#fields
    return this.#isSeen && memo!.learn(now, now[names]!, looks, answer)
  }

  #plainly({ ask, always, event }: Question, now: Int32Array): unknown {
    return ask(this.#fields.contextIn(now), always ?? this.#heard[event]!)
  }
}

const truth = (answer: unknown): number => (answer ? 1 : 0)

const nothing = (): number => 0
