/**
 * The real XState is the judge: whenever an actor hears something in a state of its own in which it has not heard it before, the whole step is
 * compared with what actors come to that nobody holds on to, word for word: what an inspector is told, in which order, and who is in which state then.
 */
import type { AnyActorLogic } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import type { Outside } from './describe.ts'
import type { Coming, Offer } from './offers.ts'
import type { Process, Taken } from './process.ts'
import type { State } from './state.ts'
import { flightLines, lineOf, portrait, Witness } from './witness.ts'

/** Beside those that are new, one step in so many. */
const oneIn = 64

/** So many witnesses wait, where they have come to, for somebody who goes on from there. */
const mostWaiting = 2048

/**
 * Witnesses that nobody has brought there go all the way from the start: so many steps in all, and so many for each step that was asked about. A
 * context that grows has no end of states that are new, each further away than the one before.
 */
const freely = 8192
const perStep = 16

export class Judge {
  readonly #process: Process
  readonly #make: () => Witness
  /** Custom actions that are run, for they are said to be pure. */
  readonly #run: readonly string[]
  readonly #met = new Set<string>()
  /** By the state that they are in. */
  readonly #waiting = new Map<unknown, Witness[]>()
  #isWaiting = 0
  #asked = 0
  /** Steps that witnesses took to get somewhere. */
  #gone = 0

  constructor(process: Process, logic: AnyActorLogic, outside: Outside) {
    this.#process = process
    this.#make = () => new Witness(logic, outside)
    this.#run = outside.pure ?? []
    const { begun } = process
    if (isEndless(begun)) return
    const witness = this.#make()
    this.#compare(begun, witness, ['outside', 'the start'], this.#make)
    this.#keep(begun.state, witness)
    for (const each of begun.locals()) this.#met.add(each)
  }

  /** Throws a ModelError where real actors come to something else, because it depends on more than what came. */
  hear(state: State, coming: Coming, taken: Taken): void {
    this.#asked++
    if (isEndless(taken)) return
    const locals = taken.locals()
    const isNew = locals.some((each) => !this.#met.has(each))
    if (!isNew && this.#asked % oneIn !== 0) return
    if (this.#gone > freely + perStep * this.#asked && !this.#waiting.has(this.#placeOf(state))) return
    for (const each of locals) this.#met.add(each)
    const witness = this.#brought(state)
    const offer = this.#offer(state, coming)
    witness.take(offer)
    this.#compare(taken, witness, [coming.from, coming.type], () => {
      const other = this.#afresh(state)
      other.take(offer)
      return other
    })
    this.#keep(taken.state, witness)
  }

  #compare(taken: Taken, witness: Witness, [from, type]: readonly [string, string], again: () => Witness): void {
    const held = this.#lines(taken)
    const said = witness.lines()
    const at = differing(held, said)
    if (at === undefined) return
    // Who comes to something else each time depends on more than what he hears.
    const { from: before } = taken.state
    const heldAgain = before ? this.#lines(this.#process.take(before.state, before.by)!) : held
    for (const [one, other] of [
      [held, heldAgain],
      [said, again().lines()],
    ] as const) {
      const differs = differing(one, other)
      if (differs !== undefined) throw changing(`${from} ${type}`, one[differs], other[differs])
    }
    if (this.#run.length > 0) throw impure(`${from} ${type}`, this.#run, held[at], said[at])
    throw new Error(
      [
        'XState comes to something else than relock does. Please report it, with the machine.',
        ...[
          `step     ${from} ${type}`,
          `relock   ${held[at] ?? 'nothing more'}`,
          `XState   ${said[at] ?? 'nothing more'}`,
        ],
      ].join('\n'),
    )
  }

  #lines({ state, told }: Taken): readonly string[] {
    this.#process.restore(state)
    const lines = portrait(this.#process.root, state.alive.values())
    return [...told.map(lineOf), ...lines, ...flightLines(this.#process.network)]
  }

  #offer(state: State, { from, type }: Coming): Offer {
    return this.#process.offers(state).find((each) => each.from === from && each.type === type)!
  }

  #brought(state: State): Witness {
    const waiting = this.#waiting.get(this.#placeOf(state))
    const witness = waiting?.pop()
    if (!witness) return this.#afresh(state)
    this.#isWaiting--
    if (waiting!.length === 0) this.#waiting.delete(this.#placeOf(state))
    return witness
  }

  /**
   * In one process equal states may be come to in any way. Elsewhere who was left by his parent lives on, and which of two of one name was there first
   * is in their names only; and who has no id has a number, by how many were there before.
   */
  #placeOf(state: State): unknown {
    const isByNumber = state.held.some(({ actor }) => actor._parent && actor.id === actor.sessionId)
    return this.#process.network || isByNumber ? state.held : state.key
  }

  #afresh(state: State): Witness {
    const witness = this.#make()
    const way = wayTo(state)
    this.#gone += way.length
    for (const { before, by } of way) witness.take(this.#offer(before, by))
    return witness
  }

  /** Those that have waited longest go: breadth first nobody comes to their states any more. */
  #keep(state: State, witness: Witness): void {
    const key = this.#placeOf(state)
    const [longest] = this.#waiting
    if (this.#isWaiting >= mostWaiting && longest) {
      this.#waiting.delete(longest[0])
      this.#isWaiting -= longest[1].length
    }
    const there = this.#waiting.get(key) ?? []
    this.#waiting.set(key, there)
    there.push(witness)
    this.#isWaiting++
  }
}

/** XState would not come back from it. */
const isEndless = ({ findings }: Taken): boolean => findings.some(({ kind }) => kind === 'endless')

/** One step from one state came to two results. */
export const changing = (step: string, once = 'nothing', then = 'nothing'): ModelError =>
  new ModelError(
    'nondeterministic',
    'The model is not deterministic: the same step from the same state gave two results.',
    [
      ['step', step],
      ['once', once],
      ['then', then],
    ],
    'Usual causes: a context that is changed in place (assign takes new values), state kept outside of it, dice, the clock (new Date()).',
  )

/** Actions of the user's were run: what they leave behind outside of snapshots is there for some actors, and not for others. */
const impure = (step: string, pure: readonly string[], here = 'nothing', alone = 'nothing'): ModelError =>
  new ModelError(
    'nondeterministic',
    'The model is not deterministic: a step comes to something else where nothing else was tried before.',
    [
      ['step', step],
      ['here', here],
      ['there', alone],
      ['pure', pure.join(', ')],
    ],
    'Usual cause: an action that is called pure and keeps something outside of the context. Put it into the context with assign.',
  )

const differing = (one: readonly string[], other: readonly string[]): number | undefined => {
  for (let at = 0; at < Math.max(one.length, other.length); at++) if (one[at] !== other[at]) return at
  return undefined
}

/** What came, from the start on. */
const wayTo = (state: State): readonly { readonly before: State; readonly by: Coming }[] => {
  const way: { readonly before: State; readonly by: Coming }[] = []
  for (let { from } = state; from; from = from.state.from) way.unshift({ before: from.state, by: from.by })
  return way
}
