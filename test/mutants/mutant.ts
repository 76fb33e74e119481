/** A change for the worse: one text in one file, which occurs there exactly once. */
export interface Mutant {
  readonly file: string
  readonly from: string
  readonly to: string
  /** What is wrong then. */
  readonly what: string
  /** The test file that notices. Undefined: none can, since nothing is any different; then there is a reason. */
  readonly by?: string
  readonly why?: string
}

/** From, to, what is wrong then, and what notices: `explore/bounds` is test/explore/bounds.test.ts. */
type Change = readonly [from: string, to: string, what: string, by: string | { readonly same: string }]

export const inFile = (file: string, changes: readonly Change[]): readonly Mutant[] =>
  changes.map(([from, to, what, by]) => ({
    file,
    from,
    to,
    what,
    ...(typeof by === 'string' ? { by: `test/${by}.test.ts` } : { why: by.same }),
  }))
