/**
 * Threads and what they run, as a world, or joined with one that there is. Its objects are those that the procedures name: nobody has to list
 * them.
 */
import type { ActorSpec, Joining, Operations, Part, World } from '../actors/world/world.ts'
import { defaultProcess, startOf, taskCalled } from '../actors/scripts/tasks.ts'
import { ModelError } from '../explore/errors.ts'
import { insist } from '../shapes/insist.ts'
import { readOff, type BoundRun, type Run } from './guards.ts'
import { Joint, type Instead } from './joint.ts'
import { callName } from './names.ts'
import type { KernelObject, Own } from './object.ts'
import type { Procedure } from './procedure.ts'
import { handlersOf, Processors, type Interrupt } from './processors.ts'
import { reached } from './reached.ts'
import { served } from './serving.ts'
import { descriptionShape } from './shapes.ts'
import { signalsOf } from './signals.ts'
import { besideEachOther, viewOf, type KernelView } from './view.ts'

/** What a thread runs: a procedure, or several, one after the other. */
export type Runs = Procedure | readonly Procedure[]

export interface KernelDescription {
  readonly name?: string
  /** By name. `on`: the processor it is bound to, and shares with whatever else is bound to it; without, it has one for itself. */
  readonly threads: Readonly<Record<string, Runs | { readonly run: Runs; readonly on: string }>>
  /** By name. */
  readonly interrupts?: Readonly<Record<string, Interrupt>>
  /** Objects that no step names, but a statechart of one's own speaks to, or a property looks at. */
  readonly objects?: readonly KernelObject[]
  /** Whether what is written to the kernel's log is part of a state, for properties to see (default false). Of a world that is joined, it says so itself. */
  readonly log?: boolean
}

/** The same in a world that is there: the threads run beside its own, and see what they see. */
export interface JoinedDescription<View> extends Partial<Omit<KernelDescription, 'log'>> {
  /** A world of `linux()`; where it has system calls, threads have to be there before they join. */
  readonly beside: World<View>
  /** By the name of a call (`mdev0.dma_unmap`, `unmap`): what takes its place, whichever thread makes it. */
  readonly instead?: Instead
}

/**
 * A world of threads that run procedures, ready to be explored or run live; with `beside`, in a world that is there already: then procedures may
 * call what it has (`builtIn`), take its place (`instead`), and a lock that is called as one of its locks is that lock. Throws a ModelError when
 * the description does not fit.
 */
export function kernel<View>(description: JoinedDescription<View>): World<KernelView & View>
export function kernel(description: KernelDescription): World<KernelView>
export function kernel(description: KernelDescription | JoinedDescription<unknown>): World<any> {
  insist(descriptionShape, description, 'kernel()')
  const { beside, instead = {}, ...given }: Partial<JoinedDescription<unknown> & KernelDescription> = description
  const { name = beside?.name ?? 'kernel', threads = {}, objects = [], interrupts = {}, log = false } = given
  if (beside === undefined && Object.keys(threads).length === 0)
    throw new ModelError('bad-description', 'kernel(): there is no thread.', [], 'Write threads: { a: procedure }.')
  const bound = Object.entries(threads).map(([thread, run]) => boundRun(thread, run))
  const scripts = Object.fromEntries(bound.map(({ thread, run }) => [thread, run.map(scripted(thread))]))
  const part = partOf(beside, scripts, operationsOf(bound))
  const joint = new Joint(part, instead, (thread, procedure) => callOf(thread, procedure, processors))
  const started = [...runsOf([...bound, ...joint.taken]), ...handlersOf(interrupts)]
  const { servers, things } = served(started, objects)
  const processors = new Processors([...bound, ...servers], interrupts)
  const runs = [...started, ...servers]
  const { guards, strays } = readOff(runs)
  const owned = [...runs.flatMap(ownOf), ...signalsOf(runs, things), ...processors.own]
  const calls = runs.flatMap(({ thread, procedures }) => procedures.map((each) => joint.callOf(thread, each)))
  const own = [...owned.flatMap(({ actors }) => actors), ...things.actors(strays).map((spec) => guarded(spec, guards))]
  const met = joint.actors(own, calls, runs)
  const actors = log ? met.map((spec): ActorSpec => ({ ...spec, keepsLog: log })) : met
  const components = things.all.flatMap(({ components: made = [] }) => made)
  mustDiffer([...actors, ...components])
  const view = viewOf(actors, part.threads)
  return {
    name,
    actors,
    ...(components.length > 0 && { components }),
    start: [
      ...owned.flatMap(({ start = [] }) => start),
      ...part.start,
      ...servers.map(({ thread }) => startOf(thread)),
    ],
    ...(beside?.notRecorded !== undefined && { notRecorded: beside.notRecorded }),
    view: beside === undefined ? view : besideEachOther(view, part.view(actors)),
  }
}

