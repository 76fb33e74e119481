/**
 * What the checker explores: components that exchange messages over lanes.
 *
 * Nothing here knows VFIO, XState or RxJS. A component is a name, an initial local state and two pure functions; everything a
 * system does is a sequence of steps, and one step delivers the head of one lane to a receiver that accepts it.
 */

import type { Folded } from './symmetry/folding.ts'
import type { Order } from './runs/held.ts'
import type { Numbered } from './breadth/numbered.ts'
import type { Besides, Report } from './outcome/report.ts'
import type { Trace } from './runs/trace.ts'

/** What travels on a lane. Fields are JSON-like (bigint allowed); `from` is the sender and `type` names it. */
export interface Message {
  readonly type: string
  readonly from: string
  readonly [field: string]: unknown
}

/** A message on its way: appended to the lane `message.from` → `to`. */
export interface Send {
  readonly to: string
  readonly message: Message
}

/** Something wrong that was seen during one step. `fatal` ends the run there: the kernel would have crashed. */
export interface Finding {
  /** A kernel word: use-after-free, double-free, leak, refcount, deadlock, livelock, lock-order, warn, bug, … */
  readonly kind: string
  /** Stable and greppable, the same for every run that shows the same thing: `use-after-free in vfio_dma_do_unmap`. */
  readonly title: string
  readonly fatal: boolean
  /** The object it is about, with its generation: `dma0#1`. */
  readonly object?: string
  readonly detail?: string
  /** Lock order only: the classes, each asked for while the one before was held; the last leads back to the first. */
  readonly cycle?: readonly string[]
  /** Wait contexts only: the class that was asked for, and the one under which nobody may wait so. */
  readonly context?: { readonly from: string; readonly to: string }
  /** Data races only, in a trace: the step of the other access, which came before this one. */
  readonly against?: number
}

/** An event in the life of an object (mapped, pinned, freed …). Not part of the state; it lets a report tell both sides of a race. */
export interface Note {
  readonly object: string
  readonly what: string
}

/** A reference count that changes: `field` was `from`, and `by` is added to it. */
export interface Count {
  readonly field: string
  readonly from: number
  readonly by: number
  /** What it is called when it drops below zero; unless said, as refcount_t says it. */
  readonly title?: string
  /** refcount_dec: nobody looks whether that was the last reference, so nobody would free the object. */
  readonly untested?: true
}

/** `read-write`: both in one, as atomic operations are. */
export type AccessKind = 'read' | 'write' | 'read-write'

/**
 * What an access orders: nothing that its thread did before comes after it (release), nothing that it does afterwards comes before (acquire),
 * both, or as if there were an smp_mb() before and after it (full).
 */
export type MemoryOrder = 'release' | 'acquire' | 'both' | 'full'

/**
 * How an object orders those who speak to it: whatever a thread did before it sent one of `releases` comes before whatever is done by those who
 * hear one of `acquires` from the object afterwards. A message may be both. Locks need not say it: it is read off their holders.
 */
export interface Orders {
  /** Message types that the object hears: `COMPLETE`, `QUEUE`. */
  readonly releases?: readonly string[]
  /** Message types that it sends: `DONE`, `RUN`. */
  readonly acquires?: readonly string[]
  /** Message types that it hears, and whose sender acquires nothing though one of `acquires` is the answer. */
  readonly relaxed?: readonly string[]
  /** Message types that are barriers of whoever sends them (smp_mb, smp_wmb, smp_rmb); nothing goes through the object. */
  readonly fences?: Readonly<Record<string, 'release' | 'acquire' | 'full'>>
  /**
   * It has sections, as a processor has one in which interrupts are off. Messages to it may say which their sender has left by then, in a field
   * `leaves`, and those it sends which their hearer has entered, in a field `enters`: names. Whoever has entered one comes after those who have left it.
   */
  readonly sections?: true
}

/** `to readers`: what readers see of it is marked, the rest is plain, so that two who change it race with each other (list_add). */
export type Marked = boolean | 'to readers'

/**
 * An observation of memory. What is wrong with it, if anything, is not for the observer to say: see sanitizer.ts. Not part of the state, like
 * a note.
 */
export interface Memory {
  readonly act: 'alloc' | 'free' | 'use' | 'count'
  /** With its generation: `vfio_task0#1`. */
  readonly object: string
  /** What it is one of: `vfio_task`. */
  readonly cache: string
  /** The function that does it. */
  readonly site?: string
  /** The life of the object is going on. */
  readonly live: boolean
  readonly access?: AccessKind
  /** Not a plain access: READ_ONCE, WRITE_ONCE, an atomic operation. */
  readonly marked?: Marked
  /** How wide the access is, in bytes. Only what says so can be half of a data race. */
  readonly bytes?: number
  /** What it orders besides (happens-before.ts); absent: nothing, as READ_ONCE. */
  readonly order?: MemoryOrder
  /** Which piece of the object, where it has several. */
  readonly field?: string
  readonly count?: Count
  /** An allocation or a free in the words of its owner: `mapped`. */
  readonly what?: string
  readonly detail?: string
}

