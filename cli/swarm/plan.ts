/** Into which jobs a search is cut. */
import { frontierOf } from '../../explore/several/cut.ts'
import type { Schedule, StrategyName } from '../../explore/outcome/report.ts'
import type { Sharing } from '../../explore/several/shards.ts'
import { printSubject } from '../../report/address.ts'
import * as errors from '../../report/errors.ts'
import { notDeeper, tooManyJobs, wholeRuns } from '../../report/swarm/errors.ts'
import type { Flags } from '../flags.ts'
import { isMeant } from '../idle.ts'
import type { CertificateFlags } from './certificates.ts'
import { inGivenOrder } from '../order.ts'
import type { Subject } from '../subject.ts'

export interface SwarmFlags extends CertificateFlags, Flags {
  readonly queue: string
  readonly attempts: number
  readonly forms?: boolean
  readonly table?: boolean
  readonly seeds?: number
  readonly strategies?: readonly StrategyName[]
  readonly cut?: number
}

/** One of the jobs, and what it is called. */
export interface Piece {
  readonly of: string
  readonly flags: Flags
  readonly prefix?: Schedule
}

export interface Plan {
  readonly sharing: Sharing
  readonly pieces: readonly Piece[]
}

/** More jobs than these are no help to anybody. */
const mostJobs = 10_000

export const planOf = (subject: Subject, flags: SwarmFlags): Plan =>
  flags.cut === undefined ? inManyWays(flags) : inPieces(subject, flags, flags.cut)

/** Each strategy, those with a seed with each seed. */
const inManyWays = (flags: SwarmFlags): Plan => {
  const { strategies = [flags.strategy], seeds, seed: first = 1 } = flags
  const pieces = strategies.flatMap((strategy): readonly Piece[] => {
    if (!isMeant('seed', strategy) || seeds === undefined) return [{ of: strategy, flags: { ...flags, strategy } }]
    return Array.from({ length: seeds }, (_, at) => ({
      of: `${strategy}, seed ${first + at}`,
      flags: { ...flags, strategy, seed: first + at },
    }))
  })
  return { sharing: 'whole', pieces }
}

/** The first steps of all runs, every order of them; then what comes behind each state that is reached so. */
const inPieces = ({ scenario, name, choices }: Subject, flags: SwarmFlags, cut: number): Plan => {
  const of = printSubject(name, choices)
  const { depth } = flags
  if (depth !== undefined && depth <= cut) throw notDeeper(cut, depth)
  const about = scenario.properties(choices).find(({ kind }) => kind === 'eventually')
  if (about) throw wholeRuns(of, about.name)
  const runs = frontierOf(inGivenOrder(scenario, flags.order).system(choices), cut, mostJobs)
  if (!runs) throw tooManyJobs(of, cut, mostJobs)
  // A state counts in each piece that has come by it, whoever is who.
  const each = { ...flags, symmetry: false }
  const trunk = { of: `the first ${cut} steps`, flags: { ...each, reduction: false, depth: cut } }
  const behind = runs.map((prefix) => ({
    of: `behind ${prefix.join('.')}`,
    flags: depth === undefined ? each : { ...each, depth: depth - cut },
    prefix,
  }))
  return { sharing: 'cut', pieces: [trunk, ...behind] }
}

/** Throws a UserError for what does nothing, or cannot be had, beside the rest. */
export const checkPlan = ({ seeds, strategies, strategy, cut }: SwarmFlags): void => {
  const all = strategies ?? [strategy]
  if (seeds !== undefined && !all.some((each) => isMeant('seed', each)))
    throw errors.idleOption('--seeds', `with ${all.join(', ')}`, 'strategies that have a seed')
  if (cut !== undefined && (strategies !== undefined || !['breadth', 'depth'].includes(strategy)))
    throw errors.idleOption('--cut', `with ${all.join(', ')}`, '--strategy breadth, depth')
}
