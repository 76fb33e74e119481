/** What stories about iommufd and device files say: the same calls to get there, the same claims. */
import type { Op } from '../../actors/kernel/system-calls/op.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'

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
const bindingOf = (w: LinuxView, dev: string): Binding => w.system.read(`${dev}.binding`) as Binding

export const isBound = (w: LinuxView, dev: string): boolean => bindingOf(w, dev).context !== null
export const isBoundByFile = (w: LinuxView, dev: string): boolean => bindingOf(w, dev).file !== null

/** References to a device: its registration, and each of its files. */
export const referencesTo = (w: LinuxView, dev: string): number =>
  (w.system.read(dev) as { readonly refs: number }).refs

/** It has lost its registration, and somebody has it open still. */
export const isLeaving = (w: LinuxView, dev: string): boolean =>
  (w.system.read(dev) as { readonly state: string }).state === 'in use'

export const driverOf = (w: LinuxView, group: string, dev: string): string | null => {
  const { bindings } = w.system.read(`${group}.iommu`) as {
    readonly bindings: Readonly<Record<string, { readonly driver: string | null }>>
  }
  return bindings[dev]!.driver
}

export const isOpenGroup = (w: LinuxView, group: string): boolean =>
  (w.system.read(group) as { readonly file: string | null }).file !== null

/** What an iommufd file has made, by kind. */
export const madeThrough = (w: LinuxView, context = 'container0'): readonly string[] =>
  (w.system.read(context) as { readonly objects: readonly { readonly what: string }[] }).objects.map(({ what }) => what)

/** Devices that use the page table of the first IOAS. */
export const attached = (w: LinuxView, ioas = 'container0.ioas0'): readonly string[] =>
  (w.system.read(`${ioas}.users`) as { readonly users: readonly { readonly device: string }[] }).users.map(
    ({ device }) => device,
  )
