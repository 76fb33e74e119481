/** Ends that no command comes to by itself, in words. */
import { UserError } from '../../report/user-error.ts'
import { count, counted } from '../../report/words.ts'
import type { Known } from '../desk.ts'

/** What was found decides; 3 when nothing can be said, 2 when that is the user's to put right. */
export const codeOf = ({ findings }: Known, otherwise: 2 | 3 = 3): 1 | 2 | 3 => (findings.length > 0 ? 1 : otherwise)

const soFar = ({ states, findings }: Known): readonly string[] => [
  ...(states > 0 ? [`Searched: ${counted(states, 'state')}.`] : []),
  ...(findings.length > 0 ? [`Found: ${findings.join(', ')}.`] : states > 0 ? ['Nothing was found so far.'] : []),
]

/** The second Ctrl-C. */
export const endedAtOnce = (known: Known): UserError =>
  new UserError('Ended at once, without a report.', {
    evidence: soFar(known),
    attempt: 'press Ctrl-C once to be told what is known, or bound the search with --ms',
  })

export const outOfMemory = (known: Known, file?: string): UserError =>
  new UserError('Undecided: out of memory.', {
    evidence: [...soFar(known), ...(file === undefined ? [] : [`${file} was run, too, and may have filled it.`])],
    attempt: 'bound the search (--states 100000), or give it more: NODE_OPTIONS=--max-old-space-size=8192',
  })

/** `places` is where it is; none when it waits in a call of the system. */
export const stuck = (file: string, places: readonly string[], seconds?: number): UserError =>
  new UserError(`${file} does not come back.`, {
    evidence: [
      ...places.slice(0, 3).map((place) => `at ${place}`),
      ...(places.length === 0 ? ['It waits in a call of the system.'] : []),
      ...(seconds === undefined ? [] : [`It has been there for ${count(seconds)} seconds.`]),
    ],
    attempt: places.length === 0 ? `look for what ${file} waits for` : 'look for a loop that never ends',
    ...(seconds !== undefined && { hint: 'If it only takes its time, --ms gives it more.' }),
  })

export const leftWithoutAWord = (file: string): UserError =>
  new UserError(`${file} ended the program.`, { attempt: `take out of ${file} what ends its thread` })
