/** What the locals of a procedure point to, and where paths lead from them. */
import { wrongIn } from './actions.ts'
import type { Struct } from './pointer.ts'
import type { Path } from './step.ts'
import { toChooseFrom } from '../shapes/nearest.ts'

const aboutPointers = 'Declare it among the locals: { req: pointer(request) }.'

export class Scope {
  readonly #procedure: string
  readonly #structs: ReadonlyMap<string, Struct>

  /** `structs`: what those of the locals point to that are pointers. */
  constructor(procedure: string, structs: ReadonlyMap<string, Struct>) {
    this.#procedure = procedure
    this.#structs = structs
  }

  /** What a local points to. */
  structOf(local: string, text = local): Struct {
    const struct = this.#structs.get(local)
    if (struct !== undefined) return struct
    const known = toChooseFrom(this.#structs.keys(), local) || 'none'
    throw wrongIn(
      this.#procedure,
      `"${text}": no local "${local}" points to a struct. Pointers: ${known}.`,
      aboutPointers,
    )
  }

  /** Where a path leads: `req->lock`. */
  path(text: string): Path {
    const [local = '', member = '', ...more] = text.split('->')
    const struct = this.structOf(local, text)
    if (more.length > 0 || !(member in struct.members)) {
      const known = Object.keys(struct.members).map((each) => `${local}->${each}`)
      throw wrongIn(
        this.#procedure,
        `"${text}": struct ${struct.name} has no such member.`,
        `Members: ${toChooseFrom(known, text)}.`,
      )
    }
    return { local, struct, member }
  }
}
