/** Races: is every outcome that was seen among the possible ones, and which others are? */
import type { Result } from '../../conform/case.ts'
import type { Raced } from '../../conform/report.ts'
import type { Schedule } from '../../explore/outcome/report.ts'
import { printAddress } from '../address.ts'
import { legible, type Page } from '../style.ts'
import { command, shellWord } from '../text.ts'
import { counted, wrap } from '../words.ts'
import { outcomeWords } from '../../conform/telling.ts'
import { apartWords, placeWords } from '../../conform/words.ts'

/** What `relock replay` takes. */
export const raceAddress = ({ of: { profile }, subject, fingerprint }: Raced, schedule: Schedule): string | undefined =>
  subject === undefined ? undefined : printAddress({ scenario: subject, choices: { profile }, fingerprint, schedule })

/** Outcomes of one race that are told when nobody asks for all. */
const mostOutcomes = 8

/** What was seen and is possible is told in one line; what was not seen, or is not possible, with its results. */
export const raceLines = (races: readonly Raced[], page: Page, all: boolean): (readonly string[])[] =>
  races.length === 0 ? [] : [races.flatMap((race) => blockOf(race, page, all))]

const blockOf = (raced: Raced, page: Page, all: boolean): string[] => {
  const { possible, impossible, findings, reps, exhaustive } = raced
  const { glyphs } = page
  const seen = all || impossible.length > 0 ? possible.filter(({ count }) => count > 0) : []
  const unseen = possible.filter(({ count }) => count === 0)
  const told = all || reps === undefined ? unseen : unseen.slice(0, mostOutcomes)
  return [
    ...headLines(raced, page),
    ...impossible.flatMap(({ results, count }) =>
      outcomeLines(
        `${exhaustive ? glyphs.no : glyphs.unknown} seen ${count} of ${reps} times, not found possible`,
        results,
        raced,
        page,
      ),
    ),
    ...seen.flatMap(({ results, count, schedule }) => [
      ...outcomeLines(`${glyphs.yes} seen ${count} of ${reps} times`, results, raced, page),
      ...replayLines(raced, schedule, page),
    ]),
    ...told.flatMap(({ results, schedule }) => [
      ...outcomeLines(
        reps === undefined ? `${glyphs.bounded} possible` : `${glyphs.bounded} possible, not seen`,
        results,
        raced,
        page,
      ),
      ...replayLines(raced, schedule, page),
    ]),
    ...(told.length < unseen.length
      ? lines(`and ${unseen.length - told.length} more that were not seen: \`--all\``, page)
      : []),
    ...findings.flatMap(({ title, schedule }) => [
      ...lines(`${glyphs.no} may end in ${title}`, page),
      ...replayLines(raced, schedule, page),
    ]),
  ]
}

const headLines = (raced: Raced, page: Page): string[] => {
  const { of, states, exhaustive } = raced
  const [sign, role] = signOf(raced)
  const found = foundWords(raced)
  const size = `${counted(states, 'state')}${exhaustive ? '' : ', not all'}`
  const text = `${page.glyphs[sign]} ${placeWords(of)} · ${found} · ${size}${apartWords(of)}`
  return wrap(legible(page, text), page.columns - 2, '    ').map((line) => `  ${page.paint(role, line)}`)
}

const outcomeLines = (label: string, results: readonly Result[], raced: Raced, page: Page): string[] => [
  ...lines(label, page),
  ...outcomeWords(raced, raced.telling, results).flatMap((text) => lines(text, page, '      ')),
]

const signOf = ({ impossible, findings, exhaustive, reps }: Raced) => {
  if (findings.length > 0 || (impossible.length > 0 && exhaustive)) return ['no', 'bad'] as const
  return impossible.length > 0 || reps === undefined ? (['bounded', 'unsure'] as const) : (['yes', 'good'] as const)
}

const foundWords = ({ possible, impossible, reps }: Raced): string => {
  if (reps === undefined) return `${counted(possible.length, 'outcome')} possible`
  const good = possible.filter(({ count }) => count > 0).length
  const all = good + impossible.length
  return `${good} of ${counted(all, 'outcome')} seen ${good === 1 ? 'is' : 'are'} possible`
}

const lines = (text: string, page: Page, indent = '    '): string[] =>
  wrap(legible(page, text), page.columns - indent.length, '  ').map((line) => indent + line)

const replayLines = (raced: Raced, schedule: Schedule, page: Page): string[] => {
  const address = raceAddress(raced, schedule)
  return address === undefined ? [] : command(page, '    Replay', `npx relock replay ${shellWord(address)}`)
}
