/** Mutants of how a recorded run is followed. */
import { inFile, type Mutant } from './mutant.ts'

export const ofFollowing: readonly Mutant[] = [
  ...inFile('explore/runs/causes.ts', [
    ['sentBy: sentAt - 1', 'sentBy: sentAt - 2', 'a message was sent a step earlier', 'replay/guide'],
    [
      'const after = last.get(step.to) ?? -1',
      'const after = -1',
      'what its receiver heard before is no cause of a step',
      'replay/guide',
    ],
  ]),
  ...inFile('explore/runs/guide.ts', [
    [
      '(after < 0 || fate[after] !== pending)',
      'true',
      'a step may come before what its receiver heard before',
      'replay/guide',
    ],
    [
      '(sentBy < 0 || fate[sentBy] !== pending)',
      'true',
      'a step may come before the one that sent its message',
      'replay/guide',
    ],
    [
      'if (sentBy !== added && sentBy !== step.sentBy &&',
      'if (false &&',
      'what another step sent is taken for the recorded one',
      'replay/guide',
    ],
    [
      'if ((place.goneSoFar + 1) * 2 > this.#steps.length) return moves',
      '',
      'all steps may be gone',
      { same: 'a run that lacks more than half is not taken in the end; it is only looked for longer' },
    ],
    ['if (this.#guidance.whole) return moves', '', 'steps may be gone where none may', 'replay/guide'],
    ['if (looked === states)', 'if (looked > states)', 'one state more than the bound is looked at', 'replay/guide'],
    ['moves.push({\n        price: (isKnown', 'void ({\n        price: (isKnown', 'no step may be new', 'replay/guide'],
  ]),
  ...inFile('explore/runs/follow.ts', [
    [
      'proved: all && nowhere.length === 0',
      'proved: all',
      'that there is no run is proved by steps that are gone',
      'replay/guide',
    ],
  ]),
]
