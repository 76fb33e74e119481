/** Races: is every outcome that was seen among the possible ones, and which others are? */
import type { Op, Result } from '../../conform/case.ts'
import type { Raced } from '../../conform/report.ts'
import type { Schedule } from '../../explore/report.ts'
import { printAddress } from '../address.ts'
import { legible, type Page } from '../style.ts'
import { command, shellWord } from '../text.ts'
import { counted, wrap } from '../words.ts'
import { placeWords, resultWords } from './words.ts'

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
  const told = all ? unseen : unseen.slice(0, mostOutcomes)
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
      ...outcomeLines(`${glyphs.bounded} possible, not seen`, results, raced, page),
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

const headLines = ({ of, possible, impossible, states, exhaustive }: Raced, page: Page): string[] => {
  const [sign, role] =
    impossible.length === 0
      ? (['yes', 'good'] as const)
      : exhaustive
        ? (['no', 'bad'] as const)
        : (['bounded', 'unsure'] as const)
  const good = possible.filter(({ count }) => count > 0).length
  const all = good + impossible.length
  const found = `${good} of ${counted(all, 'outcome')} seen ${good === 1 ? 'is' : 'are'} possible`
  const size = `${counted(states, 'state')}${exhaustive ? '' : ', not all'}`
  const text = `${page.glyphs[sign]} ${placeWords(of)} · ${found} · ${size}`
  return wrap(legible(page, text), page.columns - 2, '    ').map((line) => `  ${page.paint(role, line)}`)
}

/** The results that tell the outcomes apart; what a thread was awaited for stands by its own name. */
const outcomeLines = (label: string, results: readonly Result[], { telling, ops }: Raced, page: Page): string[] => {
  const each = telling.map((index) => {
    const { of, ...result } = results[index]!
    const op = ops[typeof of === 'number' ? of : index]!
    return `${calledOp(op)}: ${resultWords(result)}`
  })
  return [...lines(label, page), ...each.flatMap((text) => lines(text, page, '      '))]
}

const calledOp = ({ op, proc }: Op): string => (typeof proc === 'string' ? `${proc} ${op}` : op)

const lines = (text: string, page: Page, indent = '    '): string[] =>
  wrap(legible(page, text), page.columns - indent.length, '  ').map((line) => indent + line)

const replayLines = (raced: Raced, schedule: Schedule, page: Page): string[] => {
  const address = raceAddress(raced, schedule)
  return address === undefined ? [] : command(page, '    Replay', `npx relock replay ${shellWord(address)}`)
}
