/** What is asked of a machine when an event comes in a configuration, as a tree: the answers say where to go on. */
import type { AnyEventObject } from 'xstate'
import type { Inspected } from '../inside.ts'
import type { Ask, Asked, Kind } from './traced.ts'

export type Microstep = Inspected & { readonly type: '@xstate.microstep' }

/** Where it ends. */
export interface End {
  /** Number of the configuration that it leads to. */
  readonly to: number
  /** The event set nothing off. */
  readonly ignored: boolean
  /** Types of what was emitted on the way. */
  readonly emitted: readonly string[]
  /** What XState told of it, until somebody has heard. */
  told: readonly Microstep[]
}

export class Way {
  readonly kind: Kind | 'end'
  readonly ask: Ask
  /** Which of the events that came up on the way is asked about, or one that is always the same. */
  readonly event: number
  readonly always: AnyEventObject | undefined
  readonly end: End | undefined
  readonly fields: readonly string[] | undefined
  /** Where they stand in a state. */
  slots: readonly number[] = []
  yes: Way | undefined = undefined
  no: Way | undefined = undefined
  readonly byType = new Map<string, Way>()

  constructor(
    kind: Kind | 'end',
    ask: Ask,
    event: number,
    always: AnyEventObject | undefined,
    end: End | undefined,
    fields: readonly string[] | undefined,
  ) {
    this.kind = kind
    this.fields = fields
    this.ask = ask
    this.event = event
    this.always = always
    this.end = end
  }

  next(answer: unknown): Way | undefined {
    switch (this.kind) {
      case 'guard':
        return answer ? this.yes : this.no
      case 'raise':
      case 'emit':
        return this.byType.get(typeOf(answer))
      default:
        return this.yes
    }
  }

  lead(answer: unknown, to: Way): void {
    if (this.kind === 'raise' || this.kind === 'emit') this.byType.set(typeOf(answer), to)
    else if (this.kind === 'guard' && !answer) this.no = to
    else this.yes = to
  }
}

export const typeOf = (event: unknown): string => (event as AnyEventObject).type

const nothing: Ask = () => undefined

/** Adds a way that was gone; returns where the tree begins. */
export const withWay = (root: Way | undefined, offer: AnyEventObject, asked: readonly Asked[], end: End): Way => {
  const events = [offer]
  let begins = root
  let before: { readonly way: Way; readonly answer: unknown } | undefined
  const reach = (make: () => Way): Way => {
    const known = before ? before.way.next(before.answer) : begins
    const way = known ?? make()
    if (!before) begins = way
    else if (!known) before.way.lead(before.answer, way)
    return way
  }
  let isChosen = false
  for (const { kind, ask, event, answer, fields } of asked) {
    // Which transitions a raised event takes is of no interest.
    if (kind === 'chosen' && isChosen) continue
    isChosen ||= kind === 'chosen'
    const number = events.lastIndexOf(event)
    const way = reach(() => new Way(kind, ask, number, number < 0 ? event : undefined, undefined, fields))
    if (kind === 'raise') events.push(answer as AnyEventObject)
    before = { way, answer }
  }
  reach(() => new Way('end', nothing, 0, undefined, end, undefined))
  return begins!
}
