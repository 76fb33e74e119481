/** A tree by number: where one gets to from a branch by a part. */

/** Of an entry: the branch, the part, and where it leads to; 0: nothing stands here. */
const width = 3

export class Branches {
  #entries = new Int32Array(16 * width)
  #last = 15
  #many = 0
  #branches = 0

  /** One from which others go out. */
  root(): number {
    return ++this.#branches
  }

  /** Always the same one. */
  from(branch: number, part: number): number {
    const entries = this.#entries
    const at = this.#place(branch, part)
    if (entries[at + 2] !== 0) return entries[at + 2]!
    const made = ++this.#branches
    entries[at] = branch
    entries[at + 1] = part
    entries[at + 2] = made
    if (++this.#many * 2 > this.#last) this.#grow()
    return made
  }

  #place(branch: number, part: number): number {
    const entries = this.#entries
    const last = this.#last
    const key = Math.imul(Math.imul(branch, 0x9e3779b1) ^ part, 0x85ebca6b)
    let at = ((key ^ (key >>> 15)) & last) * width
    while (entries[at + 2] !== 0 && (entries[at] !== branch || entries[at + 1] !== part))
      at = at === last * width ? 0 : at + width
    return at
  }

  #grow(): void {
    const before = this.#entries
    this.#last = this.#last * 2 + 1
    this.#entries = new Int32Array((this.#last + 1) * width)
    for (let from = 0; from < before.length; from += width)
      if (before[from + 2] !== 0)
        this.#entries.set(before.subarray(from, from + width), this.#place(before[from]!, before[from + 1]!))
  }
}
