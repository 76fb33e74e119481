/** The options that commands share, and what they mean to a search. */
import { Option, type Command } from 'commander'
import type { ExploreOptions, SearchFor } from '../explore/index.ts'
import type { SingleSearch } from '../explore/options.ts'
import type { Inversions, StrategyName } from '../explore/outcome/report.ts'
import * as errors from '../report/errors.ts'
import { pageFor, type Page } from '../report/style.ts'
import { choiceNames, knownChoices, type ChoiceName } from '../scenarios/choices.ts'
import type { Desk, Paper } from './desk.ts'
import { refuseIdle } from './idle.ts'
import type { HtmlFlags } from './html.ts'
import type { InspectFlags } from './verbs/inspect.ts'
import { number } from './numbers.ts'
import type { ReporterFlags } from './reporters.ts'
import type { ServeFlags } from './verbs/serve.ts'

/** Told the exit code, once a command has said what it has to say. */
export type Done = (code: number) => void

/** How things are told. */
export interface PaperFlags extends HtmlFlags, InspectFlags, ReporterFlags, ServeFlags {
  readonly json?: boolean
  readonly ascii?: boolean
  readonly list?: boolean
  readonly all?: boolean
}

export interface Flags extends PaperFlags, Readonly<Partial<Record<ChoiceName, string>>> {
  readonly tasks?: number
  /** By name: choices that have no option of their own. */
  readonly choose?: Readonly<Record<string, string>>
  readonly strategy: StrategyName
  readonly seed?: number
  readonly runs?: number
  /** The number of the first run, of a piece of a sample. */
  readonly firstRun?: number
  /** Somebody watches who wants to know how long it takes. */
  readonly estimate?: boolean
  readonly preemptions?: number
  readonly delays?: number
  /** The name of a property. */
  readonly goal?: string
  /** The address of a run. */
  readonly after?: string
  /** Each as it was typed: `A before B`. */
  readonly order?: readonly string[]
  readonly states?: number
  readonly depth?: number
  readonly ms?: number
  readonly reduction: boolean
  readonly symmetry: boolean
  readonly stopAtFirst?: boolean
  readonly ignored: 'show' | 'fail'
  readonly inversions?: Inversions
  readonly quiet?: boolean
  /** The folder. */
  readonly checkpoint?: string
  readonly workers?: number
  /** Bytes. */
  readonly maxMemory?: number
  readonly compact?: boolean
}

/** Where a number is left out: of the first seed there is nothing special, and three preemptions show most of what any number does. */
const unlessSaid = { seed: 1, runs: 1000, preemptions: 3 }

/** How many a sample is of. */
export const runsOf = ({ runs = unlessSaid.runs }: Flags): number => runs

const searchOf = (flags: Flags): SearchFor => {
  const { strategy, seed, runs, firstRun, preemptions, delays, goal = '' } = flags
  const seeded = seed === undefined ? {} : { seed }
  const most = (bound: number | undefined) => ({ ...seeded, ...(bound !== undefined && { most: bound }) })
  const sampled = { seed: seed ?? unlessSaid.seed, runs: runsOf(flags) }
  const byNumber = { ...sampled, ...(firstRun !== undefined && { first: firstRun }) }
  switch (strategy) {
    case 'breadth':
      return 'breadth'
    case 'depth':
      return { depth: seeded }
    case 'deepening':
      return { deepening: seeded }
    case 'preemptions':
      return { preemptions: most(preemptions) }
    case 'delays':
      return { delays: most(delays) }
    case 'directed':
      return { directed: { ...seeded, goal } }
    case 'dpor':
      return runs === undefined ? 'dpor' : { dpor: { runs } }
    case 'random':
      return { random: byNumber }
    case 'pct':
      return { pct: { ...byNumber, preemptions: preemptions ?? unlessSaid.preemptions } }
    case 'pos':
      return { pos: byNumber }
    case 'coverage':
      return { coverage: byNumber }
    case 'portfolio':
      return {
        portfolio: together.map((each) => searchOf({ ...flags, strategy: each })) as readonly SingleSearch[],
      }
  }
}

