/** Races on objects of iommufd, and on files of devices: each as it was, and as it was repaired. */
import type { Scenario } from '../unmap/scenario.ts'
import { abortedQueue } from './aborted-queue.ts'
import { bindAndOpenGroup } from './bind-and-open-group.ts'
import { bindWhileUnbinding } from './bind-while-unbinding.ts'
import { closeWhileAttaching } from './close-while-attaching.ts'
import { destroyedByTwo } from './destroyed-by-two.ts'
import { destroyedInUse } from './destroyed-in-use.ts'
import { mappedWhileSwitchedOff } from './mapped-while-switched-off.ts'
import { movedWhileMapping } from './moved-while-mapping.ts'
import { replacedPageTable } from './replaced-page-table.ts'

const iommufdCalls: readonly Scenario[] = [destroyedInUse, bindAndOpenGroup, bindWhileUnbinding, closeWhileAttaching]

/** Told with relock/kernel. */
export const iommufdProcedures: readonly Scenario[] = [
  destroyedByTwo,
  replacedPageTable,
  mappedWhileSwitchedOff,
  movedWhileMapping,
  abortedQueue,
]

export const iommufdScenarios: readonly Scenario[] = [...iommufdCalls, ...iommufdProcedures]
