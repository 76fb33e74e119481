/**
 * VFIO_DEVICE_BIND_IOMMUFD: opens the device for a descriptor of its own, with the iommufd file whose IOASes it may use. Nobody may have
 * opened the device otherwise, neither through its group nor through another descriptor, and as long as it is bound its group is not opened.
 *
 * Source: vfio_df_ioctl_bind_iommufd, vfio_device_block_group, vfio_df_open (7.x).
 * A token, which only virtual functions want, is read in any case where the kernel knows of them; who passes one passes it from nowhere.
 * Left out: tokens that can be read.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { misfits, type Passed } from '../../kernel/passed.ts'
import { isReleased } from '../../kernel/released.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, groupLock, setLock } from '../names.ts'

export interface BindCdevInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  readonly device: string
  readonly group: string
  readonly devSet: string
  /** Its group is kept shut. */
  readonly bars: boolean
  /** The kernel knows of tokens. */
  readonly takesTokens: boolean
}

interface File {
  readonly file: string
  readonly kind: string
  readonly of: string
  readonly light: boolean
}

interface BindCdevContext extends BindCdevInput {
  readonly caller: string | null
  readonly file: string | null
  readonly args: Passed & { readonly flags: number; readonly iommufd: string }
  readonly found: File | null
  /** out_devid. */
  readonly devid: number | null
  readonly ret: number | string
}

type BindCdevEvent =
  | (Heard &
      Passed & {
        readonly type: 'CALL'
        readonly file: string
        readonly iommufd: string
        readonly flags: number
      })
  | (Heard & { readonly type: 'ANSWER'; readonly ret: number | string })
  | (Heard & { readonly type: 'BINDING'; readonly file: string | null })
  | (Heard & File & { readonly type: 'FILE'; readonly ret: number | string })
  | (Heard & { readonly type: 'OPENED'; readonly first: boolean })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string; readonly devid?: number })
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'CLOSED' | 'NOTED' })

const start = ({ task, table, device, group, devSet, bars, takesTokens }: BindCdevInput): BindCdevContext => ({
  ...{ task, table, device, group, devSet, bars, takesTokens },
  ...{ caller: null, file: null, args: { argsz: 0, flags: 0, iommufd: '' }, found: null, devid: null, ret: 0 },
})

/** The structure up to out_devid, and what the kernel knows of it. */
const sizes = [16, 24] as const
const withToken = 1

/** A descriptor that names nothing is a negative number. */
const refusal = ({ args, takesTokens }: BindCdevContext): string | undefined =>
  firstFailing([
    // What is behind the structure was not looked at before.
    ...misfits(sizes, takesTokens ? args : { argsz: args.argsz }),
    [(args.flags & ~(takesTokens ? withToken : 0)) !== 0 || args.iommufd === '', '-EINVAL'],
  ])

const unusable = (event: BindCdevEvent): string | undefined => {
  assertEvent(event, 'FILE')
  return firstFailing([
    [event.ret !== 0, '-EBADF'],
    [event.kind !== 'iommufd', '-EBADFD'],
  ])
}

