/** A world made explorable: each actor becomes a component whose steps are pure XState transitions. */
import { createHash } from 'node:crypto'
import type { AnyMachineSnapshot } from 'xstate'
import { canonical } from '../explore/canonical.ts'
import type { Component, Finding, Note, Outcome, Send, System } from '../explore/system.ts'
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
    ...(guardedBy !== undefined && { guardedBy }),
    ...(unguarded && { unguarded }),
  }
}

/** A task that has not begun or is finished, or a call nobody has made: it waits for nothing. */
const isAtRest = (local: AnyMachineSnapshot, initial: AnyMachineSnapshot): boolean =>
  local.value === initial.value || local.hasTag('at rest')

/** Sorts what a machine said into messages, findings and notes; a message gets its sender's name here. */
export function sort(id: string, said: readonly Said[]): Pick<Outcome, 'sends' | 'findings' | 'notes'> {
  const sends: Send[] = []
  const findings: Finding[] = []
  const notes: Note[] = []
  for (const each of said) {
    if (each.type === 'send') sends.push({ to: each.to, message: { ...each.message, from: id } })
    else if (each.type === 'note') notes.push({ object: each.object, what: each.what })
    else {
      const { type: _, ...finding } = each
      findings.push(finding)
    }
  }
  return { sends, findings, notes }
}
