/**
 * Counts of references: refcount_t (lib/refcount.c), and kref, which is one with a function that releases. Leads to, as the kernel words it:
 * addition on 0, underflow, saturated, decrement hit 0; and where the object is gone, to a use-after-free.
 */
import type { Cell } from '../object.ts'
import type { Procedure } from '../procedure.ts'
import { wordsOf, type Into, type Place } from '../place.ts'
import { access, inOrder, keeping, type Step } from '../step.ts'
import { countCalled, type Counts, type VariableOptions } from '../variable.ts'
import { call, type CallOptions } from './control.ts'
import { mutex_lock, mutex_unlock, type Mutex } from './mutex.ts'
import { spin_lock, spin_unlock, type Spinlock } from './spinlock.ts'

export type Refcount = Cell<number, 'refcount_t'>
export type Kref = Cell<number, 'kref'>

export const refcount_t: Counts<'refcount_t'> = (
  first: string | number,
  references?: number,
  options?: VariableOptions,
) => countCalled('refcount_t', first, references, options)

/** A kref begins with one reference, as kref_init has it. */
export const kref: Counts<'kref'> = (first: string | number, references?: number, options?: VariableOptions) =>
  countCalled('kref', first, references, options)

const counting = (word: string, by: number, tests: 'tests' | '' = '') => {
  const op = by < 0 && tests === '' ? 'refcount_dec' : 'refcount_add'
  return (of: Cell | string, into?: string): Step<any> =>
    access(of, {
      says: into === undefined ? `${word}(${wordsOf(of)})` : `${into} = ${word}(${wordsOf(of)})`,
      op,
      operand: () => by,
      marked: true,
      ...(by < 0 && { order: tests === '' ? 'release' : 'put' }),
      ...(into !== undefined && { keeps: { into, value: ({ value }) => value === 0 } }),
    })
}

const countingUnlessZero =
  (word: string) =>
  (of: Cell | string, into: string): Step<any> =>
    access(of, {
      says: `${into} = ${word}(${wordsOf(of)})`,
      op: 'refcount_add_not_zero',
      operand: () => 1,
      marked: true,
      keeps: { into, value: ({ value }) => value !== 0 },
    })

/** One reference more; somebody has to hold one already. */
export const refcount_inc: <L>(of: Place<L, Refcount>) => Step<L> = counting('refcount_inc', 1)
/** One less, which must not be the last. */
export const refcount_dec: <L>(of: Place<L, Refcount>) => Step<L> = counting('refcount_dec', -1)
/** One less; `into`: was it the last? */
export const refcount_dec_and_test: <L>(of: Place<L, Refcount>, into: Into<L, boolean>) => Step<L> = counting(
  'refcount_dec_and_test',
  -1,
  'tests',
)
/** One more, unless there are none any more; `into`: is it had? */
export const refcount_inc_not_zero: <L>(of: Place<L, Refcount>, into: Into<L, boolean>) => Step<L> =
  countingUnlessZero('refcount_inc_not_zero')

export const refcount_set = <L>(of: Place<L, Refcount>, references: number): Step<L> =>
  access(of, {
    says: `refcount_set(${wordsOf(of)}, ${references})`,
    op: 'write',
    operand: () => references,
    marked: true,
  })

export const refcount_read = <L>(of: Place<L, Refcount>, into: Into<L, number>): Step<L> =>
  access(of, { says: `${into} = refcount_read(${wordsOf(of)})`, op: 'read', marked: true, keeps: { into } })

export const kref_get: <L>(of: Place<L, Kref>) => Step<L> = counting('kref_get', 1)
export const kref_get_unless_zero: <L>(of: Place<L, Kref>, into: Into<L, boolean>) => Step<L> =
  countingUnlessZero('kref_get_unless_zero')

