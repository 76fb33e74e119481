/** The ends of a live run that tells an inspector what happens: the same, and every message and what it does is said as it is heard. */
import type { Message, Shown } from '../../explore/system.ts'
import { json, type Telling } from '../../inspect/protocol.ts'
import { chartOf } from '../../report/statecharts/chart.ts'
import { machineJson } from '../../report/statecharts/xstate.ts'
import { LiveEnd, plainEnds, type ReadableEnd } from './ends.ts'
import type { World } from '../world/world.ts'

/** Who sends what is under way at the start; the actor that all others belong to. */
export const root = 'env'

/** Says who takes part, parents first, before anything is heard. */
export const inspectedEnds = (world: World<any>, telling: Telling): readonly ReadableEnd[] => {
  telling.actor(root, { name: world.name, parentId: undefined, definition: undefined, snapshot: standing({}) })
  const threads = new Set(world.actors.flatMap(({ id, thread }) => (thread === id ? id : [])))
  const calls = world.actors.filter(({ id, thread }) => thread !== undefined && thread !== id && threads.has(thread))
  const isCall = new Set(calls.map(({ id }) => id))
  const live = new Map(
    world.actors.map((spec) => [spec.id, new LiveEnd(spec, (step) => telling.microstep(spec.id, step))]),
  )
  for (const { id, machine, thread } of [...world.actors.filter((each) => !isCall.has(each.id)), ...calls])
    telling.actor(id, {
      name: id,
      parentId: isCall.has(id) ? thread : root,
      definition: json(machineJson(chartOf(machine.root))),
      snapshot: live.get(id)!.local,
    })
  const components = plainEnds(world)
  for (const end of components)
    telling.actor(end.id, { name: end.id, parentId: root, definition: undefined, snapshot: plainly(end.show()) })
  return [
    ...[...live.values()].map((end) => inspected(end, telling, () => end.local)),
    ...components.map((end) => inspected(end, telling, () => plainly(end.show()))),
  ]
}

const inspected = (end: ReadableEnd, telling: Telling, snapshot: () => unknown): ReadableEnd => ({
  id: end.id,
  get local() {
    return end.local
  },
  accepts: (message) => end.accepts(message),
  listen: (listener) => end.listen(listener),
  show: () => end.show(),
  hear: (message: Message) => {
    telling.event(end.id, message, message.from)
    const changed = end.hear(message)
    telling.snapshot(end.id, snapshot(), message)
    return changed
  },
})

/** Of what is no statechart. */
const plainly = ({ state, data }: Shown): object => ({ ...standing(data), value: state })

export const standing = (context: object): object => ({ status: 'active', context })
