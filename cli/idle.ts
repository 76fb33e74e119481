/** Options that would do nothing beside the others: whoever gives one expects something of it, and would not get it. */
import type { Command } from 'commander'
import * as errors from '../report/errors.ts'
import type { Flags } from './flags.ts'

type Strategy = Flags['strategy']

const samples = ['random', 'pct', 'pos', 'coverage'] as const

/** By the name that commander has for it, the strategies that an option means something to. */
const meant: Readonly<Record<string, readonly Strategy[]>> = {
  seed: ['depth', 'deepening', 'preemptions', 'delays', 'directed', ...samples, 'portfolio'],
  runs: ['dpor', ...samples, 'portfolio'],
  preemptions: ['preemptions', 'pct', 'portfolio'],
  delays: ['delays', 'portfolio'],
  goal: ['directed'],
  states: ['breadth', 'depth', 'deepening', 'preemptions', 'delays', 'directed', 'portfolio'],
  depth: ['breadth', 'depth', 'deepening', 'dpor', ...samples],
  reduction: ['breadth', 'portfolio'],
  symmetry: ['breadth', 'depth', 'deepening', 'directed', 'portfolio'],
  checkpoint: ['breadth'],
  workers: ['breadth'],
  maxMemory: ['breadth'],
}

/** Does the option mean something to this strategy? */
export const isMeant = (name: string, strategy: Strategy): boolean => meant[name]?.includes(strategy) ?? true

/** As it is typed. */
const typed = (command: Command, name: string): string =>
  command.options.find((option) => option.attributeName() === name)?.long ?? `--${name}`

const isGiven = (command: Command, name: string): boolean => command.getOptionValueSource(name) === 'cli'

/** Throws a UserError for the first option that does nothing to a search with this strategy. */
export const refuseIdle = (command: Command): void => {
  const {
    strategy,
    strategies: asked = [strategy],
    goal,
  } = command.opts<Flags & { strategies?: readonly Strategy[] }>()
  for (const [name, strategies] of Object.entries(meant))
    if (isGiven(command, name) && !asked.some((each) => strategies.includes(each)))
      throw errors.idleOption(
        typed(command, name),
        `with --strategy ${asked.join(', ')}`,
        `--strategy ${strategies.join(', ')}`,
      )
  if (asked.includes('directed') && goal === undefined) throw errors.noGoal()
}

/** How things are told, and which file may be run; all other options are about a search. */
const ofRuns = ['json', 'ascii', 'quiet', 'picture', 'html', 'allow']

/** Throws a UserError for the first option that is about a search where nothing is searched: a run is there already. */
export const refuseSearching = (command: Command): void => {
  for (const option of command.options) {
    const name = option.attributeName()
    if (isGiven(command, name) && !ofRuns.includes(name))
      throw errors.idleOption(typed(command, name), 'to a run that is there already', 'scenarios')
  }
}
