/** Who holds a lock; of what is waited for, who has yet to do what ends the wait. */
import type { Component, Holders } from '../system.ts'

/** It is held, and not only waited for. */
export const isLock = (component: Component): boolean =>
  component.holders !== undefined && component.awaited === undefined

/** Where one of several threads is enough to end a wait, another way out is left while one of them asks for a lock: none of them holds it. */
export function holdersOf(component: Component, local: unknown): Holders {
  const held = component.holders?.(local) ?? free
  return component.awaited === 'any' && held.threads.length > 1 ? free : held
}

const free: Holders = { threads: [], exclusive: false }
