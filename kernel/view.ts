/** A state in the words of the procedures: what properties look at. A name that there is not is an error that says which there are. */
import { mustBeAmong, nthOf, strict } from '../actors/scripts/asked.ts'
import { logIn, type LogView } from '../actors/scripts/log.ts'
import type { ActorSpec } from '../actors/world/world.ts'
import type { LogLine } from '../explore/system.ts'
import type { Result } from '../machines/kernel/tasks/task.ts'

export interface ThreadView {
  /** It is through with all its procedures. */
  readonly finished: boolean
  /** What its last procedure returned; undefined before that. */
  readonly returned: number | string | undefined
  /** What its procedures returned so far, in order. */
  readonly results: readonly Result[]
  /** What the nth procedure returned (from 0); undefined before that. */
  result(nth: number): number | string | undefined
}

export interface ObjectView {
  /** With its life: `req0#1`. */
  readonly name: string
  readonly fields: Readonly<Record<string, any>>
}

export interface KernelView {
  /** Every thread is through. */
  readonly finished: boolean
  readonly threads: readonly string[]
  thread(name: string): ThreadView
  /** What a variable holds. */
  field(name: string): any
  /** Objects of a struct that are allocated now. */
  objects(struct: string): readonly ObjectView[]
  /** What is on a list, the head first: `['req0#1']`. */
  list(name: string): readonly string[]
  /** Threads that hold a lock. */
  holders(lock: string): readonly string[]
  /** State and data of any actor. */
  actor(id: string): Readonly<Record<string, any>>
  /** What was written to the kernel's log; where `log: true` is described. */
  readonly log: LogView
}

type Read = (id: string) => any
type Viewing<View> = (read: Read, log?: () => readonly LogLine[]) => View

interface Address {
  readonly id: string
  readonly gen: number
}

const named = ({ id, gen }: Address): string => `${id}#${gen}`

export function viewOf(actors: readonly ActorSpec[], threads: readonly string[]): Viewing<KernelView> {
  const ids = (is: (spec: ActorSpec) => boolean): readonly string[] => actors.filter(is).map(({ id }) => id)
  const made = (machine: string) => ids((spec) => spec.machine.id === machine)
  const [variables, structs, lists, everybody] = [made('cell'), made('slab'), made('list'), ids(() => true)]
  const locks = new Map(
    actors.flatMap(({ id, lock, lockClass }) => (lock && lockClass !== undefined ? [[id, lock]] : [])),
  )
  const tellsLog = logIn(actors)
  return (read, log) => {
    const asked = (kind: string, name: string, names: readonly string[]): any => {
      mustBeAmong(kind, name, names)
      return read(name)
    }
    const thread = (name: string): ThreadView => {
      const { state, results } = asked('thread', name, threads) as { state: string; results: readonly Result[] }
      return {
        __proto__: strict,
        finished: state === 'finished',
        returned: results.at(-1)?.ret,
        results,
        result: (nth: number) => nthOf(results, nth)?.ret,
      } as ThreadView
    }
    const view = {
      __proto__: strict,
      threads,
      thread,
      get finished() {
        return threads.every((name) => thread(name).finished)
      },
      field: (name: string) => asked('variable', name, variables).value,
      objects: (struct: string) =>
        asked('struct', struct, structs).objects.map(({ ptr, fields }: { ptr: Address; fields: object }) => ({
          name: named(ptr),
          fields,
        })),
      list: (name: string) => asked('list', name, lists).ptrs.map(named),
      holders: (lock: string) => {
        const local = asked('lock', lock, [...locks.keys()])
        return locks.get(lock)!.holders(local).threads
      },
      actor: (id: string) => asked('actor', id, everybody),
    }
    tellsLog(view, read, log)
    return view as unknown as KernelView
  }
}

/** One view of two: what one does not know, the other does; of what both know the world that was there says more. */
export const besideEachOther =
  (own: Viewing<object>, there: Viewing<unknown>): Viewing<object> =>
  (read, log) =>
    Object.create(strict, {
      ...Object.getOwnPropertyDescriptors(own(read, log)),
      ...Object.getOwnPropertyDescriptors(there(read, log)),
    }) as object
