/** A description made complete: defaults filled in, names checked, addresses given out. */
import { forms, mended, type Form } from '../../../machines/type1/device-memory/forms.ts'
import { pageSize } from '../../../machines/mm/extent.ts'
import { callsOf } from '../../scripts/script.ts'
import { defaultProcess, scriptedTasks, type Scripted } from '../../scripts/tasks.ts'
import { insist } from '../../../shapes/insist.ts'
import { deviceMemoryShape } from './shape.ts'
import type { Call, DeviceMemoryDescription } from './describe.ts'

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

export type Task = Scripted<Call>

export interface Plan {
  readonly name: string
  readonly description: DeviceMemoryDescription
  readonly form: Form
  readonly devices: readonly Device[]
  readonly containers: readonly string[]
  readonly processes: readonly string[]
  /** Devices in a container that have no memory here, and are open all the time: each holds a user. */
  readonly alsoOpen?: (container: string) => number
  /** What happens before the story begins. */
  readonly before: Task
  readonly tasks: readonly Task[]
}

/** Who does what is done before the story begins. */
const earlier = 'earlier'

export function planFor(description: DeviceMemoryDescription): Plan {
  insist(deviceMemoryShape, description, 'deviceMemory()')
  const devices = Object.entries(description.devices).map(
    ([id, { container, bars = { 0: 1 }, openBy, resetSet = id }], index) => ({
      id,
      container,
      bars: Object.entries(bars).map(([bar, pages]) => barOf(index, Number(bar), pages)),
      openBy: openBy === undefined ? defaultProcess : openBy,
      resetSet,
    }),
  )
  const tasks = scriptedTasks(description.tasks)
  const { before = [] } = description
  const everybody = [...tasks, { id: earlier, process: defaultProcess, script: before }]
  const children = everybody.flatMap(({ script }) =>
    callsOf(script).flatMap((call) => (call.do === 'fork' ? [call.child] : [])),
  )
  return {
    name: description.name ?? 'device-memory',
    description,
    form: formFor(description),
    devices,
    containers: [...new Set(devices.map(({ container }) => container))],
    processes: [
      ...new Set([
        ...everybody.map(({ process }) => process),
        ...devices.flatMap(({ openBy }) => openBy ?? []),
        ...children,
      ]),
    ],
    before: everybody.at(-1)!,
    tasks,
  }
}

function formFor({ protocol, as = 'posted', but = {}, without = [], memory }: DeviceMemoryDescription): Form {
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
