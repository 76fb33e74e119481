/**
 * Wakeup trees (Abdulla, Aronsson, Jonsson, Sagonas): what is still to be tried from a state of a run. A branch is a sequence of deliveries, and its
 * last one is where whoever goes there is free again.
 */
import type { Delivery } from './dependence.ts'

export interface Branch extends Delivery {
  readonly behind: Branch[]
}

type AreDependent = (one: Delivery, other: Delivery) => boolean

/** May a sequence begin with this delivery, if need be by adding it? It is possible where the sequence begins. */
export function mayBegin(delivery: Delivery, sequence: readonly Delivery[], areDependent: AreDependent): boolean {
  for (const each of sequence) {
    if (each.lane === delivery.lane) return true
    if (areDependent(each, delivery)) return false
  }
  return true
}

/** Adds a sequence to what is to be tried. False: it is there already, in another order. */
export function insert(branches: Branch[], sequence: readonly Delivery[], areDependent: AreDependent): boolean {
  let [at, left] = [branches, sequence]
  for (;;) {
    const way = at.find((each) => mayBegin(each, left, areDependent))
    if (!way) break
    if (way.behind.length === 0) return false
    const same = left.findIndex(({ lane }) => lane === way.lane)
    if (same >= 0) left = left.toSpliced(same, 1)
    at = way.behind
  }
  at.push(...branchOf(left))
  return true
}

/** One branch, without any other. */
function branchOf(sequence: readonly Delivery[]): Branch[] {
  return sequence.reduceRight<Branch[]>((behind, { lane, message }) => [{ lane, message, behind }], [])
}
