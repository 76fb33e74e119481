import type { Tables } from './tables.ts'

/** A state in words: each component's key, and what is left on the lanes. */
export function inWords(tables: Tables, state: Int32Array): string[] {
  const locals = tables.components.map((each, index) => `${each.id} ${each.key(tables.locals[index]![state[index]!])}`)
  const lanes = tables.laneOrder.flatMap((lane) => {
    const left = tables.contents[lane]!.all(state[tables.laneBase + lane]!)
    const { from, to } = tables.lanes[lane]!
    return left.map((number) => `${from} → ${to} ${tables.message(lane, number).type}`)
  })
  return [...locals, ...lanes]
}
