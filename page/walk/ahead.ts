/** Where a turn leads: the nearest thing that goes wrong after it, as far as the page knows the model and somebody is willing to wait. */
import type { Text } from '../data.ts'
import type { Machine, State } from './machine.ts'

export interface Ahead {
  /** States that were looked at. */
  readonly states: number
  /** There are no others. */
  readonly whole: boolean
  /** The nearest: what is found, or nothing where somebody waits for ever; and the choices that lead there. */
  readonly wrong?: { readonly findings: readonly Text[]; readonly choices: readonly number[] }
}

const keyOf = ({ locals, inFlight }: State): string =>
  `${locals.join()}|${[...inFlight]
    .map(([lane, queue]) => `${lane}:${queue.map(({ message }) => message).join()}`)
    .sort()
    .join(';')}`

export const lookAhead = (machine: Machine, from: State, most = 1000): Ahead => {
  const seen = new Set([keyOf(from)])
  const queue: { readonly state: State; readonly choices: readonly number[] }[] = [{ state: from, choices: [] }]
  let whole = true
  for (let at = 0; at < queue.length; at++) {
    if (at >= most) return { states: at, whole: false }
    const { state, choices } = queue[at]!
    const turns = machine.turns(state)
    whole &&= turns !== undefined
    if (turns?.length === 0 && machine.waiting(state).length > 0)
      return { states: at + 1, whole, wrong: { findings: [], choices } }
    for (const [choice, turn] of (turns ?? []).entries()) {
      const next = [...choices, choice]
      const { findings = [], fatal } = turn.entry
      if (findings.length > 0) return { states: at + 1, whole, wrong: { findings, choices: next } }
      if (fatal) continue
      const after = machine.take(state, turn, 0)
      const key = keyOf(after)
      if (seen.has(key)) continue
      seen.add(key)
      queue.push({ state: after, choices: next })
    }
  }
  return { states: queue.length, whole }
}
