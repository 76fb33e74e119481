/** Which actors a case needs: found by looking through its operations, before any is run. */
import { pagesIn } from '../../../machines/mm/memfd.ts'
import { inventory } from './inventory.ts'
import type { LinuxPlan } from './plan.ts'
import type { Profile } from '../../../machines/profile.ts'
import { abilitiesFrom, type Iommu } from '../iommu.ts'
import { makerOf, nameIn, type Op } from './op.ts'

export interface CasePlan extends LinuxPlan {
  /** The threads that the operations make, by the number of the operation: a name that is used again is another thread. */
  readonly made: ReadonlyMap<number, string>
}

export const containerId = (nth: number): string => `container${nth}`
export const fileId = (op: number): string => `file${op}`
export const inodeId = (op: number): string => `inode${op}`

/** Who sends the signals: not one of the case's processes. */
export const killer = 'init'

/** A file of /dev/iommu is what one of /dev/vfio/vfio is where iommufd provides that. */
const opensContainer = ({ op }: Op): boolean => op === 'open_container' || op === 'open_iommufd'

/** A process or thread by the name the case gives it; the second of that name is `p1.2`. */
export function planFor(name: string, ops: readonly Op[], profile: Profile, iommu?: Iommu): CasePlan {
  const abilities = abilitiesFrom(iommu)
  const threads = [{ id: 'p0', process: 'p0' }]
  const current = new Map([['p0', 'p0']])
  const made = new Map<number, string>()
  for (const [index, op] of ops.entries()) {
    if (op.op !== 'fork' && op.op !== 'thread') continue
    const as = nameIn(op, 'as') ?? ''
    const before = threads.filter(({ id }) => id === as || id.startsWith(`${as}.`)).length
    const id = before === 0 ? as : `${as}.${before + 1}`
    const maker = threads.find((each) => each.id === current.get(makerOf(op)))
    threads.push({ id, process: op.op === 'fork' ? id : (maker?.process ?? 'p0') })
    current.set(as, id)
    made.set(index, id)
  }
  if (ops.some(({ op }) => op === 'kill')) threads.push({ id: killer, process: killer })
  // A group comes with all its devices; what no operation names is left out.
  const named = new Set(ops.map(({ dev }) => dev))
  const groups = new Set(inventory.filter(({ id }) => named.has(id)).map(({ group }) => group))
  const opened = ops.filter(opensContainer)
  const containers = opened.map((_, nth) => containerId(nth))
  const iommufds = containers.filter((_, nth) => opened[nth]!.op === 'open_iommufd')
  const ioases = ops.filter(({ op }) => op === 'group_set_container' || op === 'ioas_alloc').length
  const eventfds = ops.flatMap(({ op }, index) => (op === 'eventfd' ? [fileId(index)] : []))
  const uids = [...new Set(ops.flatMap(({ op, uid }) => (op === 'setuid' ? [Number(uid)] : [])))].filter(
    (uid) => uid !== 0,
  )
  const memfds = ops.flatMap(({ op, len }, index) =>
    op === 'memfd' ? [{ id: fileId(index), pages: pagesIn(BigInt(len as number | string)) }] : [],
  )
  const buffers = ops.flatMap(({ op }, index) =>
    op === 'dma_buf' || op === 'heap_buf' ? [{ id: fileId(index), isHeap: op === 'heap_buf' }] : [],
  )
  return {
    name,
    profile,
    threads,
    processes: threads.filter(({ id, process }) => id === process).map(({ id }) => id),
    containers,
    ioases,
    devices: inventory.filter(({ group }) => groups.has(group)),
    ...(ops.some(({ op }) => op === 'open_cdev') && { opensCdevs: true as const }),
    ...(iommufds.length > 0 && { iommufds }),
    ...(ops.some(({ op }) => op === 'ioas_copy') && { copies: true as const }),
    ...(ops.some(({ op }) => op === 'destroy') && { destroys: true as const }),
    ...(abilities && { abilities }),
    ...(iommu?.pageRequests && {
      faultQueues: ops.flatMap(({ op }, index) => (op === 'fault_queue_alloc' ? [fileId(index)] : [])),
    }),
    ...(ops.some(({ op }) => op === 'guest_pte') && { writesGuest: true as const }),
    rebinds: ops.some(({ op }) => op === 'bind' || op === 'unbind'),
    eventfds,
    ...(uids.length > 0 && { uids }),
    ...(memfds.length > 0 && { memfds }),
    ...(buffers.length > 0 && { buffers }),
    made,
  }
}
