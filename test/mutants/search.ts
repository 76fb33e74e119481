/** Mutants of the searches: how far they go, what they look at, and by which runs they tell it. */
import { inFile, type Mutant } from './mutant.ts'

export const ofSearch: readonly Mutant[] = [
  ...inFile('explore/breadth/search.ts', [
    ['if (depth >= this.#deepest) {', 'if (depth > this.#deepest) {', 'depth bound off by one', 'explore/bounds'],
    [
      '      else this.#finish(state, index)\n      return',
      '      return',
      'final states at the depth bound are not looked at',
      'explore/deadlock',
    ],
    [
      'if (step.entry.fatal) this.#crash(',
      'if (false as boolean) this.#crash(',
      'runs go on after a fatal finding',
      'explore/liveness',
    ],
    [
      'const depth = before + taken',
      'const depth = before + taken - 1',
      'depth of stored state one too small',
      'explore/reduction',
    ],
    [
      'if (!somebodyWaits(this.tables, state)) return leaksIn(this.tables, state)',
      'if (!somebodyWaits(this.tables, state)) return []',
      'no leaks',
      'explore/sanitizer',
    ],
    [
      'if (applies[index]) this.applied[index] = true',
      'this.applied[index] = true',
      'never vacuous',
      'explore/reduction',
    ],
    [
      "holds[index] !== (property.kind === 'sometimes') || this.decided.has(index))",
      "holds[index] !== (property.kind === 'sometimes'))",
      'last witness instead of first',
      'explore/counterexamples',
    ],
    [
      'if (this.#expanded === this.#level && this.store.count > this.#level) {',
      'if (this.#expanded >= this.#level && this.store.count > this.#level) {',
      'frontier condition',
      { same: 'one state at a time is expanded: the boundary is met exactly' },
    ],
    [
      'bound !== undefined && this.store.count >= bound &&',
      'bound !== undefined && this.store.count > bound &&',
      'states bound off by one',
      'explore/bounds',
    ],
    [
      'this.store.count >= bound && this.#expanded < this.store.count)',
      'this.store.count >= bound)',
      'stopped by states though complete',
      'explore/bounds',
    ],
    ['    if (this.sightings.has(key)) return\n', '', 'last sighting instead of first', 'explore/shortest'],
    [
      'if (!this.stopped && this.#cutAtDepth > 0)',
      'if (false as boolean)',
      'cut at depth, yet exhaustive',
      'explore/bounds',
    ],
    [
      'this.edgePlaces.findLast(',
      'this.edgePlaces.find(',
      'place of the first edge of an inversion',
      'explore/lock-order',
    ],
    [
      'if (bit >= 0) seen |= 1 << bit',
      'if (bit >= 0) seen = 1 << bit',
      'watched edges forgotten',
      'explore/lock-order',
    ],
    [
      '? this.#depths.get(this.#expanded) : Infinity',
      '? this.#depths.get(this.#expanded) + 1 : Infinity',
      'completeTo one too many',
      'explore/shortest',
    ],
    ['this.#chains.check(state, step)', '', 'claims not checked inside chains', 'explore/false-claims'],
  ]),
  ...inFile('explore/states/cells.ts', [
    [
      'const end = offer === undefined ? [sender, receiver].find(isOfThread) : receiver',
      'const end = [sender, receiver].find(isOfThread)',
      'what is offered stands in no cell that changes with it',
      'explore/offers',
    ],
  ]),
  ...inFile('explore/breadth/leap-trees.ts', [
    [
      'if (answer >= numbers[node + room]!) return undefined',
      '',
      'an answer leads where another node is',
      'explore/leap-trees',
    ],
    [
      'this.#numbers.copyWithin(node + answers, from + answers, from + answers + before)',
      '',
      'what was known is lost where there is one answer more',
      'explore/leap-trees',
    ],
    ['    this.#at = nowhere\n', '', 'what was begun goes on when all is forgotten', 'explore/leap-trees'],
  ]),
  ...inFile('explore/breadth/leaps.ts', [
    [
      'if (step.entry.asks || step.entry.accesses) this.#lookAtHands(this.#holdings.of(step.entry))',
      '',
      'the order of locks is what it was the first time',
      'explore/lock-order',
    ],
  ]),
  ...inFile('explore/ordered/depths.ts', [
    [
      'if (this.#begins[middle]! <= state) low',
      'if (this.#begins[middle]! < state) low',
      'the first state of a level belongs to the one before',
      'explore/shortest',
    ],
  ]),
  ...inFile('explore/breadth/shortest.ts', [
    [
      'shortest: full.completeTo + 1 >= sliced.lanes.length }',
      'shortest: full.completeTo + 2 >= sliced.lanes.length }',
      'shortest claimed one level too early',
      'explore/shortest',
    ],
    [
      'shortest: isFullSearch && !sighting.cycle })',
      'shortest: isFullSearch })',
      'inversions called shortest',
      'explore/lock-order',
    ],
    [
      'const within = { ...more.within, depth: longest }',
      'const within = { ...more.within, depth: longest - 1 }',
      'the search for shorter runs ends one level short',
      'explore/shortest',
    ],
    [
      'new Search(found.cells, nothing, options, found.stopped ? undefined : reduction,',
      'new Search(found.cells, nothing, options, reduction,',
      'claims that nobody has checked are believed in the search for an inversion in one run',
      'explore/shortest',
    ],
    [
      'const isFullSearch = !reduction',
      'const isFullSearch = true',
      'what the reduced search found is called the shortest',
      'explore/shortest',
    ],
  ]),
  ...inFile('explore/runs/slice.ts', [
    [
      '...(before === undefined ? [] : [before])',
      '',
      'a slice forgets what the receiver did before',
      'explore/counterexamples',
    ],
  ]),
  ...inFile('explore/sampling/sampling.ts', [
    ['    if (entry.fatal) return true\n', '', 'samples go on after a crash', 'explore/sampling'],
    ['entry.findings.length === 0 &&', 'true &&', 'what is wrong is seen by the first run alone', 'explore/sampling'],
    ['(isStill || this.#races.isIdle)', 'true', 'what orders accesses is passed by', 'explore/sampling'],
    [
      '(edges.length === 0 || this.#isCalm)',
      'true',
      'a circle of locks is seen by the first run alone',
      'explore/sampling',
    ],
    [
      '    for (const edges of this.#followed.splice(0)) this.#order.see(edges)\n',
      '',
      'locks that were taken where others had been do not count',
      'explore/sampling',
    ],
    ['    this.#state.fill(0)\n', '', 'what is in flight elsewhere is in flight here', 'explore/sampling'],
    [
      'const isPlain = isQuiet && isStill && edges.length === 0',
      'const isPlain = true',
      'whatever was seen once is only followed',
      'explore/sampling',
    ],
  ]),
  ...inFile('explore/outcome/gathered.ts', [
    [
      'known.run.length <= here.length)) return',
      'true)) return',
      'the first sample that shows it, not the shortest',
      'explore/sampling',
    ],
    ['known.needs !== this.price || ', '', 'a shorter run that costs more is kept', 'explore/searches'],
  ]),
  ...inFile('explore/sampling/schedulers.ts', [
    [
      'if (state && this.#isNew(state, component)) this.#newest = this.#steps',
      'this.#newest = 0',
      'nothing that is new is a seed',
      'explore/sampling',
    ],
    ['= this.#random()) : known', '= 0) : known', 'no priorities', 'explore/sampling'],
  ]),
  ...inFile('explore/ordered/switching.ts', [
    ['Number(isStopped && turns', 'Number(turns', 'who cannot go on is preempted', 'explore/searches'],
    ['turns.of(lane) !== last))', 'false))', 'preemptions cost nothing', 'explore/searches'],
    ['turns.compare(turn, last) >= 0)', 'turns.compare(turn, last) > 0)', 'a delay too few', 'explore/searches'],
    [
      'return steps.map(({ lane }) => inTurn.indexOf(',
      'return steps.map(({ lane }) => able.indexOf(',
      'always from the first',
      'explore/searches',
    ],
  ]),
  ...inFile('explore/ordered/cheapest-first.ts', [
    ['this.complete = price - 1', 'this.complete = price', 'complete one price too early', 'explore/searches'],
    ['if (price > this.#most) return', 'if (price >= this.#most) return', 'bound off by one', 'explore/searches'],
    [
      'price: dearer }, total + dearer)',
      'price: dearer }, total)',
      'what costs more is not put off',
      'explore/searches',
    ],
  ]),
  ...inFile('explore/ordered/depth-first.ts', [
    [
      'if (this.#deepest === Infinity || graph',
      'if (true || graph',
      'what is nearer than it was is not gone on from again',
      'explore/searches',
    ],
    ['      this.#cut.add(node)\n', '', 'cut at depth, yet exhaustive', 'explore/searches'],
    ['    this.#cut.delete(node)\n', '', 'what was gone on from later counts as cut', 'explore/searches'],
    [
      'graph.depthOf(node) >= this.#deepest',
      'graph.depthOf(node) > this.#deepest',
      'depth bound off by one',
      'explore/searches',
    ],
  ]),
  ...inFile('explore/ordered/graph.ts', [
    [
      'this.#after[this.cells.watch] = this.#turnOf(step.lane)',
      '',
      'whose turn it was is forgotten',
      'explore/searches',
    ],
    ['    if (step.entry.fatal) return undefined\n', '', 'searches go on after a crash', 'explore/searches'],
    ['if (entry.accesses) this.races.meet(slots, entry)', '', 'no data races', 'kernel/races-generated'],
    [
      'this.#depths.set(node, this.depthOf(this.#node) + 1)',
      '',
      'what is nearer is as far as it was',
      'explore/searches',
    ],
  ]),
  ...inFile('explore/symmetry/symmetry.ts', [
    [
      'const numbered = this.#numbers.reduce',
      'const numbered = [].reduce',
      'numbers keep their names',
      'explore/symmetry',
    ],
    [
      "(one === member ? 'this one' : 'another')",
      "'another'",
      'who is told of is no sign',
      { same: 'those who are alike then are tried in all orders' },
    ],
    [
      'if (best && inOrder(text, first) >= 0) continue',
      'if (best) continue',
      'any that is alike stands for all',
      'explore/symmetry',
    ],
    ['(list) => reordered(list, to))', '(list) => list)', 'lists keep their order', 'explore/symmetry'],
  ]),
  ...inFile('explore/symmetry/folding.ts', [
    ['if (textOf(first) !== textOf(other)) this', 'if (false) this', 'commands are believed', 'explore/symmetry'],
    ['=== answer) continue', '!== undefined) continue', 'properties are believed', 'explore/symmetry'],
    [
      'return one.to === to && one.from === called(from)',
      'return one.to === to && one.from === from',
      'runs are told by other names',
      'explore/symmetry',
    ],
    [
      'if (mayEnd(state) !== mayEnd(renamed))',
      'if (false as boolean)',
      'where a run may end is believed',
      'explore/symmetry',
    ],
  ]),
  ...inFile('explore/several/portfolio.ts', [
    ['if (decides(turn.value)) return told', 'if (true) return told', 'the first to end decides', 'explore/searches'],
  ]),
  ...inFile('explore/claims/judge.ts', [
    [
      '!doesApply[index] || holds(property, view)',
      'holds(property, view)',
      '`when` makes no difference',
      'explore/counterexamples',
    ],
  ]),
  ...inFile('explore/breadth/liveness.ts', [
    ['return graph.isFalse(0) ? (', 'return true ? (', 'what was true at the start has never been', 'explore/liveness'],
    [
      'if (next.length === 0 && !crashed) return',
      'if (next.length === 0) return',
      'a crash counts as an end',
      'explore/liveness',
    ],
    [
      'else if (!finished.has(next) && isFalse(next)) enter(next)',
      'else if (!finished.has(next)) enter(next)',
      'runs are followed after it came true',
      'explore/liveness',
    ],
    ['      onWay.delete(top.state)\n', '', 'where runs meet is a loop', 'explore/liveness'],
    [
      'if (!parents.has(each) && isFalse(each)) parents',
      'if (!parents.has(each)) parents',
      'runs may end after it came true',
      'explore/liveness',
    ],
  ]),
  ...inFile('explore/states/canonical.ts', [
    ["Object.is(value, -0) ? '-0' : String(value)", 'String(value)', '-0 is 0', 'explore/canonical'],
    ['Object.keys(record).sort()', 'Object.keys(record)', 'the order of fields matters', 'explore/canonical'],
  ]),
]
