/** Notices that the other thread does not turn any more. */

const look = 500

/** A scenario file may take so many seconds at a time; `--ms` gives it as much as it gives the search. */
export const patienceFor = (ms: number | undefined): number => (ms === undefined ? 30 : Math.max(2, ms / 1000))

export interface Watchdog {
  /** It has answered. */
  pong(): void
  end(): void
}

/** Seconds of CPU that this process has used; the thread that watches hardly uses any. */
export const used = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/**
 * Pings, and calls `stuck` when no answer has come for so many seconds: of CPU, so that a busy machine does not matter; or ten times as many
 * of this thread's own, where the other one waits and uses none. Then again after twice the time.
 */
export const watchdog = (patience: number, ping: () => void, stuck: (seconds: number) => void): Watchdog => {
  let asked: number | undefined
  let looks = 0
  let limit = patience
  const timer = setInterval(() => {
    if (asked === undefined) {
      asked = used()
      looks = 0
      limit = patience
      return ping()
    }
    looks++
    const [cpu, waited] = [used() - asked, (looks * look) / 1000]
    if (cpu < limit && waited < 10 * limit) return
    limit *= 2
    stuck(cpu < limit / 2 ? waited : cpu)
  }, look)
  return { pong: () => (asked = undefined), end: () => clearInterval(timer) }
}
