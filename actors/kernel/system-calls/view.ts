/** What there is of processes and of those who answer them: what their calls came back with, what is mapped and locked. */
import { mustBeAmong, nthOf, strict } from '../../scripts/asked.ts'
import type { Read } from '../subject.ts'
import type { Result as Returned } from '../../../machines/kernel/tasks/task.ts'
import type { Result } from './op.ts'

export interface SystemView {
  /** What the operations of `before` came back with, as a case file has it. */
  readonly before: readonly Result[]
  /** What a thread's nth operation (n from 0; those of `after` count on) came back with, as a case file has it; undefined before that. */
  result(thread: string, nth: number): Result | undefined
  /** What is mapped in a container of VFIO's own (default: the first that was opened). */
  mappings(container?: string): readonly { readonly iova: bigint; readonly size: bigint }[]
  /** Which groups a container has. */
  groups(container?: string): readonly string[]
  /** How many pages of a process count as locked (default: the first). */
  locked(process?: string): number
  /** What an actor shows: its state, and its data. */
  read(actor: string): any
}

/** What a thread is told to do, as far as it is known beforehand: how each result is told as a case file has it. */
export interface ToldThread {
  readonly id: string
  /** Of its calls those that are operations. Undefined: its way parts, and which operation is its nth is not known. */
  readonly reports: readonly (((returned: any) => Result) | undefined)[] | undefined
}

export const viewOf = (before: readonly Result[], threads: ReadonlyMap<string, ToldThread>) => {
  const told = new Map(
    [...threads].map(([thread, { reports = [] }]) => [
      thread,
      reports.flatMap((report, at) => (report ? [{ report, at }] : [])),
    ]),
  )
  return (read: Read): SystemView => {
    const view = {
      __proto__: strict,
      before,
      result(thread: string, nth: number) {
        mustBeAmong('thread', thread, [...threads.keys()])
        const operations = told.get(thread)!
        mustBeAmong('operation', `${nth}`, Object.keys(operations))
        const { report, at } = operations[nth]!
        const result = nthOf(read(threads.get(thread)!.id).results as readonly Returned[], at)
        if (result === undefined) return undefined
        const { call: _call, ...returned } = result
        return report(returned)
      },
      mappings: (container = 'container0') => read(`${container}.type1`).dmas,
      groups: (container = 'container0') => read(container).groups,
      locked: (process = 'p0') => read(`${process}.mm`).locked,
      read,
    }
    return view
  }
}
