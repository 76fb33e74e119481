/**
 * The mappings of a process (struct vm_area_struct in the tree of its mm), as far as they are of device memory. They are looked up with
 * mmap_lock held, for write if anything changes.
 *
 * A mapping that is cut is split first, as __split_vma does it: the upper part becomes a mapping of its own, or the lower where the end of
 * the hole is meant; so what goes in the end is always the copy unless a mapping goes whole. What a change made (`opened`), shrank (`kept`)
 * and removed (`closed`) is told to whoever asked, whose part it is to call the driver.
 *
 * Source: mm/mmap.c (__do_munmap, __split_vma, copy_vma), mm/mremap.c and kernel/fork.c (dup_mmap), Linux 5.8 to 6.9.
 * Left out: memory that is not a device's, merging, protections, growing and shrinking by mremap, a mapping in the place where another
 * shall go (mmap and mremap refuse, as with MAP_FIXED_NOREPLACE).
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import { isSame, named, type Pointer } from '../../kernel/heap/pointer.ts'
import { nextPointer, withLife, type Lives } from '../../kernel/heap/slots.ts'
import { allocated, freed, used, type Heard, type Said } from '../../say.ts'
import { pageSize } from '../extent.ts'

/** What a mapping is of. */
export interface Mapped {
  readonly start: bigint
  readonly size: bigint
  /** Null: something else that has no struct page. */
  readonly device: string | null
  readonly bar: number
  /** vm_pgoff, in pages: see index-space.ts. */
  readonly pgoff: bigint
  /** vm_ops: the bus driver's, those of VFIO around them, or none. */
  readonly ops: 'driver' | 'vfio' | null
  /** vm_private_data, where VFIO has put something there. */
  readonly private: Pointer | null
}

export interface Vma extends Mapped {
  readonly ptr: Pointer
}

interface Space {
  /** In the order of their addresses. */
  readonly vmas: readonly Vma[]
  readonly lives: Lives
}

interface AreasContext extends Space {
  readonly process: string
}

type AreasEvent =
  | (Heard & { readonly type: 'INSERT' } & Mapped)
  /** Of the mmap that inserted it. */
  | (Heard & {
      readonly type: 'SET'
      readonly vma: Pointer
      readonly ops: Mapped['ops']
      readonly private: Pointer | null
    })
  | (Heard & { readonly type: 'FIND'; readonly vaddr: bigint })
  | (Heard & { readonly type: 'CUT'; readonly start: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'MOVE'; readonly start: bigint; readonly to: bigint })
  | (Heard & { readonly type: 'COPY'; readonly vmas: readonly Vma[] })
  | (Heard & { readonly type: 'USE'; readonly vma: Pointer; readonly site: string })
  | (Heard & { readonly type: 'LIST' })

const endOf = ({ start, size }: { readonly start: bigint; readonly size: bigint }): bigint => start + size

const overlaps = (vma: Vma, start: bigint, end: bigint): boolean => vma.start < end && endOf(vma) > start

/** The part of a mapping between two addresses. */
const part = <V extends Mapped>(vma: V, start: bigint, end: bigint): V => ({
  ...vma,
  start,
  size: end - start,
  pgoff: vma.pgoff + (start - vma.start) / pageSize,
})

/** One more mapping, a new life. */
function link({ process, vmas, lives }: AreasContext, mapped: Mapped): { readonly space: Space; readonly vma: Vma } {
  const name = `${process}.vma`
  const used = vmas.map(({ ptr }) => ptr)
  const ptr = nextPointer(name, used, lives)
  const { start, size, device, bar, pgoff, ops, private: data } = mapped
  const vma = { ptr, start, size, device, bar, pgoff, ops, private: data }
  const sorted = [...vmas, vma].sort((one, other) => (one.start < other.start ? -1 : 1))
  return { space: { vmas: sorted, lives: withLife(name, lives, ptr) }, vma }
}

const follow = ({ vmas }: Space, ptr: Pointer): Vma | undefined => vmas.find((vma) => isSame(vma.ptr, ptr))

const replace = (space: Space, next: Vma): Space => ({
  ...space,
  vmas: space.vmas.map((vma) => (isSame(vma.ptr, next.ptr) ? next : vma)),
})

interface Change {
  readonly context: AreasContext
  readonly opened: readonly Vma[]
  readonly closed: readonly Vma[]
}

/** A mapping that reaches over an address becomes two; which half is the new one, the caller says. */
function split(change: Change, at: bigint, newOne: 'upper' | 'lower'): Change {
  const vma = change.context.vmas.find((each) => each.start < at && endOf(each) > at)
  if (vma === undefined) return change
  const [lower, upper] = [part(vma, vma.start, at), part(vma, at, endOf(vma))]
  const [old, copy] = newOne === 'upper' ? [lower, upper] : [upper, lower]
  const made = link({ ...change.context, ...replace(change.context, old) }, copy)
  return { ...change, context: { ...change.context, ...made.space }, opened: [...change.opened, made.vma] }
}

