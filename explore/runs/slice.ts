/**
 * The part of a run that its end depends on. A step depends on the step that sent its message and on the one its receiver took before;
 * leaving out everything else gives a run that still happens, and still ends the same.
 */
import { Senders } from './senders.ts'
import type { Entry, Tables } from '../states/tables.ts'

/** Lanes of `run` that the steps with these indices depend on, they themselves included. */
export function causalSlice(tables: Tables, run: readonly number[], roots: readonly number[]): number[] {
  const steps = causes(tables, run)
  const stack = [...roots]
  const needed = new Set<number>()
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    if (needed.has(step)) continue
    needed.add(step)
    stack.push(...steps[step]!.causes)
  }
  return run.filter((_, index) => needed.has(index))
}

/** Indices of the steps that left these components as they are at the end of a run, and all who write to a log that is kept. */
export function lastStepsAt(tables: Tables, run: readonly number[], components: ReadonlySet<number>): number[] {
  return [...new Set([...components, ...tables.logs.writers])]
    .map((component) => run.findLastIndex((lane) => tables.lanes[lane]!.receiver === component))
    .filter((index) => index >= 0)
}

/** For each step of a run, its receiver and the indices of the steps it follows from. */
function causes(
  tables: Tables,
  run: readonly number[],
): { readonly receiver: number; readonly causes: readonly number[] }[] {
  const state = tables.initial()
  const senders = new Senders(tables, state)
  const lastAt = new Map<number, number>()
  const held = new HeldBefore(tables)
  return run.map((lane, index) => {
    const entry = tables.entryOf(state, lane)!
    const sentAt = senders.deliver(lane, entry, index + 1)
    const before = lastAt.get(entry.component)
    lastAt.set(entry.component, index)
    tables.apply(state, lane, entry)
    return {
      receiver: entry.component,
      causes: [
        ...(sentAt > 0 ? [sentAt - 1] : []),
        ...(before === undefined ? [] : [before]),
        ...held.see(lane, entry, index),
      ],
    }
  })
}

/** What an order has each step wait for: leaving that out would put the run out of order. */
class HeldBefore {
  readonly #tables: Tables
  /** Those that an order is about. */
  readonly #steps: { readonly index: number; readonly lane: number; readonly message: number }[] = []

  constructor(tables: Tables) {
    this.#tables = tables
  }

  see(lane: number, { message }: Entry, index: number): readonly number[] {
    const tables = this.#tables
    const { held } = tables
    if (!held) return []
    const own = tables.inOrder(lane, message)
    const before = this.#steps.filter((each) => held.areOrdered(tables.inOrder(each.lane, each.message), own))
    if (held.isNamed(...own)) this.#steps.push({ index, lane, message })
    return before.map((each) => each.index)
  }
}
