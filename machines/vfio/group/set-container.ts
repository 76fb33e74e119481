/**
 * VFIO_GROUP_SET_CONTAINER from 5.19 on, under group_rwsem. The file that is given decides. A container of VFIO's own: under its group_lock
 * the group's DMA is claimed, and the group joins whatever IOMMU driver the container has by now. A file of iommufd (6.2): the group
 * remembers it and holds it, and there is an IOAS that stands for the container from now on; no DMA is claimed and no driver is asked until a
 * device is opened.
 *
 * Source: Linux 6.1 vfio_group_ioctl_set_container, vfio_container_attach_group; 7.x iommufd_vfio_compat_ioas_create.
 * Left out: noiommu groups.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { isReleased } from '../../kernel/released.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { GroupState, GroupStateIs } from './group.ts'
import { callOf, containerLock, groupLock, iommuGroup } from '../names.ts'

export interface SetContainerInput {
  readonly task: string
  /** The descriptor table. */
  readonly table: string
  readonly group: string
  /** No isolation of its own, so there is no DMA to claim. */
  readonly emulated: boolean
  /** Every device of the IOMMU group. */
  readonly devices: readonly string[]
  /** What a descriptor of something else gets: -EINVAL, from 6.2 on -EBADFD. */
  readonly notAContainer: string
}

interface File {
  readonly file: string
  readonly kind: string
  readonly of: string
  readonly light: boolean
}

interface SetContainerContext extends SetContainerInput {
  readonly caller: string | null
  readonly file: string | null
  /** The descriptor that was given, and what it turned out to be. */
  readonly fd: string | null
  readonly found: File | null
  readonly driver: Pointer | null
  readonly ret: number | string
}

type SetContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string; readonly container: string })
  | (Heard & File & { readonly type: 'FILE'; readonly ret: number | string })
  | GroupStateIs
  | (Heard & { readonly type: 'DRIVER_IS'; readonly data: Pointer | null })
  | (Heard & { readonly type: 'CLAIMED' | 'RETURN'; readonly ret: number | string })
  | (Heard & { readonly type: 'PUT'; readonly last: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'RELEASED' | 'ATTACHED' | 'ADDED' | 'NOTED' | 'ANSWER' })

const start = ({ task, table, group, emulated, devices, notAContainer }: SetContainerInput): SetContainerContext => ({
  ...{ task, table, group, emulated, devices, notAContainer },
  ...{ caller: null, file: null, fd: null, found: null, driver: null, ret: 0 },
})

const isIommufd = ({ kind }: File): boolean => kind === 'iommufd'

const refusal = ({ found, notAContainer }: SetContainerContext, { container, dead }: GroupState): string | undefined =>
  firstFailing([
    [container !== null, '-EINVAL'],
    [dead, '-ENODEV'],
    [!isIommufd(found!) && found!.kind !== 'container', notAContainer],
  ])

