/**
 * A world in which something has happened already: what one thread does is done, alone and to its end, before the story begins. Only the
 * rest is left to be explored.
 */
import type { AnyMachineSnapshot } from 'xstate'
import { ModelError } from '../../explore/errors.ts'
import type { Send } from '../../explore/system.ts'
import { Settling } from '../../streams/settling.ts'
import { steppedEnds } from '../running/ends.ts'
import type { ActorSpec, World } from '../world/world.ts'

export interface Begun {
  /** Somebody of the world, as he stands now. Asked for those who are needed: most of a large world is never met, and need not be made. */
  readonly standing: (spec: ActorSpec) => ActorSpec
  /** Objects that heard something meanwhile. */
  readonly touched: ReadonlySet<string>
  /** What is still on its way: the requests of those who wait. */
  readonly inFlight: readonly Send[]
}

/** `world` begins with the start of `thread` and of whoever serves others; it ends when nothing can happen any more. */
export function after(world: World, thread: string): Begun {
  const ends = steppedEnds(world)
  const settling = new Settling(ends, world.start)
  const touched = new Set<string>()
  for (let step = settling.next(); step; step = settling.next()) {
    touched.add(step.to)
    const [finding] = step.findings
    if (finding) throw wentWrong(finding.title)
  }
  const endOf = new Map(ends.map((end) => [end.id, end]))
  const stateOf = (id: string) => endOf.get(id)!.local as AnyMachineSnapshot
  if (stateOf(thread).status !== 'done') throw wentWrong('somebody waits for ever')
  return {
    standing: (spec) => ({ ...spec, resumed: stateOf(spec.id) }),
    touched: new Set(
      world.actors.flatMap((spec) => (spec.thread === undefined && touched.has(spec.id) ? spec.id : [])),
    ),
    inFlight: settling.heads(),
  }
}

const wentWrong = (what: string): ModelError =>
  new ModelError(
    'bad-description',
    `What is done before the story begins goes wrong: ${what}.`,
    [],
    'Make it part of a task, where it can be explored.',
  )
