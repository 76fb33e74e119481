/** Runs of deliveries that are taken alone, one after the other, without a look at the alternatives. */
import type { Cells, Collapsed, Move, Step } from '../states/cells.ts'
import type { Tell } from '../parallel/lessons.ts'
import type { Reduction } from '../reduction/reduction.ts'
import type { Tables } from '../states/tables.ts'

/** A chain longer than this may be a cycle: its end is stored and expanded like any other state. */
export const longestChain = 500

const unguarded = -1

/** What is asked of cells, and of a reduction: in a thread that only knows, both are others. */
export type ChainedCells = Pick<
  Cells,
  'carriers' | 'moves' | 'moveOf' | 'step' | 'known' | 'take' | 'local' | 'cellOf' | 'cellOfLane'
> & { readonly tables: Pick<Cells['tables'], 'lanes'> }
export type Asking = Pick<Reduction, 'alone' | 'check'>

export class Chains {
  readonly #cells: ChainedCells
  readonly #reduction: Asking | undefined
  /** By component: the one that guards it. */
  readonly #guards: readonly number[]
  /** By step, then by local state of the guard: may it be taken alone, is its claim true? */
  #alone: (boolean | undefined)[][] = []
  readonly #checked: true[][] = []
  /** Called with each answer. */
  onLesson: Tell | undefined

  /** Without a reduction every chain is empty. */
  constructor(cells: ChainedCells, reduction: Asking | undefined, guards: readonly number[]) {
    this.#cells = cells
    this.#reduction = reduction
    this.#guards = guards
  }

  get areEmpty(): boolean {
    return this.#reduction === undefined
  }

  /** Properties look at more than they did: what may be taken alone is another question. */
  forget(): void {
    this.#alone = []
  }

  /** What somebody else was answered. */
  learnAlone(step: number, guard: number, isAlone: boolean): void {
    ;(this.#alone[step] ??= [])[guard] = isAlone
  }

  learnChecked(step: number, guard: number): void {
    ;(this.#checked[step] ??= [])[guard] = true
  }

  guardOf(component: number): number {
    return this.#guards[component]!
  }

  /** Takes one step after another as long as there is one that may be taken alone, `most` at most; changes `state` in place. */
  follow(state: Collapsed, last: Step | undefined, onStep: (step: Step) => void, most = Infinity): void {
    if (!this.#reduction) return
    let before = last
    for (let taken = 0; taken < Math.min(most, longestChain); taken++) {
      const step = (before && this.after(state, before)) ?? this.find(state)
      if (!step) return
      this.#cells.take(state, step)
      onStep(step)
      before = step
    }
  }

  /** A step that may be taken alone, of what the step before has just sent: it goes on where that step ended, and nearly always it is the one. */
  after(state: Collapsed, { entry: { lanes } }: Step): Step | undefined {
    for (let at = 0; at < lanes.length; at++) {
      const step = this.aloneOn(state, lanes[at]!)
      if (step) return step
    }
    return undefined
  }

  /** The step that may be taken alone on the first lane that has one. */
  find(state: Collapsed): Step | undefined {
    const { carriers } = this.#cells
    let first: Step | undefined
    for (let at = 0; at < carriers.length; at++) {
      const cell = carriers[at]!
      const moves = this.#cells.moves(cell, state[cell]!)
      for (let each = 0; each < moves.length; each++) {
        const move = moves[each]!
        if (first && first.lane < move.lane) continue
        const isAlone = this.knownAlone(state, move)
        // Nobody is asked out of turn: the numbers that the tables give depend on it.
        if (isAlone === undefined) return this.#findInOrder(state)
        if (isAlone) first = this.#cells.known(state, move)
      }
    }
    return first
  }

  /** Only what was asked already. */
  knownAlone(state: Collapsed, move: Move): boolean | undefined {
    const step = this.#cells.known(state, move)
    return step && this.#alone[step.number]?.[this.#guardIn(state, move.receiver)]
  }

  /** Throws a Restart when what waits there breaks a claim. */
  check(state: Collapsed, { number, lane, entry }: Step): void {
    const guard = this.#guards[entry.component]!
    if (!this.#reduction || guard === unguarded) return
    const local = this.#cells.local(state, guard)
    const checked = (this.#checked[number] ??= [])
    if (checked[local]) return
    this.#reduction.check(local, this.#cells.tables.lanes[lane]!, entry)
    checked[local] = true
    this.onLesson?.({ of: 'checked', step: number, guard: local })
  }

  /** The head of this lane, if it may be taken alone. */
  aloneOn(state: Collapsed, lane: number): Step | undefined {
    const move = this.#cells.moveOf(state, lane)
    return move && this.#ifAlone(state, move)
  }

  #findInOrder(state: Collapsed): Step | undefined {
    const moves: Move[] = []
    for (const cell of this.#cells.carriers) moves.push(...this.#cells.moves(cell, state[cell]!))
    moves.sort(byLane)
    for (const move of moves) {
      const step = this.#ifAlone(state, move)
      if (step) return step
    }
    return undefined
  }

  #ifAlone(state: Collapsed, move: Move): Step | undefined {
    const step = this.#cells.step(state, move)
    const known = (this.#alone[step.number] ??= [])
    const local = this.#guardIn(state, move.receiver)
    const isAlone = (known[local] ??= this.#askAlone(move, step, local))
    return isAlone ? step : undefined
  }

  #askAlone({ lane }: Move, step: Step, guard: number): boolean {
    const { number, entry } = step
    const isAlone = entry.accepted && this.#reduction!.alone(guard, this.#cells.tables.lanes[lane]!, entry)
    this.onLesson?.({ of: 'alone', step: number, guard, isAlone })
    return isAlone
  }

  /** The local state of the guard of a component. */
  #guardIn(state: Collapsed, component: number): number {
    const guard = this.#guards[component]!
    return guard === unguarded ? 0 : this.#cells.local(state, guard)
  }
}

export const guardsIn = (tables: Tables): readonly number[] =>
  tables.components.map(({ guardedBy }) => (guardedBy === undefined ? unguarded : tables.indexOf(guardedBy)))

const byLane = (one: Move, other: Move): number => one.lane - other.lane
