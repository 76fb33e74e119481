/**
 * Which states and transitions of a chart a search has come by. A delivery is known by the state before, the type of its message and the state
 * after: transitions that differ in nothing but guard and actions count as one. What is taken at once follows from where it leads.
 */
import type { Taken } from '../../explore/outcome/taken.ts'
import { activeIn } from '../walk/chart.ts'
import type { ChartData, CoverData, TransitionData } from '../data.ts'

export const coveredIn = (
  { transitions, starts }: ChartData,
  names: readonly string[],
  taken: readonly Taken[],
): CoverData => {
  const states = new Set(starts)
  const covered = new Set<number>()
  const boxes = (state: string): readonly number[] => activeIn(names, state)
  /** Transitions that are taken at once, from one state on until another is reached. */
  const between = (from: number, to: readonly number[], way: readonly number[] = []): readonly number[] | undefined => {
    if (to.includes(from)) return way
    for (const [at, each] of transitions.entries()) {
      if (each.type !== undefined || each.from !== from || each.to === undefined || way.includes(at)) continue
      const found = between(each.to, to, [...way, at])
      if (found) return found
    }
    return undefined
  }
  const isHeard = ({ type = '' }: TransitionData, heard: string): boolean =>
    type === heard || type === '*' || (type.endsWith('.*') && heard.startsWith(type.slice(0, -1)))
  for (const { state, type, next } of taken) {
    const [before, after] = [boxes(state), boxes(next)]
    for (const box of [...before, ...after]) states.add(box)
    for (const [at, each] of transitions.entries()) {
      if (!isHeard(each, type) || (each.from !== undefined && !before.includes(each.from))) continue
      const way = each.to === undefined ? (state === next ? [] : undefined) : between(each.to, after)
      for (const one of way ? [at, ...way] : []) covered.add(one)
    }
  }
  return { states: [...states].sort((a, b) => a - b), transitions: [...covered].sort((a, b) => a - b) }
}
