/**
 * What keeps unbind() and mm_exit() of one bond apart: an address space that ends tells the driver (mm_exit, which may sleep), and whoever
 * unbinds meanwhile waits until the driver has returned. Bonds do not wait for each other's.
 *
 * A WAIT that meets an mm_exit of its bond is therefore *taken* and answered by the step in which that mm_exit ends.
 *
 * Source: iommu_bond.mm_exit_active and mm_exit_wq, drivers/iommu/iommu-sva.c of "[PATCH v2 05/40] iommu/sva: Track mm changes with an MMU
 * notifier" (May 2018). Left out: that a waiter then deletes the bond in mm_exit's place; here the one that ended the bond does.
 */
import { assertEvent, assign, emit, enqueueActions, setup } from 'xstate'
import { answer } from '../../kernel/answer.ts'
import type { LockFacts } from '../../kernel/locks/lock-facts.ts'
import { send, type Heard, type Said } from '../../say.ts'

interface Bond {
  readonly device: string
  readonly pasid: number
}

interface MmExitGateContext {
  readonly id: string
  /** The mm_exit that run, and in which tasks. */
  readonly running: readonly (Bond & { readonly task: string })[]
  readonly waiting: readonly (Bond & { readonly task: string; readonly from: string })[]
}

type MmExitGateEvent = Heard & { readonly type: 'BEGIN' | 'END' | 'WAIT' } & Bond

const isSameBond = (a: Bond, b: Bond): boolean => a.device === b.device && a.pasid === b.pasid

/** In one order, however they came. */
const isBefore = (a: Bond, b: Bond): boolean => (a.device === b.device ? a.pasid < b.pasid : a.device < b.device)

export const mmExitGate = setup({
  types: {
    context: {} as MmExitGateContext,
    events: {} as MmExitGateEvent,
    emitted: {} as Said,
    input: {} as { readonly id: string },
  },
  guards: {
    runs: ({ context, event }) => context.running.some((each) => isSameBond(each, event)),
  },
  actions: {
    begin: assign(({ context: { running }, event: { device, pasid, task } }) => ({
      running: [...running, { device, pasid, task }].sort((a, b) => (isBefore(a, b) ? -1 : 1)),
    })),
    wait: assign(({ context: { waiting }, event: { device, pasid, task, from } }) => ({
      waiting: [...waiting, { device, pasid, task, from }],
    })),
    end: enqueueActions(({ context: { running, waiting }, event, enqueue }) => {
      assertEvent(event, 'END')
      enqueue.assign({
        running: running.filter((each) => !isSameBond(each, event)),
        waiting: waiting.filter((each) => !isSameBond(each, event)),
      })
      for (const { from, task, ...bond } of waiting)
        if (isSameBond(bond, event)) enqueue.emit(send(from, 'ANSWER', { task, ret: 0 }))
    }),
    done: emit(({ event }) => answer(event, 'ANSWER', { ret: 0 })),
  },
}).createMachine({
  id: 'mmExitGate',
  context: ({ input }) => ({ id: input.id, running: [], waiting: [] }),
  initial: 'ready',
  states: {
    ready: {
      on: {
        BEGIN: { actions: ['begin', 'done'] },
        END: { actions: ['end', 'done'] },
        WAIT: [{ guard: 'runs', actions: 'wait' }, { actions: 'done' }],
      },
    },
  },
})

/** Whoever is in an mm_exit holds it, but does not wait; who waits holds nothing afterwards. */
export const mmExitGateFacts: LockFacts<MmExitGateContext> = {
  acquires: ['WAIT'],
  awaited: 'all',
  holders: ({ running }) => ({ threads: [...new Set(running.map(({ task }) => task))], exclusive: false }),
  owes: ({ waiting }) => waiting.map(({ from }) => from),
}
