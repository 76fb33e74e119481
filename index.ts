/**
 * relock as a library: describe a VFIO system, explore every interleaving of it, or run one by hand.
 *
 *   const world = vfio({ unmap: 'restart', containers: {…}, tasks: { vmm0: [unmap(0x1000, 0x1000)] } })
 *   const report = await explore(world, [always('…', (w) => …)])
 *   const run = start(world)
 */
import { explore as exploreSystem, replay as replaySystem, type ExploreOptions } from './explore/index.ts'
import type { Report, Schedule } from './explore/report.ts'
import type { Property, System } from './explore/system.ts'
import type { Trace } from './explore/trace.ts'
import { toSystem } from './actors/system.ts'
import type { ConformReport } from './conform/index.ts'
import type { World } from './actors/world.ts'

export { exploration } from './actors/exploration.ts'
export { live } from './actors/live.ts'
export { toSystem } from './actors/system.ts'
export { start, type Run } from './actors/told.ts'
export { deviceMemory } from './actors/device-memory/build.ts'
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
  share,
  unmapMemory,
  unregisterOps,
  unshare,
  type DeviceMemoryDescription,
} from './actors/device-memory/describe.ts'
export type { DeviceMemoryView } from './actors/device-memory/view.ts'
export { sharedMemory } from './actors/svm/build.ts'
/** The calls of stories about shared virtual memory: `svm.bind('dev0')`. */
export * as svm from './actors/svm/describe.ts'
export type { SharedMemoryDescription } from './actors/svm/describe.ts'
export type { SharedMemoryView } from './actors/svm/view.ts'
export { vfio } from './actors/vfio/build.ts'
export {
  close,
  detach,
  map,
  mirror,
  open,
  pin,
  register,
  setIommu,
  times,
  unmap,
  unpin,
  unregister,
  type Call,
  type VfioDescription,
} from './actors/vfio/describe.ts'
export {
  conform,
  conforming,
  MalformedCase,
  NoCases,
  readCases,
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
export { protocolNames, type Protocol } from './actors/vfio/protocols.ts'
export type { VfioView } from './actors/vfio/view.ts'
export type { World } from './actors/world.ts'
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
} from './explore/lockdep.ts'
export { always, eventually, sometimes } from './explore/properties.ts'
export type { FindingReport, Progress, PropertyReport, Report, Schedule, Verdict } from './explore/report.ts'
export { sanitizer, type Life, type Sanitizer, type Touch, type Violation } from './explore/sanitizer.ts'
export type { Component, Finding, Memory, Message, Outcome, Property, Send, System } from './explore/system.ts'
export type { Trace, TraceStep } from './explore/trace.ts'
export type { ExploreOptions }
export { onDevices, type DeviceStory } from './scenarios/device-memory/story.ts'
export { onPasids, type SvmStory } from './scenarios/svm/story.ts'
export { catalogue } from './machines/catalogue.ts'
export { scenario, toScenario, type Choices, type Scenario, type Story } from './scenarios/scenario.ts'
export { interactive, pct, random, replay as replaying, roundRobin } from './streams/strategies.ts'

const isWorld = <View>(subject: World<View> | System<View>): subject is World<View> => 'actors' in subject
const systemOf = <View>(subject: World<View> | System<View>): System<View> =>
  isWorld(subject) ? toSystem(subject) : subject

/**
 * Explores every interleaving of a world (or a system of your own components), breadth first and to the end unless `options` say
 * otherwise. Resolves to a report; rejects with a ModelError when the model itself is wrong. See docs/READING-A-REPORT.md.
 */
export const explore = <View>(
  subject: World<View> | System<View>,
  properties: readonly Property<View>[] = [],
  options: ExploreOptions = {},
): Promise<Report> => exploreSystem(systemOf(subject), properties, options)

/** One run again: a schedule out of a report, or the names of its steps. Throws a ModelError that says where it does not fit. */
export const replay = <View>(subject: World<View> | System<View>, schedule: Schedule | readonly string[]): Trace =>
  replaySystem(systemOf(subject), schedule)

/** Throws unless the search was complete, every property holds or was seen, and nothing was found. */
export function assertHolds(report: Report): void {
  const wrong = [
    ...report.findings.map(({ kind, title, depth }) => `${kind}: ${title} (${depth} steps)`),
    ...report.properties
      .filter(({ verdict }) => verdict !== 'holds' && verdict !== 'seen')
      .map(({ kind, name, verdict }) => `${kind} ${name}: ${verdict}`),
    ...report.properties.filter(({ vacuous }) => vacuous).map(({ name }) => `always ${name}: never put to the test`),
    ...(report.exhaustive ? [] : ['the search is not exhaustive']),
  ]
  if (wrong.length > 0) throw new Error(`${report.system} does not hold:\n  ${wrong.join('\n  ')}`)
}

/** Throws unless this property is violated, or a finding of this kind or title was made. */
export function assertViolates(report: Report, name: string): void {
  const violated = report.properties.some((property) => property.name === name && property.verdict === 'violated')
  const found = report.findings.some(({ kind, title }) => kind === name || title === name)
  if (violated || found) return
  const seen = [
    ...report.findings.map(({ kind, title }) => `${kind}: ${title}`),
    ...report.properties.map((each) => `${each.name}: ${each.verdict}`),
  ]
  throw new Error(`${report.system} does not violate "${name}".\n  What it says:\n  ${seen.join('\n  ') || 'nothing'}`)
}

/** Throws unless every case was looked at, and relock answers as they say. */
export function assertConforms(report: ConformReport): void {
  const { verdict, cases, disagreements, failures, races } = report
  if (verdict === 'agrees') return
  const wrong = [
    ...failures.map(({ of, error }) => `${of.name}: relock failed: ${error.message}`),
    ...disagreements.map(({ of, index, op, differences }) => {
      const fields = differences.map(({ field }) => field).join(', ')
      return `${of.name}, op ${index} (${op.op}): ${fields}`
    }),
    ...races.flatMap(({ of, impossible }) => (impossible.length > 0 ? [`${of.name}: an outcome is not possible`] : [])),
  ]
  const more = wrong.length > 10 ? [`and ${wrong.length - 10} more`] : []
  throw new Error(
    [`${cases.disagreed} of ${cases.all} cases do not conform (${verdict}):`, ...wrong.slice(0, 10), ...more].join(
      '\n  ',
    ),
  )
}
