/**
 * VFIO_GROUP_SET_CONTAINER with a descriptor of iommufd: the group remembers the file and holds it, and there is an IOAS that stands
 * for the container from now on. No DMA is claimed and no driver is asked: that waits until a device is opened.
 *
 * Source: vfio_group_ioctl_set_container, iommufd_vfio_compat_ioas_create (7.x). Left out: noiommu groups.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupState, GroupStateIs } from './group.ts'
import { callOf, groupLock } from '../names.ts'

export interface CompatSetContainerInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  readonly group: string
  /** What a descriptor of something else gets. */
  readonly notAContainer: string
}

interface File {
  readonly file: string
  readonly kind: string
  readonly of: string
  readonly light: boolean
}

interface CompatSetContainerContext extends CompatSetContainerInput {
  readonly caller: string | null
  readonly file: string | null
  /** The descriptor that was given, and what it turned out to be. */
  readonly fd: string | null
  readonly found: File | null
  readonly ret: number | string
}

type CompatSetContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string; readonly container: string })
  | (Heard & File & { readonly type: 'FILE'; readonly ret: number | string })
  | GroupStateIs
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'NOTED' | 'ANSWER' | 'ATTACHED' | 'RETURN' })

const start = ({ task, table, group, notAContainer }: CompatSetContainerInput): CompatSetContainerContext => ({
  ...{ task, table, group, notAContainer },
  ...{ caller: null, file: null, fd: null, found: null, ret: 0 },
})

const refusal = (
  { found, notAContainer }: CompatSetContainerContext,
  { container, dead }: GroupState,
): string | undefined =>
  firstFailing([
    [container !== null, '-EINVAL'],
    [dead, '-ENODEV'],
    [found!.kind !== 'container', notAContainer],
  ])

/** Files whose last reference somebody has to hear of. */
const isReleased = ({ kind }: File): boolean => kind !== 'eventfd' && kind !== 'null'

export const compatSetContainer = setup({
  types: {
    context: {} as CompatSetContainerContext,
    events: {} as CompatSetContainerEvent,
    emitted: {} as Said,
    input: {} as CompatSetContainerInput,
  },
  guards: {
    isBad: ({ event }) => event.type === 'FILE' && event.ret !== 0,
    isRefused: ({ context, event }) => event.type === 'GROUP' && refusal(context, event) !== undefined,
    holdsFile: ({ context }) => !context.found!.light,
    wasLast: ({ context, event }) => event.type === 'PUT' && event.last && isReleased(context.found!),
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, file: event.file, fd: event.container }
    }),
    find: emit(({ context: { task, table, fd } }) => send('files', 'FDGET', { task, table, fd })),
    badDescriptor: assign({ ret: '-EBADF' }),
    keepFile: assign(({ event }) => {
      assertEvent(event, 'FILE')
      const { file, kind, of, light } = event
      return { found: { file, kind, of, light } }
    }),
    lock: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    refuse: assign(({ context, event }) => {
      assertEvent(event, 'GROUP')
      return { ret: refusal(context, event)! }
    }),
    tellFile: emit(({ context: { task, found } }) => send(found!.of, 'HOLD', { task, file: found!.file })),
    makeIoas: emit(({ context: { task, found } }) => send(found!.of, 'CREATE_COMPAT', { task })),
    hold: emit(({ context: { task, found } }) => send(callOf(task, found!.of, 'hold'), 'CALL', { task, how: 'get' })),
    attach: emit(({ context: { task, group, found } }) => send(group, 'ATTACH', { task, container: found!.of })),
    unlock: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    put: emit(({ context: { task, found } }) => send('files', 'FDPUT', { task, file: found!.file })),
    release: emit(({ context: { task, found } }) =>
      send(callOf(task, found!.of, 'release'), 'CALL', { task, file: found!.file }),
    ),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'compatSetContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'finding', actions: 'begin' } } },
    finding: {
      entry: 'find',
      on: {
        FILE: [
          { guard: 'isBad', target: 'idle', actions: ['badDescriptor', 'finish', 'reset'] },
          { target: 'locking', actions: 'keepFile' },
        ],
      },
    },
    locking: { entry: 'lock', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [{ guard: 'isRefused', target: 'unlocking', actions: 'refuse' }, { target: 'telling file' }],
      },
    },
    'telling file': { entry: 'tellFile', on: { NOTED: 'making IOAS' } },
    'making IOAS': { entry: 'makeIoas', on: { ANSWER: 'holding' } },
    holding: { entry: 'hold', on: { RETURN: 'attaching' } },
    attaching: { entry: 'attach', on: { ATTACHED: 'unlocking' } },
    unlocking: {
      entry: 'unlock',
      on: {
        UNLOCKED: [
          { guard: 'holdsFile', target: 'putting' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
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
