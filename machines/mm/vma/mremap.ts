/**
 * mremap of a whole mapping to another place: a copy is made there and opened, what was mapped at the old place goes along, and the old
 * mapping is cleared and closed.
 *
 * What goes along goes after the driver's open has zapped the copy. A driver that keeps a list of what was faulted in (5.8 to 6.9) has the
 * old mapping on it, which is closed, and not the new one: derived from that order, reported by nobody.
 *
 * Source: mm/mremap.c (move_vma, copy_vma, move_page_tables), Linux 5.8 to 6.10.
 * Left out: other sizes, moving a part, something in the way (-EINVAL here; the kernel unmaps it).
 */
import { emit } from 'xstate'
import * as shared from './areas-chart.ts'
import * as steps from './vma-steps.ts'

export const mremap = shared.changing
  .extend({
    guards: {
      isRefused: steps.isRefused,
    },
    actions: {
      move: emit(steps.move),
      moveEntries: emit(steps.moveEntries),
    },
  })
  .createMachine({
    id: 'mremap',
    context: ({ input }) => steps.start(input),
    initial: 'idle',
    states: {
      idle: { on: { CALL: { target: 'locking', actions: 'begin' } } },
      locking: { entry: 'downWrite', on: { LOCKED: 'moving' } },
      moving: {
        entry: 'move',
        on: {
          ANSWER: [
            { guard: 'isRefused', target: 'unlocking', actions: 'keepChange' },
            { target: 'opening', actions: 'keepChange' },
          ],
        },
      },

      opening: {
        always: [
          { guard: 'noneToOpen', target: 'movingEntries' },
          { guard: 'opensOther', actions: 'nextToOpen' },
          { target: 'holding' },
        ],
      },
      ...shared.opened,

      movingEntries: { entry: 'moveEntries', on: { ANSWER: 'closing' } },

      ...shared.closing,

      ...shared.lettingGo,
    },
  })
