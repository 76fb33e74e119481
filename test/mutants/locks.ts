/** Mutants of the order of locks and of who waits for whom. */
import { inFile, type Mutant } from './mutant.ts'

export const ofLocks: readonly Mutant[] = [
  ...inFile('explore/locks/lock-order.ts', [
    [
      '(nests?.has(lock) ? [] : [components[lock]!.lockClass!])',
      '[components[lock]!.lockClass!]',
      'nesting makes no difference',
      'explore/lock-order',
    ],
    [
      ' || way.slice(1).some((each) => isEdge(to, each))',
      '',
      'larger circles are followed',
      { same: 'a circle with a short cut holds a smaller one, and only the smallest are kept' },
    ],
    [
      '    .filter((cycle) => !cycles.some((other) => isSmaller(other, cycle)))\n',
      '',
      'circles that hold smaller ones',
      'explore/lock-order',
    ],
    [
      'this.#asks[lane.receiver]?.has(message.type) ?? false',
      'this.#asks[lane.receiver] !== undefined',
      'whatever is said to a lock asks for it',
      'explore/lock-order',
    ],
    [
      'tables.components[other]!.lockClass === lockClass)',
      'tables.components[other]!.lockClass !== undefined)',
      'nesting across classes',
      'explore/lock-order',
    ],
  ]),
  ...inFile('explore/locks/lock-watch.ts', [
    ['now.exclusive !== last.exclusive || ', '', 'a change of mode is not noted', 'explore/lock-watch'],
  ]),
  ...inFile('explore/locks/waiting.ts', [
    ['    if (isAtRest(tables, state, lane.sender)) continue\n', '', 'whoever is at rest waits', 'explore/deadlock'],
    [
      '  if (owed.length > 0) return { on: owed.map((id) => threadOf(tables, id)) }\n',
      '',
      'nobody waits for whoever is before him in the queue',
      'explore/deadlock',
    ],
  ]),
]
