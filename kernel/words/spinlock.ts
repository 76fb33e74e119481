/**
 * spinlock_t, raw_spinlock_t and rwlock_t: who waits for one keeps its processor, and preemption is off from then on. The variants switch
 * interrupts or softirqs off as well.
 */
import { waitsAs } from '../../machines/kernel/locks/lock-facts.ts'
import { rwlock as rwlockMachine, rwlockFacts } from '../../machines/kernel/locks/rwlock.ts'
import { spinlock as machine, spinlockFacts } from '../../machines/kernel/locks/spinlock.ts'
import type { Effect, SpinningLock } from '../context.ts'
import { irqsOff, irqsOn, irqsRestored, irqsSaved } from '../irqs.ts'
import { leaves, leaving, lockCalled, nested, takes, taking, trying } from '../lock.ts'
import type { KernelObject } from '../object.ts'
import { wordsOf, type Into, type Place } from '../place.ts'
import { bhOff, bhOn, lettingGo, spinningFor } from '../spinning.ts'
import type { Step } from '../step.ts'

export type Spinlock = KernelObject<'spinlock_t'>
export type RawSpinlock = KernelObject<'raw_spinlock_t'>
export type Rwlock = KernelObject<'rwlock_t'>

/** A spinlock; without a name, as a member of a struct. */
export const spinlock = (name = ''): Spinlock => lockCalled('spinlock_t', name, machine, spinlockFacts)

/** A spinlock under which nothing may be taken but others of its kind: a spinlock_t may sleep where the kernel is preemptible all through. */
export const raw_spinlock = (name = ''): RawSpinlock =>
  lockCalled('raw_spinlock_t', name, machine, { ...spinlockFacts, waitType: waitsAs('raw') })

/** An rwlock; without a name, as a member of a struct. Readers never wait for writers that only wait. */
export const rwlock = (name = ''): Rwlock => lockCalled('rwlock_t', name, rwlockMachine, rwlockFacts)

/** The two sides of each variant of a lock. */
const pairOf = <Kind extends SpinningLock>(kind: Kind, lock: string, unlock: string, asks: string, gives: string) => {
  const pair = (suffix: string, off?: Effect, on?: Effect) => ({
    lock: taking<Kind>(`${lock}${suffix}`, asks, spinningFor(kind, off)),
    unlock: leaving<Kind>(`${unlock}${suffix}`, gives, { left: lettingGo(on) }),
  })
  return {
    plain: pair(''),
    irq: pair('_irq', irqsOff, irqsOn),
    bh: pair('_bh', bhOff, bhOn),
    irqsave: <L>(of: Place<L, KernelObject<Kind>>, flags: Into<L, number>): Step<L> =>
      takes({
        says: `${lock}_irqsave(${wordsOf(of)}, ${flags})`,
        of,
        type: asks,
        effects: spinningFor(kind, irqsSaved(flags)),
      }),
    irqrestore: <L>(of: Place<L, KernelObject<Kind>>, flags: keyof L & string): Step<L> =>
      leaves({
        says: `${unlock}_irqrestore(${wordsOf(of)}, ${flags})`,
        of,
        type: gives,
        left: lettingGo(irqsRestored(flags)),
      }),
  }
}

const spin = pairOf('spinlock_t', 'spin_lock', 'spin_unlock', 'LOCK', 'UNLOCK')
const raw = pairOf('raw_spinlock_t', 'raw_spin_lock', 'raw_spin_unlock', 'LOCK', 'UNLOCK')
const reading = pairOf('rwlock_t', 'read_lock', 'read_unlock', 'DOWN_READ', 'UP_READ')
const writing = pairOf('rwlock_t', 'write_lock', 'write_unlock', 'DOWN_WRITE', 'UP_WRITE')

/** Leads to: deadlock, lock order. */
export const spin_lock = spin.plain.lock
/** Leads to: BUG: spinlock already unlocked, BUG: spinlock wrong owner. */
export const spin_unlock = spin.plain.unlock
/** With interrupts off, and on again whatever they were: interrupts enabled unexpectedly. */
export const [spin_lock_irq, spin_unlock_irq] = [spin.irq.lock, spin.irq.unlock]
/** With interrupts off, and then as they were: the local keeps that. */
export const [spin_lock_irqsave, spin_unlock_irqrestore] = [spin.irqsave, spin.irqrestore]
/** With softirqs off. */
export const [spin_lock_bh, spin_unlock_bh] = [spin.bh.lock, spin.bh.unlock]
/** By whoever knows an order among locks of one class. Leads to: deadlock. */
export const spin_lock_nested = nested<'spinlock_t'>('spin_lock_nested', 'LOCK', spinningFor('spinlock_t'))
/** `into`: is it had? */
export const spin_trylock = trying<'spinlock_t'>('spin_trylock', 'TRYLOCK', spinningFor('spinlock_t'))

export const [raw_spin_lock, raw_spin_unlock] = [raw.plain.lock, raw.plain.unlock]
export const [raw_spin_lock_irq, raw_spin_unlock_irq] = [raw.irq.lock, raw.irq.unlock]
export const [raw_spin_lock_irqsave, raw_spin_unlock_irqrestore] = [raw.irqsave, raw.irqrestore]

export const [read_lock, read_unlock] = [reading.plain.lock, reading.plain.unlock]
export const [read_lock_irq, read_unlock_irq] = [reading.irq.lock, reading.irq.unlock]
export const [read_lock_irqsave, read_unlock_irqrestore] = [reading.irqsave, reading.irqrestore]
export const [read_lock_bh, read_unlock_bh] = [reading.bh.lock, reading.bh.unlock]
export const [write_lock, write_unlock] = [writing.plain.lock, writing.plain.unlock]
export const [write_lock_irq, write_unlock_irq] = [writing.irq.lock, writing.irq.unlock]
export const [write_lock_irqsave, write_unlock_irqrestore] = [writing.irqsave, writing.irqrestore]
export const [write_lock_bh, write_unlock_bh] = [writing.bh.lock, writing.bh.unlock]
/** `into`: is it had? */
export const read_trylock = trying<'rwlock_t'>('read_trylock', 'TRY_READ', spinningFor('rwlock_t'))
export const write_trylock = trying<'rwlock_t'>('write_trylock', 'TRY_WRITE', spinningFor('rwlock_t'))
