/** What a world may consist of: the types of world.ts, told again for whoever has no compiler. */
import { componentFields, componentShape, startShape } from '../../explore/shapes.ts'
import type { LockFacts } from '../../machines/kernel/locks/lock-facts.ts'
import {
  anything,
  callable,
  listOf,
  recordOrInstance,
  name,
  optional,
  record,
  that,
  type Shape,
} from '../../shapes/shape.ts'
import type { ActorSpec, World } from './world.ts'

const { thread, lockClass, acquires, awaited, waitType, runsIn, nest, guardedBy, unguarded, orders } = componentFields

const has = (given: unknown, field: string): boolean => typeof given === 'object' && given !== null && field in given

const lock = recordOrInstance<LockFacts<any>>(
  {
    holders: callable(),
    acquires: listOf(acquires.expected, name()),
    tried: componentFields.tried,
    awaited,
    waitType,
    endedBy: optional(callable()),
    owes: optional(callable()),
  },
  'what a lock answers: { holders, acquires, … }',
)

const actor = record<ActorSpec>({
  id: name('a name: the id of the actor'),
  machine: that<ActorSpec['machine']>('a machine of XState', (given) => has(given, 'config')),
  input: anything,
  resumed: optional(that<NonNullable<ActorSpec['resumed']>>('a snapshot', (given) => has(given, 'context'))),
  thread,
  lockClass,
  lock: optional(lock),
  runsIn,
  nest,
  guardedBy,
  unguarded,
  keepsLog: optional(that<true>('true', (given) => given === true)),
  orders,
})

export const worldShape: Shape<World> = recordOrInstance<World>(
  {
    name: name(),
    actors: listOf('a list of actors', actor),
    components: optional(listOf('a list of components', componentShape)),
    start: startShape,
    view: callable('a function of `read`'),
    notRecorded: optional(name('a sentence')),
    joins: optional(callable()),
  },
  'a world, as linux() makes it: { name, actors, start, view }',
)
