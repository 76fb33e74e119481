/** Variables: plain ones, counts, and whatever else one access reads or changes. */
import { cell } from '../machines/kernel/variables/cell.ts'
import { named, type Cell, type KernelObject } from './object.ts'
import { startValue, type Pointer } from './pointer.ts'

export interface VariableOptions {
  /** The lock under which alone it is touched: less to search. A claim; if a run breaks it, the report says so and nothing is lost. */
  readonly guardedBy?: KernelObject
}

const cellCalled = <T, D extends string>(
  discipline: D,
  name: string,
  initial: T,
  { guardedBy }: VariableOptions = {},
): Cell<T, D> =>
  named({
    kind: 'cell',
    discipline,
    name,
    initial,
    actors: (id) => [
      {
        id,
        machine: cell,
        input: { name: id, value: startValue(initial) },
        ...(guardedBy && { guardedBy: guardedBy.name }),
      },
    ],
  })

export const variable = <T>(name: string, initial: T, options?: VariableOptions): Cell<T, 'plain'> =>
  cellCalled('plain', name, initial, options)

/** A table from numbers to pointers, empty at first. */
export const tableCalled = (name: string): Cell<Readonly<Record<string, Pointer>>, 'xarray'> =>
  cellCalled('xarray', name, {})

export interface Counts<D extends string> {
  /** One by itself, and what it is at the start. */
  (name: string, count: number, options?: VariableOptions): Cell<number, D>
  /** A member of a struct. */
  (count: number): Cell<number, D>
}

/** A count: by itself under a name, or as a member of a struct. */
export const countCalled = <D extends string>(
  discipline: D,
  first: string | number,
  second = 1,
  options?: VariableOptions,
): Cell<number, D> =>
  typeof first === 'string' ? cellCalled(discipline, first, second, options) : cellCalled(discipline, '', first)
