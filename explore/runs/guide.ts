/**
 * Looks for a run that keeps the order of a recorded one, on a model that may be another by now. Of the steps that are still there each comes
 * behind those that it followed from; other steps may come between them, and some may be gone.
 *
 * Best first: what is cheapest to explain as an edit of the model comes first, and an edit that is met again is nearly free. Every run that
 * keeps at least half of the steps is looked at in the end, unless there are too many.
 */
import { atom } from '../states/canonical.ts'
import { nameOf, type Recorded, type RecordedStep } from './causes.ts'
import { Cheapest } from '../ordered/cheapest.ts'
import type { Message, System } from '../system.ts'
import { tablesOf, type Tables } from '../states/tables.ts'

export interface Guidance {
  /** Whether a run shows what it has to. Absent: every run will do. */
  readonly shows?: (fit: Fit) => boolean
  /** It can only be seen where nothing is left to happen. */
  readonly atEnd?: boolean
  /** No step may be gone. */
  readonly whole?: boolean
  /** At most so many states are looked at (a state, and how far the recorded run has come in it). */
  readonly states: number
  /** At most so many runs are asked whether they show it. */
  readonly runs: number
}

/** A run of the model of today, and how it fits the recorded one. */
export interface Fit {
  readonly schedule: readonly number[]
  /** For each of its steps the index of the recorded one that it is; -1: it is new. */
  readonly is: readonly number[]
  /** Steps of it whose message holds something else than the recorded one: their indices. */
  readonly changed: readonly number[]
  /** Recorded steps that are gone. */
  readonly gone: readonly number[]
  /** How actors are called that were recorded under another name. */
  readonly renamed: ReadonlyMap<string, string>
}

export interface Guided {
  /** What keeps the order; undefined: nothing does, as far as it was looked at. */
  readonly fit: Fit | undefined
  readonly shown: boolean
  /** The longest beginning that keeps the order: nothing in it is gone, and what goes by the name of a recorded step is one. */
  readonly longest: Fit
  /** The first recorded step that it does not come to. */
  readonly stuckAt: number
  readonly states: number
  /** Nothing was left out. */
  readonly all: boolean
  /** Names of recorded steps that were met nowhere, not even in another order. */
  readonly missing: readonly string[]
}

/** What it takes to explain that a run differs, in steps of an order that is only ever compared. */
const price = {
  /** A kind of step that was not recorded, and the same again. */
  added: 20,
  addedAgain: 2,
  /** Not recorded, where a recorded one would do. */
  instead: 20,
  /** A recorded kind that is gone, and the same again. */
  gone: 80,
  goneAgain: 8,
  /** The first that is gone with an actor that is gone. */
  goneWithActor: 30,
  renamed: 10,
  /** The same message with something else in it. */
  otherFields: 45,
  /** Before a step that it came behind, though not because of it. */
  earlier: 4,
} as const

const atTheStart = -1
const added = -2

const pending = 0
const kept = 1
const gone = 2

type Names = ReadonlyMap<string, string>

interface Move {
  readonly price: number
  /** Undefined: nothing is delivered, a recorded step is gone. */
  readonly lane?: number
  readonly choice?: number
  /** It is a recorded step, and something else is in the message. */
  readonly isChanged?: boolean
  /** It is new, though a recorded one of that name is still to come. */
  readonly isInstead?: boolean
  /** Index of the recorded step that it is; `added`: none. */
  readonly is: number
  readonly names: Names
  /** The edit that it takes, if it takes one. */
  readonly kind?: string
}

interface Place {
  readonly before: Place | undefined
  readonly by: Move | undefined
  readonly price: number
  /** Slots in use. */
  readonly state: Int32Array
  /** For each recorded step: pending, kept or gone. */
  readonly fate: Uint8Array
  readonly left: number
  readonly goneSoFar: number
  /** Nothing is gone, and no step is new that goes by the name of one that was still to come. */
  readonly isStraight: boolean
  /** By lane: which recorded steps sent what is in flight. */
  readonly senders: ReadonlyMap<number, readonly number[]>
  readonly names: Names
  readonly edits: ReadonlySet<string>
  /** The kernel has crashed. */
  readonly over: boolean
}

