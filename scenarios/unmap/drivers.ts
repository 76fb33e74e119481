/** The Linux of our own stories of drivers that pin, which have nothing else: whoever explores one need not wait for other statecharts. */
import type { LinuxDescription } from '../../actors/kernel/describe.ts'
import { insistedOn, worldOf } from '../../actors/kernel/made.ts'
import { unmapSubject } from '../../actors/kernel/unmap/subject.ts'
import type { LinuxView } from '../../actors/kernel/view.ts'
import type { World } from '../../actors/world/world.ts'

/** As linux() makes it. Throws a ModelError that names what in the description does not fit. */
export const drivers = (description: LinuxDescription): World<LinuxView> =>
  worldOf({ subjects: { unmap: unmapSubject } }, insistedOn(description))
