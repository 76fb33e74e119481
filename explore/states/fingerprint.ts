/** A few letters that stand for a model, and are others when it changes. */
import { createHash } from 'node:crypto'
import { canonical } from './canonical.ts'

/** Twelve hex digits (48 bits: that two models share them by chance need not be reckoned with) of what describes a model. */
export const fingerprintOf = (described: unknown): string =>
  createHash('sha256').update(canonical(described)).digest('hex').slice(0, 12)
