/**
 * Where something is: an object by itself (`m`), or what a local points to (`'req->lock'`). Paths are typed: that the local exists, points to
 * a struct, and has such a member is checked by the compiler, and once more when the procedure is made.
 */
import type { Cell, KernelObject } from './object.ts'
import type { Pointer } from './pointer.ts'

/** Paths that lead from a local of `L` to a member of this type. */
export type PathTo<L, Member> = {
  [Local in keyof L & string]: NonNullable<L[Local]> extends Pointer<infer Members>
    ? { [Name in keyof Members & string]: Members[Name] extends Member ? `${Local}->${Name}` : never }[keyof Members &
        string]
    : never
}[keyof L & string]

/** An object of this type by itself, or a path to one. */
export type Place<L, Member extends KernelObject> = Member | PathTo<L, Member>

/** What is at the end of a path holds. */
export type ValueAt<L, Path> = Path extends `${infer Local}->${infer Name}`
  ? Local extends keyof L
    ? NonNullable<L[Local]> extends Pointer<infer Members>
      ? Name extends keyof Members
        ? Members[Name] extends Cell<infer T>
          ? T
          : never
        : never
      : never
    : never
  : never

/** Locals of `L` that can keep a `T`. */
export type Into<L, T> = { [Local in keyof L & string]: T extends L[Local] ? Local : never }[keyof L & string]

/** Locals of `L` that point to something. */
export type PointerIn<L> = {
  [Local in keyof L & string]: NonNullable<L[Local]> extends Pointer ? Local : never
}[keyof L & string]

export type AnyPlace = KernelObject | string

/** As the kernel writes it in an argument: `m`, `&req->lock`. */
export const wordsOf = (place: AnyPlace): string => (typeof place === 'string' ? `&${place}` : place.name)

/** As it writes a variable: `counter`, `req->len`. */
export const nameOf = (place: AnyPlace): string => (typeof place === 'string' ? place : place.name)
