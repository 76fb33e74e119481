/** What comes from outside: logic whose body is not run in a search, and what it may answer instead. */
import type { AnyEventObject } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import type { Answers } from './describe.ts'
import { isMachine, type Live, type Logic, type Snapshot } from './inside.ts'

export type Kind = 'machine' | 'promise' | 'callback' | 'observable' | 'events' | 'transition'

const none: Snapshot = { status: 'active', output: undefined, error: undefined, context: undefined }

const answered = (logic: Logic, event: AnyEventObject): Snapshot | undefined => {
  try {
    return logic.transition(none, event, {}) as Snapshot
  } catch {
    return undefined
  }
}

const kinds = new WeakMap<Logic, Kind>()

/** Logic tells its kind by what it answers to the events that its body would send it. */
export const kindOf = (logic: Logic, name: string): Kind => {
  const known = kinds.get(logic) ?? foundKind(logic, name)
  kinds.set(logic, known)
  return known
}

const foundKind = (logic: Logic, name: string): Kind => {
  if (isMachine(logic)) return 'machine'
  if (!('start' in logic) || logic.start === undefined) return 'transition'
  const probe = {}
  if (answered(logic, { type: 'xstate.promise.resolve', data: probe })?.output === probe) return 'promise'
  if (answered(logic, { type: 'xstate.observable.complete' })?.status === 'done')
    return answered(logic, { type: 'xstate.observable.next', data: probe })?.context === probe ? 'observable' : 'events'
  if (typeof logic.config === 'function') return 'callback'
  throw new ModelError(
    'bad-machine',
    `The logic of ${name} has a \`start\` of its own, which may do anything.`,
    [],
    'Put a machine in its place that does what matters of it: machine.provide({ actors: { … } }).',
  )
}

/** The same logic without its body: it starts nothing. What it does with events that it is sent is its own. */
export const withoutBody = (logic: Logic, kind: Kind): Logic => {
  switch (kind) {
    case 'machine':
    case 'transition':
      return logic
    case 'promise':
      return { ...logic, start: () => {} }
    case 'callback':
      return { ...logic, start: () => {}, transition: untilStopped }
    case 'observable':
    case 'events':
      return {
        ...logic,
        start: () => {},
        transition: (snapshot, event, scope) =>
          event.type === 'xstate.stop' ? untilStopped(snapshot, event) : logic.transition(snapshot, event, scope),
      }
  }
}

const untilStopped = (snapshot: unknown, event: AnyEventObject): unknown =>
  event.type === 'xstate.stop'
    ? { ...(snapshot as Snapshot), status: 'stopped', error: undefined, input: undefined, _subscription: undefined }
    : snapshot

/** Machines and reducers: nothing of them comes from outside. */
export const runsItself = (kind: Kind): boolean => kind === 'machine' || kind === 'transition'

/** Which answers can be given for it; of what is run itself, none. */
export const takenBy = (kind: Kind): readonly (keyof Answers)[] => {
  switch (kind) {
    case 'machine':
    case 'transition':
      return []
    case 'promise':
      return ['resolves', 'rejects']
    case 'callback':
      return ['sends', 'times']
    case 'events':
      return ['sends', 'completes', 'fails', 'times']
    case 'observable':
      return ['emits', 'completes', 'fails', 'times']
  }
}

/** Something that an actor may answer. */
export interface Answer {
  readonly verb: string
  /** What stands behind the verb; absent: nothing. */
  readonly value?: unknown
  /** One of those that are counted. */
  readonly counts: boolean
  give(actor: Live): void
}

const toItself =
  (type: string, ...data: readonly [data?: unknown]) =>
  (actor: Live): void =>
    actor.system._relay(actor, actor, { type, ...(data.length > 0 && { data: data[0] }) })

const asEvent = (event: string | AnyEventObject): AnyEventObject =>
  typeof event === 'string' ? { type: event } : event

const asError = (reason: unknown): unknown => (typeof reason === 'string' ? new Error(reason) : reason)

/** Everything that may come of an actor of this kind. Throws a ModelError where only its author can know, and has not said. */
export const answersOf = (kind: Kind, src: string, answers: Answers | undefined): readonly Answer[] => {
  switch (kind) {
    case 'machine':
    case 'transition':
      return []
    case 'promise': {
      const { resolves = answers?.rejects ? [] : [undefined], rejects = answers ? [] : [`${src} failed`] } =
        answers ?? {}
      return [
        ...resolves.map((value) => ({
          ...{ verb: 'resolves', counts: false, give: toItself('xstate.promise.resolve', value) },
          ...(value !== undefined && { value }),
        })),
        ...rejects.map(asError).map((value) => ({
          ...{ verb: 'rejects', value, counts: false, give: toItself('xstate.promise.reject', value) },
        })),
      ]
    }
    case 'callback':
      return said(kind, src, answers).flatMap(sending)
    case 'events':
      return said(kind, src, answers).flatMap((each) => [...sending(each), ...endings(each)])
    case 'observable':
      return said(kind, src, answers).flatMap((each) => [
        ...(each.emits ?? []).map((value) => ({
          ...{ verb: 'emits', value, counts: true, give: toItself('xstate.observable.next', value) },
        })),
        ...endings(each),
      ])
  }
}

const sending = ({ sends = [] }: Answers): readonly Answer[] =>
  sends.map(asEvent).map((event) => ({
    verb: 'sends',
    value: event,
    counts: true,
    give(actor) {
      if (actor._parent) actor.system._relay(actor, actor._parent, event)
    },
  }))

const endings = ({ completes = false, fails = [] }: Answers): readonly Answer[] => [
  ...(completes ? [{ verb: 'completes', counts: false, give: toItself('xstate.observable.complete') }] : []),
  ...fails.map(asError).map((value) => ({
    ...{ verb: 'fails', value, counts: false, give: toItself('xstate.observable.error', value) },
  })),
]

const said = (kind: Kind, src: string, answers: Answers | undefined): readonly [Answers] => {
  if (answers) return [answers]
  const what = kind === 'observable' ? 'emits: [1, 2]' : "sends: [{ type: 'MESSAGE' }]"
  throw new ModelError(
    'bad-description',
    `Nobody has said what ${src} may ${kind === 'observable' ? 'emit' : 'send'}.`,
    [['it is', kind === 'callback' ? 'a callback' : 'an observable']],
    `Say so: system(machine, { answers: { ${JSON.stringify(src)}: { ${what} } } }); \`{}\` if it says nothing.`,
  )
}
