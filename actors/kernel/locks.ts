/** Locks as actors, with the class that lockdep would know them by. */
import { mutex, mutexFacts, triedMutexFacts } from '../../machines/kernel/locks/mutex.ts'
import { rwsem, rwsemFacts, triedRwsemFacts } from '../../machines/kernel/locks/rwsem.ts'
import type { ActorSpec } from '../world/world.ts'

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

/** One that somebody may try to get. */
export const triedRwsemCalled = (id: string, lockClass: string): ActorSpec => ({
  ...rwsemCalled(id, lockClass),
  lock: triedRwsemFacts,
})

export const triedMutexCalled = (id: string, lockClass: string): ActorSpec => ({
  ...mutexCalled(id, lockClass),
  lock: triedMutexFacts,
})
