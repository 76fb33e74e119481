/** Mutants of what tells data races. */
import { inFile, type Mutant } from './mutant.ts'

const facts = 'kernel/data-races'

export const ofRaces: readonly Mutant[] = [
  ...inFile('explore/memory/happens-before.ts', [
    ["(one.kind !== 'read' || other.kind !== 'read') &&", '', 'two reads race', facts],
    ['!(isMarkedTo(one, other) && isMarkedTo(other, one))', 'true', 'two marked accesses race', facts],
    [
      '{ from: all, to: before!.exclusive ? writers : readers }',
      '{ from: all, to: writers }',
      'readers order readers',
      facts,
    ],
    ['after!.exclusive ? writers | readers : writers', 'writers', 'a writer does not come after readers', facts],
    [
      '[{ from: releases ? all : hands, to: it }]',
      '[{ from: releases ? knows : hands, to: it }]',
      'release is not cumulative',
      facts,
    ],
    ['[{ from: releases ? all : hands, to: it }]', '[{ from: all, to: it }]', 'every store releases', facts],
    ['to: acquires ? knows : met }', 'to: knows }', 'every load acquires', facts],
    ['[{ from: knows, to: hands, writesOf: thread }]', '[{ from: knows, to: hands }]', 'smp_wmb orders reads', facts],
    ['return [{ from: met, to: reads }]', 'return [{ from: met, to: knows }]', 'smp_rmb orders writes', facts],
    [
      "const forgets = kind === 'write' ? [{ forget: it }] : []",
      'const forgets: readonly Effect[] = []',
      'a store adds to what was left',
      facts,
    ],
  ]),
  ...inFile('explore/memory/race-sites.ts', [
    ["(how === 'exclusive' || also === 'exclusive')", 'how !== undefined', 'two readers of a lock are ordered', facts],
    [
      "site.held.get(lock) === 'shared' ? 'shared' : how",
      'how',
      'held alone the last time is held alone each time',
      facts,
    ],
    ['else if (site.held.size > 0) {', 'else if (false as boolean) {', 'locks of the first time alone', facts],
  ]),
  ...inFile('explore/memory/orders.ts', [
    [
      '(one.releases && other.acquires) || (one.forgets && (other.releases || other.acquires))',
      'false',
      'what hands over commutes',
      facts,
    ],
  ]),
  ...inFile('explore/memory/data-races.ts', [
    ['this.#follow(-1, search.start(), none, true)', '', 'accesses before the first state are not followed', facts],
    ['|| this.#order.isAfter(knowing, later)) return', ') return', 'all suspects race', facts],
  ]),
  ...inFile('explore/memory/race-watch.ts', [
    ['!this.#order.isAfter(knowing, later))', 'true)', 'in one run all conflicts race', facts],
  ]),
  ...inFile('machines/kernel/variables/operations.ts', [
    ["return got === 0 ? 'both' : 'release'", "return 'release'", 'the last reference does not acquire', facts],
    ['return now === undefined && failing.has(op) ? undefined : order', 'return order', 'what fails orders', facts],
  ]),
]
