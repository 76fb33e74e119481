/** Pointers as a user writes them down, and what they stand for. */
import type { KernelObject } from './object.ts'

/** A pointer: the address and which life of it. What the struct has is known to the compiler alone. */
export interface Pointer<out Members = any> {
  readonly id: string
  readonly gen: number
  readonly [leads]?: Members
}
declare const leads: unique symbol

export interface Struct<out Members = any> extends KernelObject<'struct'> {
  readonly members: Readonly<Record<string, KernelObject>>
  readonly [leads]?: Members
}

/** An object that is there from the start. */
export interface Standing extends KernelObject<'object'> {
  readonly ptr: Pointer
  readonly of: Struct
  readonly fields: Readonly<Record<string, unknown>>
}

/** What a pointer of the user's stands for: any object of a struct, or one that is there from the start. */
interface Target {
  readonly struct: Struct
  readonly standing?: Standing
}

const targets = new WeakMap<object, Target>()

/** Remembers what a pointer of the user's stands for. */
export function leadTo<M>(ptr: Pointer<M>, target: Target): Pointer<M> {
  targets.set(ptr, target)
  return ptr
}

const targetOf = (value: unknown): Target | undefined =>
  typeof value === 'object' && value !== null ? targets.get(value) : undefined

/** The struct that a variable of the user's points to; undefined: it is no pointer. */
export const structOf = (value: unknown): Struct | undefined => targetOf(value)?.struct

/** The objects behind a pointer with which something begins: its struct, and the object itself if it is there from the start. */
export const pointedTo = (value: unknown): readonly KernelObject[] => {
  const target = targetOf(value)
  return target === undefined ? [] : [target.struct, ...(target.standing ? [target.standing] : [])]
}

/** The value with which a variable of the user's begins: a pointer to no object in particular is NULL. */
export const startValue = (value: unknown): unknown => {
  const target = targetOf(value)
  return target !== undefined && target.standing === undefined ? null : value
}
