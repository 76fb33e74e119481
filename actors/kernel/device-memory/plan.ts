/** A description made complete: defaults filled in, addresses given out. */
import { forms, mended, type Form, type ProtocolName } from '../../../machines/type1/device-memory/forms.ts'
import { pageSize } from '../../../machines/mm/extent.ts'
import type { Platform } from '../../../machines/pci/root-complex/root-complex.ts'
import { defaultProcess } from '../../scripts/tasks.ts'
import { formOf } from '../chosen.ts'
import type { Story } from '../subject.ts'
import { barDevices } from '../devices.ts'
import type { Call, DeviceMemoryForm } from './describe.ts'

export interface Bar {
  readonly bar: number
  readonly pages: bigint
  readonly pfn: bigint
  /** Where a process maps it unless told otherwise. */
  readonly vaddr: bigint
}

export interface Device {
  readonly id: string
  readonly container: string
  readonly bars: readonly Bar[]
  readonly openBy: string | null
  readonly resetSet: string
}

export interface Plan {
  readonly protocol: ProtocolName
  readonly form: Form
  readonly platform: Platform | undefined
  readonly devices: readonly Device[]
  readonly containers: readonly string[]
  readonly processes: readonly string[]
  /** Devices of a container that have no memory here, and are open all the time: each holds a user. */
  readonly alsoOpen: (container: string) => number
  /** Somebody closes it. */
  readonly isClosed: (container: string) => boolean
}

export function planFor({ description, tasks, calls, earlier }: Story<Call>): Plan {
  const { containers: ofDrivers = {} } = description
  const { protocol, platform, ...more } = formOf(description.deviceMemory!)
  const devices = Object.entries(barDevices(description)).map(
    ([id, { container, bars = { 0: 1 }, openBy, resetSet = id }], index) => ({
      id,
      container,
      bars: Object.entries(bars).map(([bar, pages]) => barOf(index, Number(bar), pages)),
      openBy: openBy === undefined ? defaultProcess : openBy,
      resetSet,
    }),
  )
  const all = [...calls, ...earlier].map(({ call }) => call)
  return {
    ...{ protocol, platform, devices, form: formFor(protocol, more) },
    containers: [...new Set([...devices.map(({ container }) => container), ...Object.keys(ofDrivers)])],
    processes: [
      ...new Set([
        ...[...tasks.map(({ process }) => process), defaultProcess, ...earlier.map(({ process }) => process)],
        ...devices.flatMap(({ openBy }) => openBy ?? []),
        ...all.flatMap((call) => (call.do === 'fork' ? [call.child] : [])),
      ]),
    ],
    alsoOpen: (container) =>
      Object.values(ofDrivers[container]?.groups ?? {}).flatMap((group) => Object.keys(group.devices)).length,
    isClosed: (container) => all.some((call) => call.do === 'closeContainer' && call.container === container),
  }
}

function formFor(
  protocol: ProtocolName,
  { as = 'posted', but = {}, without = [], memory }: Omit<DeviceMemoryForm, 'protocol'>,
): Form {
  // A dma-buf can be taken away in one way only, and given back in the same.
  const chosen = protocol === 'dma-buf' && memory === 'unmap' ? 'revoke' : memory
  const posted = { ...forms[protocol].posted, ...(chosen !== undefined && { memory: chosen }), ...but }
  if (as === 'posted') return posted
  return { ...posted, ...mended, ...Object.fromEntries(without.map((trait) => [trait, posted[trait]])) }
}

/** BAR 0 has 32 bits and lies below 4 GiB; the others have 64 and lie where firmware puts such: far above what a region index can say. */
function barOf(index: number, bar: number, pages: number): Bar {
  const low = 0xfe000n + BigInt(index) * 0x100n
  const high = 0x3_8000_0000n + BigInt(index) * 0x1000n + BigInt(bar) * 0x100n
  return {
    bar,
    pages: BigInt(pages),
    pfn: bar === 0 ? low : high,
    vaddr: 0x7f00_0000_0000n + BigInt(index * 0x10 + bar) * 0x1_0000n,
  }
}

/** The BAR that decodes a page of physical memory; undefined: nobody does. */
export function barAt(
  plan: Plan,
  pfn: bigint,
): { readonly device: string; readonly bar: number; readonly page: number } | undefined {
  for (const { id, bars } of plan.devices) {
    const found = bars.find((each) => each.pfn <= pfn && pfn < each.pfn + each.pages)
    if (found) return { device: id, bar: found.bar, page: Number(pfn - found.pfn) }
  }
  return undefined
}

/** The BAR of a device that a call speaks of. */
export function barIn(plan: Plan, device: string, bar = 0): Bar & { readonly size: bigint } {
  const found = plan.devices.find(({ id }) => id === device)!.bars.find((each) => each.bar === bar)!
  return { ...found, size: found.pages * pageSize }
}
