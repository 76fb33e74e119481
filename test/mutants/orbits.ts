/** Mutants of threads that are alike: who is, what tells them apart, and which states count once. */
import { inFile, type Mutant } from './mutant.ts'

const by = 'explore/orbits'
const along = 'explore/orbits-along'

export const ofOrbits: readonly Mutant[] = [
  ...inFile('explore/symmetry/alike.ts', [
    ['(?<!\\\\w)(?:', '(?:', 'a name is looked for inside of words', by],
    // Not who starts: it is looked at twice, here by names and in renaming.ts (`#meetStart`) by what is in flight; without either the other tells.
    [
      "data.every((each) => typeof each === 'string') ? data.toSorted() : data.map(unordered)",
      'data.map(unordered)',
      'names in another order are told apart before anybody looks',
      by,
    ],
    [
      'if (lockClass !== undefined && by(lockClass) !== lockClass) return unlike',
      '',
      'edges between locks of other classes are told of one only',
      along,
    ],
    [
      'return { described, as: () => [text, ...components.map(({ id }) => this.#textOf(id))] }',
      'return { described, as: () => [text] }',
      'what a lock guards stays where it is',
      along,
    ],
    [
      'else if (exchange.length < (each.exchanges[0]?.length ?? 0)) each.tried.push(exchange)',
      '',
      'what has to come along with the third is never found out',
      along,
    ],
  ]),
  ...inFile('explore/symmetry/renaming.ts', [
    ["if (along) throw new ToldApart('', who, along)", '', 'nothing ever comes along', along],
    ['if (answerOf(entry) !== answerOf(other)) this.#tellsApart(component)', '', 'answers are not compared', by],
    [
      'if (known[component]![one] !== undefined || known[other]![like] !== undefined) this.#tellsApart(by)',
      '',
      'one state is like two',
      by,
    ],
    ['if (same < 0)', 'if (same < 0) continue\n      if (same < -1)', 'others may be sent to', by],
  ]),
  ...inFile('explore/symmetry/orbits.ts', [
    [
      'this.#asked = [...tables.entries()].sort((a, b) => a.number - b.number)',
      'this.#asked = []',
      'what was asked before the search began again is asked by one name only',
      by,
    ],
    [
      'if (apart !== undefined) throw this.#places[number - 1]!.exchange.toldApartBy(apart)',
      '',
      'claims may tell them apart',
      by,
    ],
  ]),
  ...inFile('explore/symmetry/smallest.ts', [
    [
      'if (this.#isFirst || this.#difference(way, this.#others) < 0) this.#best = way',
      'this.#best = way',
      'not the smallest stands for all',
      'explore/smallest',
    ],
    [
      'if (first >= 0 && this.#isAllTheSame(cells[first]!, cells[who]!)) continue',
      'if (first >= 0) continue',
      'who is in the same state is the same to everybody else',
      'explore/smallest',
    ],
    [
      'least = Math.min(least, this.#likeAt(each, who, place))',
      'least = Math.min(least, this.#state[cells[who]!]!)',
      'numbers of one cell are taken for those of another',
      'explore/smallest',
    ],
  ]),
  ...inFile('explore/symmetry/orbit-store.ts', [
    ['const way = this.#orbits.back(to)', 'const way = to', 'the way back is the way there', by],
    [
      'this.#orbits.apply(into, this.spilled ? this.spilled.log.way(state) : this.#ways.get(state))',
      '',
      'what is searched is what stands for it',
      by,
    ],
  ]),
  ...inFile('explore/symmetry/found-symmetry.ts', [
    [
      'if (aboutRuns) return `"${aboutRuns.name}" is about whole runs`',
      '',
      'runs without end are looked for among orbits',
      by,
    ],
  ]),
  ...inFile('explore/breadth/search.ts', [
    [
      'finals.add(image.join())\n      return this.#tellFinal(image)',
      'return found',
      'ends are told by one name only',
      by,
    ],
    [
      'for (const each of [ignored, ...this.#ignoredLikewise(entry, ignored)])',
      'for (const each of [ignored])',
      'what is ignored is told of one',
      by,
    ],
  ]),
]
