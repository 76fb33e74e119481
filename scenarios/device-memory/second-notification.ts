import { closeDevice, mapMemory, openDevice, share, unshare } from '../../actors/kernel/device-memory/describe.ts'
import { onDevices } from './story.ts'
import { acrossContainers, everybodyFinishes, nothingLeaks, page } from './words.ts'

/** The device is released again before the kworker got to unregister. */
export const secondNotification = onDevices({
  name: 'second-notification',
  windows: ['B-11'],
  source:
    'review of [RFC PATCH 10/10] ("paranoid about whether we can trust that the vfio_dma is still valid": a second callback may come before the ' +
    'workqueue runs); that the work item is then queued twice is derived',
  why:
    'A callback cannot unregister itself, so it leaves that to a kworker. Until the kworker comes the registration is still on the chain: a device ' +
    'that is opened and released once more notifies again, finds no mapping, and initialises and queues the same work item a second time.',
  inTable: true,
  byDefault: 'device-notifier',
  devices: acrossContainers,
  before: [share('dev2'), mapMemory('container0', page, 'dev2'), unshare('dev2')],
  tasks: { vmm0: [closeDevice('dev2'), openDevice('dev2'), closeDevice('dev2')] },
  properties: [nothingLeaks, everybodyFinishes],
  expected: [
    { protocol: 'none', states: 27, findings: [] },
    {
      protocol: 'vma-ops',
      states: 308,
      findings: [
        'ODEBUG: init active work_struct',
        'double unregister of a notifier',
        'use-after-free in vfio_unregister_vma_nb',
      ],
    },
    { protocol: 'vma-ops', as: 'repaired', states: 370, findings: [] },
    {
      protocol: 'device-notifier',
      states: 344,
      findings: [
        'ODEBUG: init active work_struct',
        'double unregister of a notifier',
        'use-after-free in unregister_device_bg',
      ],
    },
    { protocol: 'device-notifier', as: 'repaired', states: 338, findings: [] },
    {
      protocol: 'vma-private',
      states: 344,
      findings: [
        'ODEBUG: init active work_struct',
        'double unregister of a notifier',
        'use-after-free in unregister_device_bg',
      ],
    },
    { protocol: 'vma-private', as: 'repaired', states: 338, findings: [] },
    { protocol: 'vma-to-pfn', states: 285, findings: [] },
    { protocol: 'vma-to-pfn', as: 'repaired', states: 345, findings: [] },
    { protocol: 'dma-buf', states: 30, findings: [] },
    { protocol: 'dma-buf', as: 'repaired', states: 30, findings: [] },
  ],
  mutants: [
    {
      name: 'queued-each-time',
      why: 'Everything is mended but that every notification queues the work.',
      without: ['queues'],
      expected: [
        {
          protocol: 'device-notifier',
          as: 'repaired',
          states: 420,
          findings: [
            'ODEBUG: init active work_struct',
            'double unregister of a notifier',
            'use-after-free in unregister_device_bg',
          ],
        },
      ],
    },
  ],
})
