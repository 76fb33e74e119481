/** Which threads have a signal, as whatever they may wait for has been told: a wait that a signal may end is answered then. */
export interface Signalled {
  readonly signalled: readonly string[]
  /** Those of them that have one which ends them. */
  readonly killed: readonly string[]
}

/** From the signals of thread `to`. */
export interface Interrupt {
  readonly type: 'INTERRUPT'
  readonly to: string
  readonly fatal: boolean
}

export const unsignalled: Signalled = { signalled: [], killed: [] }

export const withSignal = ({ signalled, killed }: Signalled, { to, fatal }: Interrupt): Signalled => ({
  signalled: withThread(signalled, to),
  killed: fatal ? withThread(killed, to) : killed,
})

/** Guards of whatever a thread asks for. */
interface Asked {
  readonly context: Signalled
  readonly event: { readonly task: string }
}

export const isSignalled = ({ context, event }: Asked): boolean => context.signalled.includes(event.task)

export const isKilled = ({ context, event }: Asked): boolean => context.killed.includes(event.task)

const withThread = (threads: readonly string[], thread: string): readonly string[] =>
  threads.includes(thread) ? threads : [...threads, thread].sort()
