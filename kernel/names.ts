/** What actors are called. */

/** A procedure as a thread runs it: `a/inc`. */
export const callName = (thread: string, procedure: string): string => `${thread}/${procedure}`

/** The signals of a thread: `a/signals`. */
export const signalsName = (thread: string): string => callName(thread, 'signals')
