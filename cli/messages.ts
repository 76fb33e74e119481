/** What the two threads of the program say to each other: one works, the other watches. */
import type { Paper } from '../report/style.ts'
import type { Known } from './desk.ts'

/** What the thread that works cannot find out by itself. */
export interface Terminal {
  readonly out: Paper
  readonly err: Paper
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
  | { readonly say: 'ended'; readonly code: number }

/** From the thread that watches. */
export type Asked = 'stop' | 'ping' | 'line'
