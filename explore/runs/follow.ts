/** Follows a recorded run on the model of today: the steps that are still there, in the order of their causes. */
import { causesOf, nameOf, readSteps, unreadable, type Recorded } from './causes.ts'
import { guide, type Fit, type Guidance, type Guided } from './guide.ts'
import { replay, stepName } from './replay.ts'
import { traceShape } from '../outcome/run-shapes.ts'
import { propertiesShape } from '../shapes.ts'
import type { Property, System } from '../system.ts'
import { tablesOf } from '../states/tables.ts'
import type { Trace } from './trace.ts'
import { insist } from '../../shapes/insist.ts'
import { listOf, name, optional, record, such, whole } from '../../shapes/shape.ts'
import { claimsBrokenBy, ignoredIn, isCalled, shownBy, type Shows } from '../claims/shows.ts'

export interface FollowOptions {
  /** What the run has to show: the kind or the title of a finding, or the name of a property. */
  readonly shows?: string
  /** Where that is a property. */
  readonly properties?: readonly Property[]
  /** At most so many states are looked at; default: 20,000. */
  readonly within?: { readonly states?: number }
}

/** Where a recorded run cannot be followed any further. */
export interface Stuck {
  /** The recorded step, from 1 on, and its name. */
  readonly step: number
  readonly expected: string
  /** What could be done there instead. */
  readonly possible: readonly string[]
}

/** What became of a recorded run. */
export interface Followed {
  /**
   * `kept`: the same steps in the same order. `adapted`: the order is kept, and some steps are new, gone, earlier or hold something else, or an
   * actor is called otherwise. `impossible`: no run was found that keeps it.
   */
  readonly outcome: 'kept' | 'adapted' | 'impossible'
  /** The run of the model as it is now; where it is impossible, as much of it as can be made. */
  readonly trace: Trace
  /** What it has to show, and whether it does; absent: nothing. */
  readonly wanted?: string
  readonly shown?: boolean
  /** What is wrong with it: findings, a deadlock, and properties that were given. */
  readonly shows: readonly Shows[]
  /** Steps of `trace` that were not recorded, by number. */
  readonly added: readonly number[]
  /** Steps of `trace` that come before one that they were recorded behind, by number. */
  readonly earlier: readonly number[]
  /** Steps of `trace` whose message holds something else than the recorded one, by number. A field more does not count. */
  readonly changed: readonly number[]
  /** Recorded steps that are not in it. */
  readonly gone: readonly { readonly step: number; readonly name: string }[]
  /** Whoever is called otherwise: the name that was recorded, and the name of today. */
  readonly renamed: Readonly<Record<string, string>>
  /** Only where it is impossible. */
  readonly stuck?: Stuck
  /** Only where it is impossible: recorded steps that were met nowhere, not even in another order. */
  readonly nowhere?: readonly string[]
  /** Only where it is impossible: every run was looked at, and each recorded step still happens somewhere, but never in this order. */
  readonly proved?: boolean
  /** How many states were looked at, and whether nothing was left out. */
  readonly states: number
  readonly all: boolean
}

const most = { states: 20_000, runs: 200 } as const
/** Runs with gaps are found soon, if they are: so small a part of the states is looked at for them. */
const withGaps = 4

const optionsShape = record<FollowOptions>({
  shows: optional(name('the kind or the title of a finding, or the name of a property')),
  properties: optional(propertiesShape),
  within: optional(record<NonNullable<FollowOptions['within']>>({ states: optional(whole(1)) })),
})

const stepsShape = such(
  listOf('a run: what replay() answers, or a list of steps by name', name('`from → to TYPE`')),
  (given) => {
    const at = unreadable(given)
    return at < 0
      ? undefined
      : {
          at: [at],
          fault: 'is no step of a run',
          expected: '`from → to TYPE`, and `, sent at 3` behind it for one that step 3 sent, which comes before it',
        }
  },
)

