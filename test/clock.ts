/** A clock for tests of time limits: whoever looks at it finds it some milliseconds later, on any machine. */
import { vi } from 'vitest'

export const tickWhenSeen = (ms = 1): void => {
  let now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (now += ms))
}
