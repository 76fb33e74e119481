/** The objects of a small Linux, read from outside, and what of them has to fit together whenever nobody is in a call. */
import type { AnyMachineSnapshot } from 'xstate'
import { inventory } from '../../actors/kernel/system-calls/inventory.ts'
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import type { CaseRun } from '../../actors/kernel/system-calls/replay.ts'
import { canonical } from '../../explore/states/canonical.ts'
import type { Dma } from '../../machines/type1/backend/dma-list.ts'
import type { Tables } from '../../machines/pci/root-complex/dmar-tables.ts'
import type { Type1Context } from '../../machines/type1/backend/vfio-iommu.ts'
import { deviceOf, isZero, pageSize, type Extent } from '../../machines/mm/extent.ts'
import type { AddressSpace } from '../../machines/mm/address-space.ts'
import { heldFiles } from '../../machines/mm/vma.ts'

/** Objects hold data; threads and their calls do not count. */
export const objectsOf = (run: CaseRun): readonly string[] =>
  run.actors.filter(({ thread }) => thread === undefined).map(({ id }) => id)

export type Picture = ReadonlyMap<string, AnyMachineSnapshot>

export const pictureOf = (run: CaseRun, objects: readonly string[]): Picture =>
  new Map(objects.map((id) => [id, run.snapshot(id)]))

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- what a context holds is known by its id
const contextOf = <T>(picture: Picture, id: string): T => picture.get(id)!.context as T

const idsEndingIn = (picture: Picture, ending: string): readonly string[] =>
  [...picture.keys()].filter((id) => id.endsWith(ending))

interface Container {
  readonly groups: readonly string[]
  readonly backend: string
}
interface Group {
  readonly container: string | null
  readonly users: number
  readonly devices: readonly string[]
  readonly file: string | null
}
interface Files {
  readonly files: Readonly<Record<string, { readonly kind: string; readonly of: string; readonly count: number }>>
  readonly tables: Readonly<Record<string, { readonly slots: readonly (null | string | { readonly file: string })[] }>>
}

const same = (what: string, one: unknown, other: unknown): readonly string[] =>
  canonical(one) === canonical(other) ? [] : [`${what}: ${canonical(one)}, but ${canonical(other)}`]

/** Runs of pages, joined where one begins where the one before ends and `kind` is the same. */
interface Span {
  readonly from: bigint
  readonly to: bigint
  readonly kind: string
}

function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = []
  for (const span of spans) {
    const last = all.at(-1)
    if (last?.to === span.from && last.kind === span.kind) all[all.length - 1] = { ...last, to: span.to }
    else all.push(span)
  }
  return all
}

interface Run extends Extent {
  readonly iova: bigint
  readonly write: boolean
}

const endOf = ({ iova, pages }: Run): bigint => iova + BigInt(pages) * pageSize

/** A mapping of a container is in the IOMMU's table of its domain, whole, or nothing of it is. */
function tablesFit(picture: Picture): readonly string[] {
  const { domains, attached } = contextOf<Tables>(picture, 'dmar')
  return idsEndingIn(picture, '.type1').flatMap((id) => {
    const { container, real, dmas } = contextOf<Type1Context>(picture, id)
    const used = Object.keys(attached).filter((device) => attached[device] === container)
    const devices = real.flatMap((group) => group.devices)
    const table = domains[container!] as readonly Run[] | undefined
    const inTable = (table ?? []).map((run) => ({ from: run.iova, to: endOf(run), kind: run.write ? 'w' : 'r' }))
    const mapped = dmas.map(({ iova, size, prot }) => ({
      ...{ from: iova, to: iova + size },
      kind: prot === 'r' ? 'r' : 'w',
    }))
    return [
      ...same(`devices in the domain of ${container}`, used.sort(), devices.toSorted()),
      ...same(`whether ${container} has a domain`, table !== undefined, real.length > 0),
      ...(real.length === 0 ? [] : same(`mappings of ${container} in the IOMMU`, joined(inTable), joined(mapped))),
    ]
  })
}

