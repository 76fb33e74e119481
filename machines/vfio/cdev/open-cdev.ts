/**
 * open() of a device's own file (/dev/vfio/devices/vfioN): a reference to the device, nothing else. It is good for nothing but
 * BIND_IOMMUFD at first.
 *
 * Source: vfio_device_fops_cdev_open (7.x). Once a device is being unbound its file is not there any more; whoever had looked it up by then
 * would be told -ENODEV, which is left out.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface OpenCdevInput {
  readonly task: string
  readonly table: string
  readonly device: string
}

type OpenCdevContext = OpenCdevInput & {
  readonly caller: string | null
  readonly fd: string | null
  readonly file: string | null
  readonly readOnly: boolean
  readonly ret: number | string
}
type OpenCdevEvent =
  | (Heard & { readonly type: 'CALL'; readonly as: string; readonly file: string; readonly rdonly?: number })
  | (Heard & { readonly type: 'REF' | 'INSTALLED'; readonly ret: number | string })
  | (Heard & { readonly type: 'REF_DROPPED' })

const start = ({ task, table, device }: OpenCdevInput): OpenCdevContext => ({
  ...{ task, table, device, caller: null, fd: null, file: null, readOnly: false, ret: 0 },
})

/** What the files of a device's own belong to. */
export const cdevOf = (device: string): string => `${device}.cdev`

export const openCdev = setup({
  types: {
    context: {} as OpenCdevContext,
    events: {} as OpenCdevEvent,
    emitted: {} as Said,
    input: {} as OpenCdevInput,
  },
  guards: {
    failed: ({ event }) => 'ret' in event && event.ret !== 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, fd: event.as, file: event.file, readOnly: Boolean(event.rdonly) }
    }),
    takeRef: emit(({ context: { task, device } }) => send(device, 'TAKE_REF', { task })),
    install: emit(({ context: { task, table, device, fd, file, readOnly } }) => {
      const opened = { fd, file, kind: 'cdev', of: cdevOf(device), ...(readOnly && { readOnly }) }
      return send('files', 'INSTALL', { task, table, ...opened })
    }),
    keepRet: assign(({ event }) => ('ret' in event ? { ret: event.ret } : {})),
    notThere: assign({ ret: '-ENOENT' }),
    dropRef: emit(({ context: { task, device } }) => send(device, 'DROP_REF', { task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'openCdev',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'taking reference', actions: 'begin' } } },
    'taking reference': {
      entry: 'takeRef',
      on: {
        REF: [{ guard: 'failed', target: 'idle', actions: ['notThere', 'finish', 'reset'] }, { target: 'installing' }],
      },
    },
    installing: {
      entry: 'install',
      on: {
        INSTALLED: [
          { guard: 'failed', target: 'dropping reference', actions: 'keepRet' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    'dropping reference': { entry: 'dropRef', on: { REF_DROPPED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
