/** Structs, whose objects are allocated, used through pointers, and freed; and pointers to them, which stay when the object goes. */
import { ModelError } from '../explore/errors.ts'
import { slab } from '../machines/kernel/heap/slab.ts'
import { isCell, named, type Cell, type KernelObject } from './object.ts'
import { leadTo, startValue, type Pointer, type Struct } from './pointer.ts'
import { variable } from './variable.ts'
import { toChooseFrom } from '../shapes/nearest.ts'

/** A plain value stands for a plain field that begins with it. */
type MembersOf<M, S extends string> = {
  readonly [Name in keyof M]: M[Name] extends KernelObject ? M[Name] : Cell<Widened<M[Name]>>
} & { readonly [isOf]?: S }
declare const isOf: unique symbol
type Widened<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? string : T

/**
 * A struct: what its objects consist of. A member is a value (a plain field that begins with it), a count, or an object that has no name of
 * its own, as `mutex()`. Reports call its objects `<name>0`, `<name>1` …
 *
 *     const request = struct('request', { lock: mutex(), refs: refcount_t(1), len: 0 })
 */
export function struct<const S extends string, const M extends Readonly<Record<string, unknown>>>(
  name: S,
  members: M,
): Struct<MembersOf<M, S>> {
  const all = Object.entries(members).map(([member, it]) => [member, isObject(it) ? it : variable('', it)] as const)
  return named({
    kind: 'struct',
    name,
    members: Object.fromEntries(all),
    actors: (id) => [{ id, machine: slab, input: { name: id } }],
  })
}

const isObject = (member: unknown): member is KernelObject =>
  typeof member === 'object' && member !== null && 'kind' in member && 'actors' in member

/** A local or a field that may point to objects of this struct; NULL at first. */
export const pointer = <M>(to: Struct<M>): Pointer<M> | null => leadTo<M>({ id: '', gen: 0 }, { struct: to })

/** An object that is there from the start. `fields`: what differs from the struct's. */
export function object<M>(
  name: string,
  of: Struct<M>,
  fields: { readonly [Name in keyof M & string]?: M[Name] extends Cell<infer T> ? T : never } = {},
): Pointer<M> {
  const strange = Object.keys(fields).find((field) => !isCell(of.members[field]))
  if (strange !== undefined) {
    const known = Object.keys(of.members).filter((member) => isCell(of.members[member]))
    throw new ModelError(
      'bad-description',
      `Object ${name}: struct ${of.name} has no field "${strange}". Fields: ${toChooseFrom(known, strange) || 'none'}.`,
    )
  }
  if (name.startsWith(of.name) && /^\d+$/.test(name.slice(of.name.length))) {
    throw new ModelError(
      'bad-description',
      `Object ${name}: objects of struct ${of.name} that are allocated are called so.`,
      [],
      `Call it otherwise, as my_${of.name}.`,
    )
  }
  const ptr: Pointer<M> = { id: name, gen: 1 }
  const held = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, startValue(value)]))
  const standing = named({
    kind: 'object',
    name,
    ptr,
    of,
    fields: { ...initialFields(of), ...held },
    actors: () => [],
  } as const)
  return leadTo(ptr, { struct: of, standing })
}

/** What the fields of an object hold when it is made. */
export const initialFields = ({ members }: Struct): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(members).flatMap(([name, member]) => (isCell(member) ? [[name, startValue(member.initial)]] : [])),
  )
