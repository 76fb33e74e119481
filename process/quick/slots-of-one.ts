/** What stands where in a state of one machine by itself; fields of its context come behind. */

export const configuration = 0
/** What was emitted, what was lost. */
export const emitted = 1
export const lost = 2
/** Which fields the context has. */
export const names = 3
/** What was sent how often. */
export const counts = 4
