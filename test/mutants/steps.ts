/** Claims about steps, made worse. */
import { inFile, type Mutant } from './mutant.ts'

export const ofSteps: readonly Mutant[] = inFile('explore/claims/judge.ts', [
  [
    '    if (this.onStepAsked) this.#standStill(view)\n',
    '',
    'what a claim about steps looks at is not known beforehand',
    'explore/steps',
  ],
  ['      if (!isAbout) continue\n', '', 'steps that change nothing it looks at count, too', 'explore/steps'],
  ['each === component ? next : state[each]!', 'state[each]!', 'what is after is what was before', 'explore/steps'],
  [
    '(this.onStepAsked ? this.onStepAsked(name) : { id, message })',
    '({ id, message })',
    'which step it is may be asked of some orders alone',
    'explore/steps',
  ],
])
