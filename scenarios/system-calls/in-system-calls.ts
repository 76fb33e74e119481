/** Stories that are told as system calls. */
import { afterExec } from './after-exec.ts'
import { departedOwner } from './departed-owner.ts'
import { freedBackend } from './freed-backend.ts'
import { freedWhileTold, pinsMeanwhile, twoUnmapCalls, unmapAndOpen } from './listed-devices.ts'
import { beatenLimit, lateCredit } from './locked-pages.ts'
import { entryLimit, lastPage } from './mapping-limits.ts'
import { noAddress } from './no-address.ts'
import { reopenedGroup, twoContainers, uncountedDevice } from './two-containers.ts'
import { unbindingNeighbour } from './unbinding-neighbour.ts'
import type { Scenario } from '../unmap/scenario.ts'

export const systemCallScenarios: readonly Scenario[] = [
  ...twoContainers,
  ...reopenedGroup,
  ...uncountedDevice,
  ...freedBackend,
  ...unbindingNeighbour,
  ...noAddress,
  ...twoUnmapCalls,
  ...unmapAndOpen,
  ...freedWhileTold,
  ...pinsMeanwhile,
  ...beatenLimit,
  ...lateCredit,
  ...departedOwner,
  ...afterExec,
  ...lastPage,
  ...entryLimit,
]
