/** Mutants of what is taken alone, and of the claims that it rests on. */
import { inFile, type Mutant } from './mutant.ts'

export const ofReduction: readonly Mutant[] = [
  ...inFile('explore/reduction/reduction.ts', [
    ['    if (entry.fatal) return false\n', '', 'fatal steps taken alone', 'explore/liveness'],
    [
      '    if (this.#tables.components[component]!.offers) return false\n',
      '',
      'what is offered from outside taken alone',
      'explore/offers',
    ],
    [
      '    if (changes && this.#visible.has(component)) return false\n',
      '',
      'visible changes taken alone',
      'explore/reduction',
    ],
    [
      'subject.holders !== undefined && subject.tried === undefined',
      'subject.holders !== undefined',
      'a lock that may be tried is taken to defer',
      'explore/reduction',
    ],
    [
      "held === 'exclusive' && !subject.unguarded?.length",
      "held === 'exclusive'",
      'unguarded readers forgotten',
      'explore/false-claims',
    ],
    [
      "const nobodyElse = held === 'exclusive' && !subject.unguarded?.length",
      'const nobodyElse = !subject.unguarded?.length',
      'change under a shared lock',
      'explore/false-claims',
    ],
    ["    if (held === 'no') return false\n", '', 'no lock needed', 'explore/false-claims'],
    [
      'if (components.some((each) => this.#overlooked.has(each))) throw new Restart()',
      '',
      'a component seen late does not restart the search',
      'explore/reduction',
    ],
    [
      'if (changes) this.#overlooked.add(component)',
      '',
      'what was changed alone before it was seen is forgotten',
      'explore/reduction',
    ],
    [
      'if (this.#trusted.has(component)) throw new Restart()',
      '',
      'trust misplaced is not undone',
      'explore/false-claims',
    ],
    [
      "if (held === 'shared' && changes)",
      'if (false as boolean)',
      'change under a shared lock not noticed',
      'explore/false-claims',
    ],
    [
      "if (held === 'no' && (changes || !open.includes(type)))",
      "if (held === 'no' && changes)",
      'reads without the lock not noticed',
      'explore/false-claims',
    ],
  ]),
  ...inFile('explore/reduction/commuting.ts', [
    ['if (!a || !b) return false', 'if (!a || !b) return true', 'deferral commutes', 'explore/reduction'],
    [
      'return thread === nobody || thread !== this.#threads.ofSender(b)',
      'return thread !== this.#threads.ofSender(b)',
      'objects are never concurrent with objects',
      'explore/reduction',
    ],
    [
      'return !newLocal || [...messages].every((one) => pairsCommute(local, one))',
      'return true',
      'new local states not checked',
      'explore/false-claims',
    ],
  ]),
  ...inFile('explore/reduction/answers.ts', [
    [
      '!a.targets.some((target) => b.targets.includes(target)) && ',
      '',
      'two answers to one receiver commute',
      'explore/reduction',
    ],
    ['  ab.key === ba.key && a.says', '  a.says', 'next state not compared', 'explore/false-claims'],
    ['a.says === ba.says && b.says === ab.says', 'a.says === ba.says', 'only one answer compared', 'explore/reduction'],
    [
      'findings, notes, livesIn(outcome), ignored]',
      'findings, notes, ignored]',
      'alloc and free not compared',
      'explore/false-claims',
    ],
  ]),
  ...inFile('explore/reduction/tokens.ts', [
    [
      'if (targets.length > 1 || targets.some(isStranger)) {',
      'if (targets.some(isStranger)) {',
      'a thread may send twice',
      'explore/reduction',
    ],
    [
      'if (owedAt(entry.next).some((name) => !mayAnswer.has(name)))',
      'if (false as boolean)',
      'owes after answering',
      'explore/false-claims',
    ],
    [
      'if (met.has(thread)) throw broken(`two messages of thread ${thread} are in flight at the start`)',
      '',
      'two messages of a thread at the start',
      'explore/false-claims',
    ],
  ]),
  ...inFile('explore/locks/holding.ts', [
    [
      'throw broken(`${lock.id} took ${heard.type} from ${heard.from}, which does not hold it`)',
      '',
      'a lock that does not defer is not noticed',
      'explore/false-claims',
    ],
  ]),
]
