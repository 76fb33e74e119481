/** Mutants of the set of states. */
import { inFile, type Mutant } from './mutant.ts'

export const ofStore: readonly Mutant[] = [
  ...inFile('explore/states/store.ts', [
    ['if (this.#count > 0 || this.#spilled) this.#number(slot, 0)', '', 'a new slot was not 0 before', 'explore/store'],
    ['<< (from + field.shift)', '<< field.shift', 'fields merged wrongly when packed again', 'explore/store'],
    ['(packed[base + word]! & ~bits[2 * word]!) |', 'packed[base + word]! |', 'old bits not cleared', 'explore/store'],
    ['if (known >= 0) return -(known + 1)', 'if (known >= 0) return -known', 'state 0 is never known', 'explore/store'],
    [
      'if (((entry ^ key) & ~last) === 0) {',
      'if (entry === ((key & ~last) | this.#count)) {',
      'only the last state is known again',
      'explore/store',
    ],
    [
      'table[at] = (key & ~last) | (state + 1)',
      'table[at] = state + 1',
      'the table has no part of the hash',
      'explore/store',
    ],
    [
      '= old[state * before + word]!',
      '= old[state * words + word]!',
      'widening copies from the wrong place',
      'explore/store',
    ],
    [
      'for (let state = 0; state < states; state++)\n    made',
      'for (let state = 0; state < states - 1; state++)\n    made',
      'last state lost when packed again',
      'explore/store',
    ],
    [
      'code |= ((packed[base + word]! >>> shift) & mask) << from',
      'code |= (packed[base + word]! >>> shift) & mask',
      'higher fields loaded at bit 0',
      'explore/store',
    ],
    [
      'patch.layout !== this.#layout || this.#values.length < width',
      'patch.layout === undefined',
      'a patch keeps bits that belong to others by now',
      'explore/store',
    ],
    [
      'tightened.some((at) => at === count)',
      'count < 0',
      'never packed again',
      { same: 'it only saves time: the bits of a slot come together' },
    ],
    ['+ this.#table.byteLength', '', 'the hash table takes no memory', 'explore/store'],
    [
      'at < changes.length; at += 2) {\n      const code',
      'at < changes.length - 2; at += 2) {\n      const code',
      'the last of what changed is not packed',
      'explore/store',
    ],
    ['while (table[at] !== 0) at = (at + 1) & last', '', 'what collides in a new hash table is lost', 'explore/store'],
    ['this.#lanes.set(made, lane)', 'this.#lanes.set(made, lane & 0xff)', 'lanes beyond 255', 'explore/store'],
    [
      'word < words; word++) packed[base + word] = scratch[word]!',
      'word < 1; word++) packed[base + word] = scratch[word]!',
      'only the first word is stored',
      'explore/store',
    ],
    [
      'new Int32Array(Math.max(value + 1, codes.length * 2)).fill(-1)',
      'new Int32Array(Math.max(value + 1, codes.length * 2))',
      'a value that is new beyond the eighth has number 0',
      'explore/store',
    ],
    ['      wider.set(codes)\n', '', 'a value gets a second number when the table of numbers grows', 'explore/store'],
    ['if (layout.words > this.#layout.words) this.#widen(layout)', '', 'no further word', 'explore/store'],
    [
      '    this.#table.fill(0)\n    this.#enterAll(words)\n',
      '',
      'hashes of states packed otherwise are kept',
      'explore/store',
    ],
    [
      'if (made === mostStates) throw new NoRoom()',
      '',
      'numbers of states that have run out begin again',
      'explore/edges',
    ],
  ]),
  ...inFile('explore/states/layout.ts', [
    ['widthOf(code) > bits ?', 'widthOf(code) > bits + 1 ?', 'too few bits', 'explore/store'],
    [
      'reduce((sum, { mask }) => sum + widthOf(mask), 0)',
      'length',
      'a field is taken to have one bit',
      'explore/store',
    ],
    ['shift: 32 - free[word]!', 'shift: 0', 'all slots have the same bits', 'explore/store'],
  ]),
  ...inFile('explore/states/columns.ts', [
    [
      'value < 0x10000 || segment instanceof Int32Array',
      'value >= 0',
      'parents beyond 65,535 are cut off',
      'explore/counts',
    ],
    [
      'Int32Array.from(segment)',
      'new Int32Array(segmentSize)',
      'what stood in narrow numbers is lost',
      'explore/store',
    ],
    [
      'if (cause instanceof RangeError) throw new NoRoom(cause)',
      '',
      'no memory is a fault in relock',
      { same: 'only a machine without memory shows it; test/explore/edges.test.ts stands in for one' },
    ],
  ]),
  ...inFile('explore/states/hash.ts', [
    [
      'words[base + word]!, 0x85ebca6b',
      'words[word]!, 0x85ebca6b',
      'every stored state has the hash of the first',
      'explore/store',
    ],
  ]),
]
