/**
 * Where an event leads from a configuration of a machine by itself: the way that the answers of its functions lead, which XState has shown once, and
 * which is gone by look-ups from then on where that can be.
 */
import type { AnyEventObject } from 'xstate'
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { MachineSnapshot } from '../inside.ts'
import { Asking } from './asking.ts'
import type { Configuration, Configurations } from './configurations.ts'
import type { Context, Fields } from './fields.ts'
import { nextOf, Ways, type End, type Way } from './paths.ts'
import type { Table } from './rows.ts'
import type { Scope } from './scope.ts'
import type { TypeSets } from './sets.ts'
import { any, withShortcut, type Shortcut } from './shortcuts.ts'
import { configuration, emitted, names } from './slots-of-one.ts'
import type { Slots } from './slots.ts'
import type { Traced } from './traced.ts'

export interface Ground {
  readonly slots: Slots
  readonly fields: Fields
  readonly table: Table
  readonly types: TypeSets
  readonly configurations: Configurations
  readonly traced: Traced
  readonly scope: Scope
  /** What users send, by number. */
  readonly events: readonly AnyEventObject[]
  /** Told of an end that nobody has come to before. */
  readonly onEnd: (end: End) => void
}

export class Going {
  /** The one field that decided where the last step led, and that it wrote; 0: none; -1: several did, or it is not known. */
  only = -1
  /** XState was asked for the way of the last step: nobody had gone it before. */
  isNew = false
  readonly #ground: Ground
  readonly #asking: Asking
  readonly #ways: Ways
  readonly #gone: Way[] = []

  constructor(ground: Ground) {
    const { fields, table } = ground
    this.#ground = ground
    this.#asking = new Asking(fields)
    this.#ways = new Ways((field) => fields.slotOf(field), table)
  }

  /** Goes on from the state that is looked at, and writes where it leads. */
  go(from: Configuration, shortcuts: (Shortcut | undefined)[], number: number): End {
    const { slots } = this.#ground
    this.isNew = false
    for (let each = shortcuts[number]; each; each = each.otherwise) {
      if (this.#isTheWay(each)) return this.#arrive(each.end)
      slots.changes = -1
    }
    const shape = slots.state[names]!
    this.only = -1
    const end = this.#arrive(this.#goStepByStep(from, number))
    if (this.#gone.length > 0 && slots.after[names] === shape)
      shortcuts[number] = withShortcut(shortcuts[number], this.#gone, shape, end)
    return end
  }

  /** In the state behind the step. A guard that fails to answer is asked again when the event comes. */
  mayHandle(from: Configuration, number: number): boolean {
    const { slots, events } = this.#ground
    const event = events[number]!
    this.#asking.hear(event)
    try {
      for (let way = from.ways[number]; ;) {
        if (way === undefined) {
          this.#shown(from, number, this.#ground.fields.contextIn(slots.after))
          way = from.ways[number]!
        }
        if (way.kind === 'chosen') return way.question.ask(undefined, event) as boolean
        way = nextOf(way, this.#asking.isTrue(way.question, slots.after))
      }
    } catch (cause) {
      if (cause instanceof NotNumbered) throw cause
      return true
    }
  }

  /** Whatever the context is; asked of what was handled. */
  isAlwaysHandled(from: Configuration, number: number): boolean {
    return from.ways[number]?.kind === 'chosen'
  }

  #isTheWay({ lookUps, only }: Shortcut): boolean {
    const { slots } = this.#ground
    this.only = only
    for (let at = 0; at < lookUps.length; at++) {
      const { question, rows, slot, column, into, wanted, isLate, answer: always } = lookUps[at]!
      const now = isLate ? slots.after : slots.state
      let answer = always
      if (rows !== undefined) {
        answer = rows.at(now[slot]!, column) - 1
        // It looks at more there.
        if (answer < -1) return false
        if (answer < 0) {
          answer = this.#asking.answer(question, now)
          this.only = rows.at(now[slot]!, column) === answer + 1 ? this.only : -1
        }
      }
      if (answer !== wanted && wanted !== any) return false
      if (into === 0) continue
      slots.open()
      slots.put(into, answer)
    }
    return true
  }

  #goStepByStep(from: Configuration, number: number): End {
    const { slots, events } = this.#ground
    const asking = this.#asking
    const gone = this.#gone
    gone.length = 0
    let way = from.ways[number]
    if (way !== undefined) asking.hear(events[number]!)
    let now = slots.state
    for (;;) {
      if (way === undefined) return this.#learn(from, number)
      gone.push(way)
      switch (way.kind) {
        case 'end':
          return way.end!
        case 'chosen':
          way = way.yes
          break
        case 'guard':
          way = asking.isTrue(way.question, now) ? way.yes : way.no
          break
        case 'assign':
          slots.open()
          now = slots.after
          if (way.fields) asking.assignFields(way.fields, now)
          else asking.assign(way.question, now)
          // There may be more slots than there were.
          now = slots.after
          way = way.yes
          break
        case 'run':
          asking.run(way.question, now)
          way = way.yes
          break
        default:
          way = nextOf(way, asking.event(way.kind, way.question, now))
      }
    }
  }

  #arrive(end: End): End {
    if (end.told.length > 0) {
      this.#ground.onEnd(end)
      end.told = []
    }
    const { slots, types } = this.#ground
    if (end.to === slots.state[configuration] && end.emitted.length === 0) return end
    slots.open()
    if (end.to !== slots.after[configuration]) slots.put(configuration, end.to)
    for (const type of end.emitted) slots.put(emitted, types.with(slots.after[emitted]!, type))
    return end
  }

  /** Lets XState take the step, and keeps the way that it went. */
  #learn(from: Configuration, number: number): End {
    const { slots, fields } = this.#ground
    this.isNew = true
    const { context, end } = this.#shown(from, number, fields.contextIn(slots.state))
    // A part of the way may have been gone already.
    this.#gone.length = 0
    slots.changes = -1
    slots.open()
    fields.write(context)
    return end
  }

  #shown(before: Configuration, number: number, context: Context) {
    const { traced, configurations, events } = this.#ground
    const { machine, asked } = traced
    asked.length = 0
    const scope = this.#ground.scope.begin()
    const snapshot = machine.transition(
      { ...before.traced, context } as never,
      events[number]!,
      scope as never,
    ) as never as MachineSnapshot
    const end: End = {
      to: configurations.of(snapshot),
      ignored: scope.microsteps[0]?._transitions.length === 0,
      emitted: scope.emits,
      told: scope.microsteps,
    }
    before.ways[number] = this.#ways.with(before.ways[number], events[number]!, asked, end)
    return { context: snapshot.context as Context, end }
  }
}
