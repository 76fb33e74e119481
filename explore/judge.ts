/**
 * Looks at states with the eyes of the properties, and remembers which components they read: only those need to stay visible under the
 * reduction. A view is judged once for each combination of local states it depends on.
 */
import { applies, holds } from './answer.ts'
import type { Property, System } from './system.ts'
import type { Tables } from './tables.ts'

/** One bit a property: it holds (`always`: it holds or does not apply). */
export type Judgement = { readonly holds: readonly boolean[]; readonly applies: readonly boolean[] }

interface Known {
  readonly ways: Known[]
  judgement: Judgement | undefined
}

export class Judge {
  readonly properties: readonly Property[]
  readonly #tables: Tables
  readonly #system: System<any>
  readonly #visible: Set<number>
  /** A trie over the local states of what properties look at. */
  #known: Known = { ways: [], judgement: undefined }
  /** Called with the components that properties have read for the first time. */
  onSeen: ((components: readonly number[]) => void) | undefined

  constructor(tables: Tables, properties: readonly Property[], visible: Set<number>) {
    this.#tables = tables
    this.#system = tables.system
    this.properties = properties
    this.#visible = visible
  }

  judge(state: Int32Array): Judgement {
    return this.judgeBy(
      (component) => state[component]!,
      () => state,
    )
  }

  /** By the local states of those components that properties look at; the whole state is made when one has to be asked. */
  judgeBy(local: (component: number) => number, state: () => Int32Array): Judgement {
    let at = this.#known
    for (const component of this.#visible) at = at.ways[local(component)] ??= { ways: [], judgement: undefined }
    if (at.judgement) return at.judgement
    const before = this.#visible.size
    const judgement = this.#judge(state())
    at.judgement = judgement
    // What is looked at for the first time is one more question: what was known without it is known no more.
    if (this.#visible.size > before) this.#known = { ways: [], judgement: undefined }
    return judgement
  }

  /** A property that answers otherwise in this state when a component is in the one local state than when it is in the other. */
  tellsApart(state: Int32Array, component: number, one: unknown, other: unknown): string | undefined {
    const answers = (local: unknown) => {
      const view = this.#system.view((id) => {
        const index = this.#tables.indexOf(id)
        return index === component ? local : this.#tables.locals[index]![state[index]!]
      })
      return this.properties.map((property) => [applies(property, view), holds(property, view)].join())
    }
    try {
      const [first, second] = [answers(one), answers(other)]
      return this.properties.find((_, index) => first[index] !== second[index])?.name
    } catch {
      // Not every such state need be one that there is.
      return undefined
    }
  }

  #judge(state: Int32Array): Judgement {
    const seen: number[] = []
    const view = this.#system.view((id) => {
      const component = this.#tables.indexOf(id)
      if (!this.#visible.has(component)) {
        this.#visible.add(component)
        seen.push(component)
      }
      return this.#tables.locals[component]![state[component]!]
    })
    const doesApply = this.properties.map((property) => applies(property, view))
    const doesHold = this.properties.map((property, index) => !doesApply[index] || holds(property, view))
    if (seen.length > 0) this.onSeen?.(seen)
    return { holds: doesHold, applies: doesApply }
  }
}
