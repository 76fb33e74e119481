/** How far several searches have come, taken together. */
import type { Progress } from '../outcome/report.ts'

/** `all`: the last of each that has said anything; at least one. */
export const inAll = (all: readonly Progress[]): Progress => ({
  states: all.reduce((sum, { states }) => sum + states, 0),
  steps: all.reduce((sum, { steps }) => sum + steps, 0),
  depth: Math.max(...all.map(({ depth }) => depth)),
  seconds: Math.max(...all.map(({ seconds }) => seconds)),
  frontier: [],
  findings: [...new Set(all.flatMap(({ findings }) => findings))],
})