/** Follows a run as others hand it in. Throws a ModelError when it is something else. */
export const follow = (system: System<any>, run: Trace | readonly string[], options: FollowOptions = {}): Followed => {
  insist(optionsShape, options, 'follow(): the options')
  if (!Array.isArray(run)) {
    insist(traceShape, run, 'follow(): the run')
    return followed(system, causesOf(run), options)
  }
  insist(stepsShape, run, 'follow(): the run')
  return followed(system, readSteps(run), options)
}

/** Follows a recorded run. */
export const followed = (system: System<any>, recorded: Recorded, options: FollowOptions): Followed => {
  const { shows: wanted, properties = [], within: { states = most.states } = {} } = options
  const again = ({ schedule }: Fit): Trace => replay(system, schedule)
  const shownIn = (trace: Trace): readonly Shows[] => [
    ...shownBy(trace),
    ...(properties.length > 0 ? claimsBrokenBy(system, properties, trace) : []),
  ]
  const told = (fit: Fit, { states: looked, all }: Guided) => {
    const trace = again(fit)
    return { ...compared(recorded, fit), trace, shows: shownIn(trace), states: looked, all }
  }
  const wanting = wanted !== undefined && {
    shows: (fit: Fit) => {
      const trace = again(fit)
      return [...shownIn(trace), ...ignoredIn(trace)].some((each) => isCalled(each, wanted, fit.renamed))
    },
    atEnd: wanted.startsWith('deadlock'),
  }
  const look = (bounds: Pick<Guidance, 'states' | 'whole'>): Guided =>
    guide(system, recorded, { runs: most.runs, ...wanting, ...bounds })
  const some = look({ states: Math.ceil(states / withGaps) })
  // Where no step may be gone there is less to look at: often little enough to say that there is none.
  const whole = isFound(some, wanted) ? some : look({ states, whole: true })
  const best = whole.fit ? whole : some
  if (best.fit) {
    const run = told(best.fit, best)
    return { ...run, ...goalOf(wanted, best), outcome: isTheSame(run) ? 'kept' : 'adapted' }
  }
  const run = told(whole.longest, whole)
  const expected = nameOf(recorded.steps[whole.stuckAt]!)
  const stuck = { step: whole.stuckAt + 1, expected, possible: possibleAfter(system, run.trace) }
  const { all, missing: nowhere } = whole
  return {
    ...{ ...run, ...goalOf(wanted, whole), outcome: 'impossible', stuck, nowhere },
    proved: all && nowhere.length === 0,
  }
}

const isFound = ({ fit, shown }: Guided, wanted: string | undefined): boolean =>
  fit !== undefined && (shown || wanted === undefined)

const goalOf = (wanted: string | undefined, { shown }: Guided): Pick<Followed, 'wanted' | 'shown'> =>
  wanted === undefined ? {} : { wanted, shown }

type Compared = Pick<Followed, 'added' | 'earlier' | 'changed' | 'gone' | 'renamed'>

const compared = ({ steps }: Recorded, { is, changed, gone, renamed }: Fit): Compared => ({
  added: is.flatMap((index, at) => (index < 0 ? [at + 1] : [])),
  earlier: is.flatMap((index, at) => (is.slice(at).some((later) => later >= 0 && later < index) ? [at + 1] : [])),
  changed: changed.map((at) => at + 1),
  gone: gone.map((index) => ({ step: index + 1, name: nameOf(steps[index]!) })),
  renamed: Object.fromEntries(renamed),
})

const isTheSame = ({ added, earlier, changed, gone, renamed }: Compared): boolean =>
  [added, earlier, changed, gone, Object.keys(renamed)].every(({ length }) => length === 0)

/** What could be done after a run, in the order in which choices count. */
const possibleAfter = (system: System<any>, { steps, end }: Trace): readonly string[] => {
  if (end === 'crashed') return []
  const tables = tablesOf(system)
  const state = tables.initial()
  for (const { choice } of steps) {
    const lane = tables.choices(state)[choice]!
    tables.apply(state, lane, tables.entryOf(state, lane)!)
  }
  return tables.enabled(state).map((lane) => stepName(tables, state, lane))
}
