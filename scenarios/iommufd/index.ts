/** Races on objects of iommufd, and on files of devices: each as it was, and as it was repaired. */
import type { Scenario } from '../unmap/scenario.ts'
import { bindAndOpenGroup } from './bind-and-open-group.ts'
import { bindWhileUnbinding } from './bind-while-unbinding.ts'
import { closeWhileAttaching } from './close-while-attaching.ts'

export const iommufdScenarios: readonly Scenario[] = [bindAndOpenGroup, bindWhileUnbinding, closeWhileAttaching]
