/** Plain variables and fields of objects: a read and a write are two accesses, between which others may come. */
import { ModelError } from '../../explore/errors.ts'
import type { Cell } from '../object.ts'
import { nameOf, type Into, type PathTo, type ValueAt } from '../place.ts'
import { access, type Step } from '../step.ts'
import { variable, type VariableOptions } from '../variable.ts'
import { textOf, valueIn } from '../text.ts'

/** A variable of the kernel's. */
export const field = <T>(name: string, initial: T, options?: VariableOptions): Cell<Widened<T>, 'plain'> =>
  variable(name, initial as Widened<T>, options)
type Widened<T> = T extends number ? number : T extends boolean ? boolean : T extends string ? string : T

interface Reads {
  /** Reads a variable into a local. */
  <L, T>(of: Cell<T>, into: Into<L, NoInfer<T>>): Step<L>
  /** Reads a field of what a local points to: `'req->len'`. Leads to: use-after-free, NULL pointer dereference. */
  <L, P extends PathTo<L, Cell> & string>(of: P, into: Into<L, ValueAt<L, P>>): Step<L>
}
interface Writes {
  /** Writes a value, or what a function of the locals gives. */
  <L, T>(of: Cell<T>, value: NoInfer<T> | ((v: L) => NoInfer<T>)): Step<L>
  <L, P extends PathTo<L, Cell> & string>(of: P, value: ValueAt<L, P> | ((v: L) => ValueAt<L, P>)): Step<L>
}

/** A word that accesses a variable once: what it is called in C, when it is not plain, and what it orders. */
interface Manner {
  readonly word?: string
  readonly order?: 'acquire' | 'release'
}

const reading =
  ({ word, order }: Manner): Reads =>
  (of: Cell | string, into: string): Step<any> => {
    const place = word === undefined ? nameOf(of) : `${word}(${order ? '&' : ''}${nameOf(of)})`
    return access(of, {
      says: `${into} = ${place}`,
      op: 'read',
      marked: word !== undefined,
      ...(order && { order }),
      keeps: { into },
    })
  }

const writing =
  ({ word, order }: Manner): Writes =>
  (of: Cell | string, value: unknown): Step<any> => {
    const words = textOf(value)
    return access(of, {
      says: word === undefined ? `${nameOf(of)} = ${words}` : `${word}(${order ? '&' : ''}${nameOf(of)}, ${words})`,
      op: 'write',
      operand: valueIn(value),
      marked: word !== undefined,
      ...(order && { order }),
    })
  }

/** Leads to: data-race, when nothing orders it and another thread's access of the same field. */
export const read: Reads = reading({})
export const write: Writes = writing({})
/** Marked accesses: the compiler does them once, and they are no data race with each other. They order nothing. */
export const READ_ONCE: Reads = reading({ word: 'READ_ONCE' })
export const WRITE_ONCE: Writes = writing({ word: 'WRITE_ONCE' })
/** Marked, and whatever the thread did before comes before whatever is done by who reads this value with smp_load_acquire. */
export const smp_store_release: Writes = writing({ word: 'smp_store_release', order: 'release' })
export const smp_load_acquire: Reads = reading({ word: 'smp_load_acquire', order: 'acquire' })

/**
 * An access that may race, and it does not matter: neither it nor what races with it is reported. It is not READ_ONCE: the value may be
 * anything.
 *
 *     data_race(read(counter, 'n'))
 */
export const data_race = <L>(step: Step<L>): Step<L> => {
  if (step.racing) return step.racing
  throw new ModelError(
    'bad-description',
    'data_race() is about one access of a field, and this step is none.',
    [],
    "Write data_race(read(counter, 'n')) or data_race(write(counter, 1)).",
  )
}
