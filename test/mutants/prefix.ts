/** What comes after a run, made worse. */
import { inFile, type Mutant } from './mutant.ts'

const behind = inFile('explore/runs/behind.ts', [
  [
    '{ initial: tables.locals[index]![state[index]!] }',
    '{}',
    'components begin where they always did',
    'explore/prefix',
  ],
  [
    'return waiting.map((message) =>',
    'return waiting.slice(0, 1).map((message) =>',
    'of a lane only the first message is on its way',
    'explore/prefix',
  ],
  [
    '(schedule: Schedule): Schedule => [...run, ...schedule]',
    '(schedule: Schedule): Schedule => [...schedule]',
    'runs are told from where the given one ends',
    'explore/prefix',
  ],
])

const given = inFile('explore/runs/prefix.ts', [
  [
    "  if (run.end !== 'open')\n",
    "  if (run.end === 'crashed')\n",
    'a run that is over may be given',
    'explore/prefix',
  ],
])

export const ofPrefixes: readonly Mutant[] = [...behind, ...given]
