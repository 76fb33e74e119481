/** The part of a model that a page carries: what the turns of its runs need, and as much around them as there is room for. */
import type { Entry, Tables } from '../../explore/states/tables.ts'
import { changes } from '../../report/changes.ts'
import { eventsOf } from '../../report/sanitizer.ts'
import { eventFields, inKernel, inScript, type Saying } from '../../report/saying.ts'
import { messageWord } from '../../report/story.ts'
import { fieldsTo, noteWords } from '../../report/words.ts'
import type { Taken } from '../../explore/outcome/taken.ts'
import type { ActorData, CoverData, EntryData, LocalData, MessageData, ModelData } from '../data.ts'
import { chartData, type Chart, type Root } from './charts.ts'
import { coveredIn } from './covered.ts'
import type { Texts } from './texts.ts'

/** Roots of statecharts by actor; an actor need not be one. */
export type Machines = ReadonlyMap<string, Root>

export class Model {
  readonly #tables: Tables
  readonly #texts: Texts
  readonly #actors: ActorData[]
  readonly #lanes: (readonly [number, number, number?])[] = []
  readonly #laneOf = new Map<number, number>()
  /** By name, who lives inside an actor and is a statechart. */
  readonly #inner: ReadonlyMap<string, number>
  readonly #locals: LocalData[][]
  readonly #localOf: Map<number, number>[]
  readonly #messages: MessageData[] = []
  readonly #messageOf = new Map<string, number>()
  readonly #entries: EntryData[] = []
  readonly #known = new Set<Entry>()
  #start: (readonly [number, ...number[]])[] = []
  /** Every state that can be reached is known. */
  whole = false

  readonly #charts: readonly Chart[]
  readonly #rootOf: Machines
  /** Actors of XState tell their runs themselves, and know of no kernel. */
  readonly #isOfActors: boolean
  readonly #say: Saying
  #covered: readonly CoverData[] | undefined

