/**
 * What it costs to let another thread go on. Most races need few switches that nobody was forced to make, and their number is bounded here.
 *
 * Preemptions (Musuvathi, Qadeer, PLDI 2007): a thread goes on as long as it can; that another one goes on before costs 1.
 * Delays (Emmi, Qadeer, Rakamarić, POPL 2011): there is one order of the threads, and it is the turn of whoever went on last as long as he can, then of
 * the next in that order; each who could go on and is passed over costs 1.
 *
 * Which of several deliveries to the same thread comes first costs nothing.
 */
import type { Prices } from './cheapest-first.ts'
import { nobodyYet, type Turns } from '../sampling/turns.ts'

export const preemptions =
  (turns: Turns): Prices =>
  (last, steps) => {
    const isStopped = last !== nobodyYet && steps.some(({ lane }) => turns.of(lane) === last)
    return steps.map(({ lane }) => Number(isStopped && turns.of(lane) !== last))
  }

export const delays =
  (turns: Turns): Prices =>
  (last, steps) => {
    const able = [...new Set(steps.map(({ lane }) => turns.of(lane)))].sort((a, b) => turns.compare(a, b))
    const next = last === nobodyYet ? 0 : able.findIndex((turn) => turns.compare(turn, last) >= 0)
    // Behind the last of them comes the first.
    const inTurn = next <= 0 ? able : [...able.slice(next), ...able.slice(0, next)]
    return steps.map(({ lane }) => inTurn.indexOf(turns.of(lane)))
  }
