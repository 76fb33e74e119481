/** Atomic operations: atomic_t, bits of flags, xchg and cmpxchg. Each is one access, and marked: no data race with another marked one. */
import type { Cell } from '../object.ts'
import { nameOf, wordsOf, type Into, type PathTo, type Place, type ValueAt } from '../place.ts'
import { access, type Accessing, type Locals, type Step } from '../step.ts'
import { textOf, valueIn } from '../text.ts'
import { countCalled, type Counts, type VariableOptions } from '../variable.ts'

export type Atomic = Cell<number, 'atomic_t'>
/** Flags are bits of a plain number. */
type Flags = Cell<number, 'plain'>

/** An atomic_t; nothing warns when it runs over or below. */
export const atomic_t: Counts<'atomic_t'> = (first: string | number, value?: number, options?: VariableOptions) =>
  countCalled('atomic_t', first, value, options)

const atomic = (of: Cell | string, what: Omit<Accessing, 'marked'>): Step<any> => access(of, { ...what, marked: true })

const isZero = ({ value }: Locals): boolean => value === 0
const isNotZero = ({ value }: Locals): boolean => value !== 0

export const atomic_read = <L>(of: Place<L, Atomic>, into: Into<L, number>): Step<L> =>
  atomic(of, { says: `${into} = atomic_read(${wordsOf(of)})`, op: 'read', keeps: { into } })

export const atomic_set = <L>(of: Place<L, Atomic>, value: number | ((v: L) => number)): Step<L> =>
  atomic(of, { says: `atomic_set(${wordsOf(of)}, ${textOf(value)})`, op: 'write', operand: valueIn(value) })

export const atomic_add = <L>(by: number | ((v: L) => number), of: Place<L, Atomic>): Step<L> =>
  atomic(of, { says: `atomic_add(${textOf(by)}, ${wordsOf(of)})`, op: 'add', operand: valueIn(by) })

/** What gives a value back is fully ordered, what gives none back orders nothing (Documentation/atomic_t.txt). */
const adding =
  (word: string, by: number, value?: (answer: Locals) => unknown) =>
  (of: Cell | string, into?: string): Step<any> =>
    atomic(of, {
      says: into === undefined ? `${word}(${wordsOf(of)})` : `${into} = ${word}(${wordsOf(of)})`,
      op: 'add',
      operand: () => by,
      ...(into !== undefined && { order: 'full', keeps: { into, ...(value && { value }) } }),
    })

type Adds = <L>(of: Place<L, Atomic>) => Step<L>
type AddsInto<T> = <L>(of: Place<L, Atomic>, into: Into<L, T>) => Step<L>

export const atomic_inc: Adds = adding('atomic_inc', 1)
export const atomic_dec: Adds = adding('atomic_dec', -1)
export const atomic_inc_return: AddsInto<number> = adding('atomic_inc_return', 1)
export const atomic_dec_return: AddsInto<number> = adding('atomic_dec_return', -1)
/** `into`: is it 0 now? */
export const atomic_dec_and_test: AddsInto<boolean> = adding('atomic_dec_and_test', -1, isZero)

/** `into`: was it counted up? */
export const atomic_inc_not_zero = <L>(of: Place<L, Atomic>, into: Into<L, boolean>): Step<L> =>
  atomic(of, {
    says: `${into} = atomic_inc_not_zero(${wordsOf(of)})`,
    op: 'add_not_zero',
    operand: () => 1,
    order: 'full',
    keeps: { into, value: isNotZero },
  })

interface Exchanges {
  /** Writes a value; `into`: what was there. */
  <L, T>(of: Cell<T>, value: NoInfer<T> | ((v: L) => NoInfer<T>), into: Into<L, NoInfer<T>>): Step<L>
  <L, P extends PathTo<L, Cell>>(
    of: P,
    value: ValueAt<L, P> | ((v: L) => ValueAt<L, P>),
    into: Into<L, ValueAt<L, P>>,
  ): Step<L>
}

export const xchg: Exchanges = (of: Cell | string, value: unknown, into: string): Step<any> =>
  atomic(of, {
    says: `${into} = xchg(&${nameOf(of)}, ${textOf(value)})`,
    op: 'xchg',
    operand: valueIn(value),
    order: 'full',
    keeps: { into },
  })

interface CompareExchanges {
  /** Writes a value if another was there; `into`: what was there. */
  <L, T>(
    of: Cell<T>,
    expected: NoInfer<T> | ((v: L) => NoInfer<T>),
    value: NoInfer<T> | ((v: L) => NoInfer<T>),
    into: Into<L, NoInfer<T>>,
  ): Step<L>
  <L, P extends PathTo<L, Cell>>(
    of: P,
    expected: ValueAt<L, P> | ((v: L) => ValueAt<L, P>),
    value: ValueAt<L, P> | ((v: L) => ValueAt<L, P>),
    into: Into<L, ValueAt<L, P>>,
  ): Step<L>
}

export const cmpxchg: CompareExchanges = (
  of: Cell | string,
  expected: unknown,
  value: unknown,
  into: string,
): Step<any> => {
  const [old, now] = [valueIn(expected), valueIn(value)]
  return atomic(of, {
    says: `${into} = cmpxchg(&${nameOf(of)}, ${textOf(expected)}, ${textOf(value)})`,
    op: 'cmpxchg',
    operand: (v) => ({ expected: old(v), value: now(v) }),
    order: 'full',
    keeps: { into },
  })
}

const changingBit =
  (word: string, op: 'set_bit' | 'clear_bit' | 'change_bit' | 'test_bit') =>
  (nr: number, of: Cell | string, into?: string): Step<any> =>
    atomic(of, {
      says: `${into === undefined ? '' : `${into} = `}${word}(${nr}, ${wordsOf(of)})`,
      op,
      operand: () => nr,
      ...(into !== undefined && { keeps: { into } }),
      ...(into !== undefined && op !== 'test_bit' && { order: 'full' }),
    })

type ChangesBit = <L>(nr: number, of: Place<L, Flags>) => Step<L>
/** `into`: was it set before? */
type TestsBit = <L>(nr: number, of: Place<L, Flags>, into: Into<L, boolean>) => Step<L>

export const set_bit: ChangesBit = changingBit('set_bit', 'set_bit')
export const clear_bit: ChangesBit = changingBit('clear_bit', 'clear_bit')
export const change_bit: ChangesBit = changingBit('change_bit', 'change_bit')
export const test_bit: TestsBit = changingBit('test_bit', 'test_bit')
export const test_and_set_bit: TestsBit = changingBit('test_and_set_bit', 'set_bit')
export const test_and_clear_bit: TestsBit = changingBit('test_and_clear_bit', 'clear_bit')
