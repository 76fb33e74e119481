/** What stories about device memory say: the same devices, the same claims, in the same words. */
import { dma, type DeviceDescription } from '../../actors/kernel/device-memory/describe.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'

export const page = 0x1000n

/** Device 1 with its IOMMU context in container 0, device 2 in container 1: "works across containers". */
export const acrossContainers = {
  dev1: { container: 'container0' },
  dev2: { container: 'container1' },
} as const satisfies Record<string, DeviceDescription>

/** Device 1 reads from where memory of device 2 is mapped. */
export const reads = (times: number, iova = page) => Array.from({ length: times }, () => dma('dev1', iova))

type View = LinuxView

export const noDmaAfterRelease = always<View>(
  'no DMA reaches a device after its last release was answered',
  // Somebody else may have it open by then; who mapped it is always the first.
  (w) => w.deviceMemory.dmas.every(({ of, owner }) => of === null || owner === 'vmm'),
  { when: (w) => w.deviceMemory.dmas.length > 0, finding: 'stale-mapping' },
)

/** Who claims that none comes too late must show that one could have. */
export const released = (device: string, dmas = 1) =>
  sometimes<View>(
    'the last release is answered while a DMA is still to come',
    (w) => w.deviceMemory.owner(device) === null && w.deviceMemory.dmas.length < dmas,
  )

export const noDmaWhileDisabled = always<View>(
  'no DMA reaches a device whose memory is disabled',
  (w) => w.deviceMemory.dmas.every(({ of, owner, memory }) => of === null || owner !== 'vmm' || memory === true),
  { when: (w) => w.deviceMemory.dmas.length > 0, finding: 'stale-mapping' },
)

export const noLoadWhileDisabled = always<View>(
  'no CPU access goes through a zapped mapping',
  (w) => w.deviceMemory.loads.every(({ of, memory }) => of === null || memory === true),
  { when: (w) => w.deviceMemory.loads.length > 0, finding: 'stale-mapping' },
)

export const loadIsRefused = sometimes<View>('a load gets SIGBUS', (w) =>
  w.deviceMemory.loads.some(({ ret }) => ret === '-SIGBUS'),
)

export const dmaArrives = sometimes<View>('a DMA reaches the device while it is open and enabled', (w) =>
  w.deviceMemory.dmas.some(({ ret, owner }) => ret === 'hit' && owner !== null),
)

export const isolationOutlives = always<View>(
  'container and isolation outlive the mapping',
  (w) => w.deviceMemory.mappedDevices.every((device) => w.deviceMemory.users(w.deviceMemory.containerOf(device)) > 0),
  { finding: 'stale-mapping' },
)

export const nothingLeaks = always<View>(
  'every reference is dropped in the end',
  (w) => w.deviceMemory.leaks.length === 0,
  {
    when: (w) => w.quiet,
    finding: 'leak',
  },
)

export const everybodyFinishes = sometimes<View>('every task gets through its script', (w) => w.quiet)
