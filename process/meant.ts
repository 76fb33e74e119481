/** What a description speaks of is there: names that no actor, event or action of its machines has are refused, each at its place. */
import type { AnyActorLogic } from 'xstate'
import { misdescribed, problemAt, type Problem } from '../shapes/insist.ts'
import type { Answers, Outside } from './describe.ts'
import { rootNameOf } from './names.ts'
import { kindOf, takenBy, type Kind } from './outside.ts'
import { lastOf } from './unmet.ts'
import { isMachine } from './inside.ts'
import { sendingsOf, sentBy, type Sent } from './users.ts'
import { handledBy, isAmong, isOf, vocabularyOf, type Names, type Vocabulary } from './vocabulary.ts'
import { toChooseFrom } from '../shapes/nearest.ts'

/** Throws a ModelError for the first name that nobody has. `watched`: types of events that properties ask for. */
export const insistOnNames = (logic: AnyActorLogic, outside: Outside, watched: readonly string[]): void => {
  const words = vocabularyOf(logic)
  const sent = sendingsOf(logic, outside)
  const events = eventsWith(words, outside)
  const problems = [
    ...Object.entries(outside.answers ?? {}).flatMap(([name, answers]) => answersProblems(words, name, answers)),
    ...(outside.events ?? []).flatMap((_, at) => sendingProblems(words, logic, sent[at]!, at)),
    ...laneProblems(words, outside),
    ...named(words.actors, outside.listeners, ['listeners'], 'is the name of no actor'),
    ...named(words.actions, outside.pure, ['pure'], 'is the name of no action'),
    ...named(events, outside.ignores, ['ignores'], 'is an event that nobody handles or sends'),
  ]
  if (problems.length > 0) throw misdescribed('system()', problems)
  const lost = named(events, watched, [], '').map((each) => ({ ...each, path: '', why: 'nobody handles or sends it' }))
  if (lost.length > 0) throw misdescribed('neverLost()', lost)
}

/** Without what XState makes up for invocations that have no id. */
export const listed = (known: Iterable<string>, written: string): string =>
  toChooseFrom([...known].filter((name) => !/^\d+\./.test(name)).toSorted(), written) || 'nothing: there is none'

const answersProblems = (words: Vocabulary, name: string, answers: Answers): readonly Problem[] => {
  const { known, isOpen } = words.actors
  if (!known.has(name)) {
    if (isOpen) return []
    const outside = [...known].filter((each) => words.logicsOf(each).some(isAnswering(each)))
    const told = {
      is: 'unknown',
      fault: 'is the name of no actor',
      expected: listed(outside, name),
      known: outside,
    } as const
    return [problemAt(['answers', name], { ...told, found: answers })]
  }
  const kinds = words.logicsOf(name).map((logic) => kindOf(logic, name))
  if (kinds.length === 0) return []
  const fields: readonly string[] = [...new Set(kinds.flatMap(takenBy))]
  const [first] = kinds
  return Object.keys(answers)
    .filter((field) => !fields.includes(field))
    .map((field) =>
      problemAt(['answers', name, field], {
        ...{ is: 'wrong', fault: `is not what ${kindWords[first!]} answers with`, found: undefined },
        expected: fields.length > 0 ? fields.join(', ') : 'no answers: it is run itself',
      }),
    )
}

const isAnswering =
  (name: string) =>
  (logic: AnyActorLogic): boolean =>
    takenBy(kindOf(logic, name)).length > 0

const kindWords: Readonly<Record<Kind, string>> = {
  machine: 'a machine',
  transition: 'a reducer',
  promise: 'a promise',
  callback: 'a callback',
  observable: 'an observable',
  events: 'an observable of events',
}

const sendingProblems = (
  words: Vocabulary,
  root: AnyActorLogic,
  { event, to }: Sent,
  at: number,
): readonly Problem[] => {
  const name = to === undefined ? undefined : lastOf(to)
  if (name !== undefined && !words.actors.known.has(name)) {
    if (words.actors.isOpen) return []
    const known = [...words.actors.known]
    const told = { is: 'wrong', fault: `${JSON.stringify(to)} is the name of no actor`, known } as const
    return [problemAt(['events', at, 'to'], { ...told, expected: listed(known, name), found: to })]
  }
  const targets = name === undefined ? [root] : words.logicsOf(name)
  if (targets.length === 0 || !targets.every(isMachine)) return []
  const handled = targets.map(handledBy)
  if (handled.some((each) => has(each, event.type))) return []
  const known = handled.flatMap((each) => [...each.known]).filter((type) => !type.startsWith('xstate.'))
  const fault = `"${event.type}" is an event that ${name ?? rootNameOf(root)} handles in no state`
  return [
    problemAt(['events', at], { is: 'wrong', fault, expected: listed(known, event.type), known, found: event.type }),
  ]
}

const laneProblems = (words: Vocabulary, { lanes, inFlight, semantics }: Outside): readonly Problem[] => {
  if (semantics !== 'network') {
    const given = Object.entries({ lanes, inFlight }).find(([, value]) => value !== undefined)
    if (!given) return []
    const told = {
      is: 'wrong',
      fault: 'has no meaning in one process',
      expected: "semantics: 'network' beside it",
    } as const
    return [problemAt([given[0]], { ...told, found: undefined })]
  }
  const { known, isOpen } = words.actors
  return (lanes ?? []).flatMap((lane, at) =>
    (['from', 'to'] as const).flatMap((end) => {
      const name = lane[end]
      if (name === undefined || known.has(name) || isOpen) return []
      const told = { is: 'wrong', fault: `${JSON.stringify(name)} is the name of no actor`, found: name } as const
      return [problemAt(['lanes', at, end], { ...told, expected: listed(known, name), known: [...known] })]
    }),
  )
}

const has = ({ known, isOpen }: Names, type: string): boolean => isOpen || isAmong([...known], type)

/** Types that are handled by somebody, or that may come. */
const eventsWith = ({ events }: Vocabulary, { events: sent = [], answers = {} }: Outside): Names => {
  const typed = [...sent, ...Object.values(answers).flatMap(({ sends = [] }) => sends)]
  return { isOpen: events.isOpen, known: new Set([...events.known, ...typed.map((each) => sentBy(each).event.type)]) }
}

const named = (names: Names, given: readonly string[] = [], at: readonly string[], fault: string): readonly Problem[] =>
  given.flatMap((name, index) =>
    has(names, name) || [...names.known].some((each) => isOf(name, each))
      ? []
      : [
          problemAt([...at, index], {
            ...{ is: 'wrong', fault: `${JSON.stringify(name)} ${fault}`, found: name },
            ...{ expected: listed(names.known, name), known: [...names.known] },
          }),
        ],
  )
