/**
 * The ways in which a device was, or was to be, bound to the address space of a process, and the choices in which one of them as it was
 * posted or merged differs from itself with its holes mended. A chart reads them by guards of the same names.
 *
 * Source: "[RFC PATCH 29/30] vfio: Add support for Shared Virtual Memory" (Feb 2017) and the review of 26 Apr 2017 (`rfc29`, `rfc29-fixed`),
 * "[PATCH v2 13/40] vfio: Add support for Shared Virtual Addressing" (May 2018, `container`), drivers/iommu/iommu-sva.c of 6.2 and later
 * (`sva-domain`).
 */
export type SvmProtocol = 'rfc29' | 'rfc29-fixed' | 'container' | 'sva-domain'

export interface SvmForm {
  /** UNBIND reads the next entry of the list from the one it has just freed, or before that (SVM-1, B-50). */
  readonly walk: 'plain' | 'safe'
  /** What UNBIND returns when it finds nothing has a value (SVM-2). */
  readonly initialises: boolean
  /** What becomes of the tracking entry when the IOMMU could not unbind (SVM-3). */
  readonly onFailure: 'drops' | 'keeps'
  /** The entry is added once the PASID is live, or in one go with binding (SVM-4, B-52). */
  readonly tracks: 'after-bind' | 'with-bind'
  /** What a BIND says of the PASID that it takes back because something failed: nobody has been given it yet. */
  readonly unwinds: 'clean' | 'unknown'
  /** UNBIND holds tasks_lock while it walks. */
  readonly locksWalk: boolean
  /** Which of FLUSHED and CLEAN is meant when both are said. */
  readonly bothMean: 'flushed' | 'clean'
  /** A bond that ends gives back the mm_struct that it kept. */
  readonly dropsMm: boolean
  /** Who unbinds may name any PASID, or only one that his own address space is bound to or one whose address space is over. */
  readonly unbinds: 'any-pasid' | 'own-pasid'
  /** When a process ends its bonds are dropped and their PASIDs may go to somebody else, or only stop working until they are unbound (SVM-5, B-51). */
  readonly atExit: 'drops-bond' | 'keeps-bond'
  /** Binding the same address space to the same device again: the same PASID and no count, a count, or -EEXIST (SVM-6). */
  readonly again: 'uncounted' | 'counted' | 'refused'
  /** Whom the IOMMU believes that a PASID is clean or flushed: whoever unbinds, the device, or nobody needs to be asked. */
  readonly trusts: 'user' | 'device' | 'anybody'
  /** A PASID that was flushed waits for its stop marker. */
  readonly waitsForMarker: boolean
  /** The page request queue is drained before a PASID may go to somebody else. */
  readonly drains: boolean
  /** Unbinding invalidates what the IOTLB and the device's ATC hold. */
  readonly invalidates: boolean
  /** When the queue overflowed, stop markers may be lost: once it is through with what came before, nobody waits for one any more. */
  readonly mendsOverflow: boolean
  /** container: how the replay of binds at attach puts the mm it got (B-53). */
  readonly replayPut: 'async' | 'sync'
  /** container: detach waits for a concurrent mm_exit with iommu->lock held, or without (1.C.4, B-54). */
  readonly detachWaits: 'under-lock' | 'without-lock'
  /** sva-domain: a PASID is given back by the last mmput (up to 5.17) or by the last mmdrop (B-55). */
  readonly pasidFreedAt: 'mmput' | 'mmdrop'
  /** sva-domain: unbind reads mm->iommu_mm after the domain was freed, and the mm perhaps with it, or before (B-56). */
  readonly readsIommuMm: 'after-free' | 'before-free'
  /** sva-domain: the IOMMU's walk caches are told when a page of the kernel's page tables is freed (B-58). */
  readonly flushesKernelWalks: boolean
  /** sva-domain: the fault handler takes the device's fault parameter under its lock, with a reference (B-59, CVE-2024-35843). */
  readonly locksFaultParam: boolean
  /** sva-domain: removing a device from fault handling frees what it still waits to complete (B-59, CVE-2025-21770). */
  readonly freesPending: boolean
  /** sva-domain: a part of a page request group is kept until its last part comes, or handled as if it were one (B-59, CVE-2024-44994). */
  readonly keepsPartials: boolean
}

/** As it is when nothing is wrong. */
export const sound: SvmForm = {
  walk: 'safe',
  initialises: true,
  onFailure: 'keeps',
  tracks: 'with-bind',
  unwinds: 'clean',
  locksWalk: true,
  bothMean: 'flushed',
  dropsMm: true,
  unbinds: 'own-pasid',
  atExit: 'keeps-bond',
  again: 'counted',
  trusts: 'device',
  waitsForMarker: true,
  drains: true,
  invalidates: true,
  mendsOverflow: true,
  replayPut: 'async',
  detachWaits: 'without-lock',
  pasidFreedAt: 'mmdrop',
  readsIommuMm: 'before-free',
  flushesKernelWalks: true,
  locksFaultParam: true,
  freesPending: true,
  keepsPartials: true,
}

const rfc29: SvmForm = {
  ...sound,
  walk: 'plain',
  initialises: false,
  onFailure: 'drops',
  tracks: 'after-bind',
  unbinds: 'any-pasid',
  atExit: 'drops-bond',
  again: 'uncounted',
  trusts: 'user',
  drains: false,
  mendsOverflow: false,
}

/** `posted`: as it was posted or, for what was merged, before its later fixes. */
export const svmForms: Readonly<Record<SvmProtocol, { readonly posted: SvmForm; readonly repaired: SvmForm }>> = {
  rfc29: { posted: rfc29, repaired: sound },
  'rfc29-fixed': { posted: sound, repaired: sound },
  container: {
    posted: { ...sound, atExit: 'drops-bond', again: 'uncounted', trusts: 'anybody', detachWaits: 'under-lock' },
    repaired: { ...sound, atExit: 'drops-bond' },
  },
  'sva-domain': {
    posted: {
      ...sound,
      trusts: 'anybody',
      pasidFreedAt: 'mmput',
      readsIommuMm: 'after-free',
      flushesKernelWalks: false,
      locksFaultParam: false,
      freesPending: false,
      keepsPartials: false,
    },
    repaired: sound,
  },
}
