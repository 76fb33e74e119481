/** Stories about device memory that another device uses: those of the table first, then one for each hole. */
import { closedDevice } from './closed-device.ts'
import { copiedMapping } from './copied-mapping.ts'
import { cpuAccess } from './cpu-access.ts'
import { departedContainer } from './departed-container.ts'
import { departedIommu } from './departed-iommu.ts'
import { departedOps } from './departed-ops.ts'
import { disabledMemory } from './disabled-memory.ts'
import { failedMmap } from './failed-mmap.ts'
import { firstBarOnly } from './first-bar-only.ts'
import { foreignMemory } from './foreign-memory.ts'
import { forkedMapping } from './forked-mapping.ts'
import { halfMapped } from './half-mapped.ts'
import { hotResetOfTwo } from './hot-reset.ts'
import { lateCleanup } from './late-cleanup.ts'
import { lockSwitcheroo } from './lock-switcheroo.ts'
import { mapWhileDisabling } from './map-while-disabling.ts'
import { pinnedNeighbour } from './pinned-neighbour.ts'
import { optedOut } from './opted-out.ts'
import { movedMapping } from './moved-mapping.ts'
import { resetWhileMapped } from './reset-while-mapped.ts'
import { sameContainer } from './same-container.ts'
import { secondOwner } from './second-owner.ts'
import { secondDevice } from './second-device.ts'
import { secondNotification } from './second-notification.ts'
import { sleepingDevice } from './sleeping-device.ts'
import { unconvertedDriver } from './unconverted-driver.ts'
import { unmapAndClose } from './unmap-and-close.ts'
import { wrongBase } from './wrong-base.ts'

export const deviceMemoryScenarios = [
  ...closedDevice,
  ...unmapAndClose,
  ...sameContainer,
  ...departedContainer,
  ...disabledMemory,
  ...mapWhileDisabling,
  ...resetWhileMapped,
  ...cpuAccess,
  ...secondOwner,
  ...halfMapped,
  ...secondNotification,
  ...departedIommu,
  ...departedOps,
  ...secondDevice,
  ...wrongBase,
  ...firstBarOnly,
  ...failedMmap,
  ...optedOut,
  ...unconvertedDriver,
  ...copiedMapping,
  ...foreignMemory,
  ...lateCleanup,
  ...lockSwitcheroo,
  ...movedMapping,
  ...sleepingDevice,
  ...forkedMapping,
  ...hotResetOfTwo,
  ...pinnedNeighbour,
]
