/**
 * A driver that mirrors mappings is told of a new one (by its user, not by the kernel) and adds it to its mirror. A
 * range that collides with one it still has is refused: what became of libvfio-user #50, where no unmap was ever
 * announced because nothing was pinned.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface MdevMirrorInput {
  readonly task: string
  readonly at: { readonly driver: string }
}

type MdevMirrorContext = MdevMirrorInput & {
  readonly caller: string | null
  readonly iova: bigint
  readonly size: bigint
}
type MdevMirrorEvent =
  | (Heard & { readonly type: 'CALL'; readonly iova: bigint; readonly size: bigint })
  | (Heard & { readonly type: 'MIRRORED'; readonly ret: number | string })

const start = ({ task, at }: MdevMirrorInput): MdevMirrorContext => ({ task, at, caller: null, iova: 0n, size: 0n })

export const mdevMirror = setup({
  types: {
    context: {} as MdevMirrorContext,
    events: {} as MdevMirrorEvent,
    emitted: {} as Said,
    input: {} as MdevMirrorInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, iova: event.iova, size: event.size }
    }),
    mirror: emit(({ context: { at, task, iova, size } }) => send(at.driver, 'MIRROR', { task, iova, size })),
    finish: emit(({ context: { caller, task }, event }) => {
      assertEvent(event, 'MIRRORED')
      return send(caller!, 'RETURN', { task, ret: event.ret })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mdevMirror',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'mirroring', actions: 'begin' } } },
    mirroring: { entry: 'mirror', on: { MIRRORED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