export const bindCdev = setup({
  types: {
    context: {} as BindCdevContext,
    events: {} as BindCdevEvent,
    emitted: {} as Said,
    input: {} as BindCdevInput,
  },
  guards: {
    isRefused: ({ context }) => refusal(context) !== undefined,
    barsGroup: ({ context }) => context.bars,
    groupIsOpen: ({ event }) => event.type === 'ANSWER' && event.ret !== 0,
    hasFailed: ({ context }) => context.ret !== 0,
    hasBarred: ({ context }) => context.bars && context.ret !== 0,
    isBound: ({ context, event }) => event.type === 'BINDING' && event.file === context.file,
    passesToken: ({ context }) => (context.args.flags & withToken) !== 0,
    isUnusable: ({ event }) => unusable(event) !== undefined,
    isFirst: ({ event }) => event.type === 'OPENED' && event.first,
    failed: ({ event }) => event.type === 'RETURN' && event.ret !== 0,
    holdsFile: ({ context }) => context.found !== null && !context.found.light,
    wasLast: ({ context, event }) => event.type === 'PUT' && event.last && isReleased(context.found!),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { from, file, argsz, tail, flags, iommufd } = event
      return { caller: from, file, args: { argsz, flags, iommufd, ...(tail !== undefined && { tail }) } }
    }),
    refuse: assign(({ context }) => ({ ret: refusal(context)! })),
    lockGroup: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    bar: emit(({ context: { task, group, device } }) => send(group, 'BAR', { task, device })),
    unbar: emit(({ context: { task, group, device } }) => send(group, 'UNBAR', { task, device })),
    unlockGroup: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    busy: assign({ ret: '-EBUSY' }),
    lock: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'LOCK', { task })),
    look: emit(({ context: { task, device } }) => send(`${device}.binding`, 'GET', { task })),
    invalid: assign({ ret: '-EINVAL' }),
    fault: assign({ ret: '-EFAULT' }),
    find: emit(({ context: { task, table, args } }) => send('files', 'FDGET', { task, table, fd: args.iommufd })),
    keepFile: assign(({ event }) => {
      assertEvent(event, 'FILE')
      const { ret, file, kind, of, light } = event
      return { found: ret === 0 ? { file, kind, of, light } : null }
    }),
    cannotUse: assign(({ event }) => ({ ret: unusable(event)! })),
    tellFile: emit(({ context: { task, found } }) => send(found!.of, 'HOLD', { task, file: found!.file })),
    open: emit(({ context: { task, device } }) => send(device, 'OPEN', { task })),
    openFirst: emit(({ context: { task, device, found, file } }) =>
      send(callOf(task, device, 'first_open'), 'CALL', { task, how: 'open', context: found!.of, file }),
    ),
    keepRet: assign(({ event }) => (event.type === 'RETURN' ? { ret: event.ret } : {})),
    keepNumber: assign(({ event }) => (event.type === 'RETURN' ? { devid: event.devid ?? null } : {})),
    close: emit(({ context: { task, device } }) => send(device, 'CLOSE', { task })),
    unlock: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'UNLOCK', { task })),
    put: emit(({ context: { task, found } }) => send('files', 'FDPUT', { task, file: found!.file })),
    release: emit(({ context: { task, found } }) =>
      send(callOf(task, found!.of, 'release'), 'CALL', { task, file: found!.file }),
    ),
    finish: emit(({ context: { task, caller, ret, devid } }) =>
      send(caller!, 'RETURN', { task, ret, ...(devid !== null && { devid }) }),
    ),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'bindCdev',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'checking', actions: 'begin' } } },
    checking: {
      always: [
        { guard: 'isRefused', target: 'idle', actions: ['refuse', 'finish', 'reset'] },
        { guard: 'barsGroup', target: 'locking group' },
        { target: 'locking' },
      ],
    },
    'locking group': { entry: 'lockGroup', on: { LOCKED: 'barring group' } },
    'barring group': {
      entry: 'bar',
      on: {
        ANSWER: [{ guard: 'groupIsOpen', target: 'unlocking group', actions: 'busy' }, { target: 'unlocking group' }],
      },
    },
    'unlocking group': {
      entry: 'unlockGroup',
      on: {
        UNLOCKED: [{ guard: 'hasFailed', target: 'idle', actions: ['finish', 'reset'] }, { target: 'locking' }],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        BINDING: [
          { guard: 'isBound', target: 'unlocking', actions: 'invalid' },
          { guard: 'passesToken', target: 'unlocking', actions: 'fault' },
          { target: 'finding' },
        ],
      },
    },
    finding: {
      entry: 'find',
      on: {
        FILE: [
          { guard: 'isUnusable', target: 'unlocking', actions: ['keepFile', 'cannotUse'] },
          { target: 'telling file', actions: 'keepFile' },
        ],
      },
    },
    'telling file': { entry: 'tellFile', on: { NOTED: 'opening' } },
    opening: {
      entry: 'open',
      on: {
        OPENED: [
          { guard: 'isFirst', target: 'opening first' },
          { target: 'closing', actions: 'invalid' },
        ],
      },
    },
    'opening first': {
      entry: 'openFirst',
      on: {
        RETURN: [
          { guard: 'failed', target: 'closing', actions: 'keepRet' },
          { target: 'unlocking', actions: 'keepNumber' },
        ],
      },
    },
    closing: { entry: 'close', on: { CLOSED: 'unlocking' } },
    unlocking: {
      entry: 'unlock',
      on: { UNLOCKED: [{ guard: 'hasBarred', target: 'locking group again' }, { target: 'unlocked' }] },
    },
    'locking group again': { entry: 'lockGroup', on: { LOCKED: 'unbarring group' } },
    'unbarring group': { entry: 'unbar', on: { ANSWER: 'unlocking group again' } },
    'unlocking group again': { entry: 'unlockGroup', on: { UNLOCKED: 'unlocked' } },
    unlocked: {
      always: [
        { guard: 'holdsFile', target: 'putting' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    putting: {
      entry: 'put',
      on: {
        PUT: [
          { guard: 'wasLast', target: 'releasing' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    releasing: { entry: 'release', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