/** munmap of a range. */
function cut(context: AreasContext, start: bigint, size: bigint): Change {
  const begun = split({ context, opened: [], closed: [] }, start, 'upper')
  const { context: after, opened } = split(begun, start + size, 'lower')
  const closed = after.vmas.filter((vma) => overlaps(vma, start, start + size))
  const vmas = after.vmas.filter((vma) => !closed.includes(vma))
  // What was opened may have been cut a second time.
  const asNow = (vma: Vma) => follow(after, vma.ptr)!
  return { context: { ...after, vmas }, opened: opened.map(asNow), closed }
}

/** Mappings that a change left smaller than they were. */
const shrunk = (before: Space, after: Space): readonly Vma[] =>
  after.vmas.filter((vma) => {
    const old = follow(before, vma.ptr)
    return old !== undefined && old.size !== vma.size
  })

const moved = ({ context, event }: { readonly context: AreasContext; readonly event: AreasEvent }) => {
  assertEvent(event, 'MOVE')
  return { old: context.vmas.find(({ start }) => start === event.start), to: event.to }
}

const cache = 'vm_area_struct'

export const areas = setup({
  types: {
    context: {} as AreasContext,
    events: {} as AreasEvent,
    emitted: {} as Said,
    input: {} as { readonly process: string },
  },
  guards: {
    isTaken: ({ context, event }) => {
      assertEvent(event, 'INSERT')
      return context.vmas.some((vma) => overlaps(vma, event.start, endOf(event)))
    },
    isNone: (step) => moved(step).old === undefined,
    isInTheWay: (step) => {
      const { old, to } = moved(step)
      return step.context.vmas.some((vma) => overlaps(vma, to, to + old!.size))
    },
    isFreed: ({ context, event }) => {
      assertEvent(event, 'USE')
      return follow(context, event.vma) === undefined
    },
  },
  actions: {
    insert: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'INSERT')
      const { space, vma } = link(context, event)
      enqueue.assign(space)
      enqueue.emit(allocated(named(vma.ptr), cache))
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, vma }))
    }),
    taken: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EEXIST', vma: null })),
    set: assign(({ context, event }) => {
      assertEvent(event, 'SET')
      const vma = follow(context, event.vma)!
      return replace(context, { ...vma, ops: event.ops, private: event.private })
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
    find: emit(({ context, event }) => {
      assertEvent(event, 'FIND')
      const vma = context.vmas.find((each) => overlaps(each, event.vaddr, event.vaddr + 1n)) ?? null
      return answer(event, 'ANSWER', { vma })
    }),
    list: emit(({ context, event }) => answer(event, 'ANSWER', { vmas: context.vmas })),
    use: emit(({ context, event }) => {
      assertEvent(event, 'USE')
      return answer(event, 'ANSWER', { ret: 0, vma: follow(context, event.vma)! })
    }),
    cut: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'CUT')
      const { context: after, opened, closed } = cut(context, event.start, event.size)
      enqueue.assign(after)
      for (const { ptr } of opened) enqueue.emit(allocated(named(ptr), cache))
      for (const { ptr } of closed) enqueue.emit(freed(named(ptr), cache))
      enqueue.emit(answer(event, 'ANSWER', { opened, closed, kept: shrunk(context, after) }))
    }),
    move: enqueueActions(({ context, event, enqueue }) => {
      const { old, to } = moved({ context, event })
      const { space, vma } = link(context, { ...old!, start: to })
      enqueue.assign({ ...space, vmas: space.vmas.filter((each) => each !== old) })
      enqueue.emit(allocated(named(vma.ptr), cache))
      enqueue.emit(freed(named(old!.ptr), cache))
      enqueue.emit(answer(event, 'ANSWER', { ret: 0, opened: [vma], closed: [old!] }))
    }),
    nothingThere: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EFAULT', opened: [], closed: [] })),
    inTheWay: emit(({ event }) => answer(event, 'ANSWER', { ret: '-EINVAL', opened: [], closed: [] })),
    copy: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'COPY')
      let now = context
      const opened = event.vmas.map((each) => {
        const { space, vma } = link(now, each)
        now = { ...now, ...space }
        return vma
      })
      enqueue.assign(now)
      for (const { ptr } of opened) enqueue.emit(allocated(named(ptr), cache))
      enqueue.emit(answer(event, 'ANSWER', { opened }))
    }),
    observe: emit(({ context, event }) => {
      assertEvent(event, 'USE')
      const { vma, site } = event
      return used(named(vma), cache, { site, live: follow(context, vma) !== undefined, access: 'read' })
    }),
  },
}).createMachine({
  id: 'areas',
  context: ({ input }) => ({ process: input.process, vmas: [], lives: [] }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        INSERT: [{ guard: 'isTaken', actions: 'taken' }, { actions: 'insert' }],
        SET: { actions: ['set', 'done'] },
        FIND: { actions: 'find' },
        LIST: { actions: 'list' },
        USE: [{ guard: 'isFreed', actions: 'observe' }, { actions: ['observe', 'use'] }],
        CUT: { actions: 'cut' },
        MOVE: [
          { guard: 'isNone', actions: 'nothingThere' },
          { guard: 'isInTheWay', actions: 'inTheWay' },
          { actions: 'move' },
        ],
        COPY: { actions: 'copy' },
      },
    },
  },
})
