import { bind, exit, submit, unbind } from '../../actors/kernel/sva/describe.ts'
import { by } from '../../actors/kernel/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { sometimes } from '../../explore/claims/properties.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, everyMmIsReleased, keepsItsBond, safe } from './words.ts'

/** A process ends, its PASID goes to another, and then somebody unbinds it for the first. */
export const recycledPasid = onPasids({
  name: 'recycled-pasid',
  windows: ['SVM-5', 'B-51'],
  source:
    '[PATCH v2 13/40] vfio: Add support for Shared Virtual Addressing, May 2018: “the process might have died and the PASID might have been reallocated”',
  why:
    'When a process ends the IOMMU drops its bonds, and the list of the device does not hear of it. A manager that shares the descriptor unbinds for the ' +
    'dead process, by number: by then the number is somebody else’s. ' +
    '(It needs a device that can be asked when the process ends: of one that cannot, the PASID is leaked.)',
  inTable: true,
  byDefault: 'rfc29',
  but: { walk: 'safe' },
  before: by('vmm', bind('dev0')),
  tasks: ({ honest }) => ({
    vmm0: [exit()],
    other0: { process: 'other', script: [bind('dev0'), submit('dev0')] },
    manager0: { process: 'manager', script: [unbind('dev0', { pasid: 1, ...honest })] },
  }),
  properties: [
    keepsItsBond,
    ...safe,
    everyMmIsReleased,
    sometimes<LinuxView>('the PASID is used again', (w) => w.result('other0', 'bind')?.ret === 0),
    everybodyFinishes,
  ],
  expected: [
    {
      protocol: 'rfc29',
      states: 28658,
      findings: ['nobody loses a bond that he did not give up'],
      verdicts: { 'nobody loses a bond that he did not give up': 'violated' },
    },
    { protocol: 'rfc29-fixed', states: 17907, findings: [] },
    { protocol: 'container', states: 4656, findings: [] },
    { protocol: 'container', as: 'repaired', states: 19457, findings: [] },
    {
      protocol: 'sva-domain',
      states: 64512,
      findings: ['nobody loses a bond that he did not give up', 'use-after-free in iommu_sva_unbind_device'],
      verdicts: { 'nobody loses a bond that he did not give up': 'violated' },
    },
    { protocol: 'sva-domain', as: 'repaired', states: 28297, findings: [] },
  ],
  mutants: [
    {
      name: 'any-pasid',
      why: 'PASIDs are recycled when a process ends, and anybody may name any.',
      byDefault: 'rfc29-fixed',
      but: { walk: 'safe', atExit: 'drops-bond', unbinds: 'any-pasid' },
      expected: [
        {
          protocol: 'rfc29-fixed',
          states: 49596,
          findings: ['nobody loses a bond that he did not give up'],
          verdicts: { 'nobody loses a bond that he did not give up': 'violated' },
        },
      ],
    },
  ],
})
