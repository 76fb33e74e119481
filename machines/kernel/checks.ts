/** The argument checks of a call, in the order in which the kernel makes them: the first that fails decides. */

/** When it fails, and what the caller gets then. A check that may only be asked after those before it held is a function. */
export type Check = readonly [fails: boolean | (() => boolean), ret: string]

/** What the first failing check returns; undefined when all hold. */
export const firstFailing = (checks: readonly Check[]): string | undefined =>
  checks.find(([fails]) => (typeof fails === 'function' ? fails() : fails))?.[1]
