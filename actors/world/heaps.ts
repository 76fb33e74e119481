/** Where objects are allocated, and what links them, as actors. */
import { list } from '../../machines/kernel/lists/list.ts'
import type { Pointer } from '../../machines/kernel/heap/pointer.ts'
import { slab } from '../../machines/kernel/heap/slab.ts'
import type { ActorSpec } from './world.ts'

/** `objects`: those that exist at the start, as `name0#1`, `name1#1`, … */
export const slabCalled = (
  id: string,
  name: string,
  objects: readonly Readonly<Record<string, unknown>>[] = [],
): ActorSpec => ({ id, machine: slab, input: { name, objects } })

/** `ptrs`: those that are on it at the start, the head first. */
export const listCalled = (id: string, ptrs: readonly Pointer[] = []): ActorSpec => ({
  id,
  machine: list,
  input: { ptrs },
})
