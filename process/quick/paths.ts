/** What is asked of a machine when an event comes in a configuration, as a tree: the answers say where to go on. */
import type { AnyEventObject } from 'xstate'
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { Inspected } from '../inside.ts'
import { Memo } from './memo.ts'
import type { Table } from './rows.ts'
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

/** A function of the context and an event. */
export interface Question {
  readonly ask: Ask
  /** The event, where it is always the same one. */
  readonly always: AnyEventObject | undefined
  /** Which of the events that came up on the way it is otherwise. */
  readonly event: number
  /** What it answers; absent: it is asked each time. */
  readonly memo: Memo | undefined
}

/** An assign of one field. */
export interface FieldQuestion extends Question {
  readonly slot: number
}

export interface Way {
  readonly kind: Kind | 'end'
  readonly question: Question
  /** Of an assign that is written field by field. */
  readonly fields: readonly FieldQuestion[] | undefined
  readonly end: End | undefined
  yes: Way | undefined
  no: Way | undefined
  byType: Map<string, Way> | undefined
}

export const nextOf = (way: Way, answer: unknown): Way | undefined => {
  if (way.kind === 'raise' || way.kind === 'emit') return way.byType?.get(typeOf(answer))
  return way.kind === 'guard' && !answer ? way.no : way.yes
}

const lead = (way: Way, answer: unknown, to: Way): void => {
  if (way.kind === 'raise' || way.kind === 'emit') (way.byType ??= new Map()).set(typeOf(answer), to)
  else if (way.kind === 'guard' && !answer) way.no = to
  else way.yes = to
}

const typeOf = (event: unknown): string => (event as AnyEventObject).type

const nothing: Question = { ask: () => undefined, always: undefined, event: 0, memo: undefined }

/** Ways of one machine: who is asked the same in several places remembers it in one. */
export class Ways {
  readonly #memos = new Map<Ask, Map<AnyEventObject, Memo>>()
  readonly #slotOf: (field: string) => number

  readonly #table: Table

  constructor(slotOf: (field: string) => number, table: Table) {
    this.#table = table
    this.#slotOf = slotOf
  }

  /** Adds a way that was gone; returns where the tree begins. */
  with(root: Way | undefined, offer: AnyEventObject, asked: readonly Asked[], end: End): Way {
    const events = [{ event: offer, isFixed: true }]
    let begins = root
    let before: { readonly way: Way; readonly answer: unknown } | undefined
    const reach = (make: () => Way): Way => {
      const known = before ? nextOf(before.way, before.answer) : begins
      const way = known ?? make()
      if (!before) begins = way
      else if (!known) lead(before.way, before.answer, way)
      return way
    }
    let isChosen = false
    for (const { kind, ask, event, answer, isFixed = false, fields } of asked) {
      // Which transitions a raised event takes is of no interest.
      if (kind === 'chosen' && isChosen) continue
      isChosen ||= kind === 'chosen'
      const number = events.findLastIndex((each) => each.event === event)
      if (kind === 'raise') {
        // Nobody could tell the one from the other.
        if (events.some((each) => each.event === answer && !(each.isFixed && isFixed))) throw new NotNumbered()
        events.push({ event: answer as AnyEventObject, isFixed })
      }
      if (isFixed) continue
      const always = number < 0 || events[number]!.isFixed ? event : undefined
      const isKept = always !== undefined && (kind === 'guard' || kind === 'assign' || kind === 'run')
      const question = (each: Ask): Question => ({
        ...{ ask: each, always, event: number },
        memo: isKept ? this.#memo(each, always) : undefined,
      })
      const way = reach(() => ({
        ...{ kind, question: question(ask), end: undefined },
        fields: fields?.map((each) => ({ ...question(each.ask), slot: this.#slotOf(each.name) })),
        ...{ yes: undefined, no: undefined, byType: undefined },
      }))
      before = { way, answer }
    }
    reach(() => ({
      ...{ kind: 'end', question: nothing, end, fields: undefined },
      ...{ yes: undefined, no: undefined, byType: undefined },
    }))
    return begins!
  }

  #memo(ask: Ask, event: AnyEventObject): Memo {
    const ofAsk = this.#memos.get(ask) ?? new Map<AnyEventObject, Memo>()
    this.#memos.set(ask, ofAsk)
    const memo = ofAsk.get(event) ?? new Memo(this.#table)
    ofAsk.set(event, memo)
    return memo
  }
}
