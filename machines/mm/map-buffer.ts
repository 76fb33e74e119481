/**
 * mmap of a file that is memory: a memfd, or a buffer of the system's dma-buf heap, which can be read and written, but whose pages nobody can pin
 * (VM_PFNMAP).
 *
 * Source: shmem_mmap; system_heap_mmap (drivers/dma-buf/heaps/system_heap.c). Left out: that a memfd's length changes.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'
import { heapOf, pageSize } from './extent.ts'

export interface MapBufferInput {
  readonly task: string
  /** How long it is, in bytes. */
  readonly len: bigint
}

type MapBufferEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly addr: bigint
      readonly len: bigint
      readonly off: bigint
      readonly prot: string
      readonly private?: number
      readonly file: string
      readonly kind: string
    })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

export const mapBuffer = setup({
  types: {
    context: {} as MapBufferInput & { readonly caller: string | null },
    events: {} as MapBufferEvent,
    emitted: {} as Said,
    input: {} as MapBufferInput,
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    map: emit(({ context: { task, len: flen }, event }) => {
      assertEvent(event, 'CALL')
      const { addr, len, off, prot, file, kind } = event
      if (kind === 'memfd') {
        const how = event.private ? 'memfd_private' : 'memfd'
        return send(`${task}.mmap`, 'CALL', { task, addr, len, prot, kind: how, flen, off, inode: file })
      }
      const memory = { in: heapOf(file), n: Number(off / pageSize), pages: Number((len + pageSize - 1n) / pageSize) }
      return send(`${task}.mmap_device`, 'CALL', { task, addr, len, prot, file, memory, refused: null })
    }),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'RETURN')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign({ caller: null }),
  },
}).createMachine({
  id: 'mapBuffer',
  context: ({ input: { task, len } }) => ({ task, len, caller: null }),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'mapping', actions: ['begin', 'map'] } } },
    mapping: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
