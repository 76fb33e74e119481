/** What the checker may ask a lock besides running it: who holds it now, and whose request it has taken but not granted yet. */
export interface LockFacts<Context> {
  readonly holders: (context: Context) => { readonly threads: readonly string[]; readonly exclusive: boolean }
  /** Message types that ask for it. */
  readonly acquires: readonly string[]
  /** Others may try to get it: who only tries is answered while it is held, too, and then nothing changes. */
  readonly tried?: true
  /** Ids of the actors whose request was taken and waits inside the lock (a queued writer). */
  readonly owes?: (context: Context) => readonly string[]
}
