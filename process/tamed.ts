/**
 * A new actor, made fit for a search before it has any state: no body of a promise or a callback runs, no custom action that is not pure, and
 * nobody listens to it.
 */
import type { AnyEventObject } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import type { Outside } from './describe.ts'
import { running, type Action, type Live } from './inside.ts'
import { ownName } from './names.ts'
import { withoutBody, type Kind } from './outside.ts'

const builtIn = /^xstate\.(raise|sendTo|spawnChild|stopChild|cancel|emit)$/

export interface Told {
  readonly onEmit: (event: AnyEventObject) => void
  /** What ends the search; it is thrown as well, which XState takes for an error of the actor. */
  readonly refuse?: (error: ModelError) => void
}

export const tame = (actor: Live, kind: Kind, { pure }: Outside, { onEmit, refuse = () => {} }: Told): void => {
  actor.logic = withoutBody(actor.logic, kind)
  const scope = actor._actorScope
  const { actionExecutor: execute, emit } = scope
  const mayRun = ({ type }: Action): boolean => builtIn.test(type) || (pure?.includes(type) ?? false)
  scope.actionExecutor = (action) => execute(mayRun(action) ? within(actor, action) : { ...action, exec: undefined })
  scope.emit = (event) => {
    onEmit(event)
    emit(event)
  }
  const refused = (what: string): never => {
    const error = listening(actor, what)
    refuse(error)
    throw error
  }
  const subscribe = actor.subscribe.bind(actor)
  actor.on = () => refused('on')
  // XState itself subscribes, and so may whoever spawns an actor, before it runs: such an observer is there in all of its states.
  actor.subscribe = (...observer: unknown[]) =>
    actor._processingStatus === running ? refused('subscribe') : subscribe(...observer)
}

/** Whose custom action is run. */
let doing: string | undefined

/** The same action, which can be told by name while it is run. */
const within = (actor: Live, action: Action): Action => {
  const { exec, type } = action
  if (typeof exec !== 'function' || builtIn.test(type)) return action
  return {
    ...action,
    exec: (...given: unknown[]) => {
      const outer = doing
      doing = `the action ${type} of ${ownName(actor)}`
      try {
        return exec(...given)
      } finally {
        doing = outer
      }
    },
  }
}

/** Who listens is in no snapshot: two states that XState calls equal would go on in different ways. */
const listening = (actor: Live, what: string): ModelError => {
  const who = doing ?? 'a context, a guard or an assign'
  const whom = ownName(actor)
  return new ModelError(
    'bad-machine',
    `${who[0]!.toUpperCase()}${who.slice(1)} listens to ${whom}: \`.${what}(…)\`.`,
    [
      ['why', 'who listens is in no snapshot, so a search cannot put it back'],
      ['expected', 'events of machines'],
    ],
    `Let ${whom} send what is to be heard: sendParent({ type: … }) beside emit(…).`,
  )
}
