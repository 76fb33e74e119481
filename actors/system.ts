/** A world made explorable: each actor becomes a component whose steps are pure XState transitions. */
import { createHash } from 'node:crypto'
import type { AnyMachineSnapshot } from 'xstate'
import { canonical } from '../explore/canonical.ts'
import { judge } from '../explore/sanitizer.ts'
import type { Component, Finding, HeapObject, Memory, Note, Outcome, Send, System } from '../explore/system.ts'
import type { HeapFacts } from '../machines/kernel/heap-facts.ts'
import { named, type Pointer } from '../machines/kernel/pointer.ts'
import { slab, slabFacts } from '../machines/kernel/slab.ts'
import type { Said } from '../machines/say.ts'
import type { ActorSpec, World } from './world.ts'
import { accepts, kernelOf, keyOf, show } from './xstate-kernel.ts'

/** The system of a world; the same one every time it is asked for, so that what was learned about it is not learned again. */
export function toSystem<View>(world: World<View>): System<View> {
  const made: System<any> = known.get(world) ?? {
    name: world.name,
    fingerprint: fingerprint(world),
    components: world.actors.map(component),
    start: world.start,
    view: (read: (id: string) => unknown) => world.view((id) => seen(read(id) as AnyMachineSnapshot)),
  }
  known.set(world, made)
  return made
}

const known = new WeakMap<World<any>, System<any>>()

/** What a view sees of an actor: the name of its state beside its context. */
export const seen = (snapshot: AnyMachineSnapshot): unknown => ({ state: snapshot.value, ...snapshot.context })

/** Four hex digits that change when an actor, a chart, an input or the start changes. Code inside guards and actions is not part of it. */
export function fingerprint(world: World<any>): string {
  const parts = world.actors.map(({ id, machine, input, resumed }) => [
    id,
    JSON.stringify(machine.config),
    input,
    ...(resumed ? [keyOf(resumed)] : []),
  ])
  return createHash('sha256')
    .update(canonical([parts, world.start]))
    .digest('hex')
    .slice(0, 4)
}

function component(spec: ActorSpec): Component<AnyMachineSnapshot> {
  const { id, machine, input, resumed, thread, lockClass, lock, nest, guardedBy, unguarded } = spec
  const kernel = kernelOf(id, machine, input, resumed)
  const heap = heapOf(spec)
  return {
    id,
    initial: kernel.initial,
    accepts,
    receive: (local, message) => {
      const { snapshot, said, ignored } = kernel.step(local, message)
      return { local: snapshot, ignored, ...sort(id, said) }
    },
    confirm: (local, message) => kernel.confirm(local, message),
    key: keyOf,
    show,
    waits: (local) => thread !== undefined && local.status === 'active' && !isAtRest(local, kernel.initial),
    ...(thread !== undefined && { thread }),
    ...(lockClass !== undefined && { lockClass }),
    ...(lock && {
      acquires: lock.acquires,
      ...(lock.tried && { tried: true as const }),
      holders: (local: AnyMachineSnapshot) => lock.holders(local.context),
      owes: (local: AnyMachineSnapshot) => lock.owes?.(local.context) ?? [],
    }),
    ...(nest && { nest }),
    ...(heap && { heap: (local: AnyMachineSnapshot) => objectsOf(heap, local.context) }),
    leadsTo: (local) => pointersIn(local.context),
    ...(guardedBy !== undefined && { guardedBy }),
    ...(unguarded && { unguarded }),
  }
}

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
