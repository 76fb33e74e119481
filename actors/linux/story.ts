/**
 * A story on a small Linux: some operations made one after the other to get there, then several threads at once, then (when all of them are
 * through) the first goes on alone. What comes before is run when the world is built; only the rest is left to be explored.
 */
import { completion } from '../../machines/kernel/completion.ts'
import type { Send } from '../../explore/system.ts'
import type { Profile, ProfileName } from '../../machines/profile.ts'
import type { Returned, ThreadStep } from '../../machines/user/thread.ts'
import type { ActorSpec, World } from '../world.ts'
import type { Reader } from './build.ts'
import { CaseRun, type Made } from './replay.ts'
import { nameIn, type Op, type Result } from './op.ts'

export interface LinuxStory {
  readonly name: string
  readonly profile: ProfileName
  /** Threads and processes that take part are made here (`thread`, `fork`). */
  readonly before: readonly Op[]
  /** What each thread does at the same time, by its name. */
  readonly together: Readonly<Record<string, readonly Op[]>>
  /** What the first of them does afterwards. */
  readonly after?: readonly Op[]
  /** Changes the profile: a fix taken back, or one put in early. */
  readonly but?: Partial<Profile>
}

export interface StoryView extends Reader {
  /** What the nth operation of a thread came back with (those of `after` count on); undefined before that. */
  result(thread: string, nth: number): Result | undefined
  /** Every thread is through, and so is what comes after. */
  readonly finished: boolean
}

export interface Told {
  readonly world: World<StoryView>
  /** What the operations of `before` came back with. */
  readonly before: readonly Result[]
}

/** One thread's part: what it is told, in order, and how each of its results is reported. */
interface Part {
  readonly id: string
  readonly made: Made[]
}

/** The world of a story. Throws when a thread that takes part does not exist by then. */
export function storyWorld({ name, profile, before, together, after = [], but = {} }: LinuxStory): Told {
  const names = Object.keys(together)
  const lead = names[0]!
  const ops = [...before, ...names.flatMap((each) => together[each]!), ...after]
  const run = new CaseRun({ name, ops }, profile, { but })
  const results = before.map((_, index) => run.next(index))
  const parts = new Map<string, Part>()
  const partOf = (thread: string): Part => {
    const part = parts.get(thread) ?? { id: run.threadCalled(thread), made: [] }
    parts.set(thread, part)
    return part
  }
  let index = before.length
  /** Tells several operations at once; each is noted with its thread's part. */
  const tell = (told: readonly (readonly [thread: string, op: Op])[]): readonly ThreadStep[] => {
    const made = run.tell(told.map(([thread, op]) => ({ thread: partOf(thread).id, op, index: index++ })))
    for (const [nth, [thread]] of told.entries()) partOf(thread).made.push(made[nth]!)
    return made.map(({ step }) => step)
  }
  const scripts = new Map<string, ThreadStep[]>()
  const append = (thread: string, ...steps: ThreadStep[]): void =>
    void scripts.set(thread, [...(scripts.get(thread) ?? []), ...steps])
  const turns: string[] = []
  /** From here on `to` waits until `from` has come this far. */
  const handOver = (from: string, to: string): void => {
    const turn = `turn${turns.length}`
    turns.push(turn)
    append(from, { turn: 'COMPLETE', of: turn })
    append(to, { turn: 'WAIT', of: turn })
  }

  const meanwhile = names.flatMap((each) => together[each]!.map((op) => [each, op] as const))
  for (const [nth, step] of tell(meanwhile).entries()) append(meanwhile[nth]![0], step)
  if (after.length > 0) for (const other of names.slice(1)) handOver(other, lead)
  let current = lead
  for (const op of after) {
    const thread = nameIn(op, 'proc') ?? lead
    if (thread !== current) handOver(current, thread)
    append(thread, ...tell([[thread, op]]))
    current = thread
  }
  // What happened before is not part of what they do now.
  for (const { id } of parts.values()) run.forget(id)
  const world: World<StoryView> = {
    ...run.world,
    actors: [
      ...run.world.actors.map((spec) => ({ ...spec, resumed: run.snapshot(spec.id) })),
      ...turns.map((id): ActorSpec => ({ id, machine: completion, input: {} })),
    ],
    start: [
      ...run.inFlight(),
      ...[...scripts].map(([thread, steps]): Send => {
        const { id } = partOf(thread)
        return { to: id, message: { type: 'DO', from: 'env', task: id, steps } }
      }),
    ],
    view: (read) => viewOf(parts, read),
  }
  return { world, before: results }
}

const viewOf = (parts: ReadonlyMap<string, Part>, read: (id: string) => unknown): StoryView => {
  const seen = ({ id }: Part) => read(id) as { readonly state: string; readonly results: readonly Returned[] }
  return {
    read,
    result: (thread, nth) => {
      const part = parts.get(thread)!
      const returned = seen(part).results[nth]
      return returned && part.made[nth]!.report(returned)
    },
    get finished() {
      return [...parts.values()].every((part) => {
        const { state, results } = seen(part)
        return state === 'idle' && results.length === part.made.length
      })
    },
  }
}
