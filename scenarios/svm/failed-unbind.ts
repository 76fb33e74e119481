import { bind, unbind } from '../../actors/kernel/sva/describe.ts'
import { closeDevice } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, nothingStaysBound } from './words.ts'

/** An invalidation times out, and the bond stays. */
export const failedUnbind = onPasids({
  name: 'failed-unbind',
  windows: ['SVM-3'],
  source: 'derived from [RFC PATCH 29/30], Feb 2017: the entry goes whatever iommu_unbind_task() said',
  why:
    'iommu_unbind_task() fails, the kernel warns, and forgets the bond all the same. Nobody will try again: when the device is closed it is not on the ' +
    'list, and the device still works on that address space.',
  inTable: true,
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  failures: 1,
  tasks: ({ honest }) => ({ vmm0: [bind('dev0'), unbind('dev0', honest), closeDevice('dev0')] }),
  properties: ({ protocol }) => [
    nothingStaysBound,
    // What came later tries until it works.
    ...(protocol.startsWith('rfc29')
      ? [sometimes<LinuxView>('an UNBIND times out', (w) => w.result('vmm0', 'unbind')?.ret === '-ETIMEDOUT')]
      : []),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 14,
      findings: ['a device that nobody has open is bound to nothing'],
      verdicts: { 'a device that nobody has open is bound to nothing': 'violated' },
    },
    { protocol: 'rfc29-fixed', states: 169, findings: [] },
    { protocol: 'container', states: 17, findings: [] },
    { protocol: 'container', as: 'repaired', states: 168, findings: [] },
    { protocol: 'sva-domain', states: 98, findings: [] },
    { protocol: 'sva-domain', as: 'repaired', states: 98, findings: [] },
  ],
  mutants: [
    {
      name: 'dropped',
      why: 'Everything else is mended.',
      byDefault: 'rfc29-fixed',
      but: { onFailure: 'drops' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 99,
          findings: ['a device that nobody has open is bound to nothing'],
          verdicts: { 'a device that nobody has open is bound to nothing': 'violated' },
        },
      ],
    },
  ],
})