  constructor(tables: Tables, machines: Machines, texts: Texts) {
    this.#tables = tables
    this.#texts = texts
    this.#rootOf = machines
    this.#isOfActors = tables.system.tell !== undefined
    this.#say = this.#isOfActors ? inScript : inKernel
    const roots = [...new Set(machines.values())]
    this.#charts = roots.map(chartData)
    this.#actors = tables.components.map(({ id, thread, lockClass }) => ({
      id: texts.of(id),
      ...(machines.has(id) && { chart: roots.indexOf(machines.get(id)!) }),
      ...(thread !== undefined && { thread: texts.of(thread) }),
      ...(lockClass !== undefined && { lock: texts.of(lockClass) }),
    }))
    const ids = new Set(tables.components.map(({ id }) => id))
    this.#inner = new Map([...machines].flatMap(([id, root]) => (ids.has(id) ? [] : [[id, roots.indexOf(root)]])))
    this.#locals = tables.components.map(() => [])
    this.#localOf = tables.components.map(() => new Map())
    const state = tables.initial()
    for (const index of tables.components.keys()) this.#local(index, state[index]!)
    this.#start = tables.laneOrder.flatMap((lane) => {
      const content = state[tables.laneBase + lane]!
      if (content === 0) return []
      const { receiver } = tables.lanes[lane]!
      const waiting = tables.contents[lane]!.all(content).map((each) => this.#message(receiver, each))
      return [[this.lane(lane), ...waiting] as const]
    })
  }

  /** How much is carried, roughly: entries weigh the most. */
  get size(): number {
    return this.#entries.length
  }

  lane(number: number): number {
    const known = this.#laneOf.get(number)
    if (known !== undefined) return known
    const { from, sender, receiver } = this.#tables.lanes[number]!
    const isNamed = sender < 0 && from !== 'env'
    const made = this.#lanes.push(isNamed ? [sender, receiver, this.#texts.of(from)] : [sender, receiver]) - 1
    this.#laneOf.set(number, made)
    return made
  }

  /** What a search has come by. */
  cover(taken: readonly Taken[]): void {
    const roots = [...new Set(this.#rootOf.values())]
    this.#covered = this.#charts.map(({ data, names }, at) =>
      coveredIn(
        data,
        names,
        taken.filter(({ component }) => this.#rootOf.get(component) === roots[at]),
      ),
    )
  }

  /** All that could be delivered in this state. */
  see(state: Int32Array): void {
    for (const lane of this.#tables.laneOrder) {
      const entry = this.#tables.entryOf(state, lane)
      if (entry) this.#entry(entry, lane)
    }
  }

  data(): ModelData {
    const order = this.#tables.laneOrder.flatMap((lane) => this.#laneOf.get(lane) ?? [])
    return {
      fingerprint: this.#tables.system.fingerprint,
      actors: this.#actors,
      ...(this.#inner.size > 0 && {
        inner: [...this.#inner].map(([name, chart]) => [this.#texts.of(name), chart] as const),
      }),
      charts: this.#charts.map(({ data }) => data),
      ...(this.#covered && { covered: this.#covered }),
      lanes: this.#lanes,
      order,
      locals: this.#locals,
      messages: this.#messages,
      entries: this.#entries,
      start: this.#start,
      whole: this.whole,
    }
  }

  #entry(entry: Entry, lane: number): void {
    if (this.#known.has(entry)) return
    this.#known.add(entry)
    this.lane(lane)
    const { component, local, message, next } = entry
    const about = {
      actor: component,
      local: this.#local(component, local),
      message: this.#message(component, message),
    }
    if (!entry.accepted) {
      this.#entries.push(about)
      return
    }
    const tables = this.#tables
    const subject = tables.components[component]!
    const shown = (number: number) => subject.show(tables.locals[component]![number])
    const changed = local === next ? [] : changes(shown(local), shown(next), this.#say)
    const notes = eventsOf(entry).map(noteWords)
    const sends = entry.lanes.flatMap((to, at) => [
      this.lane(to),
      this.#message(tables.lanes[to]!.receiver, entry.messages[at]!),
    ])
    const texts = (list: readonly string[]) => list.map((text) => this.#texts.of(text))
    this.#entries.push({
      ...about,
      next: this.#local(component, next),
      ...(sends.length > 0 && { sends }),
      ...(changed.length > 0 && { changes: texts(changed.flatMap(({ path, text }) => [path, text])) }),
      ...(notes.length > 0 && { notes: texts(notes) }),
      ...(entry.findings.length > 0 && { findings: texts(entry.findings.map(({ title }) => title)) }),
      ...(entry.fatal && { fatal: 1 }),
      ...(entry.ignored && { ignored: 1 }),
    })
  }

  #local(component: number, number: number): number {
    const known = this.#localOf[component]!.get(number)
    if (known !== undefined) return known
    const subject = this.#tables.components[component]!
    const local = this.#tables.locals[component]![number]
    const { state, data } = subject.show(local)
    const offers = this.#tables
      .offeredIn(component, number)
      .map(([lane, message]) => [this.lane(lane), this.#message(component, message)] as const)
    const made = this.#locals[component]!.push({
      state: this.#texts.of(state),
      fields: Object.entries(data)
        .filter(([, x]) => x !== undefined)
        .flatMap(([name, x]) => [this.#texts.of(name), this.#texts.of(this.#say.value(x))]),
      ...(this.#inner.size > 0 && { inner: this.#innerOf(data) }),
      ...(subject.waits?.(local) && { waits: 1 }),
      ...(offers.length > 0 && { offers }),
    })
    this.#localOf[component]!.set(number, made - 1)
    return made - 1
  }

  #innerOf(data: Readonly<Record<string, unknown>>): readonly number[] {
    return [...this.#inner.keys()].flatMap((name) => {
      const state = (data[name] as { readonly state?: unknown } | undefined)?.state
      return typeof state === 'string' ? [this.#texts.of(name), this.#texts.of(state)] : []
    })
  }

  #message(receiver: number, number: number): number {
    const key = `${receiver} ${number}`
    const known = this.#messageOf.get(key)
    if (known !== undefined) return known
    const message = this.#tables.messages[receiver]![number]!
    const { id } = this.#tables.components[receiver]!
    const word = this.#isOfActors ? message.type : messageWord(id, message.type)
    const made =
      this.#messages.push({
        type: this.#texts.of(message.type),
        ...(word !== message.type && { word: this.#texts.of(word) }),
        words: this.#texts.of(this.#isOfActors ? eventFields(message) : fieldsTo(id, message)),
      }) - 1
    this.#messageOf.set(key, made)
    return made
  }
}
