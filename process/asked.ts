/**
 * Names that properties ask for. One that nobody can have is refused: a claim about it says nothing. Where functions make names, only the end of a
 * search can tell that nobody had it.
 */
import type { AnyActorLogic } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import { nearest } from '../shapes/nearest.ts'
import { listed } from './meant.ts'
import { lastOf } from './unmet.ts'
import { vocabularyOf, type Names, type Vocabulary } from './vocabulary.ts'

type Sort = 'actor' | 'event'

export class Asked {
  readonly #logic: AnyActorLogic
  readonly #answered: Readonly<Record<Sort, Set<string>>> = { actor: new Set(), event: new Set() }
  readonly #unanswered: Readonly<Record<Sort, Set<string>>> = { actor: new Set(), event: new Set() }
  #words: Vocabulary | undefined

  constructor(logic: AnyActorLogic) {
    this.#logic = logic
  }

  /** `isThere`: somebody alive has this name. Throws a ModelError where nobody ever can. */
  actor(name: string, isThere: boolean): void {
    const isNamed = ({ known }: Names): boolean =>
      known.has(lastOf(name)) || [...known].some((each) => each.startsWith(`${name}-`))
    this.#ask('actor', name, isThere, isNamed)
  }

  /** `isThere`: such an event was emitted before. Throws a ModelError where nobody ever emits one. */
  emitted(type: string, isThere: boolean): void {
    this.#ask('event', type, isThere, ({ known }) => known.has(type))
  }

  #ask(sort: Sort, name: string, isThere: boolean, isNamed: (names: Names) => boolean): void {
    const asked = isThere ? this.#answered[sort] : this.#unanswered[sort]
    if (asked.has(name)) return
    if (!isThere) {
      const words = (this.#words ??= vocabularyOf(this.#logic))
      const names = sort === 'actor' ? words.actors : words.emits
      if (isNamed(names)) return
      if (!names.isOpen) throw unheardOf(sort, name, names)
    }
    asked.add(name)
  }

  /** In words, for a search that has seen all states: what nobody ever had, of names that functions might have made. */
  remarks(): readonly string[] {
    const never = (sort: Sort): readonly string[] =>
      [...this.#unanswered[sort]].filter((name) => !this.#answered[sort].has(name))
    return [
      ...never('actor').map((name) => `A property asks for the actor ${name}: whenever it did, there was none.`),
      ...never('event').map((type) => `A property asks whether ${type} was emitted: whenever it did, it was not.`),
    ]
  }
}

const unheardOf = (sort: Sort, name: string, { known }: Names): ModelError => {
  const guess = nearest(name, [...known])
  const fact = sort === 'actor' ? 'an actor of a name that none has' : 'an event that nobody emits'
  return new ModelError(
    'bad-property',
    `A property asks for ${fact}: ${JSON.stringify(name)}.${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['expected', listed(known, name)]],
  )
}
