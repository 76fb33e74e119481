/** A run, step by step: the recorded one, or one that leaves it somewhere and takes other turns. */
import type { EntryData, PageData, RunData, Text } from '../data.ts'
import type { Machine, State, Turn } from './machine.ts'
import { saidOf } from './said.ts'

export interface Step {
  /** From 1 on. */
  readonly number: number
  readonly lane: number
  /** The place of its lane among those that could be taken. */
  readonly choice: number
  /** Actors; -1: from outside. */
  readonly from: number
  readonly to: number
  readonly entry: EntryData
  readonly sentAt: number
  readonly words: string
  readonly findings: readonly Text[]
  /** The step before it of the same receiver; 0: none. */
  readonly before: number
}

/** Where a run leaves the recorded one, and the choices from there on. */
export interface Detour {
  /** Steps of the recorded run that it begins with. */
  readonly after: number
  readonly choices: readonly number[]
}

export interface Run {
  readonly data: RunData
  readonly machine: Machine
  readonly steps: readonly Step[]
  /** The last state, and what may come next; undefined: not carried. */
  readonly last: State
  readonly next: readonly Turn[] | undefined
  readonly detour: Detour | undefined
  /** A choice of the detour does not fit: it is as long as it fits. */
  readonly broken: boolean
}

export const follow = (page: PageData, data: RunData, machine: Machine, detour?: Detour): Run => {
  const steps: Step[] = []
  const lastAt = new Map<number, number>()
  const found = new Map(data.found.map(([step]) => [step, data.found.filter(([at]) => at === step).map(([, t]) => t)]))
  let state = machine.start()
  let broken = false
  const take = (turn: Turn, choice: number, words: string | undefined, more: readonly Text[]): void => {
    const number = steps.length + 1
    const { lane, entry, sentAt } = turn
    const [from, to] = machine.model.lanes[lane]!
    state = machine.take(state, turn, number)
    steps.push({
      ...{ number, lane, choice, from, to, entry, sentAt },
      words: words ?? saidOf(page, machine, turn, steps),
      findings: [...(entry.findings ?? []), ...more],
      before: lastAt.get(to) ?? 0,
    })
    lastAt.set(to, number)
  }
  for (const [at, lane] of data.lanes.entries()) {
    if (detour && at >= detour.after) break
    const turns = machine.turns(state) ?? []
    const choice = turns.findIndex((each) => each.lane === lane)
    const turn = turns[choice]
    if (!turn) break
    take(turn, choice, page.texts[data.words[at]!], found.get(at + 1) ?? [])
  }
  for (const choice of detour?.choices ?? []) {
    const turn = isOver(steps) ? undefined : machine.turns(state)?.[choice]
    broken ||= turn === undefined
    if (turn === undefined) break
    take(turn, choice, undefined, [])
  }
  return { data, machine, steps, last: state, next: isOver(steps) ? [] : machine.turns(state), detour, broken }
}

const isOver = (steps: readonly Step[]): boolean => steps.at(-1)?.entry.fatal === 1

/** The state after so many steps. */
export const stateAfter = ({ machine, steps }: Run, count: number): State =>
  steps
    .slice(0, count)
    .reduce(
      (state, { lane, entry, sentAt, number }) => machine.take(state, { lane, entry, sentAt }, number),
      machine.start(),
    )

/** How a run ends that nobody has recorded. */
export const endOf = ({ data, detour, next, steps, machine, last }: Run): RunData['end'] | 'unknown' => {
  if (!detour) return data.end
  if (isOver(steps)) return 'crashed'
  if (next === undefined) return 'unknown'
  if (next.length > 0) return 'open'
  return machine.waiting(last).length > 0 ? 'deadlock' : 'finished'
}
