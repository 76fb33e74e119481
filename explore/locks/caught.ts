/**
 * Are threads caught in an inversion? One of them waits for a lock of each class of the cycle, and the thread that holds it waits for one of the
 * next class, all the way round. A cycle may be gone round more than once: two threads, each with one lock of a class, want each other's.
 */
import { interruptionsIn, isInterruption } from './contexts.ts'
import type { Cycle } from './lock-order.ts'
import type { Tables } from '../states/tables.ts'
import type { Trace, WaitEdge } from '../runs/trace.ts'
import { waitsAmong } from './waiting.ts'

/** Who waits, and what is known of the locks that are waited at. */
interface Waiting {
  readonly waits: readonly Pick<WaitEdge, 'thread' | 'at' | 'on' | 'awaited'>[]
  /** Of what has none, and is waited at for somebody who interrupts others: what he does it as. */
  readonly classOf: (wait: Pick<WaitEdge, 'at' | 'on'>) => string | undefined
  readonly holders: (lock: string) => readonly string[]
}

type Wait = Waiting['waits'][number]

/** A wait, and which class of the cycle it is for. */
type Stop = readonly [wait: Wait, nth: number]

function isCaught({ waits, classOf, holders }: Waiting, cycle: Cycle): boolean {
  const next = (nth: number): number => (nth + 1) % cycle.length
  const isFor = (wait: Wait, nth: number): boolean => classOf(wait) === cycle[nth]
  if (cycle.some((_, nth) => !waits.some((wait) => isFor(wait, nth)))) return false
  const after = ([wait, nth]: Stop): Stop[] =>
    waits.flatMap((other): Stop[] => {
      if (!wait.on.includes(other.thread)) return []
      const endsIt =
        wait.awaited !== undefined || isInterruption(cycle[nth]!) || holders(wait.at).includes(other.thread)
      if (endsIt) return isFor(other, next(nth)) ? [[other, next(nth)]] : []
      // He only stands before the other in the queue.
      return other.at === wait.at && other !== wait ? [[other, nth]] : []
    })
  const known = new Set<string>()
  const leadsBack = (stop: Stop, way: readonly string[]): boolean => {
    const name = `${stop[1]} ${waits.indexOf(stop[0])}`
    if (way.includes(name)) return true
    if (known.has(name)) return false
    known.add(name)
    return after(stop).some((each) => leadsBack(each, [...way, name]))
  }
  return waits.some((wait) => isFor(wait, 0) && leadsBack([wait, 0], []))
}

const waitsIn = (tables: Tables, state: Int32Array, cycle: Cycle): readonly WaitEdge[] =>
  waitsAmong(tables, state, (index) => {
    const { lockClass } = tables.components[index]!
    return lockClass === undefined ? cycle.some(isInterruption) : cycle.includes(lockClass)
  })

/** The first of those who are waited for that interrupts others. */
const interruptionOf = (interruptions: ReadonlyMap<string, string>, on: readonly string[]): string | undefined =>
  on.flatMap((thread) => interruptions.get(thread) ?? [])[0]

/** In a state of a search, terminal or not. */
export function isCaughtIn(tables: Tables, state: Int32Array, cycle: Cycle): boolean {
  const called = (id: string) => tables.components[tables.indexOf(id)]!
  const localOf = (id: string) => tables.locals[tables.indexOf(id)]![state[tables.indexOf(id)]!]
  const interruptions = interruptionsIn(tables.components)
  const waiting: Waiting = {
    waits: waitsIn(tables, state, cycle),
    classOf: ({ at, on }) => called(at).lockClass ?? interruptionOf(interruptions, on),
    holders: (id) => called(id).holders!(localOf(id)).threads,
  }
  return isCaught(waiting, cycle)
}

/** The locks of these classes that are waited for in a state, and those who wait: by number. */
export const caughtComponents = (tables: Tables, state: Int32Array, cycle: Cycle): ReadonlySet<number> =>
  new Set(waitsIn(tables, state, cycle).flatMap(({ from, at }) => [tables.indexOf(from), tables.indexOf(at)]))

/** At the end of a run that is over. */
export const isCaughtAtTheEnd = ({ waiting, locks, interruptions = {} }: Trace, cycle: Cycle): boolean =>
  isCaught(
    {
      waits: waiting,
      classOf: ({ at, on }) => locks[at]?.lockClass ?? interruptionOf(new Map(Object.entries(interruptions)), on),
      holders: (lock) => locks[lock]?.held.at(-1)?.threads ?? [],
    },
    cycle,
  )