/** What there is beside one's own: nothing but the threads, or a world. */
function partOf(beside: World | undefined, joining: Joining, operations: Operations): Part {
  if (beside === undefined) return alone(joining)
  if (beside.joins) return beside.joins(joining, operations)
  throw new ModelError(
    'bad-description',
    `kernel(): nothing can join the world "${beside.name}".`,
    [],
    'Worlds that can be joined are those that linux() makes.',
  )
}

/** System calls that threads make somewhere, in the order in which they stand there. */
const operationsOf = (runs: readonly Run[]): Operations =>
  Object.fromEntries(
    runs.flatMap(({ thread, procedures }) => {
      const operations = procedures.flatMap(({ operation }) => operation ?? [])
      return operations.length === 0 ? [] : [[thread, operations] as const]
    }),
  )

const alone = (joining: Joining): Part => ({
  threads: Object.keys(joining),
  actors: Object.entries(joining).map(([thread, script]) => taskCalled(thread, defaultProcess, script)),
  start: Object.keys(joining).map(startOf),
  met: (all) => all,
  view: () => () => ({}),
})

const scripted =
  (thread: string) =>
  ({ name }: Procedure) => ({ call: callName(thread, name), args: {}, as: name })

/** What each thread may run: its own, and what takes the place of calls of the world. */
function runsOf(given: readonly { readonly thread: string; readonly run: readonly Procedure[] }[]): readonly Run[] {
  const threads = [...new Set(given.map(({ thread }) => thread))]
  return threads.map((thread) => {
    const run = given.flatMap((each) => (each.thread === thread ? each.run : []))
    return { thread, run, procedures: reached(run) }
  })
}

const callOf = (thread: string, procedure: Procedure, processors: Processors): ActorSpec => {
  const { name, machine, input, sharing } = procedure
  const on = processors.sharedBy(thread)
  return {
    id: callName(thread, name),
    machine: on === undefined ? machine : (sharing?.() ?? machine),
    input: { task: thread, ...input, ...(on !== undefined && { on }), ...processors.of(procedure) },
    thread,
  }
}

const boundRun = (thread: string, given: KernelDescription['threads'][string]): BoundRun => {
  const { run, on }: { readonly run: Runs; readonly on?: string } = 'run' in given ? given : { run: given }
  const all = Array.isArray(run) ? (run as readonly Procedure[]) : [run as Procedure]
  return { thread, run: all, procedures: reached(all), ...(on !== undefined && { on }) }
}

/** What no step asks for without one lock is guarded by it, unless something else was said. */
const guarded = (spec: ActorSpec, guards: ReadonlyMap<string, string>): ActorSpec => {
  const guard = guards.get(spec.id)
  return guard === undefined || spec.guardedBy !== undefined || spec.lock ? spec : { ...spec, guardedBy: guard }
}

/** What a thread has of its own, once for each name. */
const ownOf = ({ thread, procedures }: Run): readonly Own[] => {
  const own = new Map(procedures.flatMap(({ own = [] }) => own.map((each) => [each.name, each] as const)))
  return [...own.values()].map((each) => each.actors(callName(thread, each.name), thread))
}

function mustDiffer(actors: readonly { readonly id: string }[]): void {
  const ids = actors.map(({ id }) => id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice === undefined) return
  throw new ModelError(
    'bad-description',
    `Two things are called "${twice}".`,
    [],
    'Threads, locks, variables and structs share their names: give each its own.',
  )
}
