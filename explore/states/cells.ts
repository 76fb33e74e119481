/**
 * States collapsed. A thread has one message in flight, so its task, its calls and its lanes are rarely more than a program counter: together they
 * are one cell of a state, and each combination of what its slots were met with is a number. A component that is no thread, and a lane between two
 * such, are cells by themselves, whose value is that of the slot; what is offered to a component stands in its cell.
 *
 * A step is then looked up by the value of the cell that the lane is part of and of the one that the receiver is part of; what it puts on lanes
 * of other cells depends on nothing but the values of these. All of it is learned from the tables, by taking the step there once.
 */
import type { Delivery, Lesson, Stood, Tell } from '../parallel/lessons.ts'
import type { Renaming } from '../symmetry/renaming.ts'
import { mostLanes, type Entry, type Tables } from './tables.ts'
import { nobody, Threads } from './threads.ts'
import { contentOf, Values, withContent } from './values.ts'

/** A state: one value a cell. */
export type Collapsed = Int32Array

/** A delivery as it changes cells. */
export interface Step {
  readonly number: number
  readonly lane: number
  readonly entry: Entry
  /** The cell of the lane, and what becomes of it. */
  readonly from: number
  readonly left: number
  /** The cell of the receiver, and what becomes of it. They may be the same. */
  readonly to: number
  readonly next: number
  /** What it puts on lanes of other cells: cell, lane, message. */
  readonly pushes: readonly number[]
}

/** The head of a lane, in one value of the cell that the lane is part of. */
export interface Move {
  readonly lane: number
  readonly from: number
  readonly receiver: number
  readonly to: number
  /** By value of the cell of the receiver; only one where that is the cell of the lane. */
  readonly steps: (Step | undefined)[]
}

/** Which cells there are, for those who look at the same ones. */
export interface CellsShape {
  readonly laneBase: number
  readonly lanes: Tables['lanes']
  readonly carriers: number[]
  /** By lane. */
  readonly ranks: readonly number[]
  readonly ofLane: readonly number[]
  /** By component: its cell, and its place there. */
  readonly ofComponent: readonly number[]
  readonly at: readonly number[]
  /** By cell: its only slot, or -1. */
  readonly slots: readonly number[]
}

interface Cell {
  readonly components: readonly number[]
  readonly lanes: number[]
  /** Of one slot and no more: a value is what stands in it. */
  readonly slot: number
  /** Of cells of one slot, only lanes have any. */
  readonly values: Values
}

const several = -1

export class Cells {
  readonly tables: Tables
  /** The cell of what a search remembers along its runs. */
  readonly watch: number
  /** That of what has come of an order; none: -1. */
  readonly order: number
  /** Cells with lanes: those that something can be delivered from. */
  readonly carriers: number[] = []
  /** The state in which the tables were asked last, slot by slot. */
  readonly asked: Int32Array
  /** Called with each step that is asked for the first time. */
  onLesson: Tell | undefined
  readonly #cells: Cell[] = []
  readonly #threads: Threads
  /** By component, and by lane. */
  readonly #ofComponent: number[] = []
  readonly #ofLane: number[] = []
  /** By component: its place among those of its cell. */
  readonly #at: number[] = []
  #ranks: number[] = []
  /** By step: the same, where the order stands in its way. */
  readonly #held: Step[] = []
  #steps = 0

  constructor(tables: Tables) {
    this.tables = tables
    this.asked = tables.initial()
    this.#threads = new Threads(tables.components)
    const { of } = this.#threads
    const ofThread = new Map<number, number>()
    for (const [component, subject] of tables.components.entries()) {
      const thread = of[component]!
      const cell = ofThread.get(thread) ?? this.#cellFor(component, thread, subject.offers !== undefined)
      if (thread !== nobody) ofThread.set(thread, cell)
      this.#ofComponent.push(cell)
      this.#at.push(this.#cells[cell]!.components.indexOf(component))
    }
    this.watch = this.#cell([], tables.watchSlot)
    this.order = tables.held ? this.#cell([], tables.orderSlot) : noCell
    this.meetLanes()
  }

  /** How many there are; grows while new pairs of actors talk for the first time. What was not there was empty, which is 0. */
  get count(): number {
    return this.#cells.length
  }

