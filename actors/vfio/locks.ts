/** Locks as actors, with the class that lockdep would know them by. */
import { mutex, mutexFacts } from '../../machines/kernel/mutex.ts'
import { rwsem, rwsemFacts } from '../../machines/kernel/rwsem.ts'
import type { ActorSpec } from '../world.ts'

export const mutexCalled = (id: string, lockClass: string): ActorSpec => ({
  id,
  machine: mutex,
  input: { id },
  lockClass,
  lock: mutexFacts,
})

export const rwsemCalled = (id: string, lockClass: string): ActorSpec => ({
  id,
  machine: rwsem,
  input: { id },
  lockClass,
  lock: rwsemFacts,
})
