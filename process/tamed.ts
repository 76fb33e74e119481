/** A new actor, made fit for a search before it has any state: no body of a promise or a callback runs, and no custom action that is not pure. */
import type { AnyEventObject } from 'xstate'
import type { Outside } from './describe.ts'
import type { Action, Live } from './inside.ts'
import { withoutBody, type Kind } from './outside.ts'

const builtIn = /^xstate\.(raise|sendTo|spawnChild|stopChild|cancel|emit)$/

export const tame = (
  actor: Live,
  kind: Kind,
  { pure }: Outside,
  onEmit: (event: AnyEventObject) => void = () => {},
): void => {
  actor.logic = withoutBody(actor.logic, kind)
  const scope = actor._actorScope
  const { actionExecutor: execute, emit } = scope
  const mayRun = ({ type }: Action): boolean => builtIn.test(type) || (pure?.includes(type) ?? false)
  scope.actionExecutor = (action) => execute(mayRun(action) ? action : { ...action, exec: undefined })
  scope.emit = (event) => {
    onEmit(event)
    emit(event)
  }
}
