/**
 * What the checker may ask a lock besides running it: who holds it now, and whose request it has taken but not granted yet. It may ask the same
 * of what is waited for and is no lock: who has yet to do what ends the wait.
 */

/** lockdep's wait types: who waits spins, spins where spinlocks may sleep (PREEMPT_RT), or sleeps. */
type WaitType = 'raw' | 'spin' | 'sleep'

export interface WaitTypes {
  /** How long one waits for it. */
  readonly outer?: WaitType
  /** How long one may wait while it is held. */
  readonly inner: WaitType
}

/** Of a lock both are the same. */
export const waitsAs = (type: WaitType): WaitTypes => ({ outer: type, inner: type })

export interface LockFacts<Context> {
  readonly holders: (context: Context) => { readonly threads: readonly string[]; readonly exclusive: boolean }
  /** Message types that ask for it. */
  readonly acquires: readonly string[]
  /** Others may try to get it: who only tries is answered while it is held, too, and then nothing changes. */
  readonly tried?: true
  /** It is no lock: one of its holders is enough to end the wait, or all of them have to (explore/system.ts). */
  readonly awaited?: 'any' | 'all'
  readonly waitType?: WaitTypes
  /** Who could end the wait of an actor (by its id), where those are not its holders. */
  readonly endedBy?: (context: Context, waiter: string) => readonly string[]
  /** Ids of the actors whose request was taken and waits inside the lock (a queued writer). */
  readonly owes?: (context: Context) => readonly string[]
}
