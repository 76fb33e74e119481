/**
 * Open files and descriptor tables (fs/file.c, fs/file_table.c). A file lives as long as something refers to it: descriptors, system calls on
 * their way (only where threads share the table: __fget_light), mappings, other files. Whoever is told that its reference was the last
 * releases the object behind the file.
 *
 * Descriptors have numbers as well as names, because the lowest free one is taken, because RLIMIT_NOFILE is about them, and because a dying
 * process closes them in order: what was closed last is released first (task works run in LIFO order).
 * Left out: close-on-exec, passing files over sockets.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { used, type Heard, type Said } from '../say.ts'
import { answer } from '../kernel/answer.ts'
import type { FileKind } from '../kernel/released.ts'

export interface OpenFile {
  readonly file: string
  readonly kind: FileKind
  /** The object behind it. */
  readonly of: string
  readonly readOnly?: true
}

interface CountedFile extends OpenFile {
  readonly count: number
}

interface Descriptor {
  readonly fd: string
  readonly file: string
}

interface DescriptorTable {
  /** By number, from the first that the process does not begin with. */
  readonly slots: readonly (Descriptor | 'reserved' | null)[]
  /** Threads that share it. */
  readonly users: number
  readonly limit: number
}

interface FilesContext {
  readonly files: Readonly<Record<string, CountedFile>>
  readonly tables: Readonly<Record<string, DescriptorTable>>
}

type FilesEvent =
  | (Heard & { readonly type: 'FDGET'; readonly table: string; readonly fd: string })
  | (Heard & { readonly type: 'FDPUT' | 'GET' | 'PUT'; readonly file: string })
  | (Heard & { readonly type: 'RESERVE' | 'UNRESERVE' | 'DROP' | 'SHARE' | 'UNSHARE'; readonly table: string })
  | (Heard &
      OpenFile & {
        readonly type: 'INSTALL'
        readonly table: string
        readonly fd: string
        readonly reserved?: boolean
      })
  | (Heard & { readonly type: 'CLOSE'; readonly table: string; readonly fd: string })
  | (Heard & { readonly type: 'DUP'; readonly table: string; readonly fd: string; readonly as: string })
  | (Heard & { readonly type: 'FORK'; readonly table: string; readonly to: string })
  | (Heard & { readonly type: 'NOFILE'; readonly table: string; readonly limit: number })

export interface FilesInput {
  /** The table of the first process. */
  readonly table: string
  readonly limit: number
  /** Threads of that process (1). */
  readonly users?: number
  /** Open from the start. */
  readonly open?: readonly (OpenFile & { readonly fd: string })[]
}

/** stdin, stdout and stderr. */
const firstNumber = 3

const start = ({ table, limit, users = 1, open = [] }: FilesInput): FilesContext => ({
  files: Object.fromEntries(open.map(({ file, kind, of }) => [file, { file, kind, of, count: 1 }])),
  tables: { [table]: { slots: open.map(({ fd, file }) => ({ fd, file })), users, limit } },
})

const isDescriptor = (slot: Descriptor | 'reserved' | null): slot is Descriptor => slot !== null && slot !== 'reserved'

const slotOf = ({ slots }: DescriptorTable, fd: string): number =>
  slots.findIndex((slot) => isDescriptor(slot) && slot.fd === fd)

/** The file behind a descriptor. */
const behind = ({ files, tables }: FilesContext, table: string, fd: string): CountedFile | undefined => {
  const slot = tables[table]!.slots[slotOf(tables[table]!, fd)]
  return slot !== undefined && isDescriptor(slot) ? files[slot.file] : undefined
}

/** The lowest free number, as an index; undefined at the limit. */
const freeSlot = ({ slots, limit }: DescriptorTable): number | undefined => {
  const hole = slots.indexOf(null)
  const index = hole === -1 ? slots.length : hole
  return firstNumber + index < limit ? index : undefined
}

const withTable = (context: FilesContext, name: string, table: Partial<DescriptorTable>): FilesContext => ({
  ...context,
  tables: { ...context.tables, [name]: { ...context.tables[name]!, ...table } },
})

const withSlot = (
  context: FilesContext,
  name: string,
  index: number,
  slot: Descriptor | 'reserved' | null,
): FilesContext => {
  const { slots } = context.tables[name]!
  return withTable(context, name, { slots: index < slots.length ? slots.with(index, slot) : [...slots, slot] })
}

