/**
 * What a kernel is put together from. A subject knows its objects, the calls that a task can make and those that they make in turn, which of them a
 * step of a script is, and what properties see of it. Subjects stand in one world when they agree on what they share: an object that two of
 * them declare is one, with what both have to say of it.
 */
import { ModelError } from '../../explore/errors.ts'
import type { Step } from '../../machines/kernel/tasks/task.ts'
import type { ActorSpec, World } from '../world/world.ts'

export interface Subject<Call extends { readonly do: string }, View> {
  /** The words of its calls in scripts. */
  readonly words: readonly string[]
  readonly objects: readonly ActorSpec[]
  /** Threads that serve others for as long as the machine runs; they are among the objects. */
  readonly servers: readonly string[]
  /** Every call a task might make, and every call those might make in turn. */
  readonly callsFor: (task: string) => readonly ActorSpec[]
  /** What a step of a script calls, and with what; undefined when there is nothing to do. */
  readonly stepFor: (task: string, process: string, call: Call) => Step | undefined
  readonly view: (actors: readonly ActorSpec[]) => World<View>['view']
}

type Spoken = { readonly do: string }

/** Everything that any of them declares, what has one name once. */
export const objectsOf = (subjects: readonly Subject<any, unknown>[]): readonly ActorSpec[] => {
  const byId = new Map<string, ActorSpec>()
  for (const object of subjects.flatMap(({ objects }) => objects)) {
    const other = byId.get(object.id)
    byId.set(object.id, other === undefined ? object : both(other, object))
  }
  return [...byId.values()]
}

function both(one: ActorSpec, other: ActorSpec): ActorSpec {
  if (one.machine === other.machine)
    return { ...other, ...one, input: { ...(other.input as object), ...(one.input as object) } }
  throw new ModelError(
    'bad-description',
    `Two different things are called "${one.id}".`,
    [],
    'Give each a name of its own.',
  )
}

/** The subject that a call of a script belongs to. */
export const speakerOf = <S extends Subject<any, unknown>>(subjects: readonly S[], { do: word }: Spoken): S =>
  subjects.find(({ words }) => words.includes(word))!
