/** A world made explorable: each actor becomes a component whose steps are pure XState transitions. */
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate'
import { fingerprintOf } from '../../explore/states/fingerprint.ts'
import { judge } from '../../explore/memory/sanitizer.ts'
import { insistOnSystem, isRight } from '../../explore/shapes.ts'
import type {
  Component,
  Finding,
  HeapObject,
  LogLine,
  Memory,
  Note,
  Outcome,
  Send,
  System,
} from '../../explore/system.ts'
import type { HeapFacts } from '../../machines/kernel/heap/heap-facts.ts'
import { named, type Pointer } from '../../machines/kernel/heap/pointer.ts'
import { slab, slabFacts } from '../../machines/kernel/heap/slab.ts'
import type { Said } from '../../machines/say.ts'
import { insist } from '../../shapes/insist.ts'
import { linesIn } from '../world/lines.ts'
import type { ActorSpec, World } from '../world/world.ts'
import { worldShape } from '../world/world-shape.ts'
import { knownTo } from './chart-rules.ts'
import { withLines, withoutLines } from './kept-log.ts'
import { accepts, kernelOf, keyOf, show, type Step } from './xstate-kernel.ts'

/**
 * The system of a world; the same one every time it is asked for, so that what was learned about it is not learned again. Throws a ModelError
 * when it is no world.
 */
export function toSystem<View>(world: World<View>): System<View> {
  return systemOfComponents(world, component)
}

/** The same, where somebody else makes the components of its actors, or has them already. */
export function systemOfComponents<View>(world: World<View>, componentOf: ComponentOf): System<View> {
  const made: System<any> = known.get(world) ?? systemMadeOf(world, componentOf)
  known.set(world, made)
  worlds.set(made, world)
  return made
}

/** The world that a system was made of; undefined when it was written by hand. */
export const worldOf = (system: System<any>): World<any> | undefined => worlds.get(system)

const isWorld = <View>(subject: World<View> | System<View>): subject is World<View> =>
  typeof subject === 'object' && subject !== null && 'actors' in subject

/** The system of whatever `what` was given: a world's, or itself. Throws a ModelError when it is neither. */
export function subjectOf<View>(subject: World<View> | System<View>, what: string): System<View> {
  if (isWorld(subject)) return toSystem(subject)
  insistOnSystem(subject, `${what}: the system`)
  return subject
}

type ComponentOf = (spec: ActorSpec) => Component

function systemMadeOf(world: World<any>, componentOf: ComponentOf): System<any> {
  insist(worldShape, world, 'The world')
  return isRight({
    name: world.name,
    fingerprint: fingerprint(world),
    components: [...world.actors.map(componentOf), ...(world.components ?? [])],
    start: world.start,
    view: (read: (id: string) => unknown, log?: () => readonly LogLine[]) => world.view(readingOf(world, read), log),
    ...(world.notRecorded !== undefined && { besides: () => ({ coverage: [], remarks: [world.notRecorded!] }) }),
  })
}

/** What a view reads: of a statechart the name of its state beside its context, of any other component its local state. */
const readingOf = (world: World<any>, read: (id: string) => unknown): ((id: string) => unknown) => {
  const plain = new Set(world.components?.map(({ id }) => id))
  return (id) => (plain.has(id) ? read(id) : seen(read(id) as AnyMachineSnapshot))
}

const known = new WeakMap<World<any>, System<any>>()
const worlds = new WeakMap<System<any>, World<any>>()

/** A system that was made of another one is of the same world. */
export function sameWorld<View>(system: System<View>, as: System<any>): System<View> {
  const world = worldOf(as)
  if (world) worlds.set(system, world)
  return system
}

/** What a view sees of an actor: the name of its state beside its context. */
export const seen = (snapshot: AnyMachineSnapshot): unknown => ({ state: snapshot.value, ...snapshot.context })

/** Changes when an actor, a chart, an input or the start changes. Code inside guards and actions is not part of it. */
export function fingerprint(world: World<any>): string {
  const parts = world.actors.map(({ id, machine, input, resumed }) => [
    id,
    chartText(machine),
    input,
    ...(resumed ? [keyOf(resumed)] : []),
  ])
  return fingerprintOf([parts, ...plainParts(world), world.start])
}

/** Many actors are of one chart. */
const chartText = (machine: AnyStateMachine): string => {
  const text = chartTexts.get(machine) ?? JSON.stringify(machine.config)
  chartTexts.set(machine, text)
  return text
}

const chartTexts = new WeakMap<AnyStateMachine, string>()

/** Of a component that is no statechart the name and where it begins: its code is not part of it either. */
const plainParts = ({ components = [] }: World<any>): readonly unknown[] =>
  components.length === 0 ? [] : [components.map((each) => [each.id, each.key(each.initial)])]

