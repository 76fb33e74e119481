/** Mutants of threads that look ahead, and of what is made of what they find. */
import { inFile, type Mutant } from './mutant.ts'

const by = 'explore/workers'

export const ofWorkers: readonly Mutant[] = [
  ...inFile('explore/parallel/crew.ts', [
    ['if (store.epoch !== this.#storeEpoch) this.#epoch++', '', 'words are used that mean something else now', by],
    ['if (state % this.#size > 0) found.next()', 'found.next()', 'what was found of the next state is used', by],
    ['return found.isOpen || found.epoch', 'return found.epoch', 'what was left open counts as looked into', by],
  ]),
  ...inFile('explore/parallel/ahead.ts', [
    ['if (fatal) throw unknown', '', 'runs go on behind a crash', by],
    ['if (deliveries === 0) throw unknown', '', 'where nobody goes on nothing is said', by],
    ['steps += 1 + taken', 'steps += 1', 'steps of chains are not counted', by],
    ['if (taken > longest) longest = taken', '', 'runs that end in known states are none', by],
  ]),
  ...inFile('explore/parallel/results.ts', [
    [
      'if (this.#at + this.#states > this.#numbers.length) return this.leaveOpen()',
      '',
      'what does not fit is lost',
      by,
    ],
    ['if (numbers[at + word] !== words[word]) return false', '', 'states with one hash are one', by],
  ]),
  ...inFile('explore/parallel/board.ts', [
    ['first + Math.min(many, this.#outboxes.length)', 'first + many', 'written over before it was read', by],
    ['return before <= chunk && Atomics', 'return Atomics', 'what has had its turn is taken again', by],
    ['first + leftOf(many)', 'first', 'nothing is left to him who keeps the order', by],
  ]),
  ...inFile('explore/breadth/search.ts', [
    ['deepest <= Math.min(this.#deepest, deepestFound) &&', '', 'a bound of depth is not kept to', by],
    ['if (found) this.#crew?.passOver()', '', 'what a deeper state of the chunk told is lost', by],
    ['this.store.staysAsItIs(found.many) &&', '', 'packed otherwise in the middle of a state', by],
    ['this.#lane = found.lane(one)', '', 'found states have another lane', by],
    ['const depth = before + found.taken(one)', 'const depth = before', 'chains have no length', by],
    [
      'if (this.#reduction) this.depth = Math.max(this.depth, before + found.longest)',
      '',
      'the longest run ends where something is new',
      by,
    ],
  ]),
  ...inFile('explore/states/store.ts', [
    ['if (this.#isOthers) throw unknown', '', 'everybody gives codes of his own', 'explore/store'],
  ]),
]
