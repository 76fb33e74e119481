/** Thrown to begin the search again, with more care. */
export class Restart extends Error {
  /** The claim of a component that is false, in words: no reduction then. */
  readonly broken: string | undefined
  constructor(broken?: string) {
    super('restart')
    this.broken = broken
  }
}

export const broken = (what: string): Restart => new Restart(what)
