/** Whether a process waits for somebody else: then what it has not said by now is not going to come by itself. */
import { readdirSync, readFileSync } from 'node:fs'

/** What follows the name, which may have anything in it, is the state: `S` is asleep, `R` runs or would if it were its turn, `D` waits for a disk. */
const isThreadAsleep = (stat: string): boolean => stat.slice(stat.lastIndexOf(')')).startsWith(') S')

/** All of its threads sleep, as Linux says; false where it has ended, and where nobody says. */
const isAsleep = (pid: number): boolean => {
  const threads = `/proc/${pid}/task`
  try {
    return readdirSync(threads).every((thread) => isThreadAsleep(readFileSync(`${threads}/${thread}/stat`, 'utf8')))
  } catch {
    return false
  }
}

/** So many looks in a row, so far apart in milliseconds: longer than any pause that the program makes of its own. */
const looks = 30
const between = 100

/**
 * Calls `then` when the process was asleep at each of many looks in a row. On a busy machine it is not asleep but waits for its turn, so this
 * does not depend on how fast anything is. Returns what stops looking.
 */
export const whenAsleep = (pid: number, then: () => void): (() => void) => {
  let asleep = 0
  const timer = setInterval(() => {
    asleep = isAsleep(pid) ? asleep + 1 : 0
    if (asleep < looks) return
    clearInterval(timer)
    then()
  }, between)
  return () => clearInterval(timer)
}
