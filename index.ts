/**
 * relock as a library: describe a Linux, explore every interleaving of it, or run one by hand.
 *
 *   const world = linux({ unmap: 'restart', containers: {…}, tasks: { vmm0: [unmap(0x1000, 0x1000)] } })
 *   const report = await explore(world, [always('…', (w) => …)])
 *   const run = start(world)
 */
import { explore as exploreSystem, replay as replaySystem, type ExploreOptions } from './explore/index.ts'
import type { Report, Schedule } from './explore/outcome/report.ts'
import type { Property, System } from './explore/system.ts'
import type { Trace } from './explore/runs/trace.ts'
import { subjectOf } from './actors/running/system.ts'
import type { World } from './actors/world/world.ts'
import { parseSchedule } from './report/address.ts'
import { follow as followIn, type Followed, type FollowOptions } from './explore/runs/follow.ts'

export { exploration } from './actors/running/exploration.ts'
export { live, type Live } from './actors/running/live.ts'
export { toSystem } from './actors/running/system.ts'
export { start, type Run } from './actors/running/told.ts'
export { by, type Call, type LinuxDescription } from './actors/kernel/describe.ts'
export {
  closeContainer,
  closeDevice,
  disableMemory,
  dma,
  enableMemory,
  fork,
  hotReset,
  load,
  mapMemory,
  mmap,
  mremap,
  munmap,
  openDevice,
  reset,
  setPower,
  share,
  unmapMemory,
  unregisterOps,
  unshare,
} from './actors/kernel/device-memory/describe.ts'
export type { DeviceMemoryView } from './actors/kernel/device-memory/view.ts'
export { linux } from './actors/kernel/linux.ts'
export {
  attach,
  bind,
  deviceInfo,
  exec,
  exit,
  releaseClean,
  releaseFlushed,
  stop,
  submit,
  submitKernel,
  unbind,
  vfree,
} from './actors/kernel/sva/describe.ts'
export type { SvmView } from './actors/kernel/sva/view.ts'
export {
  close,
  detach,
  map,
  mirror,
  open,
  pin,
  register,
  setIommu,
  unmap,
  unpin,
  unregister,
} from './actors/kernel/unmap/describe.ts'
export type { LinuxView } from './actors/kernel/view.ts'
export type { LogView } from './actors/scripts/log.ts'
export {
  conform,
  conforming,
  MalformedCase,
  NoCases,
  readCases,
  type AskedRace,
  type Case,
  type Conforming,
  type ConformOptions,
  type ConformReport,
  type Disagreement,
  type Op,
  type Race,
  type Result,
  type Source,
} from './conform/index.ts'
export { protocolNames, type Protocol } from './actors/kernel/unmap/protocol-names.ts'
export type { VfioView } from './actors/kernel/unmap/view.ts'
export type { World } from './actors/world/world.ts'
export type { Inspect } from './inspect/listener.ts'
export type { InspectionMessage } from './inspect/protocol.ts'
export { ModelError } from './explore/errors.ts'
export {
  lockdep,
  lockdepOf,
  type Acquisition,
  type Frame,
  type Inversion,
  type LockClass,
  type Lockdep,
  type OrderEdge,
} from './explore/locks/lockdep.ts'
export { branch, choose, forever, leave, mayFail, times, type Part } from './actors/scripts/script.ts'
export { always, alwaysStep, eventually, sometimes } from './explore/claims/properties.ts'
export type {
  FindingReport,
  JudgedReport,
  Progress,
  PropertyReport,
  Report,
  Schedule,
  Verdict,
} from './explore/outcome/report.ts'
export { sanitizer, type Life, type Sanitizer, type Touch, type Violation } from './explore/memory/sanitizer.ts'
export type { Component, Finding, LogLine, Memory, Message, Outcome, Property, Send, System } from './explore/system.ts'
export type { Trace, TraceStep } from './explore/runs/trace.ts'
export type { ExploreOptions }
export type { DeviceStory } from './scenarios/device-memory/story.ts'
export { onDevices, onLinux, onPasids, scenario } from './scenarios/doors.ts'
export type { OnLinux, Variant } from './scenarios/system-calls/on-linux.ts'
export type { SystemCalls } from './actors/kernel/system-calls/describe.ts'
export type { SystemView } from './actors/kernel/system-calls/view.ts'
export type { Profile, ProfileName } from './machines/profile.ts'
export type { SvmStory } from './scenarios/svm/story.ts'
export { catalogue } from './machines/catalogue.ts'
export type { Choices, Scenario, Story } from './scenarios/unmap/scenario.ts'
export { toScenario } from './scenarios/to-scenario.ts'
export { interactive, pct, random, replay as replaying, roundRobin } from './streams/strategies.ts'
export type { Followed, FollowOptions }
export {
  assertConforms,
  assertDeadlocks,
  assertDoesNotViolate,
  assertExplored,
  assertHolds,
  assertIn,
  assertReaches,
  assertViolates,
} from './testing/asserts.ts'
export { format, type FormatOptions } from './testing/format.ts'
export type { Explored } from './testing/judgements.ts'

/**
 * Explores every interleaving of a world (or a system of your own components), breadth first and to the end unless `options` say
 * otherwise. Resolves to a report; rejects with a ModelError when the model itself is wrong. See docs/READING-A-REPORT.md.
 */
export const explore = async <View>(
  subject: World<View> | System<View>,
  properties: readonly Property<View>[] = [],
  options: ExploreOptions = {},
): Promise<Report> => exploreSystem(subjectOf(subject, 'explore()'), properties, options)

/**
 * One run again: a schedule out of a report, the same as reports print it (`0x12.1.0`), or the names of its steps. Throws a ModelError that
 * says where it does not fit.
 */
export const replay = <View>(
  subject: World<View> | System<View>,
  schedule: Schedule | readonly string[] | string,
): Trace => replaySystem(subjectOf(subject, 'replay()'), isPrinted(schedule) ? parseSchedule(schedule) : schedule)

/**
 * A recorded run (a trace, or its steps by name) on a world that may have changed since: looks for a run in which the steps that are still there
 * come in the same order of causes, and which shows what it has to (`shows`). Says what is new and what is gone, or from where on it is
 * impossible. Throws a ModelError when it is given something else. See docs/TESTS.md.
 */
export const follow = <View>(
  subject: World<View> | System<View>,
  run: Trace | readonly string[],
  options: FollowOptions = {},
): Followed => followIn(subjectOf(subject, 'follow()'), run, options)

/** Any other text is refused with the rest. */
const isPrinted = (schedule: unknown): schedule is string =>
  typeof schedule === 'string' && /^(?:\d{1,9}(?:x\d{1,6})?(?:\.(?=\d)|$))*$/.test(schedule)
