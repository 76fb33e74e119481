/** Who held which lock when: what a trace remembers of its locks, so that their order can be told from the trace alone. */
import type { Holders } from '../system.ts'
import type { Entry, Tables } from '../states/tables.ts'
import type { TracedLock } from '../runs/trace.ts'

type Held = Holders & { readonly since: number }

export class LockWatch {
  readonly #tables: Tables
  /** By component; only locks that somebody held at the start or spoke to. */
  readonly #held = new Map<number, Held[]>()

  constructor(tables: Tables, state: Int32Array) {
    this.#tables = tables
    for (const [index, { lockClass }] of tables.components.entries()) {
      if (lockClass === undefined) continue
      const start = this.#holders(index, state[index]!)
      if (start.threads.length > 0) this.#held.set(index, [{ since: 0, ...start }])
    }
  }

  /** A step: a lock changes hands only when it hears something. What is asked of a lock counts, heard or not. */
  see(entry: Entry, step: number): void {
    for (const lane of entry.lanes) this.#meet(this.#tables.lanes[lane]!.receiver)
    const held = this.#meet(entry.component)
    if (!held) return
    const now = this.#holders(entry.component, entry.next)
    const last = held.at(-1)!
    if (now.exclusive !== last.exclusive || now.threads.join('\n') !== last.threads.join('\n'))
      held.push({ since: step, ...now })
  }

  traced(): Record<string, TracedLock> {
    const { components } = this.#tables
    const met = [...this.#held].sort(([one], [other]) => one - other)
    return Object.fromEntries(
      met.map(([index, held]) => {
        const { id, lockClass, acquires = [], nest, awaited, waitType } = components[index]!
        const more = { ...(nest && { nest }), ...(awaited && { awaited }), ...(waitType && { waitType }) }
        return [id, { lockClass: lockClass!, acquires, ...more, held }]
      }),
    )
  }

  #meet(component: number): Held[] | undefined {
    const known = this.#held.get(component)
    if (known || this.#tables.components[component]!.lockClass === undefined) return known
    const held: Held[] = [{ since: 0, threads: [], exclusive: false }]
    this.#held.set(component, held)
    return held
  }

  #holders(component: number, local: number): Holders {
    const { threads, exclusive } = this.#tables.components[component]!.holders!(this.#tables.locals[component]![local])
    return { threads, exclusive: exclusive && threads.length > 0 }
  }
}