export const guide = (system: System<any>, recorded: Recorded, guidance: Guidance): Guided =>
  new Guide(tablesOf(system), recorded, guidance).look()

class Guide {
  readonly #tables: Tables
  readonly #steps: readonly RecordedStep[]
  readonly #guidance: Guidance
  /** Those who are gone, or called otherwise now. */
  readonly #strangers: ReadonlySet<string>
  /** Those who were not there. */
  readonly #newcomers: ReadonlySet<string>
  readonly #met = new Set<string>()
  readonly #queue = new Cheapest<readonly [Place, Move]>()
  readonly #known = new Map<string, number>()
  readonly #scratch: Int32Array

  constructor(tables: Tables, { steps, actors }: Recorded, guidance: Guidance) {
    this.#tables = tables
    this.#steps = steps
    this.#guidance = guidance
    const ids = tables.components.map(({ id }) => id)
    const there = new Set(ids)
    this.#strangers = new Set([...actors].filter((actor) => !there.has(actor)))
    this.#newcomers = new Set(this.#strangers.size === 0 ? [] : ids.filter((id) => !actors.has(id)))
    this.#scratch = tables.initial()
  }

  look(): Guided {
    const { shows, atEnd = false, states, runs } = this.#guidance
    let place: Place = this.#start()
    let looked = 0
    let asked = 0
    let longest = place
    let [silent, silentWithGaps]: (Place | undefined)[] = []
    let found: Place | undefined
    let all = true
    for (;;) {
      if (this.#isNews(place)) {
        if (looked === states) {
          all = false
          break
        }
        looked++
        const lanes = this.#enabledAt(place)
        if (isLonger(place, longest)) longest = place
        if (place.left === 0 && place.goneSoFar * 2 <= this.#steps.length) {
          if (shows === undefined) {
            found = place
            break
          }
          if (!atEnd || place.over || lanes.length === 0) {
            if (asked === runs) {
              all = false
              break
            }
            asked++
            if (shows(fitOf(place))) {
              found = place
              break
            }
          }
          if (place.goneSoFar === 0) silent ??= place
          else silentWithGaps ??= place
        }
        for (const move of this.#moves(place, lanes))
          this.#queue.push([place, move], place.price + move.price + place.left - (move.is === added ? 0 : 1))
      }
      const next = this.#queue.pop()
      if (next === undefined) break
      place = this.#after(...next)
    }
    const missing = [...new Set(this.#steps.map(nameOf))].filter((name) => !this.#met.has(name))
    // What shows nothing keeps the order of the steps that still exist only where those that are gone exist no more.
    const isRight = (at: Place): boolean => goneIn(at).every((index) => missing.includes(nameOf(this.#steps[index]!)))
    const fallback = silent ?? (silentWithGaps && isRight(silentWithGaps) ? silentWithGaps : undefined)
    const best = found ?? fallback
    return {
      fit: best && fitOf(best),
      shown: found !== undefined && shows !== undefined,
      longest: fitOf(longest),
      stuckAt: firstPending(longest),
      states: looked,
      all,
      missing,
    }
  }

  #start(): Place {
    const initial = this.#tables.initial()
    const senders = this.#tables.laneOrder.flatMap((lane) => {
      const content = initial[this.#tables.laneBase + lane]!
      const waiting = this.#tables.contents[lane]!.all(content)
      return waiting.length === 0 ? [] : [[lane, waiting.map(() => atTheStart)] as const]
    })
    return {
      before: undefined,
      by: undefined,
      price: 0,
      state: initial.slice(0, this.#tables.slots),
      fate: new Uint8Array(this.#steps.length),
      left: this.#steps.length,
      goneSoFar: 0,
      isStraight: true,
      senders: new Map(senders),
      names: new Map(),
      edits: new Set(),
      over: false,
    }
  }

  /** A state that can be asked: lanes may have come since that were not there when the place was reached. */
  #stateAt({ state }: Place): Int32Array {
    this.#scratch.fill(0)
    this.#scratch.set(state)
    return this.#scratch
  }

  /** Lanes that can be taken, and what is at their heads is met. */
  #enabledAt(place: Place): readonly number[] {
    return place.over ? [] : this.#tables.enabled(this.#stateAt(place))
  }

  /** Not reached before, or not so cheaply. */
  #isNews({ state, fate, senders, names, price: paid }: Place): boolean {
    const key = `${state.join().replace(/(?:,0)+$/, '')}|${fate.join('')}|${[...senders].join(';')}|${[...names].join(';')}`
    const before = this.#known.get(key)
    if (before !== undefined && before <= paid) return false
    this.#known.set(key, paid)
    return true
  }

  #moves(place: Place, lanes: readonly number[]): readonly Move[] {
    const ready = this.#steps.flatMap((_, index) => (this.#isReady(place, index) ? [index] : []))
    const state = this.#stateAt(place)
    const first = firstPending(place)
    const moves: Move[] = []
    for (const [choice, lane] of lanes.entries()) {
      const { from, to } = this.#tables.lanes[lane]!
      const message = this.#tables.message(lane, this.#tables.head(state, lane))
      const sentBy = place.senders.get(lane)?.[0] ?? atTheStart
      const name = nameOf({ from, to, type: message.type })
      this.#met.add(this.#inOldWords(place.names, from, to, message.type))
      let isRecorded = false
      for (const index of ready) {
        const names = this.#fits(place, index, from, to, message.type, sentBy)
        if (names === undefined) continue
        const isSame = this.#holds(this.#steps[index]!, message, names)
        isRecorded ||= isSame
        moves.push({
          price:
            (index === first ? 0 : price.earlier) +
            (names === place.names ? 0 : price.renamed) +
            (isSame ? 0 : price.otherFields),
          ...{ lane, choice, is: index, names, isChanged: !isSame },
        })
      }
      const kind = `added ${name}`
      const isKnown = sentBy === added || place.edits.has(kind)
      moves.push({
        price: (isKnown ? price.addedAgain : price.added) + (isRecorded ? price.instead : 0),
        ...{
          lane,
          choice,
          is: added,
          names: place.names,
          kind,
          isInstead: this.#isAwaited(place, from, to, message.type),
        },
      })
    }
    if (this.#guidance.whole) return moves
    if ((place.goneSoFar + 1) * 2 > this.#steps.length) return moves
    for (const index of ready) {
      const step = this.#steps[index]!
      const lost = [step.from, step.to].find((name) => this.#strangers.has(name) && !place.names.has(name))
      const kind = lost === undefined ? `gone ${nameOf(step)}` : `without ${lost}`
      const isKnown = place.edits.has(kind) || (step.sentBy >= 0 && place.fate[step.sentBy] === gone)
      moves.push({
        price: isKnown ? price.goneAgain : lost === undefined ? price.gone : price.goneWithActor,
        ...{ is: index, names: place.names, kind },
      })
    }
    return moves
  }

  #isReady({ fate }: Place, index: number): boolean {
    const { sentBy, after } = this.#steps[index]!
    return fate[index] === pending && (sentBy < 0 || fate[sentBy] !== pending) && (after < 0 || fate[after] !== pending)
  }

  #isAwaited({ fate, names }: Place, from: string, to: string, type: string): boolean {
    return this.#steps.some(
      (step, index) =>
        fate[index] === pending &&
        step.type === type &&
        (names.get(step.from) ?? step.from) === from &&
        (names.get(step.to) ?? step.to) === to,
    )
  }

  /** The names with which what is at the head of a lane is the recorded step; undefined: it is not. */
  #fits(place: Place, index: number, from: string, to: string, type: string, sentBy: number): Names | undefined {
    const step = this.#steps[index]!
    if (step.type !== type) return undefined
    if (sentBy !== added && sentBy !== step.sentBy && !(step.sentBy >= 0 && place.fate[step.sentBy] === gone))
      return undefined
    const names = this.#called(place.names, step.from, from)
    return names && this.#called(names, step.to, to)
  }

  /** Is `now` who was called `before`? Whoever is a stranger may be any of those who were not there. */
  #called(names: Names, before: string, now: string): Names | undefined {
    if (!this.#strangers.has(before)) return before === now ? names : undefined
    const known = names.get(before)
    if (known !== undefined) return known === now ? names : undefined
    if (!this.#newcomers.has(now) || [...names.values()].includes(now)) return undefined
    return new Map([...names, [before, now]])
  }

  #inOldWords(names: Names, from: string, to: string, type: string): string {
    const old = (name: string): string => [...names].find(([, now]) => now === name)?.[0] ?? name
    return nameOf({ from: old(from), to: old(to), type })
  }

  /** All that was recorded is in the message; there may be more. */
  #holds({ fields }: RecordedStep, message: Message, names: Names): boolean {
    return fields === undefined || this.#isIn(fields, message, names)
  }

