/**
 * ioctl() with a plain number as its argument, on a container or a group. Requests whose argument is a value are made;
 * where it should be a pointer the number is no address of anything, which is found out before all else. A container
 * passes on what it does not know to its IOMMU driver.
 *
 * Source: Linux 6.1 uapi vfio.h for the numbers; vfio_fops_unl_ioctl, vfio_group_fops_unl_ioctl.
 * Left out: a number that happens to be the address of a structure.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf } from '../names.ts'

export interface ValueIoctlInput {
  readonly task: string
  readonly object: string
  readonly kind: 'container' | 'group'
}

type ValueIoctlContext = ValueIoctlInput & { readonly caller: string | null }
type ValueIoctlEvent =
  | (Heard & { readonly type: 'CALL'; readonly req?: bigint; readonly arg?: bigint; readonly file?: string })
  | (Heard & { readonly type: 'RETURN'; readonly ret: number | string })

type Fields = Readonly<Record<string, unknown>>

/** Which procedure makes a request, and what it calls the argument. */
const procedures: Readonly<Record<string, Readonly<Record<number, readonly [procedure: string, argument: string]>>>> = {
  container: {
    0x3b64: ['get_api_version', 'arg'],
    0x3b65: ['check_extension', 'ext'],
    0x3b66: ['set_iommu', 'arg'],
  },
  group: { 0x3b69: ['group_unset_container', 'arg'] },
}
/** VFIO_GROUP_GET_STATUS, SET_CONTAINER, GET_DEVICE_FD. */
const groupPointers = [0x3b67, 0x3b68, 0x3b6a]

const start = ({ task, object, kind }: ValueIoctlInput): ValueIoctlContext => ({ task, object, kind, caller: null })

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Fields => fields

/** The kernel looks at 32 bits of the request. */
const requestOf = (event: ValueIoctlEvent): number => {
  assertEvent(event, 'CALL')
  return Number(BigInt.asUintN(32, event.req ?? 0n))
}

const procedureOf = ({ kind }: ValueIoctlContext, event: ValueIoctlEvent): readonly [string, string] | undefined =>
  procedures[kind]![requestOf(event)] ?? (kind === 'container' ? ['driver_ioctl', 'arg'] : undefined)

export const valueIoctl = setup({
  types: {
    context: {} as ValueIoctlContext,
    events: {} as ValueIoctlEvent,
    emitted: {} as Said,
    input: {} as ValueIoctlInput,
  },
  guards: {
    isKnown: ({ context, event }) => procedureOf(context, event) !== undefined,
    isPointer: ({ event }) => groupPointers.includes(requestOf(event)),
  },
  actions: {
    begin: assign({ caller: ({ event }) => event.from }),
    call: emit(({ context, event }) => {
      assertEvent(event, 'CALL')
      const { task, object } = context
      const [procedure, argument] = procedureOf(context, event)!
      const { file, req, arg = 0n } = event
      return send(callOf(task, object, procedure), 'CALL', { task, file, req, [argument]: arg })
    }),
    fail: emit(({ event, context: { task } }, { ret }: { ret: string }) => send(event.from, 'RETURN', { task, ret })),
    pass: emit(({ context: { task, caller }, event }) => send(caller!, 'RETURN', { ...fieldsOf(event), task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'valueIoctl',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isKnown', target: 'calling', actions: ['begin', 'call'] },
          { guard: 'isPointer', actions: { type: 'fail', params: { ret: '-EFAULT' } } },
          { actions: { type: 'fail', params: { ret: '-ENOTTY' } } },
        ],
      },
    },
    calling: { on: { RETURN: { target: 'idle', actions: ['pass', 'reset'] } } },
  },
})
