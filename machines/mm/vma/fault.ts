/**
 * The fault handler of vfio-pci: puts a mapping of a BAR into the page table, unless memory is disabled. Whoever faults holds the mmap_lock
 * of the process for read; memory_lock, held for read here, keeps memory as it is until the entry is there. A driver that zaps by list puts
 * the mapping on it first, under vma_lock.
 *
 * A driver that keeps its own device in vm_private_data and was not converted follows what VFIO has put there instead.
 *
 * Source: vfio_pci_mmap_fault, Linux 5.14 (by list: 6a45ece4c9af keeps vma_lock to the end) and 6.10 (by inode; d71a989cf5d9 maps all
 * of the mapping). Left out: that there is no memory for the list.
 */
import { assertEvent, assign, emit, setup } from 'xstate'
import { named } from '../../kernel/heap/pointer.ts'
import { crash, send, type Heard, type Said } from '../../say.ts'
import type { Vma } from './areas.ts'
import { pfnOfVma, type MmInput } from './vma-steps.ts'

interface FaultContext extends MmInput {
  readonly caller: string | null
  readonly process: string
  readonly vma: Vma | null
  readonly ret: 0 | '-SIGBUS'
}

type FaultEvent =
  | (Heard & { readonly type: 'CALL'; readonly process: string; readonly vma: Vma })
  | (Heard & { readonly type: 'ANSWER'; readonly on?: boolean })
  | (Heard & { readonly type: 'LOCKED' | 'UNLOCKED' })

const start = ({ task, form, bars, at }: MmInput): FaultContext => ({
  ...{ task, form, bars, at },
  caller: null,
  process: '',
  vma: null,
  ret: 0,
})

const deviceAt = ({ at, vma }: FaultContext) => at.devices[vma!.device!]!

export const fault = setup({
  types: { context: {} as FaultContext, events: {} as FaultEvent, emitted: {} as Said, input: {} as MmInput },
  guards: {
    isMistaken: ({ context, event }) => {
      assertEvent(event, 'CALL')
      return context.form.convertedDriver === false && event.vma.ops === 'vfio'
    },
    isByList: ({ context }) => context.form.zap === 'by-list',
    isOff: ({ event }) => event.type === 'ANSWER' && event.on !== true,
  },
  actions: {
    begin: assign(({ event }) => {
      assertEvent(event, 'CALL')
      return { caller: event.from, process: event.process, vma: event.vma }
    }),
    mistake: emit(({ event }) => {
      assertEvent(event, 'CALL')
      return crash('bug', 'general protection fault in vfio_pci_mmap_fault', {
        object: named(event.vma.private!),
        detail: 'the driver takes what VFIO keeps in vm_private_data for its own device',
      })
    }),
    lockVmas: emit(({ context }) => send(deviceAt(context).vmaLock!, 'LOCK', { task: context.task })),
    downRead: emit(({ context }) => send(deviceAt(context).memoryLock!, 'DOWN_READ', { task: context.task })),
    askMemory: emit(({ context: { at, task, vma } }) => send(at.hardware!, 'IS_ON', { task, device: vma!.device })),
    refuse: assign({ ret: '-SIGBUS' }),
    addToList: emit(({ context }) => {
      const { task, process } = context
      const { ptr, start: from, size } = context.vma!
      return send(deviceAt(context).vmaList!, 'ADD', { task, process, vma: ptr, start: from, size })
    }),
    set: emit(({ context }) => {
      const { at, task, process } = context
      const { start: vaddr, size } = context.vma!
      return send(at.processes[process]!.ptes, 'SET', { task, vaddr, pfn: pfnOfVma(context, context.vma!), size })
    }),
    upRead: emit(({ context }) => send(deviceAt(context).memoryLock!, 'UP_READ', { task: context.task })),
    unlockVmas: emit(({ context }) => send(deviceAt(context).vmaLock!, 'UNLOCK', { task: context.task })),
    finish: emit(({ context: { caller, task, ret } }) => send(caller!, 'RETURN', { task, ret })),
    reset: assign(({ context }) => start(context)),
  },
}).createMachine({
  id: 'fault',
  context: ({ input }) => start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [
          { guard: 'isMistaken', actions: 'mistake' },
          { guard: 'isByList', target: 'lockingVmas', actions: 'begin' },
          { target: 'locking', actions: 'begin' },
        ],
      },
    },
    lockingVmas: { entry: 'lockVmas', on: { LOCKED: 'locking' } },
    locking: { entry: 'downRead', on: { LOCKED: 'looking' } },
    looking: {
      entry: 'askMemory',
      on: {
        ANSWER: [
          { guard: 'isOff', target: 'unlocking', actions: 'refuse' },
          { guard: 'isByList', target: 'adding' },
          { target: 'setting' },
        ],
      },
    },
    adding: { entry: 'addToList', on: { ANSWER: 'setting' } },
    setting: { entry: 'set', on: { ANSWER: 'unlocking' } },
    unlocking: {
      entry: 'upRead',
      on: {
        UNLOCKED: [
          { guard: 'isByList', target: 'unlockingVmas' },
          { target: 'idle', actions: ['finish', 'reset'] },
        ],
      },
    },
    unlockingVmas: { entry: 'unlockVmas', on: { UNLOCKED: { target: 'idle', actions: ['finish', 'reset'] } } },
  },
})
