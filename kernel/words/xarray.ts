/**
 * Tables from numbers to pointers: xarray and idr. Each access is one step. Whoever changes an xarray has its own lock meanwhile; an idr has none:
 * two who change it at the same time race.
 */
import type { Cell } from '../object.ts'
import { wordsOf, type Into, type Place, type PointerIn } from '../place.ts'
import type { Pointer } from '../pointer.ts'
import { access, type Accessing, type Locals, type Step } from '../step.ts'
import { tableCalled } from '../variable.ts'
import { textOf, valueIn } from '../text.ts'

export type XArray = Cell<Readonly<Record<string, Pointer>>, 'xarray'>

/** An empty table; without a name, as a member of a struct. */
export const xarray = (name = ''): XArray => tableCalled(name)

type Index<L> = number | ((v: L) => number)

/** How it is changed: under a lock of its own, or so that readers alone may come by (rcu_assign_pointer). */
type Changing = Pick<Accessing, 'marked' | 'order'>
const locked: Changing = { marked: true, order: 'both' }
const published: Changing = { marked: 'to readers', order: 'release' }

const looking =
  (word: string) =>
  <L>(table: Place<L, XArray>, index: Index<L>, into: PointerIn<L>): Step<L> =>
    access(table, {
      says: `${into} = ${word}(${wordsOf(table)}, ${textOf(index)})`,
      op: 'xa_load',
      marked: true,
      order: 'acquire',
      operand: valueIn(index),
      keeps: { into },
    })

const storing =
  (word: string) =>
  <L>(table: Place<L, XArray>, index: Index<L>, entry: PointerIn<L>): Step<L> => {
    const at = valueIn(index)
    return access(table, {
      ...locked,
      says: `${word}(${wordsOf(table)}, ${textOf(index)}, ${entry})`,
      op: 'xa_store',
      operand: (v: Locals) => ({ index: at(v), entry: v[entry] }),
    })
  }

const erasing =
  (word: string, how: Changing) =>
  <L>(table: Place<L, XArray>, index: Index<L>, into?: PointerIn<L>): Step<L> =>
    access(table, {
      ...how,
      says: `${into === undefined ? '' : `${into} = `}${word}(${wordsOf(table)}, ${textOf(index)})`,
      op: 'xa_erase',
      operand: valueIn(index),
      ...(into !== undefined && { keeps: { into } }),
    })

const allocating =
  (word: string, how: Changing) =>
  <L>(table: Place<L, XArray>, entry: PointerIn<L>, into: Into<L, number>): Step<L> =>
    access(table, {
      ...how,
      says: `${into} = ${word}(${wordsOf(table)}, ${entry})`,
      op: 'xa_alloc',
      operand: (v: Locals) => v[entry],
      keeps: { into },
    })

/** `into`: what is stored there, NULL when nothing is. */
export const xa_load = looking('xa_load')
/** Stores what a local points to; what was there before is forgotten. */
export const xa_store = storing('xa_store')
/** Nothing is there any more; `into`: what was. */
export const xa_erase = erasing('xa_erase', locked)
/** Stores it at the lowest number that is free; `into`: the number. */
export const xa_alloc = allocating('xa_alloc', locked)

export const idr_find = looking('idr_find')
export const idr_remove = erasing('idr_remove', published)
export const idr_alloc = allocating('idr_alloc', published)
