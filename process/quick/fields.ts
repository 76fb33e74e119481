/** The context of a machine in the slots of a state: a number for the names of its fields, and one for the value of each. */
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import { Numbers } from './numbers.ts'
import type { Slots } from './slots.ts'

export type Context = Readonly<Record<string, unknown>>

/** Fields that a context has, in their order. */
interface Shape {
  readonly fields: readonly string[]
  readonly slots: readonly number[]
  /** A context of theirs that sees who looks at what; it is in whatever state is looked at. */
  readonly watched: Context
  /** A context of theirs that is in whatever state is shown. */
  readonly shown: Record<string, unknown>
  /** By slot: the number of those that have one field more. */
  readonly more: number[]
}

/** What is watched can be told from whatever an author makes: it has no place in an answer. */
const watching: object = Object.create(Object.prototype) as object

export class Fields {
  readonly #owner: Slots
  /** The slot of the names. */
  readonly names: number
  readonly #slots = new Map<string, number>()
  /** By slot. */
  readonly #fields: string[] = []
  readonly #numbers: Numbers[] = []
  /** By number; number 0 is none. */
  readonly #shapes: Shape[] = []
  readonly #shapeKeys = new Map<string, number>()
  readonly #looks: number[] = []
  #watched: Int32Array

  constructor(owner: Slots, names: number) {
    this.#owner = owner
    this.names = names
    this.#watched = owner.state
    this.#shapeOf([])
  }

  /** How many sets of names there have been. */
  get shapes(): number {
    return this.#shapes.length
  }

  slotOf(field: string): number {
    const known = this.#slots.get(field)
    if (known !== undefined) return known
    const slot = this.#owner.addSlot()
    this.#slots.set(field, slot)
    this.#fields[slot] = field
    this.#numbers[slot] = new Numbers()
    return slot
  }

  /** Throws NotNumbered where it is not plain. */
  numberOf(slot: number, value: unknown): number {
    return this.#numbers[slot]!.of(value)
  }

  /** Sets a field of the state behind the step. */
  set(slot: number, number: number): void {
    const { after } = this.#owner
    if (after[slot] === 0) this.#owner.put(this.names, this.#withField(after[this.names]!, slot))
    this.#owner.put(slot, number)
  }

  /** The same for all fields that are given. */
  write(context: Context): void {
    for (const field of Object.keys(context)) {
      const slot = this.slotOf(field)
      this.set(slot, this.numberOf(slot, context[field]))
    }
  }

  contextIn(slots: Int32Array): Context {
    const { fields, slots: at } = this.#shapes[slots[this.names]!]!
    const context: Record<string, unknown> = {}
    for (let each = 0; each < fields.length; each++) context[fields[each]!] = this.#valueIn(slots, at[each]!)
    return context
  }

  /** The same, until the next one is shown. */
  shownIn(slots: Int32Array): Context {
    const { fields, slots: at, shown } = this.#shapes[slots[this.names]!]!
    for (let each = 0; each < fields.length; each++) shown[fields[each]!] = this.#valueIn(slots, at[each]!)
    return shown
  }

  /** The same for somebody whose looks are to be seen; it must not be kept. */
  watchedIn(slots: Int32Array): Context {
    this.#watched = slots
    this.#looks.length = 0
    return this.#shapes[slots[this.names]!]!.watched
  }

  /** Slots of the fields that were looked at since, in order. */
  get looks(): readonly number[] {
    return this.#looks
  }

  isIn(slots: Int32Array, context: Context): boolean {
    const fields = Object.keys(context)
    return (
      this.#shapeOf(fields) === slots[this.names] &&
      fields.every((field) => this.numberOf(this.slotOf(field), context[field]) === slots[this.slotOf(field)])
    )
  }

  #valueIn(slots: Int32Array, slot: number): unknown {
    return this.#numbers[slot]!.values[slots[slot]!]
  }

  #withField(shape: number, slot: number): number {
    const { fields, more } = this.#shapes[shape]!
    return (more[slot] ??= this.#shapeOf([...fields, this.#fields[slot]!]))
  }

  #shapeOf(fields: readonly string[]): number {
    const key = JSON.stringify(fields)
    const known = this.#shapeKeys.get(key)
    if (known !== undefined) return known
    const slots = fields.map((field) => this.slotOf(field))
    const watched = Object.create(
      watching,
      Object.fromEntries(fields.map((field, at) => [field, this.#watching(slots[at]!)])),
    )
    const made = this.#shapes.push({ fields, slots, watched: watched as Context, shown: {}, more: [] }) - 1
    this.#shapeKeys.set(key, made)
    return made
  }

  #watching(slot: number): PropertyDescriptor {
    return {
      enumerable: true,
      get: () => {
        if (!this.#looks.includes(slot)) this.#looks.push(slot)
        return this.#valueIn(this.#watched, slot)
      },
      set: () => {
        throw new NotNumbered()
      },
    }
  }
}
