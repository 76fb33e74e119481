import { bind, submit } from '../../actors/kernel/sva/describe.ts'
import { closeDevice } from '../../actors/kernel/device-memory/describe.ts'
import { onPasids } from './story.ts'
import { everybodyFinishes, isServed, nothingStaysBound, safe } from './words.ts'

/** A page request is looked at while its device is closed. */
export const faultAndRelease = onPasids({
  name: 'fault-and-release',
  windows: ['B-59'],
  source: 'CVE-2024-35843: the page request handler used the device after it was released',
  why:
    'The thread that handles page requests finds the device and what is to be known of its faults. Another thread closes the device, and that is freed ' +
    'before it is used. It takes a device that nobody can stop: its request comes when the queue was drained.',
  inTable: true,
  byDefault: 'sva-domain',
  but: { walk: 'safe' },
  answer: 'silent',
  tasks: { vmm0: [bind('dev0'), submit('dev0'), closeDevice('dev0')] },
  properties: [...safe, nothingStaysBound, isServed, everybodyFinishes],
  expected: [
    { protocol: 'rfc29', states: 432, findings: [] },
    { protocol: 'rfc29-fixed', states: 432, findings: [] },
    { protocol: 'container', states: 444, findings: [] },
    { protocol: 'container', as: 'repaired', states: 508, findings: [] },
    { protocol: 'sva-domain', states: 604, findings: ['use-after-free in iommu_report_device_fault'] },
    { protocol: 'sva-domain', as: 'repaired', states: 771, findings: [] },
  ],
  mutants: [
    {
      name: 'unlocked',
      why: 'Everything else is mended.',
      protocols: ['sva-domain'],
      but: { locksFaultParam: false },
      expected: [
        { protocol: 'sva-domain', states: 604, findings: ['use-after-free in iommu_report_device_fault'] },
        {
          protocol: 'sva-domain',
          as: 'repaired',
          states: 636,
          findings: ['use-after-free in iommu_report_device_fault'],
        },
      ],
    },
  ],
})
