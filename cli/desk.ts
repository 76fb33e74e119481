import type { Progress } from '../explore/outcome/report.ts'
import type { Paper as Facts } from '../report/style.ts'
import type { Modules, ReadFile } from '../scenarios/modules.ts'
import type { Elsewhere, WhereIs } from './threads/elsewhere.ts'
import type { Replaying } from './threads/replaying.ts'

export interface Paper extends Facts {
  write(text: string): unknown
}

/** How far a search is. */
export interface Known {
  readonly states: number
  /** Kinds and titles. */
  readonly findings: readonly string[]
}

/** Files of the user's while he works on them. */
export interface Rounds {
  /** What a thread before this one knew; undefined: it is the first. */
  readonly before: unknown
  /** What was read. Aborted when something of it changes, or no more is to be done. */
  read(files: readonly ReadFile[]): AbortSignal
  /** Hands on what the next round has to know, and waits for it: the files that have changed; undefined: there is none. */
  next(kept: unknown): Promise<readonly string[] | undefined>
}

/** Where a command reads and writes. It has everything from here, and knows neither process nor thread. */
export interface Desk {
  /** For the report, and nothing else. */
  readonly out: Paper
  /** For progress, warnings and errors. */
  readonly err: Paper
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted when no more is to be searched: what is known by then is reported. */
  readonly stop: AbortSignal
  /** What somebody has typed, once it is a line; undefined when there will be no more of them. */
  line(): Promise<string | undefined>
  /** Told again and again while a search goes on. */
  known(progress: Progress): void
  /** The user's own scenario files that were run, as they were typed: what throws in them is not a fault of ours. */
  readonly files: readonly string[]
  /** Other threads that search; without them everything is searched here, one after the other. */
  readonly elsewhere?: Elsewhere
  /** Other threads that replay cases. */
  readonly replaying?: () => Promise<Replaying>
  /** Told before one of them is run, with the milliseconds that all may take, if there is a bound. */
  runs(file: string, ms?: number): void
  readonly whereIs?: WhereIs
  readonly rounds: Rounds
  /** What was read of the user's files before. */
  readonly modules?: Modules
}
