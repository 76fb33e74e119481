/** struct mutex (kernel/locking/mutex.c): taken and released by tasks, which sleep while they wait. */
import { killableMutex, killableMutexFacts } from '../../machines/kernel/locks/killable-mutex.ts'
import { mutex as machine, mutexFacts } from '../../machines/kernel/locks/mutex.ts'
import { leaving, lockCalled, nested, sleeping, taking, trying, untilSignal } from '../lock.ts'
import type { KernelObject } from '../object.ts'

export type Mutex = KernelObject<'mutex'>

/** A mutex; without a name, as a member of a struct. */
export const mutex = (name = ''): Mutex => {
  const plain = lockCalled('mutex', name, machine, mutexFacts)
  const killable = lockCalled('mutex', name, killableMutex, killableMutexFacts)
  return { ...plain, actors: (id, role) => (role.is('killable') ? killable : plain).actors(id, role) }
}

/** Waits until nobody holds it. Leads to: deadlock, lock order. */
export const mutex_lock = taking<'mutex'>('mutex_lock', 'LOCK', sleeping)

/** The same by whoever knows an order among locks of one class. Leads to: deadlock. */
export const mutex_lock_nested = nested<'mutex'>('mutex_lock_nested', 'LOCK', sleeping)

/** Waits until nobody holds it, or a signal comes that ends the thread; `into`: 0 or -EINTR (-4). */
export const mutex_lock_killable = untilSignal<'mutex'>('mutex_lock_killable', 'LOCK_KILLABLE')
/** The same, for any signal. */
export const mutex_lock_interruptible = untilSignal<'mutex'>('mutex_lock_interruptible', 'LOCK_INTERRUPTIBLE')

/** Takes it if it is free; `into`: is it had? */
export const mutex_trylock = trying<'mutex'>('mutex_trylock', 'TRYLOCK')

/**
 * Lets go of it. The memory it lies in is touched once more when others can have it already (Documentation/locking/mutex-design.rst). Leads
 * to: a warning if the task does not hold it, use-after-free.
 */
export const mutex_unlock = leaving<'mutex'>('mutex_unlock', 'UNLOCK', { touches: 'last' })
