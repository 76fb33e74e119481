/** What a heap (a slab) can be asked from outside: what it has allocated. Whatever nothing leads to at the end of a run has leaked. */
import type { Pointer } from './pointer.ts'

export interface HeapFacts<Context> {
  /** The kmem_cache, as reports print it. */
  readonly cache: (context: Context) => string
  readonly allocated: (context: Context) => readonly { readonly ptr: Pointer; readonly fields: unknown }[]
}
