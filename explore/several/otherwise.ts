/** Thrown where what was kept of a search (checkpoint.ts) does not fit the search that is to go on from it: in words, what differs. */
export class Otherwise extends Error {
  constructor(differs: string) {
    super(differs)
    this.name = 'Otherwise'
  }
}
