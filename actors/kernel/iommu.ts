/**
 * An IOMMU that can do more than the one that was recorded, as it is described:
 *
 *   iommu: { dirtyTracking: true }
 *   iommu: { dirtyTracking: true, devices: ['edu0'] }
 *
 * What comes of it is known from the sources and from documentation, not from a kernel that was asked, and is told so.
 */
import { noAbilities, type Abilities, type AbilitiesOf } from '../../machines/iommufd/abilities.ts'
import { flag, listOf, oneOf, optional, record, type Shape } from '../../shapes/shape.ts'
import { inventory } from './system-calls/inventory.ts'

export type Iommu = Partial<Abilities> & {
  /** Those it stands before; all of PCI if it says nothing. The others are behind one as it was recorded. */
  readonly devices?: readonly string[]
}

const translated = inventory.flatMap(({ id, emulated }) => (emulated ? [] : [id]))

export const iommuShape: Shape<Iommu> = record<Iommu>({
  dirtyTracking: optional(flag),
  nesting: optional(flag),
  pageRequests: optional(flag),
  pasids: optional(flag),
  devices: optional(listOf('a list of devices of PCI', oneOf(translated))),
})

/** By device; nothing where it can do no more than what was recorded. */
export function abilitiesFrom({ devices = translated, ...can }: Iommu = {}): AbilitiesOf | undefined {
  if (!Object.values(can).includes(true)) return undefined
  return Object.fromEntries(devices.map((device) => [device, { ...noAbilities, ...can }]))
}

const does: Readonly<Record<keyof Abilities, string>> = {
  dirtyTracking: 'tracks dirty pages',
  nesting: 'nests page tables',
  pageRequests: 'serves page requests',
  pasids: 'knows PASIDs',
}

/** What it can do, in words; undefined where that was recorded. */
export function iommuWords(iommu: Iommu | undefined): string | undefined {
  const can = (Object.keys(does) as (keyof Abilities)[]).filter((ability) => iommu?.[ability] === true)
  return can.length === 0
    ? undefined
    : `an IOMMU that ${can.map((ability) => does[ability]).join(' and ')} (not recorded)`
}
