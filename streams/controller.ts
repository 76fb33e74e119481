/**
 * The controlled scheduler. Whatever an actor sends goes into a lane; the controller says which lanes can be taken, takes the one it is
 * told to, and writes down what happened. It is the only thing that ever makes an actor hear a message, and never two at once.
 */
import { groupBy, map, mergeMap, Observable, Subject, Subscription, tap } from 'rxjs'
import type { Finding, Memory, Message, Note, Outcome, Send, Shown } from '../explore/system.ts'
import type { TraceStep } from '../explore/runs/trace.ts'
import { laneOrder, nobodyCalled, type Addresses } from './addresses.ts'
import { Lane, travel } from './lanes.ts'
import { choose, stepName, type Offer } from './offers.ts'

/** What an actor says at one go. */
export type Utterance = Pick<Outcome, 'sends' | 'findings' | 'notes' | 'memory'>

/** An actor, as seen from its lanes. */
export interface End {
  readonly id: string
  /** False: the message is deferred and stays at the head of its lane. */
  accepts(message: Message): boolean
  /** Takes one step, telling listeners what it says before it returns. False when the step left it as it was. */
  hear(message: Message): boolean
  /** Returns the function that stops listening. */
  listen(listener: (utterance: Utterance) => void): () => void
  show(): Shown
}

/** Sees whole runs: told every choice after its step, it answers what no single actor could have found. */
export type Witness = (choice: number) => readonly Finding[]

interface Heard {
  changed: boolean
  readonly sends: Send[]
  readonly findings: Finding[]
  readonly notes: Note[]
  readonly memory: Memory[]
}

export class Controller {
  readonly #ends = new Map<string, End>()
  readonly #compare: (one: Addresses, other: Addresses) => number
  readonly #posted = new Subject<Send>()
  readonly #trace = new Subject<TraceStep>()
  readonly #wires = new Subscription()
  readonly #witness: Witness
  /** Sender → receiver → the lane between them. */
  readonly #lanes = new Map<string, Map<string, Lane>>()
  /** Those that may have something in them. */
  readonly #busy = new Set<Lane>()
  #step = 0
  /** What the actors say in the step that runs now. */
  #heard: Heard | undefined
  #failure: { readonly error: unknown } | undefined
  #crashed = false

  /** Every step, for everyone: the one trace of this run. */
  readonly trace: Observable<TraceStep> = this.#trace.asObservable()

  /** The order of `ends` decides the order of lanes. */
  constructor(ends: readonly End[], start: readonly Send[], witness: Witness = () => []) {
    this.#witness = witness
    for (const end of ends) this.#ends.set(end.id, end)
    this.#compare = laneOrder(ends.map(({ id }) => id))
    const said = new Observable<Utterance>((heard) => {
      const silences = ends.map((end) => end.listen((utterance) => heard.next(utterance)))
      return () => silences.forEach((silence) => silence())
    })
    const delivered = this.#posted.pipe(
      groupBy(({ message, to }) => this.#laneFor(message.from, to)),
      mergeMap((sends) =>
        sends.pipe(
          map(({ message }) => message),
          travel(sends.key),
          tap((message) => this.#deliver(message, sends.key.to)),
        ),
      ),
    )
    // A consumer's error would surface much later, on a timer; kept here, it is thrown by the step that caused it.
    const error = (cause: unknown) => void (this.#failure = { error: cause })
    this.#wires.add(delivered.subscribe({ error }))
    this.#wires.add(said.subscribe({ next: (utterance) => this.#write(utterance), error }))
    for (const send of start) this.#posted.next(send)
    this.#passOnFailure()
  }

  /** The lanes that can be taken, in canonical order: by sender (`env` first), then by receiver. None after a crash. */
  offers(): readonly Offer[] {
    return this.#crashed ? [] : this.heads().filter(({ to, message }) => this.#ends.get(to)!.accepts(message))
  }

  /** The oldest message of every lane, accepted or not. */
  heads(): readonly Offer[] {
    const offers: Offer[] = []
    for (const lane of this.#busy) {
      const { from, to, head } = lane
      if (head) offers.push({ from, to, message: head.message, name: stepName(from, to, head.message.type) })
      else this.#busy.delete(lane)
    }
    return offers.length > 1 ? offers.sort(this.#compare) : offers
  }

  /** Delivers the head of the chosen lane and tells everyone. */
  take(choice: number): TraceStep {
    const offers = this.offers()
    const { from, to, message } = offers[choose(offers, choice)]!
    if (this.#heard) throw new Error('A step is already running: choose the next one after it has returned.')
    const lane = this.#laneOf(from, to)
    const end = this.#ends.get(to)!
    const { sentAt } = lane.head!
    const before = end.show()
    const heard: Heard = { changed: false, sends: [], findings: [], notes: [], memory: [] }
    this.#heard = heard
    this.#step++
    try {
      lane.take()
      this.#passOnFailure()
      const { changed, sends, findings, notes, memory } = heard
      const ignored = !changed && sends.length + findings.length + notes.length + memory.length === 0
      findings.push(...this.#witness(choice))
      this.#crashed = findings.some(({ fatal }) => fatal)
      const step: TraceStep = {
        number: this.#step,
        choice,
        from,
        to,
        message,
        sentAt,
        possible: offers.map(({ name }) => name),
        before,
        after: end.show(),
        sends,
        findings,
        notes,
        ...(memory.length > 0 && { memory }),
        ignored,
      }
      this.#trace.next(step)
      return step
    } finally {
      this.#heard = undefined
    }
  }

  /** Puts a message on its lane from outside, as if it had been in flight all along. */
  post(send: Send): void {
    this.#posted.next(send)
    this.#passOnFailure()
  }

  /** Lets go of the actors; what is still in a lane stays undelivered. */
  stop(): void {
    this.#wires.unsubscribe()
    this.#trace.complete()
  }

  #write({ sends, findings, notes, memory = [] }: Utterance): void {
    this.#heard?.sends.push(...sends)
    this.#heard?.findings.push(...findings)
    this.#heard?.notes.push(...notes)
    this.#heard?.memory.push(...memory)
    for (const send of sends) this.#posted.next(send)
  }

  #deliver(message: Message, to: string): void {
    if (this.#heard) this.#heard.changed = this.#ends.get(to)!.hear(message)
  }

  #passOnFailure(): void {
    if (this.#failure) throw this.#failure.error
  }

  /** The lane a message is about to go into. */
  #laneFor(from: string, to: string): Lane {
    const lane = this.#laneOf(from, to)
    this.#busy.add(lane)
    return lane
  }

  #laneOf(from: string, to: string): Lane {
    const known = this.#lanes.get(from)?.get(to)
    if (known) return known
    if (!this.#ends.has(to)) throw nobodyCalled({ from, to }, this.#ends.keys())
    const lane = new Lane(from, to, () => this.#step)
    const lanesFrom = this.#lanes.get(from) ?? new Map<string, Lane>()
    this.#lanes.set(from, lanesFrom.set(to, lane))
    return lane
  }
}
