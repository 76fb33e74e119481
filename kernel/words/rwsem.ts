/**
 * struct rw_semaphore (kernel/locking/rwsem.c): many readers or one writer, which sleep while they wait. It is fair: who comes to read waits
 * behind a writer that waits already. What would happen if it were not can be asked.
 */
import { ModelError } from '../../explore/errors.ts'
import { killableRwsem, killableRwsemFacts } from '../../machines/kernel/locks/killable-rwsem.ts'
import { rwlock, rwlockFacts } from '../../machines/kernel/locks/rwlock.ts'
import { rwsem, rwsemFacts } from '../../machines/kernel/locks/rwsem.ts'
import { leaving, lockCalled, nested, sleeping, taking, trying, untilSignal } from '../lock.ts'
import type { KernelObject, Role } from '../object.ts'
import { wordsOf, type Place } from '../place.ts'
import { ask, type Step } from '../step.ts'

export type RwSemaphore = KernelObject<'rw_semaphore'>

/** An rw_semaphore; without a name, as a member of a struct. `prefers: 'readers'`: readers do not wait for writers that only wait. */
export const rw_semaphore = (name = '', { prefers }: { readonly prefers?: 'readers' } = {}): RwSemaphore => {
  const plain = plainCalled(name, prefers)
  const killable = lockCalled('rw_semaphore', name, killableRwsem, killableRwsemFacts)
  const isMore = ({ is }: Role): boolean => is('killable') || is('downgraded')
  return { ...plain, actors: (id, role) => (isMore(role) ? mustBeFair(killable, prefers) : plain).actors(id, role) }
}

const plainCalled = (name: string, prefers: 'readers' | undefined): RwSemaphore =>
  prefers === 'readers'
    ? lockCalled('rw_semaphore', name, rwlock, { ...rwlockFacts, waitType: rwsemFacts.waitType! })
    : lockCalled('rw_semaphore', name, rwsem, rwsemFacts)

function mustBeFair(lock: RwSemaphore, prefers: 'readers' | undefined): RwSemaphore {
  if (prefers === undefined) return lock
  throw new ModelError(
    'bad-description',
    `The rw_semaphore ${lock.name} prefers readers, and is waited for until a signal comes, or downgraded.`,
    [],
    'Ask what would be otherwise of one or the other: without { prefers }, or with down_read and down_write.',
  )
}

/** Waits for writers, and behind those that wait. Twice by one task with a writer in between: deadlock. */
export const down_read = taking<'rw_semaphore'>('down_read', 'DOWN_READ', sleeping)
export const down_write = taking<'rw_semaphore'>('down_write', 'DOWN_WRITE', sleeping)
/** The same by whoever knows an order among semaphores of one class. Leads to: deadlock. */
export const down_read_nested = nested<'rw_semaphore'>('down_read_nested', 'DOWN_READ', sleeping)
export const down_write_nested = nested<'rw_semaphore'>('down_write_nested', 'DOWN_WRITE', sleeping)
/** Until a signal comes that ends the thread; `into`: 0 or -EINTR (-4). */
export const down_read_killable = untilSignal<'rw_semaphore'>('down_read_killable', 'DOWN_READ_KILLABLE')
export const down_write_killable = untilSignal<'rw_semaphore'>('down_write_killable', 'DOWN_WRITE_KILLABLE')
/** Until any signal comes. */
export const down_read_interruptible = untilSignal<'rw_semaphore'>('down_read_interruptible', 'DOWN_READ_INTERRUPTIBLE')
/** The writer is a reader from now on, and others may read. Leads to: a warning if the task does not hold it for writing. */
export const downgrade_write = <L>(sem: Place<L, RwSemaphore>): Step<L> =>
  ask({
    says: `downgrade_write(${wordsOf(sem)})`,
    of: sem,
    type: 'DOWNGRADE',
    manner: 'downgraded',
    waits: 'not',
    answers: { UNLOCKED: {} },
  })
/** `into`: is it had? */
export const down_read_trylock = trying<'rw_semaphore'>('down_read_trylock', 'TRY_READ')
export const down_write_trylock = trying<'rw_semaphore'>('down_write_trylock', 'TRY_WRITE')
export const up_read = leaving<'rw_semaphore'>('up_read', 'UP_READ', { touches: 'last' })
export const up_write = leaving<'rw_semaphore'>('up_write', 'UP_WRITE', { touches: 'last' })
