/**
 * Looks at states with the eyes of the properties, and remembers which components they read: only those need to stay visible under the
 * reduction. A view is judged once for each combination of local states it depends on.
 */
import { Restart } from './reduction.ts'
import type { Property, System } from './system.ts'
import type { Tables } from './tables.ts'

/** One bit a property: it holds (`always`: it holds or does not apply). */
export type Judgement = { readonly holds: readonly boolean[]; readonly applies: readonly boolean[] }

export class Judge {
  readonly properties: readonly Property[]
  readonly #tables: Tables
  readonly #system: System<any>
  readonly #visible: Set<number>
  readonly #known = new Map<string, Judgement>()
  /** Called when a property reads a component for the first time. */
  onVisible: ((component: number) => void) | undefined

  constructor(tables: Tables, properties: readonly Property[], visible: Set<number>) {
    this.#tables = tables
    this.#system = tables.system
    this.properties = properties
    this.#visible = visible
  }

  judge(state: Int32Array): Judgement {
    let key = ''
    for (const component of this.#visible) key += letters(state[component]!)
    const known = this.#known.get(key)
    if (known) return known
    const judgement = this.#judge(state)
    // A component read for the first time makes every key one letter longer: old keys can no longer match, so nothing stale is met.
    this.#known.set(key, judgement)
    return judgement
  }

  #judge(state: Int32Array): Judgement {
    const view = this.#system.view((id) => {
      const component = this.#tables.indexOf(id)
      if (!this.#visible.has(component)) {
        this.#visible.add(component)
        this.onVisible?.(component)
      }
      return this.#tables.locals[component]![state[component]!]
    })
    const applies = this.properties.map((property) => this.#ask(property, () => property.when?.(view) ?? true))
    const holds = this.properties.map((property, index) =>
      this.#ask(property, () => !applies[index] || property.holds(view)),
    )
    return { holds, applies }
  }

  #ask(property: Property, question: () => boolean): boolean {
    try {
      return question()
    } catch (cause) {
      if (cause instanceof Restart) throw cause
      throw new Error(`The property "${property.name}" failed to answer: ${(cause as Error).message}`, { cause })
    }
  }
}

/** Two characters of 16 bits: enough for every local state there can be. */
const letters = (local: number): string => String.fromCharCode(local & 0xffff, local >>> 16)
