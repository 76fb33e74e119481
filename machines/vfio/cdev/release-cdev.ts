/**
 * The last reference to a file of a device's own is gone: if it was bound the device is closed, under dev_set->lock, and its group may be
 * opened again.
 *
 * Source: vfio_device_fops_release, vfio_df_unbind_iommufd (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, groupLock, setLock } from '../names.ts'

export interface ReleaseCdevInput {
  readonly task: string
  readonly device: string
  readonly group: string
  readonly devSet: string
  /** Its group is kept shut. */
  readonly bars: boolean
  /** The device is closed even where it is bound through another file. */
  readonly closesAny: boolean
}

type ReleaseCdevContext = ReleaseCdevInput & { readonly caller: string | null; readonly file: string | null }
type ReleaseCdevEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string })
  | (Heard & { readonly type: 'BINDING'; readonly file: string | null })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'CLOSED' | 'RETURN' | 'ANSWER' | 'REF_DROPPED' })

const start = ({ task, device, group, devSet, bars, closesAny }: ReleaseCdevInput): ReleaseCdevContext => ({
  ...{ task, device, group, devSet, bars, closesAny, caller: null, file: null },
})

export const releaseCdev = setup({
  types: {
    context: {} as ReleaseCdevContext,
    events: {} as ReleaseCdevEvent,
    emitted: {} as Said,
    input: {} as ReleaseCdevInput,
  },
  guards: {
    closes: ({ context, event }) =>
      event.type === 'BINDING' && (event.file === context.file || (context.closesAny && event.file !== null)),
    barsGroup: ({ context }) => context.bars,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, file: event.file }
    }),
    look: emit(({ context: { task, device } }) => send(`${device}.binding`, 'GET', { task })),
    lockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'LOCK', { task })),
    close: emit(({ context: { task, device } }) => send(device, 'CLOSE', { task })),
    closeLast: emit(({ context: { task, device } }) =>
      send(callOf(task, device, 'first_open'), 'CALL', { task, how: 'close' }),
    ),
    unlockSet: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'UNLOCK', { task })),
    lockGroup: emit(({ context: { task, group } }) => send(groupLock(group), 'DOWN_WRITE', { task })),
    unbar: emit(({ context: { task, group, device } }) => send(group, 'UNBAR', { task, device })),
    unlockGroup: emit(({ context: { task, group } }) => send(groupLock(group), 'UP_WRITE', { task })),
    dropRef: emit(({ context: { task, device } }) => send(device, 'DROP_REF', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'releaseCdev',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: {
      entry: 'look',
      on: { BINDING: [{ guard: 'closes', target: 'locking set' }, { target: 'dropping reference' }] },
    },
    'locking set': { entry: 'lockSet', on: { LOCKED: 'closing' } },
    closing: { entry: 'close', on: { CLOSED: 'closing last' } },
    'closing last': { entry: 'closeLast', on: { RETURN: 'unlocking set' } },
    'unlocking set': {
      entry: 'unlockSet',
      on: { UNLOCKED: [{ guard: 'barsGroup', target: 'locking group' }, { target: 'dropping reference' }] },
    },
    'locking group': { entry: 'lockGroup', on: { LOCKED: 'unbarring group' } },
    'unbarring group': { entry: 'unbar', on: { ANSWER: 'unlocking group' } },
    'unlocking group': { entry: 'unlockGroup', on: { UNLOCKED: 'dropping reference' } },
    'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
