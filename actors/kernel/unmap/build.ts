/** Drivers that pin, as a part of a kernel. */
import type { Part } from '../subject.ts'
import { besideDeviceMemory, callsFit, hasContainers, named, pinnedIsMapped, strayContainers } from './check.ts'
import type { Call } from './describe.ts'
import { unmapCalls } from './shape.ts'

/** Drivers that pin, and what they are told by. */
export const unmapPart: Part<Call> = {
  field: 'unmap',
  seenAs: 'vfio',
  about: 'of drivers that pin and of who unmaps',
  example: "unmap: 'restart', containers: { … }",
  calls: unmapCalls,
  isOwn: ({ containers = {} }, call) =>
    !('group' in call) || Object.values(containers).some(({ groups }) => Object.hasOwn(groups, call.group)),
  named,
  rules: [hasContainers, pinnedIsMapped, callsFit, besideDeviceMemory],
  stray: strayContainers,
}
