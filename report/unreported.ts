/** A search that ended without a report. */
import { listed, counted } from './words.ts'
import type { Overall } from './verdict.ts'

/** What a search had told of itself before it ended. */
interface SoFar {
  readonly states: number
  /** Kinds and titles. */
  readonly findings: readonly string[]
}

export interface Unreported {
  /** Why there is no report. */
  readonly missing: string
  readonly soFar?: SoFar
}

export const stoppedBefore: Unreported = { missing: 'not searched: you stopped it' }

export const outOfMemory = (soFar: SoFar): Unreported => {
  const { states, findings } = soFar
  const found = findings.length === 0 ? 'nothing was found so far' : `found so far: ${listed(findings)}`
  const after = states === 0 ? '' : ` after ${counted(states, 'state')}; ${found}`
  return { missing: `undecided: there was no memory left${after}`, soFar }
}

/** What was found decides; all else is open. */
export const verdictWithout = ({ soFar }: Partial<Unreported>): Overall =>
  soFar && soFar.findings.length > 0 ? 'violated' : 'undecided'
