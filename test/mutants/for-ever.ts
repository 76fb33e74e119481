/** Who waits for ever, made worse. */
import { inFile, type Mutant } from './mutant.ts'

const futures = inFile('explore/outcome/futures.ts', [
  [
    '    if (to === this.#count) return\n',
    '    if (to <= this.#count) return\n',
    'steps back are forgotten',
    'process/for-ever',
  ],
  [
    'left &= mask[this.#steps.get(at)]!',
    'left |= mask[this.#steps.get(at)]!',
    'whoever is idle anywhere is idle here',
    'process/for-ever',
  ],
  ['      isOver = false\n', '', 'what leads to a state is looked at once', 'process/for-ever'],
  [
    'column.set(state, bits[at] ?? 0)',
    'column.set(state, bits[0] ?? 0)',
    'only the first thirty are told apart',
    'process/for-ever',
  ],
])

const waiting = inFile('process/for-ever.ts', [
  [
    'const isAtRest = isWhereItBegan(snapshot) && begun.has(snapshot.machine)',
    'const isAtRest = isWhereItBegan(snapshot)',
    'who never can begin is at rest',
    'process/for-ever',
  ],
  [
    'const isAtRest = isWhereItBegan(snapshot) && begun.has(snapshot.machine)',
    'const isAtRest = false',
    'who waits to be asked is missed',
    'process/for-ever',
  ],
  [
    '  if (isAtRest && !waits.some((type) => isAnswer(type, waiting))) return []\n',
    '  if (isAtRest) return []\n',
    'who waits for an answer is at rest',
    'process/for-ever',
  ],
  ['  !isWhereItBegan(snapshot) &&\n', '', 'a root that only starts others is at its end', 'process/for-ever'],
])

const stored = inFile('explore/outcome/for-ever.ts', [
  [
    'if (to === undefined) idle.clear()\n      else futures.add(to)',
    'if (to !== undefined) futures.add(to)',
    'behind a crash nobody does anything',
    'process/for-ever',
  ],
])

const numbers = inFile('process/quick/together.ts', [
  [
    'if (this.#isCrashing || this.#outlook.holdsBack(state)) return []',
    'if (this.#isCrashing) return []',
    'what users have sent as often as they may nobody sends',
    'process/for-ever',
  ],
  [
    '    for (const slot of doers) this.#doing[slot] = this.#looks\n',
    '',
    'nobody ever does anything',
    'process/for-ever',
  ],
])

export const ofWaiting: readonly Mutant[] = [...futures, ...waiting, ...stored, ...numbers]
