/** Which deliveries a search has come by: what covers the transitions of a statechart. */
import type { Tables } from '../states/tables.ts'

/** In this state an actor may hear a message of this type, and is in that state then. */
export interface Taken {
  readonly component: string
  readonly state: string
  readonly type: string
  readonly next: string
}

/** Where several have come by the same. */
export const eachOnce = (all: readonly Taken[]): readonly Taken[] => [
  ...new Map(all.map((taken) => [Object.values(taken).join('\n'), taken] as const)).values(),
]

/** Each once. */
export function takenIn(tables: Tables): readonly Taken[] {
  const found: Taken[] = []
  const states = tables.components.map((_, index) => statesOf(tables, index))
  for (const { accepted, ignored, component, local, message, next } of tables.entries()) {
    if (!accepted || ignored) continue
    const named = states[component]!
    const { type } = tables.messages[component]![message]!
    found.push({ component: tables.components[component]!.id, state: named[local]!, type, next: named[next]! })
  }
  return eachOnce(found)
}

/** By number, what a component's states are called. */
const statesOf = (tables: Tables, component: number): readonly string[] =>
  tables.locals[component]!.map((local) => tables.components[component]!.show(local).state)
