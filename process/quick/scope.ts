/** What XState needs of an actor to take a step: no action is run. */
import type { AnyEventObject } from 'xstate'
import type { Action } from '../inside.ts'
import type { Microstep } from './paths.ts'

/** More microsteps than that in one step: the ordinary way tells whether there is an end. */
const most = 500

export class Scope {
  microsteps: Microstep[] = []
  emits: string[] = []
  readonly self = {}
  readonly system = { _sendInspectionEvent: (told: Microstep) => this.#hear(told) }
  readonly defer = (): void => {}
  actionExecutor = ({ type, params }: Action): void => {
    if (type === 'xstate.emit') this.emits.push((params as { readonly event: AnyEventObject }).event.type)
  }

  begin(): this {
    this.microsteps = []
    this.emits = []
    return this
  }

  #hear(told: Microstep): void {
    this.microsteps.push(told)
    if (this.microsteps.length > most) throw new Error('no end in sight')
  }
}
