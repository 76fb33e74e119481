/** What may be said in `but`: the traits in which protocols and their repaired forms differ. */
import type { SvmForm } from '../../../machines/sva/bond/forms.ts'
import { flag, oneOf, type FieldsOf } from '../../../shapes/shape.ts'

export const svmFormFields: FieldsOf<SvmForm> = {
  walk: oneOf(['plain', 'safe']),
  initialises: flag,
  onFailure: oneOf(['drops', 'keeps']),
  tracks: oneOf(['after-bind', 'with-bind']),
  unwinds: oneOf(['clean', 'unknown']),
  locksWalk: flag,
  bothMean: oneOf(['flushed', 'clean']),
  dropsMm: flag,
  unbinds: oneOf(['any-pasid', 'own-pasid']),
  atExit: oneOf(['drops-bond', 'keeps-bond']),
  again: oneOf(['uncounted', 'counted', 'refused']),
  trusts: oneOf(['user', 'device', 'anybody']),
  waitsForMarker: flag,
  drains: flag,
  invalidates: flag,
  mendsOverflow: flag,
  replayPut: oneOf(['async', 'sync']),
  detachWaits: oneOf(['under-lock', 'without-lock']),
  pasidFreedAt: oneOf(['mmput', 'mmdrop']),
  readsIommuMm: oneOf(['after-free', 'before-free']),
  flushesKernelWalks: flag,
  locksFaultParam: flag,
  freesPending: flag,
  keepsPartials: flag,
}
