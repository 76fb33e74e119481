/** From whom to whom a lane goes: which lanes come first, and what is said of one that leads to nobody. */
import { toChooseFrom } from '../shapes/nearest.ts'

export interface Addresses {
  readonly from: string
  readonly to: string
}

/** By sender, then by receiver, in the order of `ids`; who is none of them (`env`) comes first. */
export function laneOrder(ids: readonly string[]): (one: Addresses, other: Addresses) => number {
  const order = new Map(ids.map((id, index) => [id, index]))
  const place = (id: string): number => order.get(id) ?? -1
  return (one, other) =>
    place(one.from) - place(other.from) || place(one.to) - place(other.to) || (one.from < other.from ? -1 : 1)
}

export const nobodyCalled = ({ from, to }: Addresses, known: Iterable<string>): Error =>
  new Error(`${from} writes to "${to}", and nobody has that name. Known: ${toChooseFrom(known, to)}.`)
