/**
 * What an IOMMU can do besides translating. The one that the recordings were made with can do none of it, so whatever comes of these is known
 * from the sources and from documentation only: it is not recorded.
 */
export interface Abilities {
  /** Notes in a page table which pages devices wrote to. */
  readonly dirtyTracking: boolean
  /** Translates by a table of the guest's first, and then by one of an IOAS. */
  readonly nesting: boolean
  /** Lets a device ask for a page that is not there, and wait. */
  readonly pageRequests: boolean
  /** Translates what a device does with a PASID by a page table of that PASID. */
  readonly pasids: boolean
}

export const noAbilities: Abilities = { dirtyTracking: false, nesting: false, pageRequests: false, pasids: false }

/** By device: what the IOMMU before it can do. Those that are not named stand behind one that can do nothing of this. */
export type AbilitiesOf = Readonly<Record<string, Abilities>>

/** What a page table of an IOAS is called by the IOMMU, by its number. */
export const tableOf = (ioas: string, hwpt: number): string => `${ioas}.table${hwpt}`
