/** What became of a recorded run, in a few lines: what is kept, what is new, what is gone; or where it does not fit any more. */
import { nameOf } from '../explore/runs/causes.ts'
import type { Followed } from '../explore/runs/follow.ts'
import { count, counted, wrap } from './words.ts'

const facts = {
  kept: () => 'Kept: the model has changed, and every step of the recorded run is as it was.',
  adapted: () => 'Adapted: the model has changed, and a run keeps the order of the recorded one.',
  impossible: ({ all }: Followed) =>
    all
      ? 'Impossible: the model has changed, and no run keeps the order of the recorded one.'
      : 'Impossible: the model has changed, and no run was found that keeps the order of the recorded one.',
} as const

/** So many kinds of steps are named. */
const most = 8

/** Each name once, with how often. */
const grouped = (names: readonly string[]): readonly string[] => {
  const times = new Map<string, number>()
  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1)
  const said = [...times].map(([name, often]) => (often === 1 ? name : `${name} (${often} times)`))
  return said.length > most ? [...said.slice(0, most), `and ${said.length - most} more`] : said
}

const stepsOf = ({ trace }: Followed, numbers: readonly number[]): readonly string[] =>
  numbers.map((number) => {
    const { from, to, message } = trace.steps[number - 1]!
    return nameOf({ from, to, type: message.type })
  })

const fits = (step: number): string => (step === 1 ? 'no step' : step === 2 ? 'step 1' : `steps 1–${step - 1}`)

export const tellFollowed = (followed: Followed, columns = 80): readonly string[] => {
  const { outcome, added, earlier, changed, gone, renamed, stuck, wanted, shown, states, all, nowhere = [] } = followed
  const rows: readonly (readonly [label: string, lines: readonly string[]])[] = [
    ['renamed', Object.entries(renamed).map(([before, now]) => `${before} is called ${now}`)],
    ...(stuck
      ? ([
          ['fits', [fits(stuck.step)]],
          ['expected', [`${stuck.expected} (step ${stuck.step})`]],
          ['possible', stuck.possible.length > 0 ? stuck.possible : ['nothing: the run ends here']],
          ['nowhere', grouped(nowhere)],
          ['looked at', [`${counted(states, 'state')}, ${all ? 'all of them' : 'not all'}`]],
        ] as const)
      : ([
          ['new', grouped(stepsOf(followed, added))],
          ['earlier', grouped(stepsOf(followed, earlier))],
          ['changed', grouped(stepsOf(followed, changed))],
          ['gone', grouped(gone.map(({ name }) => name))],
        ] as const)),
    ['shows', wanted !== undefined && shown === true ? [`${wanted}, as recorded`] : []],
    [
      'shows not',
      wanted !== undefined && shown === false && outcome !== 'impossible'
        ? [`${wanted} (${count(states)} states looked at, ${all ? 'all that keep the order' : 'not all'})`]
        : [],
    ],
  ]
  return [
    ...wrap(facts[outcome](followed), columns),
    ...rows.flatMap(([label, lines]) =>
      lines.flatMap((line, nth) =>
        wrap(line, columns - 13, '  ').map((part, at) => `  ${(nth + at === 0 ? label : '').padEnd(9)}  ${part}`),
      ),
    ),
  ]
}

/** Whether there is anything to tell: a run that is kept, and shows what it has to, is told by itself. */
export const isNews = ({ outcome, shown }: Followed): boolean => outcome !== 'kept' || shown === false

/** The same for programs; the run itself stands beside it. */
export const followedDocument = (followed: Followed): object => {
  const { trace: _, ...document } = followed
  return document
}
