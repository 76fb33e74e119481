/**
 * What the checker explores: components that exchange messages over lanes.
 *
 * Nothing here knows VFIO, XState or RxJS. A component is a name, an initial local state and two pure functions; everything a
 * system does is a sequence of steps, and one step delivers the head of one lane to a receiver that accepts it.
 */

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
}

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
  readonly access?: 'read' | 'write'
  readonly count?: Count
  /** An allocation or a free in the words of its owner: `mapped`. */
  readonly what?: string
  readonly detail?: string
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
 * The optional facts below let the reduction take a delivery alone. They are claims, checked on every new local transition and
 * every enabled delivery; when one turns out false the search starts again without the reduction and the report says so.
 */
export interface Component<Local = any> {
  readonly id: string
  readonly initial: Local
  /** False: the message is deferred and stays at the head of its lane. */
  accepts(local: Local, message: Message): boolean
  receive(local: Local, message: Message): Outcome<Local>
  /** Compares the step with another implementation of it; throws when they differ. Asked once for each new step. */
  confirm?(local: Local, message: Message): void
  /** Equal for two local states exactly when nothing can ever tell them apart. */
  key(local: Local): string
  show(local: Local): Shown
  /** True while this component waits for an answer: a run that ends so is a deadlock. */
  waits?(local: Local): boolean
  /** Set on tasks and calls: the thread of control it belongs to. At most one message of a thread is ever in flight. */
  readonly thread?: string
  /** Set on a lock: its class (as lockdep's), the message types that ask for it, and who holds it. */
  readonly lockClass?: string
  readonly acquires?: readonly string[]
  holders?(local: Local): Holders
  /** Set on a lock that may be asked for while others of its class are held. Without it, that is recursive locking. */
  readonly nest?: Nesting
  /** Set on a lock that answers others while it is held, if only to say so. Otherwise it defers them. */
  readonly tried?: true
  /** Senders whose request was taken and is not answered yet (a queued writer). */
  owes?(local: Local): readonly string[]
  /** Set on a heap: what it has allocated. At the end of a run everything else's data must lead to it, or it has leaked. */
  heap?(local: Local): readonly HeapObject[]
  /** Names of the objects that its data leads to. A heap's own list, and what a thread knows, count for nothing. */
  leadsTo?(local: Local): readonly string[]
  /** Set on an object whose data is only touched under this lock. */
  readonly guardedBy?: string
  /** Message types that may come without that lock; they must leave the object as it is. */
  readonly unguarded?: readonly string[]
}

/** A closed world: its components, and the messages in flight at the start. `View` is what properties look at. */
export interface System<View = unknown> {
  readonly name: string
  /** Changes when the model changes, so that an old schedule is refused with an explanation. */
  readonly fingerprint: string
  readonly components: readonly Component[]
  readonly start: readonly Send[]
  /** Domain names over local states. It must read them through `read`: what was read decides what the reduction must keep visible. */
  view(read: (id: string) => unknown): View
}

/** A claim about a system, in plain words. */
export interface Property<View = any> {
  readonly kind: 'always' | 'sometimes' | 'eventually'
  readonly name: string
  holds(view: View): boolean
  /** `always` only: where the claim applies. Never true in any state: the property is vacuous. */
  readonly when?: (view: View) => boolean
  /** Kind of the finding a violation is reported as. */
  readonly finding?: string
}
