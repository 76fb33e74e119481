/** Which property a run violates. */
import { claimsIn } from '../explore/claims/claims.ts'
import type { Property, System } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import type { Wrong } from './sides.ts'

type Broken = Extract<Wrong, { readonly what: 'property' }>

/** What the run breaks first. */
export const brokenClaim = (system: System<any>, properties: readonly Property[], trace: Trace): Broken | undefined =>
  brokenClaims(system, properties, trace).toSorted((a, b) => a.at - b.at)[0]

/** Each property that the run breaks. */
export const brokenClaims = (system: System<any>, properties: readonly Property[], trace: Trace): readonly Broken[] =>
  claimsIn(system, properties, trace).map((broken) => ({ what: 'property', ...broken }))
