/**
 * What can be done to a piece of memory in one access: from what it held to what it holds, and what whoever did it gets. Plain accesses,
 * atomic ones, and those of refcount_t, which saturates when it goes wrong (lib/refcount.c); what is wrong with a count is not told here but
 * by the sanitizer, from the change.
 */
import type { Observed } from '../../say.ts'
import { lowestFree } from '../lowest-free.ts'

/** `now`: what the memory holds afterwards; absent: what it held. `got`: what the access gives. */
export interface Done {
  readonly now?: unknown
  readonly got?: unknown
}

type Operation = (old: any, operand: any) => Done

const INT_MAX = 2 ** 31 - 1
/** Where a refcount_t stays that went wrong once (REFCOUNT_SATURATED, INT_MIN / 2). */
const saturated = -(2 ** 30)

/** What a refcount_t that is `from` will be; `least`: 1 where nobody looks whether it was the last reference. */
export const refcountSum = (from: number, by: number, least: 0 | 1 = 0): number =>
  from < 0 || (from === 0 && by > 0) || from + by < least || from + by > INT_MAX ? saturated : from + by

const bit = (nr: number): number => 2 ** nr
const isSet = (word: number, nr: number): boolean => Math.floor(word / bit(nr)) % 2 === 1
const withBit = (word: number, nr: number, on: boolean): number =>
  isSet(word, nr) === on ? word : word + (on ? bit(nr) : -bit(nr))

/** What is in memory and what is expected: values by what they are, pointers by where they lead. */
const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** A table from numbers to pointers, as JSON has them. */
type Entries = Readonly<Record<string, unknown>>

const without = (entries: Entries, index: unknown): Entries => {
  const { [String(index)]: _, ...rest } = entries
  return rest
}

const table = {
  /** Looks at nothing, but the memory has to be there. */
  touch: () => ({}),
  read: (old) => ({ got: old }),
  write: (_, value) => ({ now: value }),
  /** atomic_add_return and its kind. */
  add: (old, by) => ({ now: old + by, got: old + by }),
  add_not_zero: (old, by) => (old === 0 ? { got: 0 } : { now: old + by, got: old + by }),
  xchg: (old, value) => ({ now: value, got: old }),
  cmpxchg: (old, { expected, value }) => (isEqual(old, expected) ? { now: value, got: old } : { got: old }),
  refcount_add: (old, by) => ({ now: refcountSum(old, by), got: refcountSum(old, by) }),
  refcount_add_not_zero: (old, by) =>
    old === 0 ? { got: 0 } : { now: refcountSum(old, by), got: refcountSum(old, by) },
  /** Who counts down with it does not ask whether that was the last: it had better not be. */
  refcount_dec: (old) => ({ now: refcountSum(old, -1, 1) }),
  /** Gives whether it was done: the last reference is left to whoever takes a lock first. */
  refcount_dec_not_one: (old) => (old === 1 ? { got: false } : { now: refcountSum(old, -1), got: true }),
  test_bit: (old, nr) => ({ got: isSet(old, nr) }),
  set_bit: (old, nr) => ({ now: withBit(old, nr, true), got: isSet(old, nr) }),
  clear_bit: (old, nr) => ({ now: withBit(old, nr, false), got: isSet(old, nr) }),
  change_bit: (old, nr) => ({ now: withBit(old, nr, !isSet(old, nr)), got: isSet(old, nr) }),
  xa_load: (entries: Entries, index) => ({ got: entries[index] ?? null }),
  xa_store: (entries: Entries, { index, entry }) => ({
    now: { ...entries, [index]: entry },
    got: entries[index] ?? null,
  }),
  xa_erase: (entries: Entries, index) => ({ now: without(entries, index), got: entries[index] ?? null }),
  xa_alloc: (entries: Entries, entry) => {
    const index = lowestFree((each) => each in entries)
    return { now: { ...entries, [index]: entry }, got: index }
  },
} satisfies Record<string, Operation>

export type OperationName = keyof typeof table

const operations: Readonly<Record<OperationName, Operation>> = table

/** One access of one piece of memory, as it is asked for. */
export interface Access {
  readonly op: OperationName
  readonly operand?: unknown
  /** READ_ONCE, WRITE_ONCE, or atomic: not a plain access. */
  readonly marked?: Observed['marked']
  /** What it orders besides. `put`: release, and acquire for whoever counts down to 0 (refcount_dec_and_test). */
  readonly order?: 'release' | 'acquire' | 'both' | 'full' | 'put'
  /** data_race(): whoever races with it is not told. */
  readonly silent?: boolean
  /** The function that does it. */
  readonly site: string
}

/** What it does to memory that holds `old`. */
export const perform = (old: unknown, { op, operand }: Access): Done => operations[op](old, operand)

/** What is answered to whoever did it. */
export const gotFrom = ({ got }: Done): { readonly value?: unknown } => (got === undefined ? {} : { value: got })

/** It leaves memory as it is. */
export const isRead = ({ op }: Pick<Access, 'op'>): boolean => reading.has(op)

const reading: ReadonlySet<OperationName> = new Set(['read', 'test_bit', 'xa_load'])

/** How a refcount_t changes by it; undefined when it is no change of one. */
export function countOf(field: string, old: unknown, { op, operand }: Access) {
  const from = old as number
  if (op === 'refcount_dec') return { field, from, by: -1, untested: true as const }
  if (op === 'refcount_dec_not_one') return from === 1 ? undefined : { field, from, by: -1 }
  const counts = op === 'refcount_add' || (op === 'refcount_add_not_zero' && from !== 0)
  return counts ? { field, from, by: operand as number } : undefined
}

/** An access as the sanitizer sees it, of memory that holds `old`. */
export function seenAs(old: unknown, access: Access): Pick<Observed, 'access' | 'marked' | 'bytes' | 'order'> {
  const { op, marked = false, silent = false } = access
  const kind = isRead(access) ? 'read' : op === 'write' || op === 'touch' ? 'write' : 'read-write'
  const order = orderOf(access, perform(old, access))
  return {
    access: kind,
    ...(marked && { marked }),
    ...(op !== 'touch' && !silent && { bytes: widthOf(access, old) }),
    ...(order && { order }),
  }
}

/** What may fail orders nothing when it does (Documentation/atomic_t.txt). */
function orderOf({ op, order }: Access, { now, got }: Done): Observed['order'] {
  if (order === 'put') return got === 0 ? 'both' : 'release'
  return now === undefined && failing.has(op) ? undefined : order
}

const failing: ReadonlySet<OperationName> = new Set([
  'cmpxchg',
  'add_not_zero',
  'refcount_add_not_zero',
  'refcount_dec_not_one',
])

/** In bytes: an int, a bool, and a pointer or an unsigned long of bits where those have 64. */
const widthOf = ({ op }: Access, old: unknown): number => {
  if (op.endsWith('_bit')) return 8
  return typeof old === 'number' ? 4 : typeof old === 'boolean' ? 1 : 8
}
