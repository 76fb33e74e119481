/** Races of others, told with relock/kernel: each from a public report, as it was and as it was repaired. */
import type { Scenario } from '../unmap/scenario.ts'
import { circularEventfd } from './circular-eventfd.ts'
import { deferredReset } from './deferred-reset.ts'
import { lateOverflow } from './late-overflow.ts'
import { putObject } from './put-object.ts'
import { removedAttribute } from './removed-attribute.ts'
import { syncPrint } from './sync-print.ts'

export const ownRaces: readonly Scenario[] = [
  putObject,
  deferredReset,
  syncPrint,
  removedAttribute,
  lateOverflow,
  circularEventfd,
]
