/** A Linux that has all there is. */
import type { World } from '../world/world.ts'
import type { LinuxDescription } from './describe.ts'
import { deviceMemorySubject } from './device-memory/subject.ts'
import { insistedOn, worldOf, type Made } from './made.ts'
import { svmSubject } from './sva/subject.ts'
import { Threads } from './system-calls/threads.ts'
import { unmapSubject } from './unmap/subject.ts'
import type { LinuxView } from './view.ts'

const everything: Made = {
  subjects: { unmap: unmapSubject, deviceMemory: deviceMemorySubject, svm: svmSubject },
  threads: Threads,
}

/**
 * A Linux with whatever is described, ready to be explored or run live. Throws a ModelError that names what in the description does not fit, and
 * what to write.
 */
export const linux = (description: LinuxDescription): World<LinuxView> => toldWorld(insistedOn(description))

/** The same of a description that was looked at already. */
export const toldWorld = (description: LinuxDescription): World<LinuxView> => worldOf(everything, description)