const counted = (context: FilesContext, file: CountedFile, by: number): FilesContext => {
  const { [file.file]: _, ...others } = context.files
  const count = file.count + by
  return { ...context, files: count === 0 ? others : { ...others, [file.file]: { ...file, count } } }
}

const namesOf = ({ file, kind, of, readOnly }: CountedFile): OpenFile => ({
  ...{ file, kind, of },
  ...(readOnly && { readOnly }),
})

const bad = { ret: '-EBADF', last: false, file: null, kind: null, of: null }

export const files = setup({
  types: {
    context: {} as FilesContext,
    events: {} as FilesEvent,
    emitted: {} as Said,
    input: {} as FilesInput,
  },
  guards: {
    isBad: ({ context, event }) => {
      assertEvent(event, ['FDGET', 'CLOSE', 'DUP'])
      return behind(context, event.table, event.fd) === undefined
    },
    isFull: ({ context, event }) => {
      assertEvent(event, ['RESERVE', 'INSTALL', 'DUP'])
      return freeSlot(context.tables[event.table]!) === undefined
    },
    isGone: ({ context, event }) => {
      assertEvent(event, 'PUT')
      return context.files[event.file] === undefined
    },
    hasRoomReserved: ({ event }) => event.type === 'INSTALL' && event.reserved === true,
  },
  actions: {
    getFile: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'FDGET')
      const file = behind(context, event.table, event.fd)!
      const light = context.tables[event.table]!.users === 1
      if (!light) enqueue.assign(counted(context, file, 1))
      enqueue.emit(answer(event, 'FILE', { ret: 0, ...namesOf(file), light }))
    }),
    badFile: emit(({ event }) => answer(event, 'FILE', { ...bad, light: true })),
    get: assign(({ context, event }) => {
      assertEvent(event, 'GET')
      return counted(context, context.files[event.file]!, 1)
    }),
    got: emit(({ event }) => answer(event, 'GOT')),
    put: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, ['PUT', 'FDPUT'])
      const file = context.files[event.file]!
      enqueue.assign(counted(context, file, -1))
      enqueue.emit(answer(event, 'PUT', { last: file.count === 1, ...namesOf(file) }))
    }),
    putOfGone: enqueueActions(({ event, enqueue }) => {
      assertEvent(event, 'PUT')
      enqueue.emit(used(`${event.file}#1`, 'filp', { live: false, access: 'write', site: 'fput' }))
      enqueue.emit(answer(event, 'PUT', { last: false }))
    }),
    reserve: assign(({ context, event }) => {
      assertEvent(event, 'RESERVE')
      return withSlot(context, event.table, freeSlot(context.tables[event.table]!)!, 'reserved')
    }),
    reserved: emit(({ event }) => answer(event, 'RESERVED', { ret: 0 })),
    notReserved: emit(({ event }) => answer(event, 'RESERVED', { ret: '-EMFILE' })),
    unreserve: assign(({ context, event }) => {
      assertEvent(event, 'UNRESERVE')
      return withSlot(context, event.table, context.tables[event.table]!.slots.indexOf('reserved'), null)
    }),
    unreserved: emit(({ event }) => answer(event, 'UNRESERVED')),
    install: assign(({ context, event }) => {
      assertEvent(event, 'INSTALL')
      const { table, fd, file, kind, of, reserved, readOnly } = event
      const { slots } = context.tables[table]!
      const index = reserved ? slots.indexOf('reserved') : freeSlot(context.tables[table]!)!
      const opened = {
        ...context,
        files: { ...context.files, [file]: { file, kind, of, count: 1, ...(readOnly && { readOnly }) } },
      }
      return withSlot(opened, table, index, { fd, file })
    }),
    installed: emit(({ event }) => answer(event, 'INSTALLED', { ret: 0 })),
    notInstalled: emit(({ event }) => answer(event, 'INSTALLED', { ret: '-EMFILE' })),
    close: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'CLOSE')
      const { table, fd } = event
      const file = behind(context, table, fd)!
      enqueue.assign(counted(withSlot(context, table, slotOf(context.tables[table]!, fd), null), file, -1))
      enqueue.emit(answer(event, 'CLOSED', { ret: 0, last: file.count === 1, ...namesOf(file) }))
    }),
    notClosed: emit(({ event }) => answer(event, 'CLOSED', bad)),
    dup: assign(({ context, event }) => {
      assertEvent(event, 'DUP')
      const { table, fd, as } = event
      const file = behind(context, table, fd)!
      const slot = { fd: as, file: file.file }
      return counted(withSlot(context, table, freeSlot(context.tables[table]!)!, slot), file, 1)
    }),
    dupped: emit(({ event }) => answer(event, 'DUPPED', { ret: 0 })),
    dupOfBad: emit(({ event }) => answer(event, 'DUPPED', { ret: '-EBADF' })),
    dupIsFull: emit(({ event }) => answer(event, 'DUPPED', { ret: '-EMFILE' })),
    fork: assign(({ context, event }) => {
      assertEvent(event, 'FORK')
      const table = context.tables[event.table]!
      const slots = table.slots.map((slot) => (slot === 'reserved' ? null : slot))
      const copied = { ...context, tables: { ...context.tables, [event.to]: { ...table, slots, users: 1 } } }
      return slots.filter(isDescriptor).reduce((now, { file }) => counted(now, now.files[file]!, 1), copied)
    }),
    forked: emit(({ event }) => answer(event, 'FORKED')),
    share: assign(({ context, event }) => {
      assertEvent(event, 'SHARE')
      return withTable(context, event.table, { users: context.tables[event.table]!.users + 1 })
    }),
    shared: emit(({ event }) => answer(event, 'SHARED')),
    unshare: assign(({ context, event }) => {
      assertEvent(event, 'UNSHARE')
      return withTable(context, event.table, { users: context.tables[event.table]!.users - 1 })
    }),
    unshared: emit(({ event }) => answer(event, 'UNSHARED')),
    /** A process is gone, and with it the table. */
    drop: enqueueActions(({ context, event, enqueue }) => {
      assertEvent(event, 'DROP')
      const { [event.table]: table, ...tables } = context.tables
      let now: FilesContext = { ...context, tables }
      const released: OpenFile[] = []
      for (const { file } of table!.slots.filter(isDescriptor).toReversed()) {
        const open = now.files[file]!
        if (open.count === 1) released.push(namesOf(open))
        now = counted(now, open, -1)
      }
      enqueue.assign(now)
      enqueue.emit(answer(event, 'DROPPED', { released }))
    }),
    limit: assign(({ context, event }) => {
      assertEvent(event, 'NOFILE')
      return withTable(context, event.table, { limit: event.limit })
    }),
    limited: emit(({ event }) => answer(event, 'LIMITED')),
  },
}).createMachine({
  id: 'files',
  context: ({ input }) => start(input),
  initial: 'ready',
  states: {
    ready: {
      on: {
        FDGET: [{ guard: 'isBad', actions: 'badFile' }, { actions: 'getFile' }],
        FDPUT: { actions: 'put' },
        GET: { actions: ['get', 'got'] },
        PUT: [{ guard: 'isGone', actions: 'putOfGone' }, { actions: 'put' }],
        RESERVE: [{ guard: 'isFull', actions: 'notReserved' }, { actions: ['reserve', 'reserved'] }],
        UNRESERVE: { actions: ['unreserve', 'unreserved'] },
        INSTALL: [
          { guard: 'hasRoomReserved', actions: ['install', 'installed'] },
          { guard: 'isFull', actions: 'notInstalled' },
          { actions: ['install', 'installed'] },
        ],
        CLOSE: [{ guard: 'isBad', actions: 'notClosed' }, { actions: 'close' }],
        DUP: [
          { guard: 'isBad', actions: 'dupOfBad' },
          { guard: 'isFull', actions: 'dupIsFull' },
          { actions: ['dup', 'dupped'] },
        ],
        FORK: { actions: ['fork', 'forked'] },
        SHARE: { actions: ['share', 'shared'] },
        UNSHARE: { actions: ['unshare', 'unshared'] },
        DROP: { actions: 'drop' },
        NOFILE: { actions: ['limit', 'limited'] },
      },
    },
  },
})

/** Who looks a file up comes after who installed it, who closes the table's entry after those before him, who lets go of a file after the others. */
export const filesOrders = {
  releases: ['INSTALL', 'CLOSE', 'PUT'],
  acquires: ['FILE', 'CLOSED', 'PUT'],
}