/** Pages of a mapping that its owner is charged for: what is pinned, without zero pages and device memory. */
function chargedFor(picture: Picture, { container, real }: Type1Context, { iova, size, pins }: Dma): number {
  if (real.length === 0) return pins.filter(({ free }) => !free).length
  const table = contextOf<Tables>(picture, 'dmar').domains[container!] as readonly Run[]
  return table
    .filter((run) => run.iova < iova + size && endOf(run) > iova && !isZero(run) && deviceOf(run) === null)
    .reduce((sum, run) => {
      const from = run.iova > iova ? run.iova : iova
      const to = endOf(run) < iova + size ? endOf(run) : iova + size
      return sum + Number((to - from) / pageSize)
    }, 0)
}

/** locked_vm of a process is what its mappings cost, and what it locked itself. */
function accountsFit(picture: Picture): readonly string[] {
  const backends = idsEndingIn(picture, '.type1').map((id) => contextOf<Type1Context>(picture, id))
  return idsEndingIn(picture, '.mm').flatMap((id) => {
    const { locked, vmas } = contextOf<AddressSpace>(picture, id)
    if (picture.get(id)!.value === 'gone') return same(`locked memory of ${id}, which is gone`, locked, 0)
    const mlocked = vmas.reduce((sum, vma) => sum + (vma.locked ? vma.pages : 0), 0)
    const charged = backends
      .flatMap((backend) =>
        backend.dmas.filter(({ mm }) => `${mm}.mm` === id).map((dma) => chargedFor(picture, backend, dma)),
      )
      .reduce((sum, pages) => sum + pages, 0)
    return same(`locked memory of ${id}`, locked, mlocked + charged)
  })
}

const isEmulated = (group: string): boolean => inventory.some((device) => device.group === group && device.emulated)

/** Containers, groups and devices agree on who is where, and the users of a container are counted right. */
function groupsFit(picture: Picture): readonly string[] {
  const files = contextOf<Files>(picture, 'files')
  const opened = (id: string): number =>
    Object.values(files.files).filter(({ kind, of }) => kind === 'device' && of === id).length
  const groups = [...picture.keys()].filter((id) => /^group\d+$/.test(id))
  const containers = [...picture.keys()].filter((id) => /^container\d+$/.test(id))
  return [
    ...groups.flatMap((id) => {
      const { container, users, devices, file } = contextOf<Group>(picture, id)
      const open = devices.reduce((sum, device) => sum + opened(device), 0)
      return [
        ...same(`users of ${id}`, users, container === null ? 0 : 1 + open),
        // An emulated device has no DMA of its own.
        ...same(
          `whether the DMA of ${id} has an owner`,
          picture.get(`${id}.iommu`)!.value === 'claimed',
          container !== null && !isEmulated(id),
        ),
        ...same(`file of ${id}`, file, Object.keys(files.files).find((name) => name === file) ?? null),
        ...devices.flatMap((device) =>
          same(`opens of ${device}`, contextOf<{ opens: number }>(picture, device).opens, opened(device)),
        ),
      ]
    }),
    ...containers.flatMap((id) => {
      const { groups: members, backend } = contextOf<Container>(picture, id)
      const joinedGroups = groups.filter((each) => contextOf<Group>(picture, each).container === id)
      const { open, real, emulated } = contextOf<Type1Context>(picture, `${id}.type1`)
      return [
        ...same(`groups of ${id}`, members.toSorted(), joinedGroups.toSorted()),
        ...same(`whether ${id} has a backend`, open, backend !== 'none'),
        ...(open
          ? same(
              `groups of ${id}.type1`,
              [...real.map(({ group }) => group), ...emulated].sort(),
              joinedGroups.toSorted(),
            )
          : []),
      ]
    }),
  ]
}

/** A file is counted once for every descriptor, mapping and device file that refers to it. */
function filesFit(picture: Picture): readonly string[] {
  const { files, tables } = contextOf<Files>(picture, 'files')
  const slots = Object.values(tables).flatMap((table) => table.slots)
  const spaces = idsEndingIn(picture, '.mm').map((id) => contextOf<AddressSpace>(picture, id))
  return Object.entries(files).flatMap(([name, { kind, of, count }]) => {
    const descriptors = slots.filter((slot) => typeof slot === 'object' && slot?.file === name).length
    const mappings = spaces.filter(({ vmas }) => heldFiles(vmas).includes(name)).length
    const groupsDevices = kind === 'group' ? contextOf<Group>(picture, of) : null
    const throughDevices =
      groupsDevices?.file === name
        ? Object.values(files).filter((file) => file.kind === 'device' && groupsDevices.devices.includes(file.of))
            .length
        : 0
    return same(`references to ${name} (${kind})`, count, descriptors + mappings + throughDevices)
  })
}

