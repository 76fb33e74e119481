/** Ctrl-C, and `kill`: the first asks for a report of what is known, the second for an end. */

/** npm and npx hand on a signal that the terminal has sent to everybody: two that come together are one. */
const together = 250

export const onSignals = (heard: (nth: 1 | 2) => unknown): void => {
  let first: number | undefined
  const hear = (): void => {
    const now = performance.now()
    if (first === undefined) {
      first = now
      heard(1)
    } else if (now - first > together) heard(2)
  }
  process.on('SIGINT', hear)
  process.on('SIGTERM', hear)
}
