/** What stories about iommufd and device files say: the same calls to get there, the same claims. */
import type { Op, StoryView } from '../system-calls/on-linux.ts'

/** iommufd `i0`. */
export const iommufd: Op = { op: 'open_iommufd', as: 'i0' }

/** A file of the device's own, as `fd`. */
export const ownFile = (dev: string, fd: string): Op => ({ op: 'open_cdev', dev, as: fd })

/** A device is bound to `i0` through a file of its own. */
export const bindFile = (fd: string): Op => ({ op: 'bind_iommufd', fd, iommufd: 'i0' })

interface Binding {
  readonly context: string | null
  readonly file: string | null
}
const bindingOf = (w: StoryView, dev: string): Binding => w.read(`${dev}.binding`) as Binding

export const isBound = (w: StoryView, dev: string): boolean => bindingOf(w, dev).context !== null
export const isBoundByFile = (w: StoryView, dev: string): boolean => bindingOf(w, dev).file !== null

/** References to a device: its registration, and each of its files. */
export const referencesTo = (w: StoryView, dev: string): number => (w.read(dev) as { readonly refs: number }).refs

/** It has lost its registration, and somebody has it open still. */
export const isLeaving = (w: StoryView, dev: string): boolean =>
  (w.read(dev) as { readonly state: string }).state === 'in use'

export const driverOf = (w: StoryView, group: string, dev: string): string | null => {
  const { bindings } = w.read(`${group}.iommu`) as {
    readonly bindings: Readonly<Record<string, { readonly driver: string | null }>>
  }
  return bindings[dev]!.driver
}

export const isOpenGroup = (w: StoryView, group: string): boolean =>
  (w.read(group) as { readonly file: string | null }).file !== null

/** What an iommufd file has made, by kind. */
export const madeThrough = (w: StoryView, context = 'container0'): readonly string[] =>
  (w.read(context) as { readonly objects: readonly { readonly what: string }[] }).objects.map(({ what }) => what)

/** Devices that use the page table of the first IOAS. */
export const attached = (w: StoryView, ioas = 'container0.ioas0'): readonly string[] =>
  (w.read(`${ioas}.users`) as { readonly users: readonly { readonly device: string }[] }).users.map(
    ({ device }) => device,
  )