export const setContainer = setup({
  types: {
    context: {} as SetContainerContext,
    events: {} as SetContainerEvent,
    emitted: {} as Said,
    input: {} as SetContainerInput,
  },
  guards: {
    isBad: ({ event }) => event.type === 'FILE' && event.ret !== 0,
    isRefused: ({ context, event }) => event.type === 'GROUP' && refusal(context, event) !== undefined,
    isOfIommufd: ({ context }) => isIommufd(context.found!),
    isEmulated: ({ context }) => context.emulated,
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
    hasDriver: ({ event }) => event.type === 'DRIVER_IS' && event.data !== null,
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
    lockGroup: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    look: emit(({ context: { task, group, file } }) => send(group, 'STATE', { task, file })),
    refuse: assign(({ context, event }) => {
      assertEvent(event, 'GROUP')
      return { ret: refusal(context, event)! }
    }),
    tellFile: emit(({ context: { task, found } }) => send(found!.of, 'HOLD', { task, file: found!.file })),
    makeIoas: emit(({ context: { task, found } }) => send(found!.of, 'CREATE_COMPAT', { task })),
    hold: emit(({ context: { task, found } }) => send(callOf(task, found!.of, 'hold'), 'CALL', { task, how: 'get' })),
    lockContainer: emit(({ context: { task, found } }) => send(containerLock(found!.of), 'DOWN_WRITE', { task })),
    claim: emit(({ context: { task, group } }) => send(iommuGroup(group), 'CLAIM', { task })),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    askDriver: emit(({ context: { task, found } }) => send(found!.of, 'DRIVER', { task })),
    keepDriver: assign(({ event }) => {
      assertEvent(event, 'DRIVER_IS')
      return { driver: event.data }
    }),
    attachDriver: emit(({ context: { task, group, devices, emulated, found, driver } }) =>
      send(callOf(task, found!.of, 'attach_group'), 'CALL', { task, group, devices, emulated, backend: driver }),
    ),
    releaseOwner: emit(({ context: { task, group } }) => send(iommuGroup(group), 'RELEASE', { task })),
    attach: emit(({ context: { task, group, found } }) => send(group, 'ATTACH', { task, container: found!.of })),
    add: emit(({ context: { task, group, found } }) => send(found!.of, 'ADD_GROUP', { task, group })),
    unlockContainer: emit(({ context: { task, found } }) => send(containerLock(found!.of), 'UP_WRITE', { task })),
    unlockGroup: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    put: emit(({ context: { task, found } }) => send('files', 'FDPUT', { task, file: found!.file })),
    releaseFile: emit(({ context: { task, found } }) =>
      send(callOf(task, found!.of, 'release'), 'CALL', { task, file: found!.file }),
    ),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'setContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'finding', actions: 'begin' } } },
    finding: {
      entry: 'find',
      on: {
        FILE: [
          { guard: 'isBad', target: 'idle', actions: ['badDescriptor', 'finish', 'reset'] },
          { target: 'locking group', actions: 'keepFile' },
        ],
      },
    },
    'locking group': { entry: 'lockGroup', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'look',
      on: {
        GROUP: [
          { guard: 'isRefused', target: 'unlocking group', actions: 'refuse' },
          { guard: 'isOfIommufd', target: 'telling file' },
          { target: 'locking container' },
        ],
      },
    },
    'telling file': { entry: 'tellFile', on: { NOTED: 'making IOAS' } },
    'making IOAS': { entry: 'makeIoas', on: { ANSWER: 'holding' } },
    holding: { entry: 'hold', on: { RETURN: 'attaching' } },

    'locking container': {
      entry: 'lockContainer',
      on: { LOCKED: [{ guard: 'isEmulated', target: 'asking driver' }, { target: 'claiming' }] },
    },
    claiming: {
      entry: 'claim',
      on: {
        CLAIMED: [{ guard: 'failed', target: 'unlocking container', actions: 'keepRet' }, { target: 'asking driver' }],
      },
    },
    'asking driver': {
      entry: 'askDriver',
      on: {
        DRIVER_IS: [{ guard: 'hasDriver', target: 'attaching driver', actions: 'keepDriver' }, { target: 'attaching' }],
      },
    },
    'attaching driver': {
      entry: 'attachDriver',
      on: {
        RETURN: [{ guard: 'failed', target: 'giving up', actions: 'keepRet' }, { target: 'attaching' }],
      },
    },
    'giving up': { always: [{ guard: 'isEmulated', target: 'unlocking container' }, { target: 'releasing owner' }] },
    'releasing owner': { entry: 'releaseOwner', on: { RELEASED: 'unlocking container' } },
    attaching: {
      entry: 'attach',
      on: { ATTACHED: [{ guard: 'isOfIommufd', target: 'unlocking group' }, { target: 'adding' }] },
    },
    adding: { entry: 'add', on: { ADDED: 'unlocking container' } },
    'unlocking container': { entry: 'unlockContainer', on: { UNLOCKED: 'unlocking group' } },
    'unlocking group': {
      entry: 'unlockGroup',
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
          { guard: 'wasLast', target: 'releasing file' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'releasing file': { entry: 'releaseFile', on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