/** One reference less; who lets go of the last calls `release`. */
export const kref_put = <L, A>(of: Place<L, Kref>, release: Procedure<A>, options: CallOptions<L, A> = {}): Step<L> =>
  access(of, {
    says: `kref_put(${wordsOf(of)}, ${release.name})`,
    op: 'refcount_add',
    operand: () => -1,
    marked: true,
    order: 'put',
    keeps: [{ if: ({ value }) => value === 0, says: 'last', does: call(release, options) }, {}],
  })

interface Locking {
  readonly says: string
  readonly takes: Step<any>
  readonly leaves: Step<any>
  /** What to do with the lock in hand, and what otherwise. */
  readonly last: Step<any>
  readonly others?: Step<any>
}

/** One reference less; the last only with a lock in hand, so that nobody who looks under it can find an object without references. */
const countingUnder = (of: Cell | string, { says, takes, leaves, last, others = inOrder([]) }: Locking): Step<any> => {
  const put = { says, operand: () => -1, marked: true }
  const again = access(of, {
    ...put,
    op: 'refcount_add',
    order: 'put',
    keeps: [{ if: ({ value }) => value === 0, says: 'last', does: last }, { does: inOrder([leaves, others]) }],
  })
  return access(of, {
    ...put,
    op: 'refcount_dec_not_one',
    order: 'release',
    keeps: [
      { if: ({ value }) => value === true, says: 'not the last', does: others },
      { does: inOrder([takes, again]) },
    ],
  })
}

const puttingUnder =
  <Lock>(word: string, takes: (lock: Lock) => Step<any>, leaves: (lock: Lock) => Step<any>) =>
  (of: Cell | string, lock: Lock, into: string): Step<any> => {
    const is = (value: boolean) => keeping(`${into} = ${value}`, () => ({ [into]: value }))
    return countingUnder(of, {
      says: `${into} = ${word}(${wordsOf(of)}, ${wordsOf(lock as Mutex | string)})`,
      takes: takes(lock),
      leaves: leaves(lock),
      last: is(true),
      others: is(false),
    })
  }

/** One less; if it was the last, with the mutex held. `into`: was it, and is the mutex held? Leads to: deadlock, lock order. */
export const refcount_dec_and_mutex_lock: <L>(
  of: Place<L, Refcount>,
  lock: Place<L, Mutex>,
  into: Into<L, boolean>,
) => Step<L> = puttingUnder<any>('refcount_dec_and_mutex_lock', mutex_lock, mutex_unlock)

/** The same with a spinlock. */
export const refcount_dec_and_lock: <L>(
  of: Place<L, Refcount>,
  lock: Place<L, Spinlock>,
  into: Into<L, boolean>,
) => Step<L> = puttingUnder<any>('refcount_dec_and_lock', spin_lock, spin_unlock)

const krefPuttingUnder =
  <Lock>(word: string, takes: (lock: Lock) => Step<any>, leaves: (lock: Lock) => Step<any>) =>
  (of: Cell | string, release: Procedure, lock: Lock, options: CallOptions<any, any> = {}): Step<any> =>
    countingUnder(of, {
      says: `${word}(${wordsOf(of)}, ${release.name}, ${wordsOf(lock as Mutex | string)})`,
      takes: takes(lock),
      leaves: leaves(lock),
      last: call(release, options),
    })

/** One reference less; who lets go of the last takes the mutex and calls `release`, which has to let go of it. */
export const kref_put_mutex: <L, A>(
  of: Place<L, Kref>,
  release: Procedure<A>,
  lock: Place<L, Mutex>,
  options?: CallOptions<L, A>,
) => Step<L> = krefPuttingUnder<any>('kref_put_mutex', mutex_lock, mutex_unlock)

/** The same with a spinlock. */
export const kref_put_lock: <L, A>(
  of: Place<L, Kref>,
  release: Procedure<A>,
  lock: Place<L, Spinlock>,
  options?: CallOptions<L, A>,
) => Step<L> = krefPuttingUnder<any>('kref_put_lock', spin_lock, spin_unlock)
