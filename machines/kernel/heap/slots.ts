/** Addresses for objects that are allocated and freed: the lowest at which nothing lives, and which life of it begins. */
import type { Pointer } from './pointer.ts'

/** `lives[n]`: how many objects have lived at the address `<name><n>`. */
export type Lives = readonly number[]

/** -1 for an object that has an address of its own. */
const slotOf = (name: string, { id }: Pointer): number =>
  id.startsWith(name) && /^\d+$/.test(id.slice(name.length)) ? Number(id.slice(name.length)) : -1

export function nextPointer(name: string, used: readonly Pointer[], lives: Lives): Pointer {
  const taken = new Set(used.map((ptr) => slotOf(name, ptr)))
  let slot = 0
  while (taken.has(slot)) slot++
  return { id: `${name}${slot}`, gen: (lives[slot] ?? 0) + 1 }
}

/** After a life began at an address that nextPointer gave. */
export function withLife(name: string, lives: Lives, ptr: Pointer): Lives {
  const slot = slotOf(name, ptr)
  return slot < lives.length ? lives.with(slot, ptr.gen) : [...lives, ptr.gen]
}