  /** Room for every cell there may be. */
  blank(): Collapsed {
    return new Int32Array(this.tables.laneBase + mostLanes)
  }

  initial(): Collapsed {
    const state = this.blank()
    const slots = this.tables.initial()
    for (let cell = 0; cell < this.count; cell++) state[cell] = this.#valueIn(cell, slots)
    return state
  }

  get shape(): CellsShape {
    const { carriers } = this
    const { laneBase, lanes } = this.tables
    const [ranks, ofLane, ofComponent, at] = [this.#ranks, this.#ofLane, this.#ofComponent, this.#at]
    const slots = this.#cells.map(({ slot }) => slot)
    return { laneBase, lanes, carriers, ranks, ofLane, ofComponent, at, slots }
  }

  /** The values of a cell from this one on; nothing where a value is what stands in the only slot. */
  valuesFrom(cell: number, first: number): readonly Stood[] {
    const { slot, values } = this.#cells[cell]!
    const isMore = slot === several && values.known.length > first
    return isMore ? values.known.slice(first).map(({ locals, lanes }) => ({ locals, lanes })) : noValues
  }

  /** All steps that were asked. */
  *learned(): Generator<Lesson> {
    for (const { values } of this.#cells)
      for (const [value, known] of values.known.entries())
        for (const { steps } of known?.moves ?? [])
          for (const [heard, step] of steps.entries())
            if (step) yield { of: 'step', value, heard, step: deliveryOf(step) }
  }

  /** By cell: the values that were met, one after the other. What is learned of steps follows from them and the tables. */
  get kept(): readonly Int32Array[] {
    return this.#cells.map(({ slot, values }) => (slot === several ? values.kept : nothing))
  }

  /** Once the tables have learned what they had. */
  restore(kept: readonly Int32Array[]): void {
    this.meetLanes()
    for (const [cell, values] of kept.entries()) {
      const { components, slot, values: here } = this.#cells[cell]!
      if (slot === several) here.restore(values, components.length)
    }
  }

  /** The cell that this one becomes when threads change places. */
  cellBy(cell: number, by: Renaming): number {
    const { slot, components } = this.#cells[cell]!
    if (slot === several) return this.#ofComponent[by.component(components[0]!)]!
    if (cell === this.watch || cell === this.order) return cell
    const { laneBase } = this.tables
    return slot < laneBase ? this.#ofComponent[by.component(slot)]! : this.#ofLane[by.lane(slot - laneBase)]!
  }

  /** What its value becomes there. */
  valueBy(cell: number, value: number, to: number, by: Renaming): number {
    const { slot, components, values } = this.#cells[cell]!
    if (cell === this.watch || cell === this.order) return value
    const { laneBase } = this.tables
    if (slot !== several) return slot < laneBase ? by.local(slot, value) : by.content(slot - laneBase, value)
    const { locals, lanes } = values.at(value)
    const others: number[] = []
    for (const [at, local] of locals.entries())
      others[this.#at[by.component(components[at]!)]!] = by.local(components[at]!, local)
    let contents: readonly number[] = []
    for (let at = 0; at < lanes.length; at += 2)
      contents = withContent(contents, by.lane(lanes[at]!), by.content(lanes[at]!, lanes[at + 1]!))
    return this.#cells[to]!.values.numbered(others, contents)
  }

  cellOf(component: number): number {
    return this.#ofComponent[component]!
  }

  cellOfLane(lane: number): number {
    return this.#ofLane[lane]!
  }

  /** The local state of a component. */
  local(state: Collapsed, component: number): number {
    const number = this.#ofComponent[component]!
    const { slot, values } = this.#cells[number]!
    return slot === several ? values.at(state[number]!).locals[this.#at[component]!]! : state[number]!
  }

  /** Writes a state into slots as the tables have them. */
  spread(state: Collapsed, slots: Int32Array): void {
    slots.fill(0, this.tables.laneBase, this.tables.slots)
    for (let cell = 0; cell < this.#cells.length; cell++) this.#write(cell, state[cell]!, slots)
  }

  /** Where every lane is empty. */
  #write(cell: number, value: number, slots: Int32Array): void {
    const { slot, components, values } = this.#cells[cell]!
    if (slot !== several) {
      slots[slot] = value
      return
    }
    const { laneBase } = this.tables
    const { locals, lanes } = values.at(value)
    for (let at = 0; at < components.length; at++) slots[components[at]!] = locals[at]!
    for (let at = 0; at < lanes.length; at += 2) slots[laneBase + lanes[at]!] = lanes[at + 1]!
  }

  /** The heads of the lanes of a cell. */
  moves(cell: number, value: number): readonly Move[] {
    const known = this.#cells[cell]!.values.known[value]
    return known?.moves ?? this.#movesOf(cell, value)
  }

  /** The head of a lane, if it has one. */
  moveOf(state: Collapsed, lane: number): Move | undefined {
    const cell = this.#ofLane[lane]!
    const moves = this.moves(cell, state[cell]!)
    for (let at = 0; at < moves.length; at++) if (moves[at]!.lane === lane) return moves[at]
    return undefined
  }

  /** Of a lane, in the order in which lanes are taken. */
  rank(lane: number): number {
    return this.#ranks[lane]!
  }

  /** What a delivery does in this state. */
  step(state: Collapsed, move: Move): Step {
    return this.#inOrder(state, move.steps[move.to === move.from ? 0 : state[move.to]!] ?? this.#ask(state, move))
  }

  /** The same, if it is known already. */
  known(state: Collapsed, move: Move): Step | undefined {
    const step = move.steps[move.to === move.from ? 0 : state[move.to]!]
    return step && this.#inOrder(state, step)
  }

  /** Changes `state` in place. */
  take(state: Collapsed, { lane, entry, from, left, to, next, pushes }: Step): void {
    const { held } = this.tables
    if (held) state[this.order] = held.take(state[this.order]!, ...this.tables.inOrder(lane, entry.message))
    state[from] = left
    state[to] = next
    for (let at = 0; at < pushes.length; at += 3) {
      const cell = pushes[at]!
      state[cell] = this.#pushed(cell, state[cell]!, pushes[at + 1]!, pushes[at + 2]!)
    }
  }

  /** What the order stands in the way of is not accepted. */
  #inOrder(state: Collapsed, step: Step): Step {
    const { tables } = this
    const { lane, entry } = step
    if (!tables.held || !entry.accepted) return step
    if (!tables.held.isHeld(state[this.order]!, ...tables.inOrder(lane, entry.message))) return step
    return (this.#held[step.number] ??= {
      ...{ number: this.#steps++, lane, entry: { ...entry, accepted: false } },
      ...{ from: step.from, left: state[step.from]!, to: step.to, next: state[step.to]!, pushes: none },
    })
  }

  /** Takes the step in the tables: if it is new to them, in the whole of this state. */
  #ask(state: Collapsed, move: Move): Step {
    const { tables, asked } = this
    const { lane, from, to } = move
    asked.fill(0, tables.laneBase, tables.slots)
    this.#write(from, state[from]!, asked)
    this.#write(to, state[to]!, asked)
    if (!tables.knows(asked, lane)) this.spread(state, asked)
    const entry = tables.entryOf(asked, lane)!
    this.meetLanes()
    const made: Step = entry.accepted
      ? this.#taken(state, move, entry)
      : { number: this.#steps++, lane, entry, from, left: state[from]!, to, next: state[to]!, pushes: none }
    const heard = to === from ? 0 : state[to]!
    this.onLesson?.({ of: 'step', value: state[from]!, heard, step: deliveryOf(made) })
    return (move.steps[heard] = made)
  }

  /** What it puts on lanes of other cells is looked up when it is taken. */
  #taken(state: Collapsed, { lane, from, to }: Move, entry: Entry): Step {
    const changed: number[] = []
    this.tables.deliver(this.asked, lane, entry, changed)
    const pushes: number[] = []
    for (let at = 0; at < entry.lanes.length; at++) {
      const target = entry.lanes[at]!
      const cell = this.#ofLane[target]!
      if (cell !== from && cell !== to) pushes.push(cell, target, entry.messages[at]!)
    }
    const left = this.#valueBehind(from, state[from]!, changed)
    const next = from === to ? left : this.#valueBehind(to, state[to]!, changed)
    return { number: this.#steps++, lane, entry, from, left, to, next, pushes }
  }

  /** The value of a cell behind a step that was taken in the tables, which has changed these slots: slot, old value. */
  #valueBehind(cell: number, value: number, changed: readonly number[]): number {
    const { asked } = this
    const { slot, values } = this.#cells[cell]!
    if (slot !== several) return asked[slot]!
    const { laneBase } = this.tables
    const before = values.at(value)
    const locals = [...before.locals]
    let { lanes } = before
    for (let at = 0; at < changed.length; at += 2) {
      const each = changed[at]!
      if (each < laneBase) {
        if (this.#ofComponent[each] === cell) locals[this.#at[each]!] = asked[each]!
      } else if (this.#ofLane[each - laneBase] === cell) lanes = withContent(lanes, each - laneBase, asked[each]!)
    }
    return values.numbered(locals, lanes)
  }

  #pushed(cell: number, value: number, lane: number, message: number): number {
    const { contents } = this.tables
    const { slot, values } = this.#cells[cell]!
    if (slot !== several) return contents[lane]!.push(value, message)
    const before = values.at(value)
    const key = message * mostLanes + lane
    const known = before.pushed.get(key)
    if (known !== undefined) return known
    const lanes = withContent(before.lanes, lane, contents[lane]!.push(contentOf(before.lanes, lane), message))
    const made = values.numbered(before.locals, lanes)
    before.pushed.set(key, made)
    return made
  }

  #movesOf(cell: number, value: number): readonly Move[] {
    const { tables } = this
    const { slot, values } = this.#cells[cell]!
    if (slot !== several) values.add(value, [], value === 0 ? none : [slot - tables.laneBase, value])
    const known = values.at(value)
    const moves: Move[] = []
    for (let at = 0; at < known.lanes.length; at += 2) {
      const lane = known.lanes[at]!
      const { receiver } = tables.lanes[lane]!
      moves.push({ lane, from: cell, receiver, to: this.#ofComponent[receiver]!, steps: [] })
    }
    return (known.moves = moves)
  }

  /** The value of a cell in a state that is spread over slots. */
  #valueIn(cell: number, slots: Int32Array): number {
    const { slot, components, lanes, values } = this.#cells[cell]!
    if (slot !== several) return slots[slot]!
    const { laneBase } = this.tables
    const contents: number[] = []
    for (const lane of lanes) if (slots[laneBase + lane] !== 0) contents.push(lane, slots[laneBase + lane]!)
    return values.numbered(
      components.map((each) => slots[each]!),
      contents,
    )
  }

  /** Lanes are part of the cell of the thread that they lead from or to, or of the component that they offer something. */
  meetLanes(): void {
    const { tables } = this
    if (this.#ofLane.length === tables.lanes.length) return
    for (let lane = this.#ofLane.length; lane < tables.lanes.length; lane++) {
      const { sender, receiver, offer } = tables.lanes[lane]!
      const isOfThread = (each: number) => each >= 0 && this.#threads.of[each] !== nobody
      const end = offer === undefined ? [sender, receiver].find(isOfThread) : receiver
      const cell = end === undefined ? this.#cell([], tables.laneBase + lane) : this.#ofComponent[end]!
      if (end === undefined) this.carriers.push(cell)
      else this.#cells[cell]!.lanes.push(lane)
      this.#ofLane.push(cell)
    }
    this.#ranks = []
    for (const [rank, lane] of tables.laneOrder.entries()) this.#ranks[lane] = rank
  }

  /** Of a thread, or of a component by itself; with lanes of its own where something is offered to it. */
  #cellFor(component: number, thread: number, isOffered: boolean): number {
    const isAlone = thread === nobody
    const { of } = this.#threads
    const together = isAlone ? [component] : [...of.keys()].filter((other) => of[other] === thread)
    const cell = this.#cell(together, isAlone && !isOffered ? component : several)
    if (!isAlone || isOffered) this.carriers.push(cell)
    return cell
  }

  #cell(components: readonly number[], slot: number): number {
    return this.#cells.push({ components, lanes: [], slot, values: new Values() }) - 1
  }
}

const deliveryOf = ({ number, lane, from, entry: { component, accepted, fatal } }: Step): Delivery => ({
  ...{ number, lane, from, component, accepted, fatal },
})

const noCell = -1
const none: readonly number[] = []
const noValues: readonly Stood[] = []
const nothing = new Int32Array()
