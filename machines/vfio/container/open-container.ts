/**
 * open() of /dev/vfio/vfio: a new container, which nobody else knows of before the descriptor is there. Of /dev/iommu, or where iommufd
 * provides /dev/vfio/vfio: a new file of iommufd, likewise.
 *
 * Source: Linux 6.1 vfio_fops_open; iommufd_fops_open (7.x). Left out: no memory.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'

export interface OpenContainerInput {
  readonly task: string
  readonly table: string
  readonly kind: 'container' | 'iommufd'
}

type OpenContainerContext = OpenContainerInput & { readonly caller: string | null; readonly ret: number | string }
type OpenContainerEvent =
  | (Heard & { readonly type: 'CALL'; readonly as: string; readonly file: string; readonly id: string })
  | (Heard & { readonly type: 'INSTALLED'; readonly ret: number | string })

const start = ({ task, table, kind }: OpenContainerInput): OpenContainerContext => ({
  ...{ task, table, kind, caller: null, ret: 0 },
})

export const openContainer = setup({
  types: {
    context: {} as OpenContainerContext,
    events: {} as OpenContainerEvent,
    emitted: {} as Said,
    input: {} as OpenContainerInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    install: emit(({ context: { task, table, kind }, event }) => {
      assertEvent(event, 'CALL')
      const { as, file, id } = event
      return send('files', 'INSTALL', { task, table, fd: as, file, kind, of: id })
    }),
    keepRet: assign(({ event }) => {
      assertEvent(event, 'INSTALLED')
      return { ret: event.ret }
    }),
    finish: emit(({ context: { task, caller, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'openContainer',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'installing', actions: ['begin', 'install'] } } },
    installing: { on: { INSTALLED: { target: 'idle', actions: ['keepRet', 'finish', 'reset'] } } },
  },
})
