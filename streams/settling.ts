/**
 * Runs actors until nothing can happen any more: the first lane that can be taken, again and again. Nobody chooses and nobody looks on, so
 * there is no trace. Lanes have the order that the controller gives them.
 */
import type { Finding, Message, Note, Send } from '../explore/system.ts'
import { laneOrder, nobodyCalled, type Addresses } from './addresses.ts'
import type { End, Utterance } from './controller.ts'

/** What came of one message. */
export interface Settled {
  readonly from: string
  readonly to: string
  readonly message: Message
  readonly findings: readonly Finding[]
  readonly notes: readonly Note[]
  /** Nothing came of it. */
  readonly ignored: boolean
}

interface Lane extends Addresses {
  readonly end: End
  readonly messages: Message[]
}

export class Settling {
  readonly #ends = new Map<string, End>()
  /** Sender → receiver → the lane between them. */
  readonly #lanes = new Map<string, Map<string, Lane>>()
  /** Those that have something in them, in their order. */
  readonly #busy: Lane[] = []
  readonly #compare: (one: Addresses, other: Addresses) => number
  /** What an actor says in the step that runs now. */
  #said: Utterance[] = []
  #crashed = false

  /** The order of `ends` decides the order of lanes. */
  constructor(ends: readonly End[], start: readonly Send[]) {
    const listener = (utterance: Utterance): void => void this.#said.push(utterance)
    for (const end of ends) {
      this.#ends.set(end.id, end)
      end.listen(listener)
    }
    this.#compare = laneOrder(ends.map(({ id }) => id))
    for (const send of start) this.post(send)
  }

  /** Puts a message on its lane, from outside too. */
  post({ to, message }: Send): void {
    const lane = this.#laneOf(message.from, to)
    if (lane.messages.push(message) > 1) return
    const place = this.#busy.findIndex((other) => this.#compare(lane, other) < 0)
    this.#busy.splice(place === -1 ? this.#busy.length : place, 0, lane)
  }

  /** Takes the first lane that can be taken; undefined when there is none, or after a crash. */
  next(): Settled | undefined {
    if (this.#crashed) return undefined
    const at = this.#busy.findIndex(({ end, messages: [head] }) => end.accepts(head!))
    if (at === -1) return undefined
    const { from, to, end, messages } = this.#busy[at]!
    const message = messages.shift()!
    if (messages.length === 0) this.#busy.splice(at, 1)
    const changed = end.hear(message)
    const said = this.#said
    if (said.length === 0) return { from, to, message, findings: none, notes: none, ignored: !changed }
    this.#said = []
    for (const { sends } of said) for (const send of sends) this.post(send)
    const { findings, notes } = together(said)
    if (findings.length > 0) this.#crashed = findings.some(({ fatal }) => fatal)
    return { from, to, message, findings, notes, ignored: !changed && said.every(isNothing) }
  }

  /** The oldest message of every lane. */
  heads(): readonly Send[] {
    return this.#busy.map(({ to, messages }) => ({ to, message: messages[0]! }))
  }

  #laneOf(from: string, to: string): Lane {
    const known = this.#lanes.get(from)?.get(to)
    if (known) return known
    const end = this.#ends.get(to)
    if (!end) throw nobodyCalled({ from, to }, this.#ends.keys())
    const lane = { from, to, end, messages: [] }
    const lanesFrom = this.#lanes.get(from) ?? new Map<string, Lane>()
    this.#lanes.set(from, lanesFrom.set(to, lane))
    return lane
  }
}

const none: readonly never[] = []

/** Most say all of it at one go. */
const together = (said: readonly Utterance[]): Pick<Utterance, 'findings' | 'notes'> =>
  said.length === 1
    ? said[0]!
    : { findings: said.flatMap(({ findings }) => findings), notes: said.flatMap(({ notes }) => notes) }

const isNothing = ({ sends, findings, notes, memory = [] }: Utterance): boolean =>
  sends.length + findings.length + notes.length + memory.length === 0