  #isIn(before: unknown, now: unknown, names: Names): boolean {
    if (typeof before === 'string' && this.#strangers.has(before))
      return now === names.get(before) || (typeof now === 'string' && this.#newcomers.has(now))
    if (typeof before !== 'object' || before === null) return text(before) === text(now)
    if (typeof now !== 'object' || now === null) return false
    return Object.entries(before).every(([field, value]) =>
      this.#isIn(value, (now as Readonly<Record<string, unknown>>)[field], names),
    )
  }

  #after(place: Place, move: Move): Place {
    const { lane, is, kind } = move
    const fate = is === added ? place.fate : place.fate.with(is, lane === undefined ? gone : kept)
    const edits = kind === undefined || place.edits.has(kind) ? place.edits : new Set([...place.edits, kind])
    const after = {
      ...{ before: place, by: move, price: place.price + move.price, fate, edits, names: move.names },
      left: place.left - (is === added ? 0 : 1),
      isStraight: place.isStraight && lane !== undefined && move.isInstead !== true,
    }
    if (lane === undefined) {
      const { state, senders, over } = place
      return { ...after, state, senders, over, goneSoFar: place.goneSoFar + 1 }
    }
    const state = this.#stateAt(place)
    const entry = this.#tables.entryOf(state, lane)!
    const senders = new Map(place.senders)
    const [, ...behind] = senders.get(lane) ?? []
    if (behind.length > 0) senders.set(lane, behind)
    else senders.delete(lane)
    for (const target of entry.lanes) senders.set(target, [...(senders.get(target) ?? []), is])
    this.#tables.apply(state, lane, entry)
    return {
      ...after,
      state: state.slice(0, this.#tables.slots),
      senders: inOneOrder(senders),
      goneSoFar: place.goneSoFar,
      over: entry.fatal,
    }
  }
}

/** A number from a file may be a bigint that was written as text. */
const text = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : atom(value)?.replace(/n$/, '')

const inOneOrder = (senders: ReadonlyMap<number, readonly number[]>): ReadonlyMap<number, readonly number[]> =>
  new Map([...senders].toSorted(([a], [b]) => a - b))

const firstPending = ({ fate }: Place): number => {
  const first = fate.indexOf(pending)
  return first < 0 ? fate.length : first
}

const goneIn = ({ fate }: Place): readonly number[] => [...fate.keys()].filter((index) => fate[index] === gone)

/** Straight, and more of the recorded run is behind it. */
const isLonger = (place: Place, than: Place): boolean => place.isStraight && firstPending(place) > firstPending(than)

const fitOf = (place: Place): Fit => {
  const taken: Move[] = []
  for (let at: Place | undefined = place; at?.by; at = at.before) if (at.by.lane !== undefined) taken.unshift(at.by)
  return {
    schedule: taken.map(({ choice }) => choice!),
    is: taken.map(({ is }) => (is === added ? -1 : is)),
    changed: [...taken.keys()].filter((at) => taken[at]!.isChanged),
    gone: goneIn(place),
    renamed: place.names,
  }
}
