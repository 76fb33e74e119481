/** Mutants of the stateless search, and of what it takes to be dependent. */
import { inFile, type Mutant } from './mutant.ts'

export const ofStateless: readonly Mutant[] = [
  ...inFile('explore/stateless/stateless.ts', [
    [
      '      if (sleep.some((each) => mayBegin(each, sequence, this.#areDependent))) continue\n',
      '',
      'a class is run again that was run from there',
      'published/dpor',
    ],
    [
      'if (this.#isPossible(step, free, other)) insert(',
      'insert(',
      'what is deferred before a step is taken to be possible',
      'published/dpor',
    ],
    [
      '    for (const each of left) if (!met.has(each.lane) && this.#isThere(each.sentBy, step)) others.push(each)\n',
      '',
      'what hangs at the end of a run is not looked back for',
      'published/dpor',
    ],
    [
      'sleep.filter((each) => !this.dependence.areDependent(each, delivery))',
      'sleep',
      'whoever sleeps is not woken',
      'published/dpor',
    ],
    [
      'sleep.filter((each) => !this.dependence.areDependent(each, delivery))',
      '[]',
      'nobody sleeps on',
      'published/dpor',
    ],
    ['return sentBy !== step && !this', 'return !this', 'what a step has sent is put before it', 'explore/dpor'],
    [
      'if (at !== event.sentBy && !this.dependence',
      'if (!this.dependence',
      'an answer does not depend on its question',
      'published/dpor',
    ],
    [
      'const free = this.run.filter((_, at) => at > step && !this.#dependsOn(at, step))',
      'const free: Event[] = []',
      'what is free of a step stays behind it',
      'published/dpor',
    ],
    [
      ' if (lane !== own) others.push({ lane, message })\n',
      ' void [lane, message, own]\n',
      'what comes from outside is not looked back for',
      'explore/dpor',
    ],
    ['    this.#crashed.add(component)\n', '    void component\n', 'whoever has crashed goes on', 'explore/dpor'],
  ]),
  ...inFile('explore/stateless/wakeup.ts', [
    ['    if (areDependent(each, delivery)) return false\n', '', 'anything may come first', 'published/dpor'],
    [
      '    if (same >= 0) left = left.toSpliced(same, 1)\n',
      '',
      'a step is looked for again behind itself',
      'published/dpor',
    ],
  ]),
  ...inFile('explore/stateless/dependence.ts', [
    [
      'if (areSeen && this.#changes[a]!.has(one.message) && this.#changes[b]!.has(other.message)) return true\n',
      'void areSeen\n',
      'what a property sees in two places may change places',
      'explore/dpor',
    ],
    [
      'return a === b && this.#pairs.areDependent(a, one.message, other.message)',
      'return a === b',
      'nothing that comes to one receiver is independent',
      'published/dpor',
    ],
  ]),
  ...inFile('explore/reduction/pairs.ts', [
    [
      '    for (const each of known) this.#depend(met, one, each)\n',
      '',
      'two that make a third impossible are independent',
      'explore/dpor',
    ],
    ['    if (a && b && !ab) this.#disables(met, one, other)\n', '', 'the first of two shuts no door', 'explore/dpor'],
    [
      'ba && goUnseen(a, b) && comeToTheSame',
      'ba && comeToTheSame',
      'two who speak to one may change places',
      'explore/dpor',
    ],
    [' && comeToTheSame(a, b, ab, ba)', '', 'what two come to is all the same', 'published/dpor'],
  ]),
  ...inFile('explore/reduction/answers.ts', [
    ['a.says === ba.says && b.says', 'b.says', 'what is answered first is all the same', 'published/dpor'],
  ]),
]