/** What the searches of a portfolio are: those that ask for nothing but numbers. */
const together = ['breadth', 'preemptions', 'delays', 'pos', 'pct', 'coverage', 'random'] as const

export const optionsOf = (flags: Flags, signal: AbortSignal): ExploreOptions => {
  const { states, depth, ms, reduction, symmetry, stopAtFirst, ignored, inversions, workers, estimate } = flags
  return {
    search: searchOf(flags),
    within: { ...(states && { states }), ...(depth && { depth }), ...(ms && { ms }) },
    reduction,
    symmetry,
    stopAtFirst: stopAtFirst ?? false,
    ignored,
    ...(inversions && { inversions }),
    ...(workers && { workers }),
    ...(estimate && { estimate }),
    signal,
  }
}

export const pageOf = (paper: Paper, env: Desk['env'], { ascii }: { readonly ascii?: boolean | undefined }): Page =>
  pageFor(paper, env, ascii ? { ascii } : {})

export const withPaper = (command: Command): Command =>
  command
    .option('--json', 'print JSON (docs/JSON.md)')
    .addOption(new Option('--ascii', 'plain ASCII').conflicts('json'))

/** Of what tells runs. */
export const withRuns = (command: Command): Command =>
  withAll(command).addOption(new Option('--list', 'sentences instead of lanes').conflicts('json'))

export const withAll = (command: Command): Command =>
  command.option('--all', 'nothing folded away: every finding, every row')

const withChoices = (command: Command): Command =>
  choiceNames.reduce((so, name) => {
    const { argument, about } = knownChoices[name]
    return so.option(`--${name} <${argument}>`, about)
  }, command)

/** `lock=mutex`, as often as there is something to choose. */
const choice = (given: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => {
  const [, name, value] = /^([A-Za-z][\w-]*)=([^,]+)$/.exec(given) ?? []
  if (name === undefined || value === undefined) throw errors.wrongChoice(given)
  if (name === 'tasks') throw errors.tasksAreNoChoice(value)
  if (Object.hasOwn(before, name)) throw errors.chosenTwice(`--choose ${given}`, name, [before[name]!, value])
  return { ...before, [name]: value }
}

/** Which form of a scenario. */
export const withForm = (command: Command): Command =>
  withChoices(command)
    .option('--choose <name=value>', 'a choice of your own scenario, by its name (again for another)', choice)
    .addOption(number('tasks'))

/** As the README tells them. */
export const strategies: readonly StrategyName[] = [
  ...(['breadth', 'depth', 'deepening', 'preemptions', 'delays', 'directed', 'dpor'] as const),
  ...(['random', 'pct', 'pos', 'coverage', 'portfolio'] as const),
]

const collected = (given: string, before: readonly string[] = []): readonly string[] => [...before, given]

export const onlyInOrder = "only runs in this order, all else free: 'A before B', of steps or calls"

export const withOrder = (command: Command, about: string): Command =>
  command.option('--order <rule>', about, collected)

export const withSearch = (command: Command): Command =>
  withForm(withPaper(command))
    .addOption(new Option('--strategy <name>', 'how to search').choices(strategies).default('breadth'))
    .addOption(number('seed'))
    .addOption(number('runs'))
    .addOption(number('preemptions'))
    .addOption(number('delays'))
    .option('--goal <property>', 'directed: the property that it looks for')
    .addOption(number('states'))
    .addOption(number('depth'))
    .addOption(number('ms'))
    .option('--no-reduction', 'explore every order of independent steps, too')
    .option('--no-symmetry', 'count states that differ only in who is who')
    .option('--stop-at-first', 'stop at the first violation')
    .addOption(new Option('--ignored <what>', 'messages nobody handles').choices(['show', 'fail']).default('show'))
    .addOption(
      new Option('--inversions <which>', 'orders of locks that count as violations').choices(['all', 'confirmed']),
    )
    .option('--quiet', 'no progress')
    .hook('preAction', (_, command) => refuseIdle(command))
