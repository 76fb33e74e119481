/** Reads a state of real actors into numbers. Throws NotNumbered where somebody has no place of his own. */
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { Outside } from '../describe.ts'
import { identityOf, type Identity, type Label } from '../identity.ts'
import { isMachineSnapshot, running, type Live } from '../inside.ts'
import { callsOf, childrenOf, isOrphan } from '../names.ts'
import type { Coming } from '../offers.ts'
import type { Taken } from '../process.ts'
import { stateOf } from '../shown.ts'
import type { State } from '../state.ts'
import { awaitedBy, listening, type Listens } from '../stuck.ts'
import { mostActors } from '../watch.ts'
import type { Outlook, Surroundings } from './outlook.ts'
import { armed, faulty, keyed, type Vector } from './parts.ts'
import type { Places } from './places.ts'

/** Actors are told by their slots, which are written down by who knows of them. */
class Labels {
  readonly refs = new Map<Live | undefined, Set<number>>()
  readonly label: Label

  constructor(places: Places) {
    this.label = (actor, by) => {
      const slot = places.slotFor(actor)
      const known = this.refs.get(by)
      if (known) known.add(slot)
      else this.refs.set(by, new Set([slot]))
      return slot
    }
  }
}

export class Reading {
  readonly #around: Surroundings
  readonly #outlook: Outlook
  readonly #outside: Outside
  readonly #listens: Listens

  constructor(around: Surroundings, outlook: Outlook, outside: Outside) {
    this.#around = around
    this.#outlook = outlook
    this.#outside = outside
    this.#listens = listening(outside)
  }

  /** Takes a step, and reads what it leads to. */
  take(before: State, coming: Coming): { readonly taken: Taken; readonly read: () => readonly number[] } {
    const labels = new Labels(this.#around.places)
    const taken = this.#around.process.take(before, coming, labels.label)
    if (!taken) throw new NotNumbered()
    return { taken, read: () => this.#read(taken.state, taken.identity, labels) }
  }

  /** Reads where everything begins. */
  start(): readonly number[] {
    const { process, places } = this.#around
    const { state } = process.begun
    const labels = new Labels(places)
    process.restore(state)
    const identity = identityOf({
      ...{ root: process.root, keyed: state.keyed, alive: state.alive.values(), rest: '', given: () => 0 },
      ...{ timers: state.armed.timers, byKey: state.armed.byKey, lanes: process.network?.lanes() ?? [] },
      label: labels.label,
    })
    return this.#read(state, identity, labels)
  }

  #read(real: State, { actors, texts, ...shared }: Identity, { refs }: Labels): readonly number[] {
    const { process, slots, places, parts, comings, counted } = this.#around
    process.restore(real)
    const { network } = process
    const lanes = network?.lanes() ?? []
    const isAlive = (actor: Live): boolean => real.alive.get(actor.sessionId) === actor
    this.#insistOnPlaces(real, isAlive)
    const names = process.names(real)
    const offers = process.outside(real).map((each) => ({ from: each.from, number: comings.of(each) }))
    const of = (name: string): readonly number[] =>
      offers.flatMap(({ from, number }) => (from === name ? [number] : []))
    const vector: number[] = []
    for (const [at, slot] of counted.entries()) if (slot > 0) vector[slot] = real.sent[at]!
    for (const [at, actor] of actors.entries()) {
      const slot = places.slotFor(actor)
      const name = names.get(actor) ?? ''
      places.names[slot] ??= name
      if (vector[slot] || (names.has(actor) && places.names[slot] !== name)) throw new NotNumbered()
      vector[slot] = parts.ofValue(slot, texts[at]!, () => {
        const { _snapshot: snapshot, _parent: parent } = actor
        const children = childrenOf(actor).map((each) => places.slotFor(each))
        const mayWait = isAlive(actor) && isMachineSnapshot(snapshot) && snapshot.status === 'active'
        const own = new Set([...children, ...(parent ? [places.slotFor(parent)] : [])])
        return {
          actor: { ...actor } as Live,
          state: stateOf(snapshot),
          isAlive: isAlive(actor),
          isRunning: actor._processingStatus === running,
          offers: of(name),
          children,
          refs: [...(refs.get(actor) ?? [])].filter((each) => !own.has(each)),
          mayWait,
          hasSaidAll: isAlive(actor) && process.hasSaidAll(actor),
          waits: mayWait && !this.#listens(actor) ? awaitedBy(snapshot) : [],
          handles: [],
          ignored: [],
        }
      })
      if (parts.value(vector, slot).isAlive !== isAlive(actor)) throw new NotNumbered()
    }
    const { timers } = real.armed
    vector[armed] = parts.ofShared(armed, shared.armed, () => ({
      offers: of('clock'),
      refs: timers.flatMap(({ source, target }) => [places.slotFor(source), places.slotFor(target)]),
      timers: timers.map(({ target, event }) => ({ target: places.slotFor(target), type: event.type })),
    }))
    vector[keyed] = parts.ofShared(keyed, shared.named, () => {
      const named = [...real.keyed].map(([name, actor]) => [name, places.slotFor(actor)] as const)
      return { refs: named.map(([, slot]) => slot), named }
    })
    vector[faulty] = parts.ofShared(faulty, real.faults.join(), () => ({ faults: real.faults }))
    for (const [at, flights] of lanes.entries()) {
      const [first] = flights
      const { slot, from, to } = places.laneOf(first!)
      const calls = [first!.source, first!.target].map((each) => callsOf(each).join(' '))
      if (vector[slot]) throw new NotNumbered()
      vector[slot] = parts.ofLoad(slot, [...calls, shared.flying[at]].join('\n'), () => ({
        flights,
        refs: [from, to, ...(refs.get(undefined) ?? [])],
        offers: [],
      }))
    }
    for (let slot = 0; slot < slots.width; slot++) vector[slot] ??= 0
    this.#insistOnRest(vector, real)
    return vector
  }

  /** Of those whom nobody knows there is one at most: word that he is to stop is on its way. */
  #insistOnPlaces(real: State, isAlive: (actor: Live) => boolean): void {
    const { root, network } = this.#around.process
    const known = new Set<Live>([root])
    for (const each of known) for (const child of childrenOf(each)) known.add(child)
    let loose = 0
    for (const actor of real.alive.values()) {
      if (!known.has(actor)) loose++
      if (actor !== root && isOrphan(actor, isAlive) && !network?.isToStop(actor)) throw new NotNumbered()
    }
    if (loose > (network ? 1 : 0) || real.alive.size > (this.#outside.actors ?? mostActors)) throw new NotNumbered()
  }

  /** What is put together of the parts is what the whole says. */
  #insistOnRest(vector: Vector, real: State): void {
    const { process, comings } = this.#around
    const offers = process.offers(real).map((each) => comings.of(each))
    const expected = this.#outlook.offersIn(vector, [])
    if (expected.join() !== comings.sorted(offers).join()) throw new NotNumbered()
    if (this.#outlook.waitsIn(vector).toSorted().join('\n') !== real.stuck.toSorted().join('\n'))
      throw new NotNumbered()
  }
}
