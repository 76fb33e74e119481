/** The objects of a world as actors: those that stand by themselves, and those behind pointers. */
import type { ActorSpec } from '../actors/world/world.ts'
import { cell } from '../machines/kernel/variables/cell.ts'
import { slab } from '../machines/kernel/heap/slab.ts'
import { isCell, type KernelObject, type Manner, type Role, type Used } from './object.ts'
import { pointedTo, type Standing, type Struct } from './pointer.ts'
import type { Run } from './guards.ts'

/** What procedures name, and what those things lead to: variables to objects, structs to their members. */
function everyObject(named: readonly KernelObject[]): readonly KernelObject[] {
  const all = new Set(named)
  for (const each of all) {
    const inside = each.kind === 'struct' ? Object.values((each as Struct).members) : [each]
    for (const part of inside) {
      if (isCell(part)) for (const it of pointedTo(part.initial)) all.add(it)
      for (const it of part.needs ?? []) all.add(it)
    }
  }
  return [...all]
}

/** An object under the name that its actor has. */
interface Placed {
  readonly object: KernelObject
  readonly id: string
  readonly lockClass: string
}

export class Objects {
  readonly all: readonly KernelObject[]
  readonly #standing: readonly Standing[]
  readonly #placed: readonly Placed[]
  readonly #uses: readonly (Used & { readonly thread: string })[]

  constructor(runs: readonly Run[], more: readonly KernelObject[]) {
    const procedures = runs.flatMap(({ procedures, isAnother }) => (isAnother ? [] : procedures))
    this.all = everyObject([...procedures.flatMap(({ uses }) => uses), ...more])
    this.#standing = this.all.filter((each): each is Standing => each.kind === 'object')
    const allocated = procedures.flatMap(({ allocates = [] }) => allocates)
    this.#placed = this.all.flatMap((each) =>
      each.kind === 'struct'
        ? this.#membersOf(each as Struct, allocated)
        : [{ object: each, id: each.name, lockClass: each.name }],
    )
    this.#uses = runs.flatMap(({ thread, procedures }) =>
      procedures.flatMap(({ manners = [] }) => manners.map((each) => ({ ...each, thread }))),
    )
  }

  /** `strays`: locks that somebody may let go of without holding them, so that they answer others while they are held. */
  actors(strays: ReadonlySet<string>): readonly ActorSpec[] {
    return [
      ...this.all.flatMap((each) => (each.kind === 'struct' ? [this.#heapOf(each as Struct)] : [])),
      ...this.#placed.flatMap((each) => each.object.actors(each.id, this.#roleOf(each, strays))),
      ...this.#dataSection(),
    ]
  }

  /** What an object is called, or, of a member of a struct, each of those that may be there. */
  idsOf(object: KernelObject): readonly string[] {
    return this.#placed.filter((each) => each.object === object).map(({ id }) => id)
  }

  #roleOf({ object, id, lockClass }: Placed, strays: ReadonlySet<string>): Role {
    const by = (manner: Manner) => [
      ...new Set(this.#uses.flatMap((use) => (use.object === object && use.manner === manner ? [use.thread] : []))),
    ]
    const alike = this.#placed.filter((each) => each.lockClass === lockClass).map((each) => each.id)
    return {
      lockClass,
      alike,
      is: (manner) => by(manner).length > 0 || (manner === 'tried' && strays.has(id)),
      by,
      all: this.#placed,
    }
  }

  #of(struct: Struct): readonly Standing[] {
    return this.#standing.filter(({ of }) => of === struct)
  }

  #heapOf(struct: Struct): ActorSpec {
    const standing = this.#of(struct).map(({ ptr, fields }) => ({ ptr, fields }))
    return { id: struct.name, machine: slab, input: { name: struct.name, standing } }
  }

  /** Members that are actors of their own: for as many objects as may live at the same time. */
  #membersOf(struct: Struct, allocated: readonly Struct[]): readonly Placed[] {
    const places = allocated.filter((each) => each === struct).map((_, at) => `${struct.name}${at}`)
    const addresses = [...this.#of(struct).map(({ name }) => name), ...places]
    return addresses.flatMap((address) =>
      Object.entries(struct.members).flatMap(([name, object]) =>
        isCell(object) ? [] : [{ object, id: `${address}.${name}`, lockClass: `${struct.name}->${name}` }],
      ),
    )
  }

  /** What is there from the start is no leak: something of the kernel's leads to it. */
  #dataSection(): readonly ActorSpec[] {
    if (this.#standing.length === 0) return []
    const input = { name: '.data', value: this.#standing.map(({ ptr }) => ptr) }
    return [{ id: '.data', machine: cell, input }]
  }
}
