/** What comes of a step in which something throws: only the ordinary way can tell. */
import { NotNumbered, type Gone, type NumberedStep } from '../../explore/breadth/numbered.ts'
import type { Finding } from '../../explore/system.ts'
import type { Process } from '../process.ts'
import type { Sending } from './sendings.ts'

export class Failing {
  readonly #process: Process
  readonly #sendings: readonly Sending[]
  readonly #known = new Map<string, readonly Finding[]>()

  constructor(process: Process, sendings: readonly Sending[]) {
    this.#process = process
    this.#sendings = sendings
  }

  /** Of what is sent in a configuration; the same cause has the same findings. Throws NotNumbered where it does not fail. */
  fail(configuration: number, number: number, cause: unknown, choices: () => readonly number[]): NumberedStep {
    const key = `${configuration} ${number} ${String(cause)}`
    const findings = this.#known.get(key) ?? this.#ordinarily(choices())
    this.#known.set(key, findings)
    return { changed: false, fatal: true, findings }
  }

  #ordinarily(choices: readonly number[]): readonly Finding[] {
    const sent = this.#sendings.map(() => 0)
    let { state } = this.#process.begun
    let findings: readonly Finding[] = []
    for (const choice of choices) {
      const offers = [...this.#sendings.keys()].filter((each) => sent[each]! < this.#sendings[each]!.times)
      const number = offers[choice]!
      sent[number]!++
      const taken = this.#process.take(state, { from: 'user', type: this.#sendings[number]!.type })
      if (!taken) throw new NotNumbered()
      ;({ state, findings } = taken)
    }
    if (!findings.some(({ fatal }) => fatal)) throw new NotNumbered()
    return findings
  }
}

/** The choices of a way, and one more. */
export const andThen = (way: readonly Gone[], choice: number): readonly number[] => [
  ...way.map((each) => each.choice),
  choice,
]
