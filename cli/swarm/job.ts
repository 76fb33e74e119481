/** What a job on the queue says, and what comes of it. It comes from elsewhere, and is believed in nothing. */
import type { Report, Schedule } from '../../explore/outcome/report.ts'
import { faultIn, problemsIn } from '../../shapes/insist.ts'
import { byName, flag, listOf, name, oneOf, optional, record, text, that, u32, whole } from '../../shapes/shape.ts'
import type { Choices } from '../../scenarios/choices.ts'
import type { Known } from '../desk.ts'
import { strategies, type Flags } from '../flags.ts'

/** What a search is told, and nothing of how it is printed. */
const flagNames = [
  ...(['strategy', 'seed', 'runs', 'preemptions', 'delays', 'goal', 'order', 'states', 'depth', 'ms'] as const),
  ...(['reduction', 'symmetry', 'stopAtFirst', 'ignored', 'inversions'] as const),
]

type JobFlags = Pick<Flags, (typeof flagNames)[number]>

export const jobFlags = (flags: Flags): JobFlags =>
  Object.fromEntries(flagNames.flatMap((each) => (flags[each] === undefined ? [] : [[each, flags[each]]]))) as JobFlags

export interface Job {
  /** Of relock. */
  readonly version: string
  /** Whose it is, and where it stands among the others. */
  readonly swarm: string
  readonly index: number
  readonly name: string
  readonly choices: Choices
  readonly flags: JobFlags
  /** Only what comes behind this. */
  readonly prefix?: Schedule
  /** Of the model. */
  readonly fingerprint: string
  /** Of a file, and of those that it imports: what stands in them, by their path from its folder. */
  readonly files: Readonly<Record<string, string>>
}

/** `refused`: by this worker; another may take it. `back`: the worker ended before it, or nobody waits for it. */
export type Answer =
  | { readonly report: Report }
  | { readonly outOfMemory: Known }
  | { readonly refused: string }
  | { readonly failed: string }
  | { readonly back: true }

const shape = record<Job>({
  version: text,
  swarm: name(),
  index: whole(0),
  name: name(),
  choices: that<Choices>(
    'choices',
    (given) =>
      typeof given === 'object' &&
      given !== null &&
      Object.values(given).every((each) => typeof each === 'string' || typeof each === 'number'),
  ),
  flags: record<JobFlags>({
    strategy: oneOf(strategies),
    seed: optional(u32),
    runs: optional(whole(1)),
    preemptions: optional(whole(0)),
    delays: optional(whole(0)),
    goal: optional(name()),
    order: optional(listOf('orders', name())),
    states: optional(whole(1)),
    depth: optional(whole(1)),
    ms: optional(whole(1)),
    reduction: flag,
    symmetry: flag,
    stopAtFirst: optional(flag),
    ignored: oneOf(['show', 'fail']),
    inversions: optional(oneOf(['all', 'confirmed'])),
  }),
  prefix: optional(listOf('choices of steps', whole(0))),
  fingerprint: text,
  files: byName('digests of files', text),
})

/** The job; or, in words, why it is none. */
export const jobIn = (given: unknown): Job | string => {
  const [problem] = problemsIn(shape, given)
  return problem ? `it is no job of relock: ${faultIn(problem)}` : (given as Job)
}

/** What another version says is not understood any more, so it is looked at first. */
export const otherVersion = (given: unknown, here: string): string | undefined => {
  const there = (given as { readonly version?: unknown } | null)?.version
  return there === here ? undefined : `it is of relock ${String(there).slice(0, 40)}, and this worker of ${here}`
}
