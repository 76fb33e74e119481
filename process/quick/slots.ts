/** What a state is written into: a number in each slot, and as many slots as there are by now. */
export class Slots {
  width = 0
  state = new Int32Array(64)
  after = new Int32Array(64)
  /** Slots that were written since `after` was a copy of `state`, so many of them; -1: nobody has kept account. */
  readonly changed: number[] = Array.from({ length: 64 }, () => 0)
  changes = -1

  /** One more; it was 0 in every state so far. */
  addSlot(): number {
    if (this.width === this.state.length) {
      this.state = widened(this.state)
      this.after = widened(this.after)
    }
    return this.width++
  }

  /** Writes the state that is looked at into the one behind it. */
  copy(): void {
    const { state, after, width } = this
    for (let slot = 0; slot < width; slot++) after[slot] = state[slot]!
  }

  /** The same, unless it was done since; from now on account is kept. */
  open(): void {
    if (this.changes >= 0) return
    this.copy()
    this.changes = 0
  }

  /** Is what is behind the step another state? */
  hasChanged(): boolean {
    const { state, after, changed, changes } = this
    for (let at = 0; at < changes; at++) if (state[changed[at]!] !== after[changed[at]!]) return true
    return false
  }

  /** Writes a slot of the state behind the step, and keeps account of it. */
  put(slot: number, value: number): void {
    this.after[slot] = value
    if (this.changes >= 0) this.changed[this.changes++] = slot
  }
}

const widened = (slots: Int32Array): Int32Array<ArrayBuffer> => {
  const wider = new Int32Array(slots.length * 2)
  wider.set(slots)
  return wider
}
