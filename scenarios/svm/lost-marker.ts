import { bind, stop, submit, unbind } from '../../actors/kernel/sva/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, pasidComesBack, safe } from './words.ts'

/** The queue is full when the stop marker comes. */
export const lostMarker = onPasids({
  name: 'lost-marker',
  source: 'derived from [RFC PATCH 29/30], Feb 2017: a stop marker travels in the queue that page requests fill',
  why:
    'A stop marker that does not fit into the page request queue is lost, and nothing will send it again: whoever waits for it waits for ever, and the PASID ' +
    'with him. Once the queue is through with what was in it there is nothing left to wait for.',
  inTable: true,
  // Elsewhere nobody waits, or the queue is drained before.
  protocols: ['rfc29', 'rfc29-fixed'],
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  queue: 1,
  tasks: ({ honest }) => ({
    vmm0: [bind('dev0'), submit('dev0'), stop('dev0'), unbind('dev0', honest)],
  }),
  properties: [
    ...safe,
    pasidComesBack,
    sometimes<LinuxView>('a PASID waits for its stop marker', (w) =>
      w.svm.pasids.some(({ state }) => state === 'waiting for stop marker'),
    ),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 935,
      findings: ['a PASID that was flushed is free in the end'],
      verdicts: { 'a PASID that was flushed is free in the end': 'violated' },
    },
    { protocol: 'rfc29-fixed', states: 935, findings: [] },
    {
      protocol: 'rfc29',
      device: 'clean',
      states: 79,
      findings: [],
      verdicts: { 'a PASID waits for its stop marker': 'unseen' },
    },
  ],
  mutants: [
    {
      name: 'overflow-forgotten',
      why: 'Everything else is mended.',
      byDefault: 'rfc29-fixed',
      but: { mendsOverflow: false },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 884,
          findings: ['a PASID that was flushed is free in the end'],
          verdicts: { 'a PASID that was flushed is free in the end': 'violated' },
        },
      ],
    },
  ],
})
