/** What may be said in `but`: the traits in which protocols and their repaired forms differ. */
import type { Form } from '../../../machines/type1/device-memory/forms.ts'
import { flag, oneOf, type FieldsOf } from '../../../shapes/shape.ts'

export const formFields: FieldsOf<Form> = {
  chain: oneOf(['rwsem', 'srcu', 'unprotected']),
  unregister: oneOf(['at-once', 'background']),
  queues: oneOf(['each-time', 'once']),
  covers: oneOf(['first-vma', 'every-vma']),
  strict: flag,
  checksOps: flag,
  holdsIommu: flag,
  keepsOps: flag,
  base: oneOf(['first-vma', 'own-vma']),
  memory: oneOf(['keep', 'unmap', 'revoke']),
  tellsMemory: oneOf(['under-memory-lock', 'before-it']),
  convertedDriver: flag,
  optsOut: flag,
  wrapsFailed: flag,
  cleanup: oneOf(['after-disable', 'before-disable']),
  zap: oneOf(['never', 'by-list', 'by-inode']),
  sleep: oneOf(['zaps', 'keeps']),
  fork: oneOf(['opens-last', 'opens-first']),
  switcheroo: flag,
  rescans: flag,
  tries: flag,
  pgoff: oneOf(['index', 'pfn']),
}
