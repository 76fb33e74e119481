/**
 * What a kernel is put together from. A part knows its words and what may be said of them; of a story it makes a subject: its objects, the calls
 * that a task can make and those that they make in turn, which of them a step of a script is, and what properties see of it. Subjects
 * stand in one world when they agree on what they share: an object that two of them declare is one, with what both have to say of it.
 */
import { ModelError } from '../../explore/errors.ts'
import type { Step } from '../../machines/kernel/tasks/task.ts'
import type { Broken, Shape } from '../../shapes/shape.ts'
import type { CallAt, Named, OfProcess } from '../scripts/described.ts'
import type { Word } from '../scripts/script.ts'
import type { ActorSpec } from '../world/world.ts'
import type { LinuxDescription } from './describe.ts'

export type Spoken = OfProcess & Word

/** Those calls of a description that are one part's, and who makes them. */
export interface Story<Call extends Spoken> {
  readonly description: LinuxDescription
  /** Everybody, whether or not he makes any. */
  readonly tasks: readonly { readonly id: string; readonly process: string }[]
  readonly calls: readonly CallAt<Call>[]
  /** Before the story begins. */
  readonly earlier: readonly CallAt<Call>[]
}

export interface Part<Call extends Spoken = any> {
  /** Its field in a description: whether the kernel has it, and in which protocol. */
  readonly field: 'unmap' | 'deviceMemory' | 'svm' | 'systemCalls'
  /** What properties find it under. */
  readonly seenAs: string
  /** What it is about, for whoever left it out, and what to write. */
  readonly about: string
  readonly example: string
  /** How its words are told (default: `do`), and what a call is where nobody has other words. */
  readonly by?: 'do' | 'op'
  readonly call?: string
  /** What may stand in scripts. */
  readonly calls: Readonly<Record<string, Shape<any>>>
  /** Of a word that others have as well: it speaks of something of this part. */
  readonly isOwn?: (description: LinuxDescription, call: Call) => boolean
  /** Whoever has a name. */
  readonly named: (story: Story<Call>) => readonly Named[]
  /** What does not fit, in this order. */
  readonly rules: readonly ((story: Story<Call>) => Broken | undefined)[]
  /** What stands in a description that is without it, and means nothing there. */
  readonly stray: (description: LinuxDescription) => Broken | undefined
}

/** What makes a subject of a story. */
export type SubjectOf = (story: Story<any>) => Subject<any, unknown>

export type Read = (id: string) => any

/** What a state says of it. */
export interface Seen<View> {
  readonly view: (there: ReadonlySet<string>, tasks: readonly string[]) => (read: Read) => View
  /** Nothing is left to do for whoever serves others. */
  readonly isQuiet?: (there: ReadonlySet<string>, read: Read) => boolean
}

export interface Subject<Call, View> extends Seen<View> {
  readonly objects: readonly ActorSpec[]
  /** Threads that serve others for as long as the machine runs; they are among the objects. */
  readonly servers: readonly string[]
  /** Every call a task might make, and every call those might make in turn; `joined`: others take part, and what they call is not known. */
  readonly callsFor: (task: string, joined: boolean) => readonly ActorSpec[]
  /** What a step of a script calls, and with what; undefined when there is nothing to do. */
  readonly stepFor: (task: string, process: string, call: Call) => Step | undefined
}

/** Everything that any of them declares, what two of them have under one name once. */
export const objectsOf = (subjects: readonly Pick<Subject<any, unknown>, 'objects'>[]): readonly ActorSpec[] => {
  let all: readonly ActorSpec[] = []
  for (const { objects } of subjects) {
    const there = new Map(all.map((each) => [each.id, each]))
    const own = new Map(objects.map((each) => [each.id, each]))
    all = [
      ...all.map((each) => (own.has(each.id) ? both(each, own.get(each.id)!) : each)),
      ...objects.filter(({ id }) => !there.has(id)),
    ]
  }
  return all
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
