/** Stories of threads that use VFIO and of its drivers. */
import { deafDriver } from './deaf-driver.ts'
import { detachInWindow } from './detach-in-window.ts'
import { firstPageOnly } from './first-page-only.ts'
import { foreignMm } from './foreign-mm.ts'
import { freedBetweenDevices } from './freed-between-devices.ts'
import { keepsPinning } from './keeps-pinning.ts'
import { latePin } from './late-pin.ts'
import { lostSize } from './lost-size.ts'
import { missedMirror } from './missed-mirror.ts'
import { noNotifier } from './no-notifier.ts'
import { openCloseDeadlock } from './open-close-deadlock.ts'
import { registerErrnos } from './register-errnos.ts'
import { sameAddress } from './same-address.ts'
import { spuriousInvalidation } from './spurious-invalidation.ts'
import { staleDma } from './stale-dma.ts'
import { stolenMapping } from './stolen-mapping.ts'
import { threePartyDeadlock } from './three-party-deadlock.ts'
import { unaskedNotification } from './unasked-notification.ts'
import { unregisterWaits } from './unregister-waits.ts'
import { v1Tail } from './v1-tail.ts'
import { wellBehaved } from './well-behaved.ts'
import type { Scenario } from './scenario.ts'

export const vfioScenarios: readonly Scenario[] = [
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
]
