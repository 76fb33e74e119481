/**
 * References that nothing stands for, and things that nobody knows of any more: everything that is counted is counted again, from what is open,
 * mapped and registered. It comes out even whenever nobody is at work.
 */
import { isOfDevice, type DeviceDma as Dma } from '../../../machines/type1/backend/dma-list.ts'
import type { Pointer } from '../../../machines/kernel/heap/pointer.ts'
import { named } from '../../../machines/kernel/heap/pointer.ts'
import type { Allocated } from '../../../machines/kernel/heap/slab.ts'
import type { Vma } from '../../../machines/mm/vma/areas.ts'
import { ids } from './names.ts'
import type { Device, Plan } from './plan.ts'

/** What `find` answers for an actor that this world does without is undefined. */
type Find = (id: string) => any

interface Books {
  readonly plan: Plan
  readonly find: Find
  readonly vmas: readonly Vma[]
  readonly pfnmaps: readonly Allocated[]
  readonly dmas: (container: string) => readonly Dma[]
}

/** What does not come out even, in words. Every script has to be through. */
export function leaksIn(plan: Plan, find: Find): readonly string[] {
  const books: Books = {
    plan,
    find,
    vmas: plan.processes.flatMap((each): readonly Vma[] => find(ids.process(each).mm)?.vmas ?? []),
    pfnmaps: find(ids.pfnmaps)?.objects ?? [],
    dmas: (container) => find(ids.container(container).type1)?.dmas.filter(isOfDevice) ?? [],
  }
  return [
    ...objectLeaks(books),
    ...plan.devices.flatMap((device) => deviceLeaks(books, device)),
    ...plan.containers.flatMap((container) => containerLeaks(books, container)),
  ]
}

const uneven = (what: string, is: number, should: number): readonly string[] =>
  is === should ? [] : [`${what}: ${is}, accounted for ${should}`]

/** Names of those that are there without a counterpart. */
const strays = (what: string, there: readonly string[], known: readonly string[]): readonly string[] =>
  there.filter((name) => !known.includes(name)).map((name) => `${what} ${name}`)

const namesOf = (objects: readonly { readonly ptr: Pointer }[]): readonly string[] =>
  objects.map(({ ptr }) => named(ptr))

function objectLeaks({ plan, find, vmas, pfnmaps, dmas }: Books): readonly string[] {
  const linked = plan.containers.flatMap(dmas).flatMap((dma) => namesOf(dma.pfnmaps))
  const shared = vmas.flatMap(({ private: own }) => (own === null ? [] : named(own)))
  const entries: readonly { readonly users: number }[] = find(ids.vmOps)?.entries ?? []
  const keepers = plan.form.keepsOps && plan.protocol === 'vma-ops' ? pfnmaps.length : 0
  return [
    ...strays('registration', namesOf(pfnmaps), linked),
    ...strays('private data', namesOf(find(ids.privates)?.objects ?? []), shared),
    ...entries.flatMap(({ users }) => uneven('users of vm_ops', users, keepers)),
  ]
}

function deviceLeaks({ plan, find, vmas, pfnmaps, dmas }: Books, { id }: Device): readonly string[] {
  const own = ids.device(id)
  const registered = pfnmaps.filter(({ fields }) => fields['device'] === id).length
  const mapped = vmas.filter(({ device }) => device === id)
  const life = find(own.life)
  const file = find(own.file)
  const buffer = find(own.dmabuf)
  const importers = plan.containers.flatMap(dmas).filter(({ dmabuf }) => dmabuf === id)
  const exported = buffer === undefined || buffer.vdev === null ? 0 : 1
  return [
    // One reference is that of its registration.
    ...(life ? uneven(`references to ${id}`, life.refs, 1 + life.opens + registered + exported) : []),
    ...(file ? uneven(`references to ${own.file}`, file.refs, (file.by === null ? 0 : 1) + mapped.length) : []),
    ...(buffer ? uneven(`importers of ${own.dmabuf}`, buffer.attachments.length, importers.length) : []),
    ...strays(`on the chain of ${id}:`, find(own.notifier)?.blocks ?? [], namesOf(pfnmaps)),
    ...strays(`in ${own.inode}:`, vmasIn(find(own.inode)?.mappings), namesOf(mapped)),
    ...strays(`in ${own.vmaList}:`, vmasIn(find(own.vmaList)?.entries), namesOf(mapped)),
  ]
}

const vmasIn = (entries: readonly { readonly vma: Pointer }[] = []): readonly string[] =>
  entries.map(({ vma }) => named(vma))

function containerLeaks({ plan, find, pfnmaps, dmas }: Books, container: string): readonly string[] {
  const { users, type1 } = ids.container(container)
  const inside = plan.devices.filter((each) => each.container === container)
  const opens = inside.map(({ id }): number => find(ids.device(id).life)?.opens ?? 0)
  const registered = inside.map(({ id }) => pfnmaps.filter(({ fields }) => fields['device'] === id).length)
  const accounted = [plan.isClosed(container) ? 0 : 1, plan.alsoOpen(container), ...opens, ...registered].reduce(
    (a, b) => a + b,
  )
  const pointing = pfnmaps.filter(({ fields }) => fields['container'] === container).length
  const backend = find(type1)
  const translated: readonly { readonly iova: bigint }[] = find(ids.hardware).tables[container] ?? []
  const isKnown = (page: bigint) => dmas(container).some(({ iova, size }) => iova <= page && page < iova + size)
  return [
    ...(find(users) ? uneven(`users of ${container}`, find(users).users, accounted) : []),
    ...(backend && plan.form.holdsIommu ? uneven(`references to ${type1}`, backend.refs, pointing) : []),
    ...translated
      .filter(({ iova }) => !isKnown(iova))
      .map(({ iova }) => `${container} still translates 0x${iova.toString(16)}`),
  ]
}