const isSome = (value: unknown): boolean => value !== undefined && value !== null

const isTaken = ({ readers = [], writer, holder, waiting }: Readonly<Record<string, unknown>>): boolean =>
  (readers as readonly string[]).length > 0 || [writer, holder, waiting].some(isSome)

const locksFit = (run: CaseRun, picture: Picture): readonly string[] =>
  run.actors
    .filter(({ id, lock }) => lock !== undefined && isTaken(contextOf(picture, id)))
    .map(({ id }) => `${id} is still taken`)

/** What does not fit together. `isQuiet`: nobody is in a call, or waits; `costs`: accounts can be checked against what is pinned. */
export const misfits = (
  run: CaseRun,
  picture: Picture,
  { isQuiet, costs }: { readonly isQuiet: boolean; readonly costs: boolean },
): readonly string[] => [
  ...tablesFit(picture),
  ...(costs ? accountsFit(picture) : []),
  ...(isQuiet ? [...groupsFit(picture), ...filesFit(picture), ...locksFit(run, picture)] : []),
]

/** A field of an object's context that is not what it was. */
export interface Change {
  readonly object: string
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

export const changesBetween = (before: Picture, after: Picture): readonly Change[] =>
  [...after].flatMap(([object, now]) => {
    const then = before.get(object)!
    if (now === then) return []
    const [one, other] = [
      { ...then.context, state: then.value },
      { ...now.context, state: now.value },
    ]
    return [...new Set([...Object.keys(one), ...Object.keys(other)])]
      .map((field): Change => ({ object, field, before: one[field], after: other[field] }))
      .filter((change) => canonical(change.before) !== canonical(change.after))
  })

const told = ({ object, field, before, after }: Change): string =>
  `${object} ${field}: ${canonical(before)} became ${canonical(after)}`

/** What may be left of something that came to nothing. `same`: the change is none but for this. */
interface Leftover {
  readonly why: string
  readonly object: RegExp
  readonly field: RegExp
  /** Calls that may leave it; any, where none are named. */
  readonly calls?: readonly string[]
  readonly errors?: readonly string[]
  /** Both sides without what may differ. */
  readonly but?: (value: unknown) => unknown
}

const pinning = ['map_dma', 'emu_pin', 'set_iommu', 'group_set_container']
const touching = ['peek', 'poke', 'fill', 'emu_rw']

interface Slots {
  readonly slots: readonly unknown[]
}

/** Without the free numbers at the end of each table. */
const trimmed = (tables: unknown): unknown =>
  Object.fromEntries(
    Object.entries(tables as Readonly<Record<string, Slots>>).map(([name, table]) => [
      name,
      { ...table, slots: table.slots.slice(0, table.slots.findLastIndex(isSome) + 1) },
    ]),
  )

const withoutDirt = (dmas: unknown): unknown => (dmas as readonly Dma[]).map(({ dirty: _dirty, ...dma }) => dma)
const withoutPins = (dmas: unknown): unknown =>
  (withoutDirt(dmas) as readonly Dma[]).map(({ pins: _pins, locked: _locked, ...dma }) => dma)

const leftovers: readonly Leftover[] = [
  {
    why: 'pages that were faulted in, to be pinned or touched, stay',
    object: /\.mm$/,
    field: /^(?:table|frames)$/,
    calls: [...pinning, ...touching, 'mlock'],
  },
  {
    why: 'what was mapped for a moment made the IOMMU forget',
    object: /^dmar$/,
    field: /^iotlb$/,
    calls: pinning,
  },
  {
    why: 'the address of a mapping or a backend that was made for a moment has been used, and the tree has turned',
    object: /\.type1$/,
    field: /^(?:lives|gen|tree)$/,
    calls: ['map_dma', 'set_iommu'],
  },
  {
    why: 'a descriptor was reserved and given up: the table has room for it',
    object: /^files$/,
    field: /^tables$/,
    calls: ['open_group', 'get_device_fd'],
    but: trimmed,
  },
  {
    why: 'madvise and mprotect go through a range and stop, or complain, where there is nothing; mlock likewise',
    object: /\.mm$/,
    field: /^(?:vmas|table|locked)$/,
    calls: ['madvise', 'mprotect', 'mlock'],
    errors: ['ENOMEM', 'EINVAL', 'EACCES'],
  },
  {
    why: 'what lay where it was to go, and what was to be cut off, is gone before mremap is refused',
    object: /\.mm$/,
    field: /^(?:vmas|table|locked)$/,
    calls: ['mremap'],
    errors: ['EFAULT', 'EINVAL', 'EAGAIN'],
  },
  {
    why: 'what lay where a BAR was to be mapped is gone before the driver says no',
    object: /\.mm$/,
    field: /^(?:vmas|table|locked)$/,
    calls: ['mmap_bar'],
  },
  {
    why: 'bytes before the one that cannot be written are written (a vfio_dma_rw mapping by mapping)',
    object: /^ram$/,
    field: /^memory$/,
    calls: ['fill', 'emu_rw'],
  },
  {
    why: 'pages that were written, or pinned before one could not be, are dirty; so is what a bitmap was shifted for that nobody gets',
    object: /\.type1$/,
    field: /^dmas$/,
    calls: ['emu_rw', 'emu_pin', 'dirty_pages', 'unmap_dma'],
    but: withoutDirt,
  },
  {
    why: 'drivers were told of an unmap that fails afterwards at its bitmap, and have let go of their pages',
    object: /^(?:.*\.(?:mm|type1)|emu\d\.driver)$/,
    field: /^(?:locked|dmas|pins|log)$/,
    calls: ['unmap_dma'],
    errors: ['EFAULT'],
    but: (value) => (Array.isArray(value) && (value as readonly Dma[])[0]?.ptr ? withoutPins(value) : null),
  },
]

const isLeft = ({ op }: Op, err: string, change: Change): boolean =>
  leftovers.some(
    ({ object, field, calls, errors, but }) =>
      object.test(change.object) &&
      field.test(change.field) &&
      (calls?.includes(op) ?? true) &&
      (errors?.includes(err) ?? true) &&
      (but === undefined || canonical(but(change.before)) === canonical(but(change.after))),
  )

/** What a call changed that failed, apart from what the kernel leaves as well. */
export const leftByFailure = (op: Op, err: string, changes: readonly Change[]): readonly string[] =>
  changes.filter((change) => !isLeft(op, err, change)).map(told)

/** What may differ when everybody is gone from how it was before anybody came, and why. */
const traces: readonly { readonly why: string; readonly object: RegExp; readonly field: RegExp }[] = [
  { why: 'a process is over', object: /\.(?:mm|process)$/, field: /./ },
  { why: 'with it its descriptors', object: /^files$/, field: /^(?:tables|files)$/ },
  { why: 'nobody reads memory that nobody has', object: /^ram$/, field: /^memory$/ },
  { why: 'addresses that were used', object: /\.type1$/, field: /^(?:lives|gen)$/ },
  { why: 'a closed backend says nothing of the next', object: /\.type1$/, field: /^(?:v2|closed)$/ },
  { why: 'hardware keeps what was written to it', object: /\.(?:pci|edu)$/, field: /^(?:config|registers|buffer)$/ },
  { why: 'drivers were bound and unbound', object: /^group\d\.iommu$/, field: /^bindings$/ },
  { why: 'and devices registered with VFIO', object: /^group\d$/, field: /^devices$/ },
  { why: 'or not any more', object: /^[a-z]+\d?$/, field: /^(?:refs|state)$/ },
  { why: 'a parameter is for everybody', object: /^vfio_iommu_type1$/, field: /^params$/ },
  {
    why: 'a driver remembers where it was last, and what it was told',
    object: /^emu\d\.driver$/,
    field: /^(?:container|backend|log)$/,
  },
  { why: 'an eventfd counts on while something refers to it', object: /^file\d+$/, field: /./ },
]

/** What is not as it was before anybody came. */
export const staysBehind = (before: Picture, after: Picture): readonly string[] => [
  ...changesBetween(before, after)
    .filter((change) => !traces.some(({ object, field }) => object.test(change.object) && field.test(change.field)))
    .map(told),
  ...Object.keys(contextOf<Files>(after, 'files').files).map((file) => `${file} is open`),
]
