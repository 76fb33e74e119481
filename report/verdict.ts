/** One word for a whole report, and the honest sentence that goes with it. */
import type { PropertyReport, Report, Stopped } from '../explore/outcome/report.ts'
import { violationsIn } from '../explore/claims/violations.ts'
import { shortestOf } from './issues.ts'
import type { Glyphs } from './style.ts'
import { count, counted, seconds } from './words.ts'

export type Overall = 'holds' | 'violated' | 'undecided'

/** A `sometimes` that a complete search never saw is a broken claim, too. */
const isBroken = ({ verdict }: PropertyReport, { exhaustive }: Report): boolean =>
  verdict === 'violated' || (verdict === 'unseen' && exhaustive)

export const overall = (report: Report): Overall => {
  if (violationsIn(report).length > 0 || report.properties.some((p) => isBroken(p, report))) return 'violated'
  const open = report.properties.some(({ verdict }) => verdict === 'undecided' || verdict === 'unseen')
  return report.exhaustive && !open ? 'holds' : 'undecided'
}

/** 0 holds · 1 violated · 3 undecided */
export const exitCode = (verdict: Overall): 0 | 1 | 3 => (verdict === 'holds' ? 0 : verdict === 'violated' ? 1 : 3)

export const glyphOf = (verdict: Overall, glyphs: Glyphs): string =>
  verdict === 'holds' ? glyphs.yes : verdict === 'violated' ? glyphs.no : glyphs.bounded

/** `2 preemptions`: up to there, everything was looked at. */
export const upToWords = ({ upTo }: Report): string | undefined =>
  upTo && counted(upTo.count, upTo.what.replace(/s$/, ''))

/** Why the search did not see everything; undefined when it did. */
export const incomplete = (report: Report): string | undefined => {
  const { exhaustive, stopped, sampled, strategy, states, depth, classes } = report
  if (exhaustive) return undefined
  const waiting =
    stopped && stopped.waiting > 0
      ? `, ${counted(stopped.waiting, classes || sampled ? 'run' : 'state')} still waiting`
      : ''
  const runs = sampled ? `${counted(sampled.runs, `${strategy} run`)} of its orders, ${seedsOf(sampled)}` : ''
  const preempted = sampled?.preemptions === undefined ? '' : `, ${counted(sampled.preemptions, 'preemption')} each`
  const sample = runs === '' ? '' : `sampled: ${runs}${preempted}`
  switch (stopped?.by) {
    case 'first':
      return `not exhaustive: stopped at the first violation${waiting}`
    case 'you':
      return `not exhaustive: stopped by you at depth ${depth}${waiting}`
    case 'depth':
      return `not exhaustive: bound of depth ${count(stopped.bound ?? depth)}${waiting}`
    case 'states':
      return `not exhaustive: bound of ${counted(stopped.bound ?? 0, 'state')}${waiting}`
    case 'runs':
      return `not exhaustive: bound of ${counted(stopped.bound ?? 0, 'run')}${waiting}`
    case 'endless':
      return `not exhaustive: some runs never end${waiting}`
    case 'preemptions':
    case 'delays':
      return `not exhaustive: bound of ${upToWords(report)}${waiting}`
    case 'goal':
      return `not exhaustive: stopped at its goal${waiting}`
    case 'memory':
      return `not exhaustive: no memory for more than ${counted(states, 'state')}${whyWords(stopped)}${waiting}`
    case 'hashes':
      return `not exhaustive: states known by hashes, ${chance(stopped.omission ?? 1)} that one was left out`
    case 'ms':
      return `not exhaustive: bound of ${seconds((stopped.bound ?? 0) / 1000)}${waiting}`
    default:
      return sample === '' ? 'not exhaustive' : sample
  }
}

/** `a chance of 1 in 4,000,000 at most` */
const chance = (probability: number): string =>
  probability > 0.01
    ? `a chance of ${Math.min(100, Math.ceil(probability * 100))} % at most`
    : `a chance of 1 in ${count(Math.floor(1 / Math.max(probability, 1e-18)))} at most`

/** What stood against going on. */
const whyWords = ({ why }: Stopped): string => (why === undefined ? '' : ` (${why})`)

const seedsOf = ({ seed, seeds = 1 }: NonNullable<Report['sampled']>): string =>
  seeds === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + seeds - 1}`

/** How long it took; by many machines, how much it was. */
const spentOn = ({ seconds: spent, shards }: Report): string =>
  shards ? counted(shards.length, 'job') : seconds(spent)

/** What was looked at. Who samples, or runs each class once, does not remember which states were seen. */
export const sizeOf = ({ classes, sampled, states, steps }: Report): string =>
  classes ? counted(classes.runs, 'run') : sampled ? counted(steps, 'step') : counted(states, 'state')

/** Which search of a portfolio has come to an end first. */
const decidedBy = ({ strategy, members }: Report): readonly string[] =>
  members ? [`by ${strategy}, of ${counted(members.length, 'search', 'searches')}`] : []

/** Where only the continuations of one run were looked at, or only runs in an order. */
const afterWords = ({ after, order }: Report): string =>
  `${order === undefined ? '' : ' in this order'}${after === undefined ? '' : ` after the first ${counted(after.length, 'step')}`}`

/** The numbers of a search, as the rest of its first line. */
export const verdictWords = (report: Report): string => {
  const { states, steps, depth, properties, sampled, classes, addedUp } = report
  const verdict = overall(report)
  const time = spentOn(report)
  const missing = incomplete(report)
  const seen = sizeOf(report)
  const size = [seen, ...decidedBy(report)]
  if (verdict === 'holds') {
    const whole = classes ? `${seen}, one of each class` : `${seen}, all of them`
    const after = afterWords(report)
    const all = [addedUp ? `all states, ${count(states)} added up` : `${whole}${after}`, ...decidedBy(report)]
    return [...all, counted(steps, 'step'), `depth ${depth}`, time].join(' · ')
  }
  if (verdict === 'undecided') {
    const upTo = upToWords(report)
    const soFar = sampled && report.stopped?.by !== 'you' ? 'no violation seen' : 'nothing violated so far'
    const found = upTo === undefined ? soFar : `nothing violated up to ${upTo}`
    return [
      `${found}${afterWords(report)}`,
      missing ?? 'a property is undecided',
      ...size,
      `depth ${depth}`,
      time,
    ].join(' · ')
  }
  const unseen = properties.find((p) => p.verdict === 'unseen')
  const told = shortestOf(report)
  const where = told === undefined ? `never seen: ${unseen?.name}` : `violated at depth ${told}`
  return [where, ...size, time, ...(missing === undefined ? [] : [missing])].join(' · ')
}
