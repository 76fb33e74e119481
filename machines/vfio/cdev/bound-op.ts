/**
 * A call on a descriptor of a device's own, once it is bound; before that everything is -EINVAL. Most are those of any device
 * descriptor (`to` the device); attaching and detaching exist only here, under dev_set->lock. With a PASID nothing can be attached where no page
 * table is for one (not recorded).
 *
 * Source: vfio_device_fops_unl_ioctl (access_granted), vfio_df_ioctl_attach_pt, vfio_df_ioctl_detach_pt (7.x).
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { firstFailing } from '../../kernel/checks.ts'
import { send, type Heard, type Said } from '../../say.ts'
import { callOf, setLock } from '../names.ts'

export interface BoundOpInput {
  readonly task: string
  readonly device: string
  readonly devSet: string
  readonly op: string
  /** The kernel knows of PASIDs. */
  readonly takesPasids: boolean
  /** Some IOMMU does, too. */
  readonly pasids?: boolean
}

interface BoundOpContext extends BoundOpInput {
  readonly caller: string | null
  readonly args: Readonly<Record<string, unknown>>
  /** The iommufd file's actor. */
  readonly context: string | null
  readonly returned: Readonly<Record<string, unknown>>
}

type BoundOpEvent =
  | (Heard & { readonly type: 'CALL'; readonly file: string })
  | (Heard & { readonly type: 'BINDING'; readonly context: string | null; readonly file: string | null })
  | (Heard & { readonly type: 'RETURN' | 'ANSWER'; readonly ret: number | string })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, device, devSet, op, takesPasids, pasids = false }: BoundOpInput): BoundOpContext => ({
  ...{ task, device, devSet, op, takesPasids, ...(pasids && { pasids }) },
  ...{ caller: null, args: {}, context: null, returned: {} },
})

/** Whether a call is about the IOAS, and sizeof of what it copies from the caller. */
const aboutIoas: Readonly<Record<string, number>> = { attach_pt: 12, detach_pt: 8 }

const pasid = { flag: 1, size: 4 }

const namesPasid = ({ args }: BoundOpContext): boolean => args['flags'] === pasid.flag

const refusal = (context: BoundOpContext): string | undefined => {
  const { op, args, takesPasids } = context
  const [argsz, flags] = [args['argsz'] as number, args['flags'] as number]
  const known = takesPasids ? pasid.flag : 0
  return firstFailing([
    [argsz < aboutIoas[op]! || (flags & ~known) !== 0, '-EINVAL'],
    [namesPasid(context) && argsz < aboutIoas[op]! + pasid.size, '-EINVAL'],
  ])
}

const fieldsOf = ({ type: _type, from: _from, task: _task, ...fields }: Heard): Readonly<Record<string, unknown>> =>
  fields

export const boundOp = setup({
  types: {
    context: {} as BoundOpContext,
    events: {} as BoundOpEvent,
    emitted: {} as Said,
    input: {} as BoundOpInput,
  },
  guards: {
    isNotBound: ({ context, event }) =>
      event.type === 'BINDING' && (event.context === null || event.file !== context.args['file']),
    isOfAnyDevice: ({ context }) => !(context.op in aboutIoas),
    isRefused: ({ context }) => refusal(context) !== undefined,
    attachesPasid: ({ context }) => context.op === 'attach_pt' && namesPasid(context) && !context.pasids,
    detachesPasid: ({ context }) => namesPasid(context) && !context.pasids,
    attaches: ({ context }) => context.op === 'attach_pt',
  },
  actions: {
    begin: assign(({ event }) => ({ caller: event.from, args: fieldsOf(event) })),
    look: emit(({ context: { task, device } }) => send(`${device}.binding`, 'GET', { task })),
    invalid: assign({ returned: { ret: '-EINVAL' } }),
    done: assign({ returned: { ret: 0 } }),
    lookForAny: emit(({ context: { task, context, args } }) => send(context!, 'ANY', { task, id: args['ioas'] })),
    notForPasid: assign(({ event }) => ({
      returned: { ret: event.type === 'ANSWER' && event.ret === 0 ? '-EINVAL' : '-ENOENT' },
    })),
    keepContext: assign(({ event }) => {
      assertEvent(event, 'BINDING')
      return { context: event.context }
    }),
    passOn: emit(({ context: { task, device, op, args } }) =>
      send(callOf(task, device, op), 'CALL', { ...args, kind: 'device', of: device, task }),
    ),
    keep: assign(({ event }) => ({ returned: fieldsOf(event) })),
    lock: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'LOCK', { task })),
    detach: emit((bound) => {
      const { task, context, device, args } = bound.context
      return namesPasid(bound.context)
        ? send(callOf(task, context!, 'detach_pasid'), 'CALL', { task, device, pasid: args['pasid'] })
        : send(callOf(task, context!, 'detach_device'), 'CALL', { task, device })
    }),
    attach: emit((bound) => {
      const { task, context, device, args } = bound.context
      const what = { task, device, ioas: args['ioas'] }
      return namesPasid(bound.context)
        ? send(callOf(task, context!, 'attach_pasid'), 'CALL', { ...what, pasid: args['pasid'] })
        : send(callOf(task, context!, 'attach_device'), 'CALL', what)
    }),
    unlock: emit(({ context: { task, devSet } }) => send(setLock(devSet), 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task, returned } }) => send(caller!, 'RETURN', { ...returned, task })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'boundOp',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'looking', actions: 'begin' } } },
    looking: {
      entry: 'look',
      on: {
        BINDING: [
          { guard: 'isNotBound', target: 'idle', actions: ['invalid', 'finish', 'reset'] },
          { target: 'checking', actions: 'keepContext' },
        ],
      },
    },
    checking: {
      always: [
        { guard: 'isOfAnyDevice', target: 'passing on' },
        { guard: 'isRefused', target: 'idle', actions: ['invalid', 'finish', 'reset'] },
        { guard: 'attachesPasid', target: 'looking for any' },
        { guard: 'detachesPasid', target: 'idle', actions: ['done', 'finish', 'reset'] },
        { target: 'locking' },
      ],
    },
    'looking for any': {
      entry: 'lookForAny',
      on: { ANSWER: { target: 'idle', actions: ['notForPasid', 'finish', 'reset'] } },
    },
    'passing on': { entry: 'passOn', on: { RETURN: { target: 'idle', actions: ['keep', 'finish', 'reset'] } } },

    locking: {
      entry: 'lock',
      on: { LOCKED: [{ guard: 'attaches', target: 'attaching' }, { target: 'detaching' }] },
    },
    detaching: { entry: 'detach', on: { RETURN: { target: 'unlocking', actions: 'keep' } } },
    attaching: { entry: 'attach', on: { RETURN: { target: 'unlocking', actions: 'keep' } } },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
