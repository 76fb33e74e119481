/** What a description speaks of and a search never came by: where names are made by functions, only then is it known that nobody has them. */
import type { AnyStateMachine } from 'xstate'
import type { Outside } from './describe.ts'
import { sentBy } from './users.ts'
import { isOf } from './vocabulary.ts'

/** Names that a search has come by. */
export class Met {
  /** Machines of which somebody went on from where they begin. */
  readonly begun = new Set<AnyStateMachine>()
  readonly actors = new Set<string>()
  readonly actions = new Set<string>()
  readonly events = new Set<string>()
  /** What the root has heard from its children. */
  readonly told = new Set<string>()
  /** Promises of whom nobody has said what they answer. */
  readonly unsaid = new Set<string>()
  /** Of children, by the name by which one is sent something. */
  readonly machines = new Map<string, AnyStateMachine>()
}

/** In words, one for each. */
export const unmetIn = (
  { answers = {}, events = [], pure = [], ignores = [] }: Outside,
  met: Met,
): readonly string[] => [
  ...Object.keys(answers).flatMap((name) =>
    met.actors.has(name) ? [] : [`Nobody was asked for answers.${name}: there was no such actor.`],
  ),
  ...events.flatMap((event, at) => {
    const { to } = sentBy(event)
    return to === undefined || met.actors.has(lastOf(to))
      ? []
      : [`Nothing was sent by events[${at}]: there was no actor ${to}.`]
  }),
  ...pure.flatMap((name) => (met.actions.has(name) ? [] : [`The action ${name}, which is pure, was never called.`])),
  ...ignores.flatMap((type) =>
    [...met.events].some((each) => isOf(type, each)) ? [] : [`No ${type} came, which may be ignored.`],
  ),
]

/** `worker#2` is another worker, `shop/till` the till of the shop. */
export const lastOf = (name: string): string => name.replace(/^.*\//s, '').replace(/#\d+$/, '')
