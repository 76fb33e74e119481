/**
 * What becomes of a system when two change places, in the numbers of its tables. Nothing about data is believed: where both start, they are
 * one another's likeness; where the one goes on, the other is asked the same by its name, and what becomes of them is alike again. Whatever is
 * answered otherwise, or would have to be the likeness of two things, tells them apart.
 */
import { exchanging, renamed, type Exchange, type Renamed } from './alike.ts'
import { wordsApart, type Two } from './words-apart.ts'
import { canonical } from '../states/canonical.ts'
import { letIn } from '../locks/contexts.ts'
import { holdersOf } from '../locks/holders.ts'
import { findingKey } from '../outcome/keys.ts'
import type { Component } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'

/**
 * Thrown where some are not interchangeable after all: two of them; or none, if it does not say which. Without a word, where it is by what they do
 * themselves: then they never were.
 */
export class ToldApart extends Error {
  readonly who: Two | undefined
  /** They may be, if these change places along with them. */
  readonly along: readonly Two[]

  constructor(why: string, who?: Two, along: readonly Two[] = []) {
    super(why)
    this.who = who
    this.along = along
  }
}

export class Renaming {
  readonly exchange: Exchange
  readonly #tables: Tables
  readonly #called: Renamed
  readonly #components: readonly number[]
  /** By component: local state → its likeness, a local state of the component that is called so; and messages that it hears likewise. */
  readonly #locals: (number | undefined)[][]
  readonly #messages: (number | undefined)[][]
  readonly #lanes: number[] = []
  /** By lane: content → its likeness. */
  readonly #contents: number[][] = []

  constructor(tables: Tables, exchange: Exchange) {
    this.#tables = tables
    this.exchange = exchange
    this.#called = exchanging(exchange)
    this.#components = tables.components.map(({ id }) => tables.indexOf(this.#called(id)))
    this.#locals = tables.components.map(() => [])
    this.#messages = tables.components.map(() => [])
    const start = tables.initial()
    for (const [component, local] of start.subarray(0, tables.components.length).entries())
      this.#meetLocal(component, local, start[this.component(component)]!)
    for (const lane of tables.lanes.keys()) if (start[tables.laneBase + lane] !== 0) this.#meetStart(start, lane)
  }

  component(component: number): number {
    return this.#components[component]!
  }

  local(component: number, local: number): number {
    return this.#locals[component]![local]!
  }

