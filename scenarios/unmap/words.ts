/** What many stories say: the same addresses, the same claims, in the same words. */
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { ContainerDescription, DriverDescription } from '../../actors/kernel/unmap/describe.ts'
import { always, sometimes } from '../../explore/claims/properties.ts'

export const page = 0x1000n

/** One container, one group, these devices. */
export const oneContainer = (
  mappings: NonNullable<ContainerDescription['mappings']>,
  devices: Readonly<Record<string, DriverDescription>>,
): Readonly<Record<string, ContainerDescription>> => ({ container0: { mappings, groups: { group26: { devices } } } })

/** Tasks that do the same, numbered: vmm0, vmm1 … */
export const numbered = <T>(prefix: string, count: number, of: (index: number) => T): Record<string, T> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, of(index)]))

/** What the tasks' unmaps together report, in bytes. */
export const reported = (w: LinuxView): bigint =>
  w.tasks
    .flatMap((name) => w.task(name).results)
    .filter(({ call, size }) => call === 'unmap' && typeof size === 'bigint')
    .reduce((sum, { size }) => sum + (size as bigint), 0n)

export const everybodyFinishes = sometimes<LinuxView>('every task gets through its script', (w) => w.finished)

/** `iova` was mapped at the start and nobody maps anything: once an unmap reports bytes, they are gone. */
export const reportedMeansGone = (iova: bigint) =>
  always<LinuxView>(
    'what an unmap reports as unmapped is unmapped',
    (w) => reported(w) === 0n || !w.vfio.mapped(iova),
    {
      when: (w) => w.finished,
      finding: 'wrong-result',
    },
  )

export const noStalePages = (device: string, iova: bigint) =>
  always<LinuxView>(
    `${device} holds no page of a range that is not mapped`,
    (w) => w.vfio.mapped(iova) || !w.vfio.driver(device).pins.includes(iova),
    {
      when: (w) => w.finished,
      finding: 'stale-mapping',
    },
  )
