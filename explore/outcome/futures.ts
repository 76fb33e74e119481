/**
 * What follows what, and who does nothing meanwhile: written down state by state, for what only all states of a complete search together tell. Who
 * is idle for ever is who is idle in every state that may come.
 */
import { allocated, Column } from '../states/columns.ts'

/** So many of them have one number. */
const group = 30

export class Futures {
  #count = 0
  readonly #steps = new Column()
  /** By state: where its steps end. */
  readonly #ends = new Column()
  /** By group, by state: a bit for each who is idle. */
  readonly #idle: Column[] = []
  #end = 0

  /** The state that is looked into, the first one that is not closed yet, leads there. */
  add(to: number): void {
    if (to === this.#count) return
    if (this.#end > this.#begin(this.#count) && this.#steps.get(this.#end - 1) === to) return
    this.#steps.set(this.#end++, to)
  }

  /** All steps from it are known; those who were there and did nothing on any of them, by numbers of 0 and more. */
  close(idle: readonly number[]): void {
    const state = this.#count++
    this.#ends.set(state, this.#end)
    const bits: number[] = []
    for (const who of idle) {
      const at = Math.floor(who / group)
      bits[at] = (bits[at] ?? 0) | (1 << (who % group))
    }
    while (this.#idle.length < bits.length) {
      const column = new Column()
      for (let before = 0; before < state; before++) column.set(before, 0)
      this.#idle.push(column)
    }
    for (const [at, column] of this.#idle.entries()) column.set(state, bits[at] ?? 0)
  }

  /** States of which somebody does nothing any more, whatever comes, and who. */
  *idleForEver(): Generator<readonly [state: number, idle: readonly number[]]> {
    const masks = this.#idle.map((column) => this.#lasting(column))
    for (let state = 0; state < this.#count; state++) {
      const idle = masks.flatMap((mask, at) => membersOf(mask[state]!).map((bit) => at * group + bit))
      if (idle.length > 0) yield [state, idle]
    }
  }

  /** Whoever may still do something is left out, up and down in turn: what is known of a state is soon known of those that lead to it. */
  #lasting(column: Column): Int32Array {
    const count = this.#count
    const mask = allocated(() => new Int32Array(count))
    for (let state = 0; state < count; state++) mask[state] = column.get(state)
    for (let isUp = false, isOver = false; !isOver; isUp = !isUp) {
      isOver = true
      for (let turn = 0; turn < count; turn++) {
        const state = isUp ? turn : count - 1 - turn
        const before = mask[state]!
        let left = before
        for (let at = this.#begin(state); left !== 0 && at < this.#ends.get(state); at++)
          left &= mask[this.#steps.get(at)]!
        if (left === before) continue
        mask[state] = left
        isOver = false
      }
    }
    return mask
  }

  #begin(state: number): number {
    return state === 0 ? 0 : this.#ends.get(state - 1)
  }
}

const membersOf = (mask: number): readonly number[] => {
  const members: number[] = []
  for (let bit = 0; bit < group && mask >>> bit !== 0; bit++) if (mask & (1 << bit)) members.push(bit)
  return members
}