/** An actor as a component. */
export function component(spec: ActorSpec): Component<AnyMachineSnapshot> {
  const { id, machine, input, resumed, thread, lockClass, lock, runsIn, nest, guardedBy, unguarded, orders } = spec
  const kept = (outcome: Outcome<AnyMachineSnapshot>) => (spec.keepsLog ? withLines(id, outcome) : outcome)
  const kernel = kernelOf(id, machine, input, resumed)
  const heap = heapOf(spec)
  return {
    id,
    initial: kernel.initial,
    accepts,
    receive: (local, message) => kept(outcomeOf(id, kernel.step(local, message))),
    confirm: (local, message) => kept(outcomeOf(id, kernel.publicStep(local, message))),
    key: keyOf,
    // What it has written is told where it does so.
    show: (local) => show(spec.keepsLog ? withoutLines(local) : local),
    ...(spec.keepsLog && { log: (local: AnyMachineSnapshot) => linesIn(local.context) }),
    ...(!knownTo(machine).some((each) => each.includes('*')) && { hears: () => knownTo(machine) }),
    ...(thread === undefined
      ? { rests: (local: AnyMachineSnapshot) => local.hasTag('at rest') }
      : {
          thread,
          waits: (local: AnyMachineSnapshot) => local.status === 'active' && !isAtRest(local, kernel.initial),
        }),
    ...(lockClass !== undefined && { lockClass }),
    ...(lock && {
      acquires: lock.acquires,
      ...(lock.tried && { tried: true as const }),
      ...(lock.awaited && { awaited: lock.awaited }),
      ...(lock.waitType && { waitType: lock.waitType }),
      holders: (local: AnyMachineSnapshot) => lock.holders(local.context),
      ...(lock.endedBy && {
        endedBy: (local: AnyMachineSnapshot, waiter: string) => lock.endedBy!(local.context, waiter),
      }),
      owes: (local: AnyMachineSnapshot) => lock.owes?.(local.context) ?? [],
    }),
    ...(runsIn && { runsIn }),
    ...(nest && { nest }),
    ...(heap && { heap: (local: AnyMachineSnapshot) => objectsOf(heap, local.context) }),
    leadsTo: (local) => pointersIn(local.context),
    ...(guardedBy !== undefined && { guardedBy }),
    ...(unguarded && { unguarded }),
    ...(orders && { orders }),
  }
}

const outcomeOf = (id: string, { snapshot, said, ignored }: Step): Outcome<AnyMachineSnapshot> => ({
  local: snapshot,
  ignored,
  ...sort(id, said),
})

/** A task that has not begun or is finished, or a call nobody has made: it waits for nothing. */
const isAtRest = (local: AnyMachineSnapshot, initial: AnyMachineSnapshot): boolean =>
  local.value === initial.value || local.hasTag('at rest')

/** A slab is one without being declared to be: nobody can forget it. */
const heapOf = ({ machine }: ActorSpec): HeapFacts<any> | undefined => (machine === slab ? slabFacts : undefined)

const objectsOf = ({ cache, allocated }: HeapFacts<unknown>, context: unknown): readonly HeapObject[] =>
  allocated(context).map(({ ptr, fields }) => ({
    object: named(ptr),
    cache: cache(context),
    leadsTo: pointersIn(fields),
  }))

const isPointer = (data: object): data is Pointer => 'id' in data && 'gen' in data && Object.keys(data).length === 2

/** Names of the objects that data points to, wherever in it the pointers are. */
const pointersIn = (data: unknown): readonly string[] => {
  if (typeof data !== 'object' || data === null) return []
  return isPointer(data) ? [named(data)] : Object.values(data).flatMap(pointersIn)
}

/** What a step was, besides its next state. */
export type SortedOut = Pick<Outcome, 'sends' | 'findings' | 'notes' | 'memory'>

/**
 * Sorts what a machine said into messages, findings, notes and observations of memory; a message gets its sender's name here. What is wrong
 * with memory is found here and nowhere else.
 */
export function sort(id: string, said: readonly Said[]): SortedOut {
  const sends: Send[] = []
  const findings: Finding[] = []
  const notes: Note[] = []
  const memory: Memory[] = []
  for (const each of said) {
    if (each.type === 'send') sends.push({ to: each.to, message: { ...each.message, from: id } })
    else if (each.type === 'note') notes.push({ object: each.object, what: each.what })
    else if (each.type === 'memory') {
      const { type: _, ...observation } = each
      const finding = judge(observation)
      memory.push(observation)
      if (finding) findings.push(finding)
    } else {
      const { type: _, ...finding } = each
      findings.push(finding)
    }
  }
  return { sends, findings, notes, ...(memory.length > 0 && { memory }) }
}
