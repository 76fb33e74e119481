/** Takes turns in a model that a page carries. A state is never changed: each turn makes a new one. */
import type { EntryData, ModelData } from '../data.ts'

interface InFlight {
  readonly message: number
  /** The step that sent it; 0: it was there from the start. */
  readonly sentAt: number
}

export interface State {
  /** By actor, a place in its `locals`. */
  readonly locals: readonly number[]
  /** By lane. */
  readonly inFlight: ReadonlyMap<number, readonly InFlight[]>
}

/** A turn that can be taken. */
export interface Turn {
  readonly lane: number
  readonly entry: EntryData
  readonly sentAt: number
}

export class Machine {
  readonly model: ModelData
  readonly #entries: ReadonlyMap<string, EntryData>

  constructor(model: ModelData) {
    this.model = model
    this.#entries = new Map(model.entries.map((entry) => [keyOf(entry.actor, entry.local, entry.message), entry]))
  }

  start(): State {
    return {
      locals: this.model.actors.map(() => 0),
      inFlight: new Map(
        this.model.start.map(([lane, ...messages]) => [lane, messages.map((message) => ({ message, sentAt: 0 }))]),
      ),
    }
  }

  /** What may come next, in the order in which choices count; undefined: the page does not carry what happens here. */
  turns(state: State): readonly Turn[] | undefined {
    const turns: Turn[] = []
    for (const lane of this.model.order) {
      const [head] = state.inFlight.get(lane) ?? []
      if (!head) continue
      const actor = this.model.lanes[lane]![1]
      const entry = this.#entries.get(keyOf(actor, state.locals[actor]!, head.message))
      if (!entry) return undefined
      if (entry.next !== undefined) turns.push({ lane, entry, sentAt: head.sentAt })
    }
    return turns
  }

  /** The state after a turn, which is step `number` of its run. */
  take(state: State, { lane, entry }: Turn, number: number): State {
    const locals = state.locals.slice()
    locals[entry.actor] = entry.next!
    const inFlight = new Map(state.inFlight)
    put(inFlight, lane, inFlight.get(lane)!.slice(1))
    const offersIn = (local: number) => this.model.locals[entry.actor]![local]!.offers ?? []
    for (const [offer] of offersIn(entry.local)) put(inFlight, offer, [])
    for (const [offer, message] of offersIn(entry.next!)) put(inFlight, offer, [{ message, sentAt: 0 }])
    const { sends = [] } = entry
    for (let at = 0; at < sends.length; at += 2) {
      const to = sends[at]!
      put(inFlight, to, [...(inFlight.get(to) ?? []), { message: sends[at + 1]!, sentAt: number }])
    }
    return { locals, inFlight }
  }

  /** Actors that wait for an answer. */
  waiting({ locals }: State): readonly number[] {
    return locals.flatMap((local, actor) => (this.model.locals[actor]![local]!.waits ? [actor] : []))
  }
}

const keyOf = (actor: number, local: number, message: number): string => `${actor} ${local} ${message}`

/** An empty lane is no lane. */
const put = (inFlight: Map<number, readonly InFlight[]>, lane: number, queue: readonly InFlight[]): void => {
  if (queue.length === 0) inFlight.delete(lane)
  else inFlight.set(lane, queue)
}
