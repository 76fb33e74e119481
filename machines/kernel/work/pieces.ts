/** Pieces of what is done later: what is queued and what runs, and who waits for how much of it (deferred.ts). */
/** What is to be called for a piece, and the local of it that gets what the piece lies in; no pointer, because it keeps nothing alive. */
export interface Job {
  readonly call: string
  readonly local?: string
  readonly in?: string
  readonly life?: number
}

/** `timer_list`: and nothing else. `delayed_work`: a timer and work. */
export type DeferredKind = 'work_struct' | 'delayed_work' | 'timer_list' | 'tasklet_struct' | 'softirq'

export interface DeferredInput {
  readonly id: string
  /** Pieces that are there, each with its worker; and what those call that need not be made first. */
  readonly workers: Readonly<Record<string, string>>
  readonly kinds: Readonly<Record<string, DeferredKind>>
  readonly jobs: Readonly<Record<string, Job>>
  /** How many may run at the same time. */
  readonly most?: number
}

export interface Pending {
  readonly piece: string
  /** Its time has not come yet. */
  readonly delayed: boolean
}

export interface Waiter {
  readonly from: string
  readonly task: string
  /** Pieces that have to be done, each so many times. */
  readonly times: Readonly<Record<string, number>>
  readonly cancels?: string
  /** Waits until nothing is left, however much comes to it. */
  readonly drains?: true
  readonly value: boolean
}

export interface DeferredContext extends DeferredInput {
  readonly pending: readonly Pending[]
  readonly running: readonly string[]
  readonly waiting: readonly Waiter[]
  /** Those that are queued no more until they are made anew (timer_shutdown). */
  readonly shut: readonly string[]
}

/** Those that are left. */
export const without = (list: readonly Pending[], gone: string): readonly Pending[] =>
  list.filter(({ piece }) => piece !== gone)

/** What is queued and no timer, and what runs: how often each piece has to be done until all that is there now is. */
export const ahead = ({ pending, running }: DeferredContext): Readonly<Record<string, number>> => {
  const all = [...running, ...pending.flatMap(({ piece, delayed }) => (delayed ? [] : [piece]))]
  return Object.fromEntries(
    [...new Set(all)].sort().map((piece) => [piece, all.filter((each) => each === piece).length]),
  )
}

export const isQuiet = (context: DeferredContext): boolean => Object.keys(ahead(context)).length === 0

/** Those who wait, when a piece will be done at most so many times more. */
export const atMost = (
  waiting: readonly Waiter[],
  piece: string,
  change: (times: number) => number,
): readonly Waiter[] =>
  waiting.map((waiter) => {
    const { [piece]: times, ...others } = waiter.times
    if (times === undefined) return waiter
    const left = change(times)
    return { ...waiter, times: left > 0 ? { ...others, [piece]: left } : others }
  })

export const isServed = ({ times, drains }: Waiter, after: DeferredContext): boolean =>
  drains === true ? isQuiet(after) : Object.keys(times).length === 0

export const odebugType = (kind: DeferredKind, delayed: boolean): string =>
  kind === 'timer_list' || delayed ? 'timer_list' : 'work_struct'

/** Whoever waits for a piece waits for its worker, or, as long as there is no room for it, for those that run. */
export const endedBy = (
  { workers, running, waiting, pending, most = Infinity }: DeferredContext,
  waiter: string,
): string[] => {
  const { times = {}, drains } = waiting.find(({ from }) => from === waiter) ?? {}
  const pieces = drains === true ? [...running, ...pending.map(({ piece }) => piece)] : Object.keys(times)
  const inFront = (piece: string) => (running.includes(piece) || running.length < most ? [piece] : running)
  return [...new Set(pieces.flatMap(inFront))].map((piece) => workers[piece]!)
}
