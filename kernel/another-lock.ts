/** A lock of one kind in the place of another: whoever asked for the one is answered by the other. */
import { createMachine, type AnyStateMachine } from 'xstate'
import type { LockFacts } from '../machines/kernel/locks/lock-facts.ts'

/** What a word for one kind of lock means to another kind. Alone: as a writer. */
const meaning: Readonly<Record<string, string>> = {
  ...{ LOCK: 'DOWN_WRITE', TRYLOCK: 'TRY_WRITE', UNLOCK: 'UP_WRITE' },
  ...{ DOWN_READ: 'LOCK', DOWN_WRITE: 'LOCK', TRY_READ: 'TRYLOCK', TRY_WRITE: 'TRYLOCK' },
  ...{ UP_READ: 'UNLOCK', UP_WRITE: 'UNLOCK' },
}

interface State {
  readonly on?: Readonly<Record<string, unknown>>
  readonly meta?: { readonly defers?: readonly string[] }
}

const also = (known: ReadonlySet<string>): readonly (readonly [word: string, means: string])[] =>
  Object.entries(meaning).filter(([word, means]) => !known.has(word) && known.has(means))

const made = new WeakMap<AnyStateMachine, AnyStateMachine>()

/** The same lock, which also hears the words for locks of other kinds. */
export function hearingAll(machine: AnyStateMachine): AnyStateMachine {
  const before = made.get(machine)
  if (before) return before
  const { states = {}, ...config } = machine.config as unknown as { readonly states?: Readonly<Record<string, State>> }
  const words = also(new Set(Object.values(states).flatMap(({ on = {} }) => Object.keys(on))))
  const hearing = ({ on = {}, meta = {}, ...state }: State): State => ({
    ...state,
    on: { ...on, ...Object.fromEntries(words.flatMap(([word, means]) => (means in on ? [[word, on[means]]] : []))) },
    meta: { ...meta, defers: [...(meta.defers ?? []), ...aliases(words, meta.defers)] },
  })
  const all = Object.fromEntries(Object.entries(states).map(([name, state]) => [name, hearing(state)]))
  // What a chart is made of is known to XState alone.
  const result = createMachine({ ...config, states: all } as object, machine.implementations as object)
  made.set(machine, result as AnyStateMachine)
  return result as AnyStateMachine
}

/** The facts of such a lock. */
export const factsOfAll = (facts: LockFacts<any>): LockFacts<any> => ({
  ...facts,
  acquires: [...facts.acquires, ...aliases(also(new Set(facts.acquires)), facts.acquires)],
})

const aliases = (
  words: readonly (readonly [word: string, means: string])[],
  known: readonly string[] = [],
): readonly string[] => words.flatMap(([word, means]) => (known.includes(means) ? [word] : []))
