/**
 * RCU and SRCU (kernel/rcu): readers never wait, and what they may have found is freed only after those are done that began before. Leads to:
 * use-after-free, where somebody does not wait; `suspicious RCU usage`; a deadlock of who waits for a reader that waits for him.
 */
import { rcu as machine, rcuFacts, rcuOrders } from '../../machines/kernel/rcu/rcu.ts'
import type { LockFacts } from '../../machines/kernel/locks/lock-facts.ts'
import { affects, type Effect } from '../context.ts'
import { named, type Cell, type KernelObject } from '../object.ts'
import { nameOf, wordsOf, type Into, type PathTo, type PointerIn, type ValueAt } from '../place.ts'
import { pointer } from '../struct.ts'
import type { Struct } from '../pointer.ts'
import { procedure, type Procedure } from '../procedure.ts'
import { access, ask, inOrder, type Step } from '../step.ts'
import { textOf, valueIn } from '../text.ts'
import { initialising, isPiece, pieceCalled, workerOf, type Piece } from './deferred.ts'
import { kfree } from './heap.ts'

export type SrcuStruct = KernelObject<'srcu_struct'>
export type RcuHead = Piece<'rcu_head'>

const domain = <Kind extends string>(
  kind: Kind,
  name: string,
  illegal: string,
  more: Partial<LockFacts<any>> = {},
): KernelObject<Kind> => {
  const made: KernelObject<Kind> = named({
    kind,
    name,
    actors: (id, { all }) => {
      const heads = all.flatMap(({ id, object }) =>
        isPiece(object) && object.on === made ? [[id, workerOf(object, id)] as const] : [],
      )
      const input = { id, illegal, workers: Object.fromEntries(heads) }
      return [{ id, machine, input, lockClass: id, lock: { ...rcuFacts, ...more }, orders: rcuOrders }]
    },
  })
  return made
}

/** RCU itself: there is one. Its readers may be preempted, but do not sleep. */
const rcu = domain('rcu', 'rcu', 'Illegal synchronize_rcu() in RCU read-side critical section', {
  waitType: { inner: 'spin' },
})

/** An SRCU domain: its readers may sleep. */
export const srcu_struct = (name: string): SrcuStruct =>
  domain('srcu_struct', name, 'Illegal synchronize_srcu() in same-type SRCU (or in RCU) read-side critical section')

const asksDomain = (says: string, of: KernelObject, type: string, answered: string, effect?: Effect): Step<any> =>
  ask({ says, of, type, waits: 'not', answers: { [answered]: effect === undefined ? {} : { effect } } })

const reads = affects(({ rcu }) => ({ rcu: rcu + 1 }))
const readsNoMore = affects(({ rcu }) => ({ rcu: Math.max(0, rcu - 1) }))

/** Whoever asks sleeps until it is answered. */
const waitsFor = (says: string, of: KernelObject, type: string, answered = 'ANSWER'): Step<any> =>
  ask({ says, of, type, waits: 'sleeps', answers: { [answered]: {} } })

export const rcu_read_lock = (): Step => asksDomain('rcu_read_lock()', rcu, 'READ_LOCK', 'LOCKED', reads)
export const rcu_read_unlock = (): Step => asksDomain('rcu_read_unlock()', rcu, 'READ_UNLOCK', 'UNLOCKED', readsNoMore)
/** Waits for all readers that began before. Leads to: deadlock, `suspicious RCU usage`. */
export const synchronize_rcu = (): Step => waitsFor('synchronize_rcu()', rcu, 'SYNCHRONIZE', 'SYNCHRONIZED')
/** Waits for all callbacks that were queued before. */
export const rcu_barrier = (): Step => waitsFor('rcu_barrier()', rcu, 'BARRIER')

export const srcu_read_lock = (s: SrcuStruct): Step => asksDomain(`srcu_read_lock(${s.name})`, s, 'READ_LOCK', 'LOCKED')
export const srcu_read_unlock = (s: SrcuStruct): Step =>
  asksDomain(`srcu_read_unlock(${s.name})`, s, 'READ_UNLOCK', 'UNLOCKED')
