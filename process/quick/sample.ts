/** XState's own step of the machine as it is, beside what was looked up: the first on each way, some of the first, and all of one state in so many. */
import type { AnyEventObject, AnyStateMachine } from 'xstate'
import { NotNumbered } from '../../explore/breadth/numbered.ts'
import type { MachineSnapshot } from '../inside.ts'
import type { Configurations } from './configurations.ts'
import type { Context, Fields } from './fields.ts'
import type { End } from './paths.ts'
import type { Scope } from './scope.ts'
import { configuration } from './slots-of-one.ts'
import type { Slots } from './slots.ts'

/** One step in so many, of the first: what a function hides may change as time goes on. */
const stepsOneIn = 64
const stepsFirst = 4096
/** All steps of one state in so many. */
const statesOneIn = 2048

export class Sample {
  /** Every step of the state that is looked at is compared. */
  isWhole = false
  readonly #machine: AnyStateMachine
  readonly #slots: Slots
  readonly #fields: Fields
  readonly #configurations: Configurations
  readonly #scope: Scope
  #looked = 0
  #taken = 0

  constructor(machine: AnyStateMachine, slots: Slots, fields: Fields, configurations: Configurations, scope: Scope) {
    this.#machine = machine
    this.#slots = slots
    this.#fields = fields
    this.#configurations = configurations
    this.#scope = scope
  }

  /** Another state is looked at. */
  look(): void {
    this.isWhole = this.#looked++ % statesOneIn === 0
  }

  /** Of the step that was taken; `isNew`: XState was asked for its way. */
  isDue(isNew: boolean): boolean {
    const taken = this.#taken++
    return isNew || this.isWhole || (taken < stepsFirst && taken % stepsOneIn === 0)
  }

  /** Throws NotNumbered where it comes to something else. */
  compare(event: AnyEventObject, end: End): void {
    const slots = this.#slots
    slots.open()
    const context = this.#fields.contextIn(slots.state)
    const scope = this.#scope.begin()
    const snapshot = this.#said(event, context, scope)
    if (!this.#isSame(snapshot, scope, end) || !this.#fields.isIn(slots.state, context)) throw new NotNumbered()
  }

  // In parts, for what V8 takes for long and hot it compiles with all of XState that it finds in it.

  #said(event: AnyEventObject, context: Context, scope: Scope): MachineSnapshot {
    const { original } = this.#configurations.at(this.#slots.state[configuration]!)
    return this.#machine.transition(
      { ...original, context } as never,
      event as never,
      scope as never,
    ) as never as MachineSnapshot
  }

  #isSame(snapshot: MachineSnapshot, { emits }: Scope, { to, emitted }: End): boolean {
    return (
      this.#configurations.keyOf(snapshot) === this.#configurations.at(to).key &&
      emits.join('\n') === emitted.join('\n') &&
      this.#fields.isIn(this.#slots.after, snapshot.context as Context)
    )
  }
}
