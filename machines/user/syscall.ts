/**
 * The way into the kernel and back: a call that names a descriptor finds the open file behind it (fdget), runs the procedure of the object
 * the file belongs to, and lets go of the file again (fdput), which may have become the last reference meanwhile.
 *
 * Source: fs/file.c, __fget_light: no reference is taken while nobody shares the descriptor table.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { isReleased } from '../kernel/released.ts'
import { send, type Heard, type Said } from '../say.ts'

/**
 * Operations of the object behind a descriptor, by its name or else by what kind of file it is. Anything else is an unknown ioctl: -ENOTTY,
 * unless the object has a say in that, too (`*`: it is asked as ioctl_val).
 */
export type OperationsOf = Readonly<Record<string, readonly string[]>>

/** What a file says to operations that are no ioctls and that it has not, by what kind of file it is. */
export type Lacking = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface SyscallInput {
  readonly task: string
  /** The descriptor table, and by that the process. */
  readonly table: string
  readonly operations: OperationsOf
  readonly lacking: Lacking
}

interface SyscallContext extends SyscallInput {
  readonly caller: string | null
  readonly args: Readonly<Record<string, unknown>>
  /** To be put afterwards. */
  readonly file: string | null
  readonly returned: Readonly<Record<string, unknown>>
}

type SyscallEvent =
  | (Heard & { readonly type: 'CALL'; readonly op: string; readonly fd?: string })
  | (Heard & {
      readonly type: 'FILE'
      readonly ret: number | string
      readonly file: string
      readonly kind: string
      readonly of: string
      readonly light: boolean
      readonly readOnly?: true
    })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })
  | (Heard & {
      readonly type: 'PUT'
      readonly last: boolean
      readonly file: string
      readonly kind: string
      readonly of: string
    })

const start = ({ task, table, operations, lacking }: SyscallInput): SyscallContext => ({
  task,
  table,
  operations,
  lacking,
  caller: null,
  args: {},
  file: null,
  returned: {},
})

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Readonly<Record<string, unknown>> =>
  fields

interface Behind {
  readonly of: string
  readonly kind: string
  readonly readOnly?: true
}

/** pwrite, and what begins with it. */
const writes: readonly string[] = ['cfg_write', 'bar_write', 'edu_dma', 'fd_write']

/** What a file that was opened for reading does not do. */
const notWritable = ({ args }: SyscallContext): string | undefined => {
  if (writes.includes(args['op'] as string)) return '-EBADF'
  const isShared = args['op'] === 'mmap_bar' && !args['private']
  return isShared && String(args['prot']).includes('w') ? '-EACCES' : undefined
}

const refusalOf = (context: SyscallContext, { kind, readOnly }: Behind): string | undefined =>
  (readOnly ? notWritable(context) : undefined) ?? context.lacking[kind]?.[context.args['op'] as string]

const procedureFor = (context: SyscallContext, behind: Behind): string | undefined => {
  const { operations, args } = context
  const { of, kind } = behind
  const known = operations[of] ?? operations[kind] ?? []
  if (refusalOf(context, behind) !== undefined) return undefined
  if (known.includes(args['op'] as string)) return args['op'] as string
  return known.includes('*') ? 'ioctl_val' : undefined
}

export const syscall = setup({
  types: {
    context: {} as SyscallContext,
    events: {} as SyscallEvent,
    emitted: {} as Said,
    input: {} as SyscallInput,
  },
  guards: {
    namesDescriptor: ({ event }) =>
      event.type === 'CALL' && event.fd !== undefined && !['close', 'dup'].includes(event.op),
    isBad: ({ event }) => event.type === 'FILE' && event.ret !== 0,
    isUnknown: ({ context, event }) => event.type === 'FILE' && procedureFor(context, event) === undefined,
    holdsFile: ({ context }) => context.file !== null,
    wasLast: ({ event }) => event.type === 'PUT' && event.last && isReleased(event),
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, args: fieldsOf(event) })),
    get: emit(({ context: { task, table, args } }) => send('files', 'FDGET', { task, table, fd: args['fd'] })),
    hold: assign(({ event }) => {
      assertEvent(event, 'FILE')
      return { file: event.light || event.ret !== 0 ? null : event.file }
    }),
    run: emit(({ context: { task, args } }) => send(`${task}.${args['op'] as string}`, 'CALL', { ...args, task })),
    runOn: emit(({ context, event }) => {
      assertEvent(event, 'FILE')
      const { task, args } = context
      const { file, kind, of } = event
      return send(`${task}.${of}.${procedureFor(context, event)!}`, 'CALL', { ...args, file, kind, of, task })
    }),
    forget: assign({ args: {} }),
    badDescriptor: assign({ returned: { ret: '-EBADF' } }),
    refuse: assign(({ context, event }) => {
      assertEvent(event, 'FILE')
      return { returned: { ret: refusalOf(context, event) ?? '-ENOTTY' } }
    }),
    keep: assign(({ event }) => ({ returned: fieldsOf(event) })),
    put: emit(({ context: { task, file } }) => send('files', 'FDPUT', { task, file })),
    release: emit(({ context: { task }, event }) => {
      assertEvent(event, 'PUT')
      return send(`${task}.${event.of}.release`, 'CALL', { task, file: event.file })
    }),
    finish: emit(({ context: { caller, task, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'syscall',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'namesDescriptor', target: 'finding', actions: 'begin' },
          { target: 'running', actions: ['begin', 'run', 'forget'] },
        ],
      },
    },
    finding: {
      entry: 'get',
      on: {
        FILE: [
          { guard: 'isBad', target: 'idle', actions: ['badDescriptor', 'finish', 'reset'] },
          { guard: 'isUnknown', target: 'leaving', actions: ['hold', 'refuse'] },
          { target: 'running', actions: ['hold', 'runOn', 'forget'] },
        ],
      },
    },
    running: { on: { RETURN: { target: 'leaving', actions: 'keep' } } },
    leaving: {
      always: [
        { guard: 'holdsFile', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: {
      entry: 'put',
      on: {
        PUT: [
          { guard: 'wasLast', target: 'releasing', actions: 'release' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