export const synchronize_srcu = (s: SrcuStruct): Step =>
  waitsFor(`synchronize_srcu(${s.name})`, s, 'SYNCHRONIZE', 'SYNCHRONIZED')
export const srcu_barrier = (s: SrcuStruct): Step => waitsFor(`srcu_barrier(${s.name})`, s, 'BARRIER')

/** What a callback is queued by, as a member of a struct. `on`: the SRCU domain, if it is not RCU. */
export const rcu_head = ({ on }: { readonly on?: SrcuStruct } = {}): RcuHead =>
  pieceCalled({ kind: 'rcu_head', name: '', worker: 'rcu', on: on ?? rcu })

/** Some time after all readers are done that began before, `callback` is called, with the object in its local that points to such. */
export const call_rcu = <L>(head: PathTo<L, RcuHead> & string, callback: Procedure): Step<L> =>
  initialising({
    says: `call_rcu(${wordsOf(head)}, ${callback.name})`,
    of: head,
    procedure: callback,
    type: 'QUEUE',
    on: rcu,
  })

export const call_srcu = <L>(s: SrcuStruct, head: PathTo<L, RcuHead> & string, callback: Procedure): Step<L> =>
  initialising({
    says: `call_srcu(${s.name}, ${wordsOf(head)}, ${callback.name})`,
    of: head,
    procedure: callback,
    type: 'QUEUE',
    on: s,
  })

/** Some time after all readers are done that began before, the object is freed. `member`: its rcu_head. */
export const kfree_rcu = <L>(local: PointerIn<L>, member: string): Step<L> => ({
  uses: [rcu],
  compile: (chart) => {
    const step = call_rcu<any>(`${local}->${member}` as never, frees(chart.structOf(local)))
    return step.compile(chart)
  },
})

const freeing = new WeakMap<Struct, Procedure>()

const frees = (struct: Struct): Procedure => {
  const made = freeing.get(struct) ?? procedure(`kfree_rcu_${struct.name}`, { it: pointer(struct) }, [kfree('it')])
  freeing.set(struct, made)
  return made
}

/** Leads to: `suspicious RCU usage`, outside of rcu_read_lock. */
export const mustBeReader = (says: string): Step<any> =>
  ask({ says, of: rcu, type: 'CHECK', waits: 'not', answers: { ANSWER: {} } })

interface Dereferences {
  /** Reads a pointer that others may change, inside of rcu_read_lock. Leads to: `suspicious RCU usage`, outside of it. */
  <L, T>(of: Cell<T>, into: Into<L, NoInfer<T>>): Step<L>
  <L, P extends PathTo<L, Cell> & string>(of: P, into: Into<L, ValueAt<L, P>>): Step<L>
}
interface Assigns {
  /** Publishes what a pointer leads to: whoever finds it finds all that was written to it before. */
  <L, T>(of: Cell<T>, value: NoInfer<T> | ((v: L) => NoInfer<T>)): Step<L>
  <L, P extends PathTo<L, Cell> & string>(of: P, value: ValueAt<L, P> | ((v: L) => ValueAt<L, P>)): Step<L>
}

const reading = (word: string, of: Cell | string, into: string, order?: 'acquire'): Step<any> =>
  access(of, {
    says: `${into} = ${word}(${nameOf(of)})`,
    op: 'read',
    marked: true,
    ...(order && { order }),
    keeps: { into },
  })

export const rcu_dereference: Dereferences = (of: Cell | string, into: string): Step<any> => {
  return inOrder([
    mustBeReader(`${into} = rcu_dereference(${nameOf(of)})`),
    // What it leads to is read by way of it, and so not before.
    reading('rcu_dereference', of, into, 'acquire'),
  ])
}
/** The same of who keeps others from changing it. */
export const rcu_dereference_protected: Dereferences = (of: Cell | string, into: string): Step<any> =>
  reading('rcu_dereference_protected', of, into)

export const rcu_assign_pointer: Assigns = (of: Cell | string, value: unknown): Step<any> =>
  access(of, {
    says: `rcu_assign_pointer(${nameOf(of)}, ${textOf(value)})`,
    op: 'write',
    operand: valueIn(value),
    marked: true,
    order: 'release',
  })
