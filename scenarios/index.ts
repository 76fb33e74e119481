/** Every built-in scenario, mutants behind the scenario they were made from. */
import { afterExec } from './after-exec.ts'
import { deafDriver } from './deaf-driver.ts'
import { deviceMemoryScenarios } from './device-memory/index.ts'
import { departedOwner } from './departed-owner.ts'
import { detachInWindow } from './detach-in-window.ts'
import { firstPageOnly } from './first-page-only.ts'
import { foreignMm } from './foreign-mm.ts'
import { freedBackend } from './freed-backend.ts'
import { freedBetweenDevices } from './freed-between-devices.ts'
import { keepsPinning } from './keeps-pinning.ts'
import { latePin } from './late-pin.ts'
import { freedWhileTold, pinsMeanwhile, twoUnmapCalls, unmapAndOpen } from './listed-devices.ts'
import { beatenLimit, lateCredit } from './locked-pages.ts'
import { lostSize } from './lost-size.ts'
import { entryLimit, lastPage } from './mapping-limits.ts'
import { missedMirror } from './missed-mirror.ts'
import { noAddress } from './no-address.ts'
import { noNotifier } from './no-notifier.ts'
import { openCloseDeadlock } from './open-close-deadlock.ts'
import { registerErrnos } from './register-errnos.ts'
import { sameAddress } from './same-address.ts'
import type { Scenario } from './scenario.ts'
import { spuriousInvalidation } from './spurious-invalidation.ts'
import { staleDma } from './stale-dma.ts'
import { stolenMapping } from './stolen-mapping.ts'
import { svmScenarios } from './svm/index.ts'
import { threePartyDeadlock } from './three-party-deadlock.ts'
import { reopenedGroup, twoContainers, uncountedDevice } from './two-containers.ts'
import { unaskedNotification } from './unasked-notification.ts'
import { unbindingNeighbour } from './unbinding-neighbour.ts'
import { unregisterWaits } from './unregister-waits.ts'
import { v1Tail } from './v1-tail.ts'
import { wellBehaved } from './well-behaved.ts'

export const scenarios: readonly Scenario[] = [
  ...wellBehaved,
  ...staleDma,
  ...latePin,
  ...stolenMapping,
  ...detachInWindow,
  ...lostSize,
  ...sameAddress,
  ...openCloseDeadlock,
  ...freedBetweenDevices,
  ...spuriousInvalidation,
  ...foreignMm,
  ...unaskedNotification,
  ...v1Tail,
  ...deafDriver,
  ...keepsPinning,
  ...firstPageOnly,
  ...noNotifier,
  ...missedMirror,
  ...registerErrnos,
  ...unregisterWaits,
  ...threePartyDeadlock,
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
  ...deviceMemoryScenarios,
  ...svmScenarios,
]

export const findScenario = (name: string): Scenario | undefined => scenarios.find((each) => each.name === name)
