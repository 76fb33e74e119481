/**
 * A world in which something has happened already: what one thread does is done, alone and to its end, before the story begins. Only the
 * rest is left to be explored.
 */
import type { AnyMachineSnapshot } from 'xstate'
import { ModelError } from '../explore/errors.ts'
import type { Send } from '../explore/system.ts'
import { Controller } from '../streams/controller.ts'
import { steppedEnds } from './ends.ts'
import type { ActorSpec, World } from './world.ts'

export interface Begun {
  /** Everybody but the thread, as he stands now. */
  readonly actors: readonly ActorSpec[]
  /** Objects that heard something meanwhile. */
  readonly touched: ReadonlySet<string>
  /** What is still on its way: the requests of those who wait. */
  readonly inFlight: readonly Send[]
}

/** `world` begins with the start of `thread` and of whoever serves others; it ends when nothing can happen any more. */
export function after(world: World, thread: string): Begun {
  const ends = steppedEnds(world)
  const controller = new Controller(ends, world.start)
  const touched = new Set<string>()
  for (let step = controller.takeFirst(); step; step = controller.takeFirst()) {
    touched.add(step.to)
    const [finding] = step.findings
    if (finding) throw wentWrong(finding.title)
  }
  const snapshots = new Map(ends.map(({ id, local }) => [id, local as AnyMachineSnapshot]))
  if (snapshots.get(thread)!.status !== 'done') throw wentWrong('somebody waits for ever')
  const others = world.actors.filter((spec) => spec.thread !== thread)
  return {
    actors: others.map((spec) => ({ ...spec, resumed: snapshots.get(spec.id)! })),
    touched: new Set(others.flatMap(({ id, thread: own }) => (own === undefined && touched.has(id) ? id : []))),
    inFlight: controller.heads().map(({ to, message }) => ({ to, message })),
  }
}

const wentWrong = (what: string): ModelError =>
  new ModelError(
    'bad-description',
    `What is done before the story begins goes wrong: ${what}.`,
    [],
    'Make it part of a task, where it can be explored.',
  )
