/**
 * type1 as it is: memory of a device is mapped like any other, by the pfn that the page table holds, and nobody hears of the device's
 * release. The mapping stays, whoever gets the device next (B-13).
 *
 * Source: vaddr_get_pfn, follow_fault_pfn of 5.11; still so in 7.x. Left out: what steps.ts says.
 */
import { assign, emit, setup } from 'xstate'
import * as shared from './notified-chart.ts'
import * as steps from './steps.ts'

export const none = setup({
  types: {} as steps.ProtocolTypes,
  guards: {
    getsPfn: steps.getsPfn,
    failed: steps.failed,
    isNowhere: steps.isNowhere,
    hasNoPteAgain: steps.hasNoPteAgain,
    hasNoPte: steps.hasNoPte,
  },
  actions: {
    begin: assign(steps.begin),
    lockMm: emit(steps.lockMm),
    findVma: emit(steps.findVma),
    keepVma: assign(steps.keepVma),
    readPte: emit(steps.readPte),
    keepPfn: assign(steps.keepPfn),
    fault: emit(steps.fault),
    noteFault: assign(steps.noteFault),
    noSuchPage: assign(steps.noSuchPage),
    unlockMm: emit(steps.unlockMm),
    forgetLookup: assign(steps.forgetLookup),
    finishPfn: emit(steps.finishPfn),
    finish: emit(steps.finish),
    reset: assign(steps.reset),
  },
}).createMachine({
  id: 'none',
  context: ({ input }) => steps.start(input),
  initial: 'idle',
  states: {
    idle: {
      on: {
        CALL: [{ guard: 'getsPfn', target: 'locking mm', actions: 'begin' }, { actions: ['begin', 'finish', 'reset'] }],
      },
    },

    // Getting a pfn, under iommu->lock: what the page table says.
    ...shared.findingVma,
    ...shared.readingPte('unlocking mm'),
    ...shared.unlockingMm,
  },
})
