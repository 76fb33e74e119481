/** The set of orbits seen: of each the state that stands for it, and which way leads from there to the state of it that was met first. */
import type { Collapsed } from '../states/cells.ts'
import { Column, type Segment } from '../states/columns.ts'
import type { Orbits } from './orbits.ts'
import { Store, type KeptStates } from '../states/store.ts'

export class OrbitStore extends Store {
  readonly #orbits: Orbits
  readonly #ways = new Column()
  readonly #scratch: Collapsed

  constructor(orbits: Orbits, scratch: Collapsed) {
    super()
    this.#orbits = orbits
    this.#scratch = scratch
  }

  override get bytes(): number {
    return super.bytes + this.#ways.bytes
  }

  override get kept(): KeptStates {
    return { ...super.kept, ways: this.#ways.kept }
  }

  override restore(kept: KeptStates): void {
    super.restore(kept)
    this.#ways.restore(kept.ways as readonly Segment[])
  }

  override add(state: Collapsed, width: number, parent?: number, lane?: number): number {
    const to = this.#orbits.smallest(state)
    const way = this.#orbits.back(to)
    this.#ways.reserve(this.slots, way)
    const added = super.add(this.#standingFor(state, to), width, parent, lane)
    if (added >= 0) this.#ways.set(added, way)
    return added
  }

  override find(state: Collapsed, width: number): number | undefined {
    return super.find(this.#standingFor(state, this.#orbits.smallest(state)), width)
  }

  #standingFor(state: Collapsed, to: number): Collapsed {
    return to === 0 ? state : this.#orbits.image(state, to, this.#scratch)
  }

  override load(state: number, into: Collapsed, width: number): void {
    super.load(state, into, width)
    this.#orbits.apply(into, this.spilled ? this.spilled.log.way(state) : this.#ways.get(state))
  }

  protected override readonly wayOf = (slot: number): number => this.#ways.get(slot)
}
