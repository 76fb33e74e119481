/**
 * relock/xstate: every order of what may come to XState actors from outside.
 *
 *   const report = await explore(system(machine, { events: ['PAY', 'CANCEL'], answers: { charge: { resolves: [true] } } }))
 *
 * See docs/XSTATE.md.
 */
import type { AnyActorLogic } from 'xstate'
import { explore as exploreSystem, type ExploreOptions } from '../explore/index.ts'
import { comingFrom, originOf } from '../explore/runs/origin.ts'
import type { Besides, Report } from '../explore/outcome/report.ts'
import type { Property } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import { follow as followIn, type Followed, type FollowOptions } from '../explore/runs/follow.ts'
import type { Outside } from './describe.ts'
import { systemOf } from './system.ts'
import type { ActorsView } from './view.ts'

export { always, alwaysStep, eventually, sometimes } from '../explore/claims/properties.ts'
export type { MachineCoverage } from '../explore/outcome/report.ts'
export type { Answers, Outside, Sending, UserEvent } from './describe.ts'
export { neverLost, type ActorsView, type ActorView } from './view.ts'

/** A machine (or any actor logic), and what may come to it from outside. */
export interface Subject<L extends AnyActorLogic = AnyActorLogic> {
  readonly logic: L
  readonly outside: Outside<L>
}

export const system = <L extends AnyActorLogic>(logic: L, outside: Outside<L> = {}): Subject<L> => ({ logic, outside })

export type XStateReport = Report & Besides

/**
 * A recorded run (a trace, or its steps by name) on actors that may have changed since, as `follow()` of relock does it; the properties of the
 * description are looked at, too.
 */
export const follow = (
  subject: Subject | AnyActorLogic,
  run: Trace | readonly string[],
  options: FollowOptions = {},
): Followed => {
  const { logic, outside } = 'outside' in subject ? subject : system(subject)
  const properties = [...(outside.properties ?? []), ...(options.properties ?? [])]
  return followIn(systemOf(logic, { ...outside, properties }), run, { ...options, properties })
}

/** Explores every order in which things may come. Rejects with a ModelError that says what does not fit. */
export const explore = async (
  subject: Subject | AnyActorLogic,
  properties: readonly Property<ActorsView>[] = [],
  options: ExploreOptions = {},
): Promise<XStateReport> => {
  const { logic, outside } = 'outside' in subject ? subject : system(subject)
  const all = [...(outside.properties ?? []), ...properties]
  const report = await exploreSystem(systemOf(logic, { ...outside, properties: all }), all, options)
  return comingFrom(originOf(report)!, { coverage: [], remarks: [], ...report })
}
