/** Mutants of what is kept of a search, and of how it goes on. */
import { inFile, type Mutant } from './mutant.ts'

const by = 'explore/checkpoint'

export const ofCheckpoints: readonly Mutant[] = [
  ...inFile('explore/several/checkpoint.ts', [
    ['if (differs.length === 0) return', 'if (differs.length >= 0) return', 'anybody goes on from anything', by],
    [
      'symmetryOff = this.#last?.symmetryOff',
      'symmetryOff = undefined',
      'states kept apart are taken for folded ones',
      by,
    ],
  ]),
  ...inFile('explore/several/checkpoint-files.ts', [
    [
      'const made = join(folder, `${name}${process.pid}`)',
      'const made = this.#path',
      'the last one is written over',
      by,
    ],
    ['if (crc32(part) === head.readUInt32LE(4))', 'if (crc32(part) >= 0)', 'no checksum', by],
    [
      'if (this.#part() !== title || this.#at !== this.#size)',
      'if (this.#part() !== title)',
      'goes on behind its end',
      by,
    ],
    ['disk.rmSync(made, { force: true })\n      throw cause', 'throw cause', 'halves are left on a full disk', by],
    ['Math.max(every * 1000, milliseconds * (1 / share - 1))', 'every * 1000', 'takes any share of the time', by],
    ['if (was !== is) throw', 'if (was === undefined) throw', 'goes on from other versions', by],
  ]),
  ...inFile('explore/breadth/search.ts', [
    ['this.steps = kept.steps', 'this.steps = 0', 'steps are counted from the last end on', by],
    ['this.#cutAtDepth = kept.cutAtDepth', '', 'complete, though cut at a depth before', by],
    ['this.stopped = kept.first', '', 'searches on behind the first finding', by],
    ['this.lockOrder.know(kept.edgePlaces.map(({ edge }) => edge))', '', 'forgets the order of locks', by],
    ['} else this.#checkBounds()', '}', 'one state more than a bound allows', by],
    ['if (keeping && !this.#isHalfDone) this.#pause(keeping)', '', 'not kept in the end', by],
    ['if (this.#keptAt === this.#expanded) return', '', 'kept twice', { same: 'it is written once more, as it is' }],
  ]),
  ...inFile('explore/states/tables.ts', [
    ['this.contents[lane]!.restore(heads, rests)', '', 'what is on lanes gets other numbers', by],
    [
      'if (again && this.#isOutOfTurn(',
      'if (again && !again && this.#isOutOfTurn(',
      'asks what was not asked, where it began again',
      by,
    ],
    ['entry.next !== does[0] ||', '', 'a machine that goes elsewhere is not noticed', by],
  ]),
  ...inFile('explore/states/cells.ts', [
    ['here.restore(values, components.length)', '', 'values get other numbers', by],
  ]),
  ...inFile('explore/index.ts', [
    ['(kept?.seconds ?? 0) * 1000', '0', 'time before the end is not counted', by],
    ['let left = kept\n', 'let left: typeof kept\n', 'begins from the start', by],
  ]),
]