/** A line of a log that components write. */
export interface LogLine {
  /** The component that has written it. */
  readonly by: string
  readonly text: string
  /** As printk has it, from 0 (everything is over) to 7 (for debugging); absent where nobody has said. */
  readonly level?: number
}

/** An object that a heap has allocated, and the objects that its fields lead to. */
export interface HeapObject {
  readonly object: string
  readonly cache: string
  readonly leadsTo: readonly string[]
}

/** What a component did with one message. */
export interface Outcome<Local = unknown> {
  readonly local: Local
  readonly sends: readonly Send[]
  readonly findings: readonly Finding[]
  readonly notes: readonly Note[]
  /** Absent: nothing was allocated, freed or used. Their findings are among `findings` already. */
  readonly memory?: readonly Memory[]
  /** Neither handled nor deferred: the message vanished. Often the bug, always visible. */
  readonly ignored: boolean
}

/** A local state as a person reads it. */
export interface Shown {
  readonly state: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Which threads a lock is held by in some local state; `exclusive` for a mutex or a writer. */
export interface Holders {
  readonly threads: readonly string[]
  readonly exclusive: boolean
}

/** A documented rule by which locks of one class are taken one inside the other; lockdep calls it nesting. */
export interface Nesting {
  /** In words: `the parent's before the child's`. */
  readonly rule: string
  /** Ids of the locks of the same class that may be held while this one is asked for. */
  readonly after: readonly string[]
}

/**
 * One actor. `receive` must be pure and is called once per (local state, message): its answers are remembered.
 *
 * The optional facts below let the reduction take a delivery alone. They are claims, and checked (reduction.ts says how); when one turns
 * out false the search starts again without the reduction and the report says so.
 */
export interface Component<Local = any> {
  readonly id: string
  readonly initial: Local
  /** False: the message is deferred and stays at the head of its lane. */
  accepts(local: Local, message: Message): boolean
  receive(local: Local, message: Message): Outcome<Local>
  /** The same answer from another implementation. Asked once for each new step, instead of `receive` a second time; when they differ, the search ends. */
  confirm?(local: Local, message: Message): Outcome<Local>
  /**
   * What may come from outside in this local state, each on a lane of its own: one of them is delivered, and what is offered next follows from
   * the state behind it. Unlike a message that was sent, it need not be taken, and is gone when it is not offered any more. No two offers
   * of one state have the same `from` and `type`; `from` is the id of no component.
   */
  offers?(local: Local): readonly Message[]
  /** Equal for two local states exactly when nothing can ever tell them apart. */
  key(local: Local): string
  show(local: Local): Shown
  /** True while this component waits for an answer: a run that ends so is a deadlock. */
  waits?(local: Local): boolean
  /**
   * Set on an actor of no thread, of which nobody can tell whether it waits: true while nothing that it has asked for is missed. Otherwise a
   * run that ends with a request of it that nobody takes is a deadlock.
   */
  rests?(local: Local): boolean
  /** Set on tasks and calls: the thread of control it belongs to. At most one message of a thread is ever in flight. */
  readonly thread?: string
  /**
   * Set on a lock: its class (as lockdep's), the message types that ask for it, and who holds it. What a thread holds changes only by its own
   * message, or while the lock owes it an answer.
   */
  readonly lockClass?: string
  readonly acquires?: readonly string[]
  holders?(local: Local): Holders
  /** Set on a lock, and on what else may be held: how long one waits for it, and how long under it (explore/locks/contexts.ts). */
  readonly waitType?: WaitTypes
  /** Set on the actor of a thread that is none of a process: what it interrupts others as. It is a class in the order of locks. */
  readonly runsIn?: Interruption
  /** Set on a lock that may be asked for while others of its class are held. Without it, that is recursive locking. */
  readonly nest?: Nesting
  /** Set on a lock that answers others while it is held for one thread alone, if only to say so. Otherwise it defers them. */
  readonly tried?: true
  /**
   * Set on what is waited for and is no lock: a completion, a wait queue, work that is flushed, a count that has to come to zero. It is asked
   * for as a lock is (`acquires`), and its holders are the threads that have yet to do what ends the wait: whoever could complete it, the
   * worker that runs the work, whoever has a reference. `any`: one of them is enough. `all`: each of them has to.
   *
   * Deadlock reports name them. With a `lockClass` (`(completion)done`) it has a place in the order of locks, too: a lock that one of its
   * holders asks for is asked for while the wait goes on. Where one of several is enough, none of them is a holder for that order.
   */
  readonly awaited?: 'any' | 'all'
  /**
   * Who could end the wait of a component (by its id), where those are not its holders: a completion that was complete once is nobody's in the
   * order of locks, and can be waited for again; of two pieces of work only one is waited for.
   */
  endedBy?(local: Local, waiter: string): readonly string[]
  /** Senders whose request was taken and is not answered yet (a queued writer). */
  owes?(local: Local): readonly string[]
  /** Set on a heap: what it has allocated. At the end of a run everything else's data must lead to it, or it has leaked. */
  heap?(local: Local): readonly HeapObject[]
  /** Names of the objects that its data leads to. A heap's own list, and what a thread knows, count for nothing. */
  leadsTo?(local: Local): readonly string[]
  /** Set on who keeps what he has written to a log so far, each line once: what is written is never taken back. */
  log?(local: Local): readonly LogLine[]
  /** Set on an object whose data is only touched under this lock: whoever sends it anything holds the lock until it is answered. */
  readonly guardedBy?: string
  /** Message types that may come without that lock; they must leave the object as it is. */
  readonly unguarded?: readonly string[]
  /** Set where it is known which types of messages it could ever do something with, of those that this sender sends it: an order that names others is refused. */
  hears?(from: string): readonly string[]
  /** Set on an object that orders threads and is no lock: work that is queued, a completion, a timer. Without it no data race is ordered by it. */
  readonly orders?: Orders
}

/** How long one may have to wait, as lockdep has it: for who spins, for who spins where spinlocks may sleep (PREEMPT_RT), for who sleeps. */
export type WaitType = 'raw' | 'spin' | 'sleep'

/** `outer`: how long one waits for it. `inner`: how long one may wait while it is held. */
export interface WaitTypes {
  readonly outer?: WaitType
  readonly inner: WaitType
}

/** What comes in between whatever a thread does, as a class in the order of locks. */
export type Interruption = '(hardirq)' | '(softirq)'

/** A closed world: its components, and the messages in flight at the start. `View` is what properties look at. */
export interface System<View = unknown> {
  readonly name: string
  /** Changes when the model changes, so that an old schedule is refused with an explanation. */
  readonly fingerprint: string
  readonly components: readonly Component[]
  readonly start: readonly Send[]
  /**
   * Domain names over local states. It must read them through `read`: what was read decides what the reduction must keep visible. `log`, where it is
   * given: what components have written so far; who looks at that alone keeps only those steps visible that write something.
   */
  view(read: (id: string) => unknown, log?: () => readonly LogLine[]): View
  /** What else is to be known of a search of it that is over. `isKept`: it may have gone on from a checkpoint, and what properties asked before is not known. */
  besides?(report: Report, isKept?: boolean): Besides
  /** A run as people are told of it, if there is more to tell than what was delivered. */
  tell?(run: Trace): Trace
  /** Only runs in this order are looked at (order.ts). */
  readonly order?: Order
  /** Of a system of one component: who waits for what cannot come any more is known when all states are. */
  forEver?(): ForEver
  /** What grows without end, where a search would never come to one. */
  endless?(): readonly Endless[]
  /** The same system with states that are numbers already, anew for each search: what is tried first stands first. */
  numbered?(): Iterable<Numbered>
  /** The same system, in which states count once that differ only in who is who; where that was declared. */
  folded?(): Folded
}

/** Something that has no end, and a run that shows it. */
export interface Endless {
  readonly finding: Finding
  readonly schedule: readonly number[]
  /** No shorter run does. */
  readonly isShortest: boolean
}

/** Who does nothing any more, whatever comes, and what is wrong with that. */
export interface ForEver<Local = any> {
  /** By name: who is there and might do something. Nobody, where more may come than a search lets in. */
  there(local: Local): readonly string[]
  /** Who does something when this comes. */
  doing(local: Local, message: Message): readonly string[]
  /** What is wrong where these never do anything again. */
  wrong(local: Local, idle: ReadonlySet<string>): readonly Finding[]
}

/** A step as a claim about steps sees it: what was delivered, from whom to whom. */
export interface StepView {
  readonly from: string
  readonly to: string
  readonly type: string
  readonly message: Message
}

/** A claim about a system, in plain words. */
export interface Property<View = any> {
  readonly kind: 'always' | 'sometimes' | 'eventually'
  readonly name: string
  holds(view: View): boolean
  /** `always` only: where the claim applies. Never true in any state: the property is vacuous. */
  readonly when?: (view: View) => boolean
  /**
   * `always` only: the claim is about steps, and `holds` is true of every state. It is asked of each step that changes something which it looks at;
   * one that changes nothing of that says nothing about it.
   */
  readonly step?: (before: View, after: View, step: StepView) => boolean
  /** Kind of the finding a violation is reported as. */
  readonly finding?: string
}
