/**
 * A story on a small Linux: some operations made one after the other to get there, then several threads at once, then (when all of them are
 * through) the first goes on alone. What comes before is run when the world is built; only the rest is left to be explored.
 */
import { completion, completionFacts } from '../../../machines/kernel/waiting/completion.ts'
import { ModelError } from '../../../explore/errors.ts'
import type { Send } from '../../../explore/system.ts'
import type { Profile, ProfileName } from '../../../machines/profile.ts'
import type { Returned, ThreadStep } from '../../../machines/user/thread.ts'
import { nearest } from '../../../shapes/nearest.ts'
import { mustBeAmong, strict } from '../../scripts/asked.ts'
import { worldOf } from '../../world/world-of.ts'
import type { ActorSpec, Joining, Operations, Part, World } from '../../world/world.ts'
import type { Reader } from './build.ts'
import { CaseRun, type Made } from './replay.ts'
import { nameIn, type Op, type Result } from './op.ts'
import { namesAreMade } from './op-names.ts'

export interface LinuxStory {
  readonly name: string
  readonly profile: ProfileName
  /** Threads and processes that take part are made here (`thread`, `fork`). */
  readonly before: readonly Op[]
  /** What each thread does at the same time, by its name. */
  readonly together: Readonly<Record<string, readonly Op[]>>
  /**
   * What comes afterwards, one after the other, by the first of them unless it says otherwise: when all are through, or, where there is an
   * `await` among it, when those are through that were awaited before it.
   */
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

/** One thread's role: what it is told, in order, and how each of its results is reported. */
interface Role {
  readonly id: string
  readonly made: Made[]
}

/** The world of a story. Throws when a thread that takes part does not exist by then. */
export function storyWorld(story: LinuxStory): Told {
  const { before, joins } = staged(story)
  return {
    world: worldOf(story.name, (joining, operations = {}) =>
      // Which actors there are depends on all that is called.
      (Object.keys(operations).length === 0 ? joins : staged(story, operations).joins)(joining),
    ),
    before,
  }
}

interface Staged {
  readonly before: readonly Result[]
  readonly joins: (joining: Joining) => Part<StoryView>
}

/** A story, and what procedures call beside it. */
function staged(
  { name, profile, before, together, after = [], but = {} }: LinuxStory,
  beside: Operations = {},
): Staged {
  const names = Object.keys(together)
  const lead = names[0] ?? Object.keys(beside)[0] ?? 'p0'
  const besides = Object.entries(beside).flatMap(([thread, all]) => all.map((op) => [thread, op] as const))
  const ops = [
    ...before,
    ...names.flatMap((each) => together[each]!),
    ...besides.map(([, op]) => op),
    ...after.filter((op) => !isAwait(op)),
  ]
  const run = new CaseRun({ name, ops }, profile, { but })
  const results = before.map((_, index) => run.next(index))
  const threads = run.world.actors.flatMap(({ id, thread }) => (id === thread ? [id] : []))
  mustBeThere(Object.keys(beside), threads)
  mustBeMade({ before: [...before, ...names.flatMap((each) => together[each]!)], together: beside, after })
  const parts = new Map<string, Role>()
  const partOf = (thread: string): Role => {
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
  const turns: ActorSpec[] = []
  /** From here on `to` waits until `from` has come this far. */
  const handOver = (from: string, to: string): void => {
    const by = partOf(from).id
    const nth = turns.filter(({ id }) => id.startsWith(`${by}.done`)).length
    const turn = `${by}.done${nth === 0 ? '' : nth + 1}`
    turns.push({ id: turn, machine: completion, input: { by: [by] }, lock: completionFacts })
    append(from, { turn: 'COMPLETE', of: turn })
    append(to, { turn: 'WAIT', of: turn })
  }

  const meanwhile = names.flatMap((each) => together[each]!.map((op) => [each, op] as const))
  for (const [nth, step] of tell(meanwhile).entries()) append(meanwhile[nth]![0], step)
  const called = run.tell(besides.map(([thread, op]) => ({ thread, op, index: index++ })))
  /** Whom the next operation waits for. */
  const due = new Set<string>(after.some(isAwait) ? [] : names)
  for (const op of after) {
    const thread = nameIn(op, 'proc') ?? lead
    if (isAwait(op)) {
      due.add(thread)
      continue
    }
    for (const other of due) if (other !== thread) handOver(other, thread)
    append(thread, ...tell([[thread, op]]))
    due.clear()
    due.add(thread)
  }
  // What happened before is not part of what they do now.
  for (const id of new Set([...[...parts.values()].map((part) => part.id), ...Object.keys(beside)])) run.forget(id)
  const actors = [...run.world.actors.map((spec) => ({ ...spec, resumed: run.snapshot(spec.id) })), ...turns]
  /** Who joins is one of the threads that are there, and goes on with something of his own. */
  const joins = (joining: Joining): Part<StoryView> => {
    mustBeThere(Object.keys(joining), threads)
    const more = new Map(Object.entries(joining))
    const scripted = new Map([...scripts].map(([thread, steps]) => [partOf(thread).id, steps]))
    const all = [...new Set([...scripted.keys(), ...more.keys()])].map((id): Send => {
      const own = (more.get(id) ?? []).map(({ call, args, as = call }) => ({ call: as, args, at: call }))
      return { to: id, message: { type: 'DO', from: 'env', task: id, steps: [...(scripted.get(id) ?? []), ...own] } }
    })
    return {
      threads,
      actors,
      start: [...run.inFlight(), ...all],
      // Who is met here is often known only on the way.
      met: (everybody) => everybody,
      isThrough: ({ state }) => state === 'idle',
      view: () => (read) => viewOf(parts, more, read),
      made(thread, operation) {
        const one = called[besides.findIndex(([by, op]) => by === thread && op === operation)]
        if (one === undefined) return undefined
        const { call: op, args } = one.step as Extract<ThreadStep, { call: string }>
        return { to: `${thread}.syscall`, args: { ...args, op } }
      },
    }
  }
  return { before: results, joins }
}

/** What procedures call names what somebody makes. */
function mustBeMade(story: Pick<LinuxStory, 'before' | 'together' | 'after'>): void {
  const broken = namesAreMade(story)
  if (broken === undefined) return
  const [, thread, nth, field] = broken.at as readonly [string, string, number, string]
  const operation = story.together[thread]![nth]!
  const [name, known] = [String(operation[field]), broken.known ?? []]
  const guess = nearest(name, known)
  throw new ModelError(
    'bad-description',
    `The system call ${operation.op} of ${thread}: nobody makes "${name}".${guess === undefined ? '' : ` Did you mean "${guess}"?`}`,
    [['names', known.join(', ')]],
    'What it names is made before the others begin, by what they call, or by a procedure.',
  )
}

function mustBeThere(names: readonly string[], threads: readonly string[]): void {
  const stranger = names.find((each) => !threads.includes(each))
  if (stranger === undefined) return
  throw new ModelError(
    'bad-description',
    `No thread is called "${stranger}".`,
    [['threads', threads.join(', ')]],
    `Make it before the others begin: before: [{ op: 'thread', as: '${stranger}' }].`,
  )
}

const isAwait = ({ op }: Op): boolean => op === 'await'

const viewOf = (
  parts: ReadonlyMap<string, Role>,
  joined: ReadonlyMap<string, readonly unknown[]>,
  read: (id: string) => unknown,
): StoryView => {
  const seen = ({ id }: { readonly id: string }) =>
    read(id) as { readonly state: string; readonly results: readonly Returned[] }
  const names = [...parts.keys()]
  const view = {
    __proto__: strict,
    read,
    result(thread: string, nth: number) {
      mustBeAmong('thread', thread, names)
      const part = parts.get(thread)!
      mustBeAmong('operation', `${nth}`, Object.keys(part.made))
      const returned = seen(part).results[nth]
      return returned && part.made[nth]!.report(returned)
    },
    get finished() {
      const made = new Map([...parts.values()].map((part) => [part.id, part.made.length]))
      return [...new Set([...made.keys(), ...joined.keys()])].every((id) => {
        const { state, results } = seen({ id })
        return state === 'idle' && results.length === (made.get(id) ?? 0) + (joined.get(id)?.length ?? 0)
      })
    },
  }
  return view
}
