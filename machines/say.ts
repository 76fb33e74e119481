/**
 * The only things a machine may say. A machine communicates by `emit` alone:
 *
 *   send     put a message on the lane to another actor
 *   finding  something is wrong, in the kernel's words; `fatal` means the kernel would have crashed here
 *   note     an event in the life of an object, for the report
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

export type Said = Sent | Found | Noted

export type FindingKind =
  | 'use-after-free'
  | 'double-free'
  | 'double-unregister'
  | 'leak'
  | 'refcount'
  | 'deadlock'
  | 'livelock'
  | 'lock-order'
  | 'warn'
  | 'bug'
  | 'stale-mapping'
  | 'lost-notification'
  | 'wrong-result'

export const send = (to: string, type: string, fields: Readonly<Record<string, unknown>> = {}): Sent => ({
  type: 'send',
  to,
  message: { type, ...fields },
})

/** The kernel would have crashed, or read memory that is no longer its own: the run ends here. */
export const crash = (
  kind: 'use-after-free' | 'double-free' | 'bug',
  title: string,
  more: { object?: string; detail?: string } = {},
): Found => ({ type: 'finding', kind, title, fatal: true, ...more })

/** The kernel would have complained and gone on. */
export const complain = (kind: FindingKind, title: string, more: { object?: string; detail?: string } = {}): Found => ({
  type: 'finding',
  kind,
  title,
  fatal: false,
  ...more,
})

export const note = (object: string, what: string): Noted => ({ type: 'note', object, what })

/** A line in the kernel's log, as dmesg prints it with its level: `<4>text`. */
export const printk = (level: number, text: string): Noted => note('kmsg', `<${level}>${text}`)
