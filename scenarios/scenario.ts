/** What a scenario is: one story, told as a system, its properties, and what is expected to be found. */
import type { Property, System } from '../explore/system.ts'

/** The names `--unmap` takes, oldest first. */
export const protocols = [
  'under-lock',
  'per-mapping',
  'per-request',
  'restart',
  'device-list',
  'gated',
  'gated-no-cursor',
  'gated-unlocked-check',
] as const
export type Protocol = (typeof protocols)[number]

/** What a person may choose on the command line; a scenario says which values make sense. */
export interface Choices {
  readonly unmap: Protocol
  /** How many tasks do the racing thing (what exactly is the scenario's to say). */
  readonly tasks: number
}

/** What a complete search of one choice is expected to say. Checked by the tests, exact numbers included. */
export interface Expected {
  readonly choices: Choices
  /** Finding titles, sorted; empty: nothing wrong is found. */
  readonly findings: readonly string[]
  /** Property name → verdict; properties left out are expected to hold (always, eventually) or be seen (sometimes). */
  readonly verdicts?: Readonly<Record<string, 'holds' | 'violated' | 'seen' | 'unseen'>>
  readonly states: number
}

export interface Scenario {
  readonly name: string
  /** Which group it is listed under: `unmap`, `register`, … */
  readonly family: string
  /** The windows of the literature it shows, as in docs/FIDELITY.md: V13-1, M-3 … */
  readonly windows: readonly string[]
  /** Mail, commit or kernel version it comes from; says so when it is derived rather than reported. */
  readonly source: string
  /** A paragraph: why it matters. */
  readonly why: string
  readonly choices: {
    readonly unmap: readonly Protocol[]
    readonly tasks: { readonly least: number; readonly most: number }
    readonly default: Choices
  }
  system(choices: Choices): System<any>
  properties(choices: Choices): readonly Property[]
  readonly expected: readonly Expected[]
}