  lane(lane: number): number {
    return (this.#lanes[lane] ??= this.#laneLike(lane))
  }

  /** What is on a lane, as it is on the lane that is called so. */
  content(lane: number, content: number): number {
    const known = (this.#contents[lane] ??= [0])
    return (known[content] ??= this.#contentLike(lane, content))
  }

  /** What was asked is asked by the other name, too. */
  meet({ component, local, message, ...entry }: Entry): void {
    const asked = [
      this.component(component),
      this.local(component, local),
      this.#messages[component]![message]!,
    ] as const
    const other = this.#tables.entry(...asked)
    if (answerOf(entry) !== answerOf(other)) this.#tellsApart(component)
    this.#meetLocal(component, entry.next, other.next)
    const left = [...other.lanes.keys()]
    for (const [at, lane] of entry.lanes.entries()) {
      const { receiver } = this.#tables.lanes[lane]!
      const same = left.findIndex((each) => this.#areLike(lane, other.lanes[each]!))
      if (same < 0)
        this.#tellsApart(component, this.#laneText(lane, this.#called), this.#laneText(other.lanes[left[0]!]!))
      this.#meetMessage(component, receiver, entry.messages[at]!, other.messages[left[same]!]!)
      left.splice(same, 1)
    }
  }

  #meetStart(start: Int32Array, lane: number): void {
    const { laneBase, contents, lanes } = this.#tables
    const like = this.lane(lane)
    const [one, other] = [lane, like].map((each) => contents[each]!.all(start[laneBase + each]!)) as [
      number[],
      number[],
    ]
    const { receiver } = lanes[lane]!
    if (one.length !== other.length) this.#tellsApart(receiver)
    for (const [at, message] of one.entries()) this.#meetMessage(receiver, receiver, message, other[at]!)
  }

  #meetLocal(component: number, local: number, like: number): void {
    if (!this.#pair(this.#locals, component, local, like)) return
    const [one, other] = [component, this.component(component)].map((each) => this.#tables.components[each]!)
    const [before, after] = [
      this.#tables.locals[component]![local],
      this.#tables.locals[this.component(component)]![like],
    ]
    const [mine, yours] = [this.#saidOf(one!, before, this.#called), this.#saidOf(other!, after, (name) => name)]
    if (mine !== yours) this.#tellsApart(component, mine, yours)
  }

  #meetMessage(sender: number, receiver: number, message: number, like: number): void {
    if (!this.#pair(this.#messages, receiver, message, like, sender)) return
    const { messages } = this.#tables
    const [one, other] = [messages[receiver]![message]!, messages[this.component(receiver)]![like]!]
    if (one.type !== other.type || letIn(one).join() !== letIn(other).join()) this.#tellsApart(sender)
  }

  /** The one is like the other, and the other like the one; false if that was known. `by`: who tells them apart where it is otherwise. */
  #pair(known: (number | undefined)[][], component: number, one: number, like: number, by = component): boolean {
    const other = this.component(component)
    if (known[component]![one] === like) return false
    if (known[component]![one] !== undefined || known[other]![like] !== undefined) this.#tellsApart(by)
    known[component]![one] = like
    known[other]![like] = one
    return true
  }

  /** What a search asks a component of its local state, besides what it does. */
  #saidOf(component: Component, local: unknown, by: Renamed): string {
    const sorted = (all: readonly unknown[]) => all.map((each) => canonical(renamed(each, by))).sort()
    const { threads, exclusive } = holdersOf(component, local)
    const ended = this.#tables.components.map(({ id }) => [id, component.endedBy?.(local, id).map(by).sort()])
    return canonical([
      [component.waits?.(local), component.rests?.(local), exclusive],
      [sorted(threads), sorted(component.owes?.(local) ?? []), component.endedBy ? sorted(ended) : []],
      [sorted(component.heap?.(local) ?? []), sorted(component.leadsTo?.(local) ?? [])],
    ])
  }

  #areLike(lane: number, other: number): boolean {
    const [one, like] = [lane, other].map((each) => this.#tables.lanes[each]!)
    return this.#called(one!.from) === like!.from && this.#called(one!.to) === like!.to
  }

  #laneLike(lane: number): number {
    const like = this.#tables.lanes.findIndex((_, other) => this.#areLike(lane, other))
    if (like < 0) this.#tellsApart(this.#tables.lanes[lane]!.receiver)
    return like
  }

  #contentLike(lane: number, content: number): number {
    const { contents, lanes } = this.#tables
    const { receiver } = lanes[lane]!
    const like = contents[this.lane(lane)]!
    return contents[lane]!.all(content).reduce((so, message) => like.push(so, this.#messages[receiver]![message]!), 0)
  }

  /** Of a lane, by the names that its ends are to have. */
  #laneText(lane: number, by: Renamed = (name) => name): string {
    const { from, to } = this.#tables.lanes[lane]!
    return `${by(from)} → ${by(to)}`
  }

  /** `mine` and `yours`: what would have to be the same, as it is by the other names, and as it is. */
  #tellsApart(component: number, mine = '', yours = ''): never {
    const { components } = this.#tables
    const who = this.exchange[0]
    const along = wordsApart(
      mine,
      yours,
      components.map(({ id }) => id),
      this.exchange,
    )
    if (along) throw new ToldApart('', who, along)
    // It is news of threads alone: not of what is theirs, nor of components.
    const { id, thread = id } = components[component]!
    const isAboutThreads = this.exchange.length === 1 && components.some((each) => each.thread === who[0])
    throw isAboutThreads && this.#called(thread) === thread ? this.toldApartBy(id) : new ToldApart('', who)
  }

  toldApartBy(whom: string): ToldApart {
    const who = this.exchange[0]
    return new ToldApart(`${whom} tells ${who.join(' and ')} apart`, who)
  }
}

/** What is to be seen in an answer, without names. */
const answerOf = ({
  accepted,
  fatal,
  ignored,
  lanes,
  findings,
}: Omit<Entry, 'component' | 'local' | 'message'>): string =>
  canonical([accepted, fatal, ignored, lanes.length, findings.map(findingKey).sort()])
