/**
 * A vendor driver writes one byte over and over to user memory, or reads it, by way of vfio_dma_rw; of what it read it shows
 * the first eight bytes. It holds no lock of its own: nothing of its own is touched.
 *
 * Source: the test driver that the recordings of emulated devices were made with, as their description tells.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../say.ts'

export interface MdevRwInput {
  readonly task: string
  readonly at: { readonly rw: string }
}

type MdevRwContext = MdevRwInput & { readonly caller: string | null; readonly write: boolean }
type MdevRwEvent =
  | (Heard & {
      readonly type: 'CALL'
      readonly iova: bigint
      readonly len: number
      readonly write: number
      readonly val: bigint
    })
  | (Heard & { readonly type: 'RETURN'; readonly ret: 0 | string; readonly bytes: string })

const start = ({ task, at }: MdevRwInput): MdevRwContext => ({ task, at, caller: null, write: false })

const shown = 8

/** Little-endian, as the machine is. */
const valueOf = (bytes: string): bigint =>
  [...bytes.slice(0, shown)].reduceRight((value, byte) => value * 256n + BigInt(byte.charCodeAt(0)), 0n)

export const mdevRw = setup({
  types: {
    context: {} as MdevRwContext,
    events: {} as MdevRwEvent,
    emitted: {} as Said,
    input: {} as MdevRwInput,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, write: event.write !== 0 }
    }),
    rw: emit(({ context: { at, task }, event }) => {
      assertEvent(event, 'CALL')
      const { iova, len, write, val } = event
      const byte = String.fromCharCode(Number(val & 0xffn))
      return send(at.rw, 'CALL', {
        ...{ task, iova, len, write: write !== 0 },
        ...(write !== 0 && { bytes: byte.repeat(Math.max(0, len)) }),
      })
    }),
    finish: emit(({ context: { caller, task, write }, event }) => {
      assertEvent(event, 'RETURN')
      const { ret, bytes } = event
      return send(caller!, 'RETURN', { task, ret, ...(ret === 0 && !write && { val: valueOf(bytes) }) })
    }),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'mdevRw',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'calling', actions: ['begin', 'rw'] } } },
    calling: { on: { RETURN: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
