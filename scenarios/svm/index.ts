/** Stories about shared virtual memory: the life of a PASID first, then one for each hole. */
import { bothFlags } from './both-flags.ts'
import { boundTwice } from './bound-twice.ts'
import { detachAndExit } from './detach-and-exit.ts'
import { earlyFree } from './early-free.ts'
import { earlyPasid } from './early-pasid.ts'
import { executed } from './executed.ts'
import { failedUnbind } from './failed-unbind.ts'
import { faultAndRelease } from './fault-and-release.ts'
import { forgottenUnbind } from './forgotten-unbind.ts'
import { freedEntry } from './freed-entry.ts'
import { kernelTables } from './kernel-tables.ts'
import { lastDomain } from './last-domain.ts'
import { lostMarker } from './lost-marker.ts'
import { noMemory } from './no-memory.ts'
import { pageRequests } from './page-requests.ts'
import { partialGroup } from './partial-group.ts'
import { pendingFaults } from './pending-faults.ts'
import { recycledPasid } from './recycled-pasid.ts'
import { replayedBind } from './replayed-bind.ts'
import { safeWalk } from './safe-walk.ts'
import { silentDevice } from './silent-device.ts'
import { svmErrnos } from './svm-errnos.ts'
import { twoUnbinds } from './two-unbinds.ts'
import { unknownPasid } from './unknown-pasid.ts'
import { wrongFlags } from './wrong-flags.ts'

export const svmScenarios = [
  ...pageRequests,
  ...forgottenUnbind,
  ...silentDevice,
  ...wrongFlags,
  ...freedEntry,
  ...safeWalk,
  ...twoUnbinds,
  ...unknownPasid,
  ...failedUnbind,
  ...earlyPasid,
  ...recycledPasid,
  ...boundTwice,
  ...replayedBind,
  ...detachAndExit,
  ...earlyFree,
  ...lastDomain,
  ...kernelTables,
  ...faultAndRelease,
  ...pendingFaults,
  ...partialGroup,
  ...lostMarker,
  ...noMemory,
  ...executed,
  ...bothFlags,
  ...svmErrnos,
]
