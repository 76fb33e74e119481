/**
 * The only things a machine may say. A machine communicates by `emit` alone:
 *
 *   send     put a message on the lane to another actor
 *   finding  something is wrong, in the kernel's words; `fatal` means the kernel would have crashed here
 *   note     an event in the life of an object, for the report
 *   memory   an object was allocated, freed, used, or a count in it changed; whether that is wrong is not for the machine to say
 *
 * Whoever runs the machine (the live system or the checker) decides when a message arrives.
 */
import type { EventObject } from 'xstate'

/** A message as it arrives: `from` is the actor that sent it, `task` the thread of control on whose behalf. */
export interface Heard extends EventObject {
  readonly from: string
  readonly task: string
}

export interface Sent {
  readonly type: 'send'
  readonly to: string
  readonly message: { readonly type: string; readonly [field: string]: unknown }
}

export interface Found {
  readonly type: 'finding'
  readonly kind: FindingKind
  readonly title: string
  readonly fatal: boolean
  readonly object?: string
  readonly detail?: string
}

export interface Noted {
  readonly type: 'note'
  readonly object: string
  readonly what: string
}

/** A reference count that changes: `field` was `from`, and `by` is added to it. */
export interface Count {
  readonly field: string
  readonly from: number
  readonly by: number
  /** What it is called when it drops below zero, where it is no refcount_t and the kernel would not say so itself. */
  readonly title?: string
  /** refcount_dec: nobody looks whether that was the last reference, so nobody would free the object. */
  readonly untested?: true
}

/** An observation of memory, from which the sanitizer (explore/memory/sanitizer.ts) tells what is wrong. */
export interface Observed {
  readonly type: 'memory'
  readonly act: 'alloc' | 'free' | 'use' | 'count'
  /** With its life: `vfio_task0#1`. */
  readonly object: string
  /** The kmem_cache or the struct: `vfio_task`. */
  readonly cache: string
  /** The function of the kernel that does it. */
  readonly site?: string
  /** Its life is going on, as its owner knows. */
  readonly live: boolean
  readonly access?: 'read' | 'write' | 'read-write'
  /** Not a plain access: READ_ONCE, WRITE_ONCE, an atomic operation. `to readers`: as far as readers see it (list_add). */
  readonly marked?: boolean | 'to readers'
  /** How wide the access is, in bytes. Only what says so can be half of a data race. */
  readonly bytes?: number
  /** What it orders besides, as smp_store_release does; absent: nothing. */
  readonly order?: 'release' | 'acquire' | 'both' | 'full'
  /** Which piece of the object, where it has several. */
  readonly field?: string
  readonly count?: Count
  /** An allocation or a free in the words of its owner: `mapped`. */
  readonly what?: string
  readonly detail?: string
}

export type Said = Sent | Found | Noted | Observed

export type FindingKind =
  | 'use-after-free'
  | 'double-free'
  | 'double-unregister'
  | 'leak'
  | 'refcount'
  | 'deadlock'
  | 'livelock'
  | 'lock-order'
  | 'wait-context'
  | 'data-race'
  | 'warn'
  | 'bug'
  | 'stale-mapping'
  | 'lost-notification'
  | 'wrong-result'

/** What a machine may find by itself; the others are derived from what it says of memory. */
export type Complaint = Exclude<
  FindingKind,
  'use-after-free' | 'double-free' | 'refcount' | 'data-race' | 'wait-context'
>

export const send = (to: string, type: string, fields: Readonly<Record<string, unknown>> = {}): Sent => ({
  type: 'send',
  to,
  message: { type, ...fields },
})

/** The kernel would have crashed: the run ends here. */
export const crash = (kind: 'bug', title: string, more: { object?: string; detail?: string } = {}): Found => ({
  type: 'finding',
  kind,
  title,
  fatal: true,
  ...more,
})

/** The kernel would have complained and gone on. */
export const complain = (kind: Complaint, title: string, more: { object?: string; detail?: string } = {}): Found => ({
  type: 'finding',
  kind,
  title,
  fatal: false,
  ...more,
})

export const note = (object: string, what: string): Noted => ({ type: 'note', object, what })

/** A line in the kernel's log, as dmesg prints it with its level: `<4>text`. */
export const printk = (level: number, text: string): Noted => note('kmsg', `<${level}>${text}`)

type Told<Field extends keyof Observed> = Partial<Pick<Observed, Field>>

/** A life begins. */
export const allocated = (object: string, cache: string, more: Told<'site' | 'what'> = {}): Observed => ({
  type: 'memory',
  act: 'alloc',
  object,
  cache,
  live: true,
  ...more,
})

/** A life ends; not `live`: it was over. */
export const freed = (object: string, cache: string, more: Told<'site' | 'what' | 'live'> = {}): Observed => ({
  type: 'memory',
  act: 'free',
  object,
  cache,
  live: true,
  ...more,
})

/** Somebody followed a pointer; not `live`: to an object whose life is over. */
export const used = (
  object: string,
  cache: string,
  more: { readonly site: string; readonly live: boolean } & Told<
    'access' | 'marked' | 'bytes' | 'order' | 'field' | 'detail'
  >,
): Observed => ({ type: 'memory', act: 'use', object, cache, ...more })

/** A count in an object changes. */
export const counted = (
  object: string,
  cache: string,
  count: Count,
  more: { readonly site: string } & Told<'live' | 'access' | 'marked' | 'bytes' | 'order' | 'field' | 'detail'>,
): Observed => ({ type: 'memory', act: 'count', object, cache, live: true, access: 'write', count, ...more })
