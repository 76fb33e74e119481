/** Mutants of a search whose states are on the disk. */
import { inFile, type Mutant } from './mutant.ts'

const by = 'explore/memory'

export const ofSpilling: readonly Mutant[] = [
  ...inFile('explore/states/store.ts', [
    ['    this.#full = 0\n', '', 'room is taken to be there that was given back', by],
    ['    this.#loose = Infinity\n', '', 'packed otherwise than on the disk', by],
    [
      'spilled.seen.tellKnown(states, this.#settled, this.#count, (slot) => this.#parents.set(slot, 0))',
      '',
      'what is on the disk is new again',
      by,
    ],
    ['if (parent === noParent) continue', '', 'what was there before gets a number', by],
    [
      'spilled.seen.keep(states, this.#count, isNew, (slot) => this.#parents.get(slot) - 1)',
      '',
      'what was in memory is not known on the disk',
      by,
    ],
    [
      'spilled.seen.keep(states, this.#count, isNew,',
      'spilled.seen.keep(states, 1, isNew,',
      'only the first of them is',
      by,
    ],
  ]),
  ...inFile('explore/breadth/shortest.ts', [
    [
      'const isFullSearch = !reduction && !search.store.spilled?.isHashed',
      'const isFullSearch = !reduction',
      'the shortest run, by hashes',
      by,
    ],
  ]),
  ...inFile('explore/spill/runs.ts', [
    ['for (const each of merged) each.file.remove()', '', 'files that were merged stay', by],
  ]),
  ...inFile('explore/breadth/search.ts', [
    [
      'if (!this.stopped && this.store.spilled?.isHashed)',
      'if (false as boolean)',
      'known by hashes, yet exhaustive',
      by,
    ],
    [
      "find(({ kind }) => kind === 'eventually')",
      "find(({ kind }) => kind === 'sometimes')",
      'an `eventually` of states on the disk',
      by,
    ],
  ]),
]
