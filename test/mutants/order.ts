/** An order of steps, made worse. */
import { inFile, type Mutant } from './mutant.ts'

const held = inFile('explore/runs/held.ts', [
  [
    'if (isSecond && this.#isWaited(came, rule)) return true',
    'if (isSecond) return true',
    'what has come first is waited for all the same',
    'explore/order',
  ],
  ['kept % nth === nth - 1', 'true', 'the first time has to wait, where the second is meant', 'explore/order'],
  ['firsts === first.nth ? done', 'firsts >= 1 ? done', 'the first time does for the second', 'explore/order'],
])

const tables = inFile('explore/states/tables.ts', [
  [
    'return this.held ? choices.filter((lane) => !this.isHeld(state, lane)) : choices',
    'return choices',
    'what is held back is taken by samples',
    'explore/order',
  ],
  ['    return choices.length > 0\n', '    return false\n', 'a run that is cut is a deadlock', 'explore/order'],
])

const others = [
  ...inFile('explore/states/cells.ts', [
    [
      'if (!tables.held || !entry.accepted) return step',
      'if (step) return step',
      'nothing is held back where states are stored',
      'explore/order',
    ],
  ]),
  ...inFile('explore/breadth/leaps.ts', [
    [
      '    if (order >= 0) this.#lookAt(order)\n',
      '',
      'a leap is remembered for another part of the order, too',
      'explore/order',
    ],
  ]),
  ...inFile('explore/stateless/dependence.ts', [
    [
      '|| this.#areOrdered(one, other)) return true',
      ') return true',
      'who is waited for depends on nobody',
      'explore/order',
    ],
  ]),
  ...inFile('explore/runs/slice.ts', [
    ['...held.see(lane, entry, index)', '', 'what had to come first is left out of a run', 'explore/order'],
  ]),
  ...inFile('explore/runs/behind.ts', [
    ['came: state[tables.orderSlot]!', 'came: 0', 'what came in the given run is forgotten', 'explore/order'],
  ]),
  ...inFile('explore/outcome/reporting.ts', [
    [
      'crashed: crashed || (next',
      'crashed: crashed && (next',
      'what would have come is missed by a run that is cut',
      'explore/order',
    ],
  ]),
  ...inFile('explore/symmetry/found-symmetry.ts', [
    ['if (order && isAboutOne(', 'if (false && isAboutOne(', 'threads are alike in any order', 'explore/orbits'],
  ]),
  ...inFile('explore/runs/order.ts', [
    ['one.nth <= other.nth\n', 'one.nth === other.nth\n', 'a circle by way of the first time is none', 'explore/order'],
    [
      'const rules = distinct([...own, ...',
      'const rules = distinct([...',
      'the order of the system itself is dropped for another',
      'explore/order',
    ],
    [
      '  insistOnHeard(system, { from, to, type }, place)\n',
      '',
      'who waits for what nobody ever says is not told so',
      'explore/order',
    ],
  ]),
  ...inFile('explore/index.ts', [
    [
      'order === undefined && !system.order ?',
      'order === undefined ?',
      'what one search has seen of an order another has seen as well',
      'explore/order',
    ],
  ]),
  ...inFile('explore/several/orders.ts', [
    [
      'came: reports.some(',
      'came: reports.every(',
      'of an order, what one part alone has seen is not seen',
      'swarm/swarm',
    ],
  ]),
  ...inFile('scenarios/order.ts', [
    [
      '...all.flat().flatMap(',
      '...steps.flat().flatMap(',
      'a circle of calls through the order of a scenario is none',
      'cli/order',
    ],
  ]),
]

export const ofOrders: readonly Mutant[] = [...held, ...tables, ...others]
