/** A state in the words of shared virtual memory: what properties look at. */
import { isSame, named, type Pointer } from '../../../machines/kernel/heap/pointer.ts'
import type { Allocated } from '../../../machines/kernel/heap/slab.ts'
import type { Access } from '../../../machines/sva/device/device.ts'
import { strict } from '../../scripts/asked.ts'
import type { Read } from '../subject.ts'
import { ids } from './names.ts'
import type { Plan } from './plan.ts'

/** What became of one piece of work that a device was given. */
export interface SharedAccess {
  /** `hit`; `abort`: the PASID means nothing; `failure`: its page request was refused; `overflow`: it did not fit in the queue; `denied`: an address of the kernel's. */
  readonly ret: string
  readonly pasid: number
  /** The address space of who gave the work: `mm0#1`. */
  readonly meant: string
  /** The one that was reached. */
  readonly reached: string | null
  /** Whether the unbind of that one from this device had been answered by then. */
  readonly unbound: boolean
}

/** A page request that was served. */
export interface Served {
  /** The address space that its PASID meant when it was issued. */
  readonly meant: string | null
  readonly by: string
}

export interface PasidView {
  readonly pasid: number
  /** `free`, `bound`, `stopping`, `waiting for stop marker`, `leaked`. */
  readonly state: string
  readonly mm: string | null
  /** Page requests and stop markers with this PASID that are still on their way or being handled, and whose they are. */
  readonly inFlight: readonly { readonly kind: 'request' | 'marker'; readonly meant: string | null }[]
}

export interface MmView {
  readonly name: string
  readonly process: string
  readonly users: number
  readonly count: number
  /** How much of that count stands for something: its users, and bonds. */
  readonly accounted: number
}

export interface SvmView {
  /** What became of the devices' work so far. */
  readonly accesses: readonly SharedAccess[]
  readonly served: readonly Served[]
  readonly pasids: readonly PasidView[]
  /** Every mm_struct that is still there. */
  readonly mms: readonly MmView[]
  /** Address spaces that devices' PASIDs lead to, as the IOMMU sees it. */
  readonly bound: readonly { readonly device: string; readonly pasid: number; readonly mm: string }[]
  /** How often a device is known to be bound by whoever keeps track of it: vfio_task, vfio_mm, handles. */
  readonly tracked: number
  /** Somebody has a descriptor of a device. */
  readonly open: boolean
}

interface Entry {
  readonly kind: 'request' | 'marker'
  readonly pasid?: number
  readonly meant?: Pointer | null
  readonly mm?: Pointer | null
}

const nameOf = (ptr: Pointer | null | undefined): string | null => (ptr ? named(ptr) : null)

/** Devices have nothing to do, nor has the queue's thread, nor the kworker. */
export const isQuiet = (plan: Plan, there: ReadonlySet<string>, read: Read): boolean =>
  hardwareOf(plan, there).every((id) => read(id).state === 'quiet') &&
  [ids.queue, ids.events].every((id) => !there.has(id) || read(id).state === 'empty')

const hardwareOf = ({ devices }: Plan, there: ReadonlySet<string>): readonly string[] =>
  devices.map(({ id }) => ids.device(id).hardware).filter((id) => there.has(id))

export function viewOf(plan: Plan, there: ReadonlySet<string>): (read: Read) => SvmView {
  const hardware = hardwareOf(plan, there)
  const pasids = plan.pasids.filter((pasid) => there.has(ids.pasid(pasid)))
  const files = [ids.container.file, ...plan.devices.map(({ id }) => ids.device(id).file)].filter((id) => there.has(id))
  const trackers = [ids.tasks(plan.protocol), ids.vfioMms, ids.handles].filter((id) => there.has(id))
  // Since 2022 a stop marker is dropped by whoever takes it from the queue: nothing depends on it.
  const waitsForMarkers = plan.protocol !== 'sva-domain'
  return (reading) => {
    const read = (id: string) => (there.has(id) ? reading(id) : undefined)
    const mms = (): readonly Allocated[] => read(ids.mms)?.objects ?? []
    /** In the page request queue, or waiting in a device to be sent there. */
    const entries = (): readonly Entry[] => [
      ...(read(ids.queue)?.list ?? []),
      // A marker that is handled has arrived.
      ...[read(ids.queue)?.out ?? []].flat().filter(({ kind }: Entry) => kind === 'request'),
      ...hardware.flatMap((id) => (reading(id).queue as readonly Entry[]).filter(({ kind }) => kind === 'marker')),
    ]
    /** Bonds of the IOMMU core, domains since there are such. */
    const keepersOf = (mm: Pointer): number => {
      const domains = (read(ids.domains)?.objects ?? []) as readonly Allocated[]
      const keepers: readonly { readonly mm: Pointer }[] =
        plan.protocol === 'sva-domain'
          ? domains.map(({ fields }) => fields as unknown as { readonly mm: Pointer })
          : (read(ids.bonds)?.bonds ?? [])
      return keepers.filter((each) => isSame(each.mm, mm)).length
    }
    const inFlight = (pasid: number) =>
      entries()
        .filter((each) => each.pasid === pasid && (waitsForMarkers || each.kind !== 'marker'))
        .map(({ kind, meant, mm }) => ({ kind, meant: nameOf(meant ?? mm) }))
    const view = {
      __proto__: strict,
      get accesses() {
        return hardware.flatMap((id) =>
          (reading(id).accesses as readonly Access[]).map(({ mm, ...access }) => ({ ...access, reached: mm })),
        )
      },
      get served() {
        return hardware.flatMap((id) => reading(id).served as readonly Served[])
      },
      get pasids() {
        return pasids.map((pasid) => {
          const { state, mm } = reading(ids.pasid(pasid))
          return { pasid, state, mm, inFlight: inFlight(pasid) }
        })
      },
      get mms() {
        return mms().map(({ ptr, fields }): MmView => {
          const { process, users, count } = fields as unknown as MmView
          return { name: named(ptr), process, users, count, accounted: (users > 0 ? 1 : 0) + keepersOf(ptr) }
        })
      },
      get bound() {
        return (
          (read(ids.translation)?.entries ?? []) as readonly { device: string; pasid: number; mm: Pointer }[]
        ).map(({ device, pasid, mm }) => ({ device, pasid, mm: named(mm) }))
      },
      get tracked() {
        return trackers.map((id) => reading(id).objects.length as number).reduce((sum, n) => sum + n, 0)
      },
      get open() {
        return files.some((id) => reading(id).descriptors.length > 0)
      },
    }
    return view
  }
}
