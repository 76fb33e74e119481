/**
 * A group leaves a container that has a type1 backend (vfio_iommu_type1_detach_group), or the backend itself is freed
 * (vfio_iommu_type1_release, which takes no lock). Devices leave the domain; with its last group the domain goes, and with
 * it what was mapped there; locked memory is given back to its owners.
 *
 * Source: Linux 6.1. Left out: giving it back mapping by mapping: once for each process here.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import type { Pointer } from '../../kernel/heap/pointer.ts'
import { send, type Heard, type Said } from '../../say.ts'
import type { Charge } from './vfio-iommu.ts'

export interface DetachGroupInput {
  readonly task: string
  /** Asks the backend to let a group go, or to free itself. */
  readonly ask: 'LEAVE' | 'RELEASE'
  readonly at: {
    /** iommu->lock; freeing takes none. */
    readonly lock: string | null
    readonly type1: string
    readonly dmar: string
    readonly domain: string
    readonly giveBack: string
  }
}

interface Leaving {
  readonly group?: string
  readonly backend: Pointer
}

interface DetachGroupContext extends DetachGroupInput {
  readonly caller: string | null
  readonly leaving: Leaving | null
  readonly devices: readonly string[]
  readonly free: boolean
  readonly charges: readonly Charge[]
}

type DetachGroupEvent =
  | (Heard & Leaving & { readonly type: 'CALL' })
  | (Heard & {
      readonly type: 'LEFT' | 'RELEASED'
      readonly devices?: readonly string[]
      readonly free: boolean
      readonly charges: readonly Charge[]
    })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' | 'DETACHED' | 'FREED' | 'RETURN' })

const start = ({ task, ask, at }: DetachGroupInput): DetachGroupContext => ({
  ...{ task, ask, at },
  ...{ caller: null, leaving: null, devices: [], free: false, charges: [] },
})

export const detachGroup = setup({
  types: {
    context: {} as DetachGroupContext,
    events: {} as DetachGroupEvent,
    emitted: {} as Said,
    input: {} as DetachGroupInput,
  },
  guards: {
    takesLock: ({ context }) => context.at.lock !== null,
    hasDevices: ({ context }) => context.devices.length > 0,
    isEnd: ({ context }) => context.free,
    owes: ({ context }) => context.charges.length > 0,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      const { group, backend } = event
      return { caller: event.from, leaving: { ...(group !== undefined && { group }), backend } }
    }),
    lock: emit(({ context: { at, task } }) => send(at.lock!, 'LOCK', { task })),
    askToLeave: emit(({ context: { at, ask, task, leaving } }) => send(at.type1, ask, { task, ...leaving! })),
    keep: assign(({ event }) => {
      assertEvent(event, ['LEFT', 'RELEASED'])
      return { leaving: null, devices: event.devices ?? [], free: event.free, charges: event.charges }
    }),
    detachDevices: emit(({ context: { at, task, devices } }) =>
      send(at.dmar, 'DETACH', { task, domain: at.domain, devices }),
    ),
    freeDomain: emit(({ context: { at, task } }) => send(at.dmar, 'FREE', { task, domain: at.domain })),
    giveBack: emit(({ context: { at, task, charges } }) => send(at.giveBack, 'CALL', { task, charges })),
    unlock: emit(({ context: { at, task } }) => send(at.lock!, 'UNLOCK', { task })),
    finish: emit(({ context: { caller, task } }) => send(caller!, 'RETURN', { task, ret: 0 })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'detachGroup',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: { on: { CALL: { target: 'entering', actions: 'begin' } } },
    entering: { always: [{ guard: 'takesLock', target: 'locking' }, { target: 'leaving' }] },
    locking: { entry: 'lock', on: { LOCKED: 'leaving' } },
    leaving: {
      entry: 'askToLeave',
      on: { LEFT: { target: 'left', actions: 'keep' }, RELEASED: { target: 'left', actions: 'keep' } },
    },
    left: { always: [{ guard: 'hasDevices', target: 'detaching' }, { target: 'detached' }] },
    detaching: { entry: 'detachDevices', on: { DETACHED: 'detached' } },
    detached: { always: [{ guard: 'isEnd', target: 'freeing' }, { target: 'freed' }] },
    freeing: { entry: 'freeDomain', on: { FREED: 'freed' } },
    freed: { always: [{ guard: 'owes', target: 'giving back' }, { target: 'leaving lock' }] },
    'giving back': { entry: 'giveBack', on: { RETURN: 'leaving lock' } },
    'leaving lock': {
      always: [
        { guard: 'takesLock', target: 'unlocking' },
        { target: 'idle', actions: ['finish', 'reset'] },
      ],
    },
    unlocking: { entry: 'unlock', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
