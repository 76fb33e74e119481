/** What each job of many machines has come to, and how far all of them are. */
import type { Report, Shard } from '../../explore/outcome/report.ts'
import { clock } from '../progress.ts'
import { legible, type Page } from '../style.ts'
import { clip, count, counted, wrap } from '../words.ts'

/** So many are named where not all are. */
const some = 4

const named = (shards: readonly Shard[]): string => {
  const more = shards.length - some
  const names = shards
    .slice(0, more === 1 ? some + 1 : some)
    .map(({ of, why }) => (why === undefined ? of : `${of} (${why})`))
  return `${names.join('; ')}${more > 1 ? `; and ${more} more` : ''}`
}

const inFull = ({ of, states, steps, findings, exhaustive, why }: Shard): string =>
  why === undefined
    ? `${of}: ${counted(states!, 'state')}${exhaustive ? '' : '+'}, ${counted(steps!, 'step')}, ${counted(findings!, 'finding')}`
    : `${of}: ${why}`

/** Nothing, where it was one job or none. */
export const shardLines = ({ shards = [], addedUp }: Report, page: Page, all: boolean): readonly string[] => {
  if (shards.length < 2) return []
  const finding = shards.filter(({ findings = 0 }) => findings > 0)
  const missing = shards.filter(({ why }) => why !== undefined)
  const lines = all
    ? shards.map(inFull)
    : [
        ...(finding.length > 0
          ? [`Found by ${counted(finding.length, 'job')} of ${shards.length}: ${named(finding)}`]
          : []),
        ...(missing.length > 0 ? [`Not searched to the end: ${named(missing)}`] : []),
      ]
  const added = addedUp ? ['States and steps are added up: what several jobs have come by counts for each.'] : []
  return [...lines, ...added].flatMap((line) =>
    wrap(legible(page, line), page.columns - 2, '  ').map((each) => `  ${each}`),
  )
}

export interface SwarmProgress {
  readonly done: number
  readonly of: number
  /** Jobs that had to be done again. */
  readonly again: number
  readonly states: number
  readonly findings: readonly string[]
  readonly seconds: number
}

export const swarmLine = ({ done, of, again, states, findings, seconds }: SwarmProgress, page: Page): string => {
  const found = findings.length === 0 ? [] : [`${counted(findings.length, 'finding')}: ${findings[0]}`]
  const twice = again === 0 ? [] : [`${count(again)} again`]
  const words = [`${done} of ${counted(of, 'job')}`, ...twice, counted(states, 'state'), clock(seconds), ...found]
  return clip(legible(page, words.join('  ')), page.columns - 1, page.glyphs.more)
}
