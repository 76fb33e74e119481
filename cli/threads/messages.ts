/** What the two threads of the program say to each other: one works, the other watches. */
import type { Paper } from '../../report/style.ts'
import type { ReadFile } from '../../scenarios/modules.ts'
import type { Known } from '../desk.ts'

/** What the thread that works cannot find out by itself. */
export interface Terminal {
  readonly out: Paper
  readonly err: Paper
  /** It takes the place of a thread that did not come back, or could not read a file again; `kept` is what that one knew. */
  readonly after?: { readonly kept: unknown }
}

/** From the thread that works. */
export type Said =
  | { readonly say: 'out' | 'err'; readonly text: string }
  | { readonly say: 'known'; readonly known: Known }
  /** A scenario file of the user's is about to be run; the bound of the search in milliseconds, if there is one. */
  | { readonly say: 'runs'; readonly file: string; readonly ms: number | undefined }
  /** Waits for a line that somebody types. */
  | { readonly say: 'reads' }
  /** The answer to `ping`: it still turns. */
  | { readonly say: 'pong' }
  /** Where a thread is that it has begun: only the first of all can be asked that. */
  | { readonly say: 'asks where'; readonly thread: number }
  /** What a file of the user's consists of, as it was read: it is worked on again when something of it changes. */
  | { readonly say: 'reads files'; readonly files: readonly ReadFile[] }
  /** What is to be known by a thread that takes the place of this one. */
  | { readonly say: 'keeps'; readonly kept: unknown }
  /** The answer to `changed`. */
  | { readonly say: 'begins again' }
  | { readonly say: 'ended'; readonly code: number }

/** From the thread that watches. */
export type Asked =
  | 'stop'
  | 'ping'
  | { readonly line: string | undefined }
  | { readonly changed: readonly string[] }
  | Where

/** The answer to `asks where`. */
export interface Where {
  readonly thread: number
  readonly stack: string | undefined
}
