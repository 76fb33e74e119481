/**
 * munmap of a range of addresses: what reaches out of it is split first, and a part that is split off is opened like any copy; then
 * everything in the range is cleared, taken out of the inode and closed, with mmap_lock held for write. The files are let go afterwards,
 * and whoever lets go the last time releases the device.
 *
 * Source: mm/mmap.c (__do_munmap), Linux 5.8 to 6.10; vma-steps.ts says more.
 * Left out: arguments that make no sense.
 */
import { emit } from 'xstate'
import * as shared from './areas-chart.ts'
import * as steps from './vma-steps.ts'

export const munmap = shared.changing
  .extend({
    actions: {
      cut: emit(steps.cut),
    },
  })
  .createMachine({
    id: 'munmap',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
      locking: { entry: 'downWrite', on: { LOCKED: 'cutting' } },
      cutting: { entry: 'cut', on: { ANSWER: { target: 'opening', actions: 'keepChange' } } },

      ...shared.opening,

      ...shared.closing,

      ...shared.lettingGo,
    },
  })
