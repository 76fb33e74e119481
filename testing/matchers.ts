/** Matchers for runners with an `expect` of Jest's kind. */
import type { ConformReport } from '../conform/index.ts'
import type { Report } from '../explore/outcome/report.ts'
import type { Shown } from '../explore/system.ts'
import type { Trace } from '../explore/runs/trace.ts'
import type { Followed } from '../explore/runs/follow.ts'
import {
  conforms,
  deadlocks,
  explored,
  holds,
  isIn,
  reaches,
  violates,
  type Explored,
  type Judgement,
} from './judgements.ts'

export interface RelockMatchers<R = void> {
  /**
   * Of a report: the search was complete, every property holds or was seen, and nothing was found. With a name: that property holds, or was
   * seen.
   */
  toHold(name?: string): R
  /**
   * Of a report: this property is violated, or a finding of this kind or title was made. Of a run, also of one that was followed: it shows such a
   * finding. A followed run that is not found any more fails either way, unless it is known that there is none: then it does not.
   */
  toViolate(name: string): R
  /** Of a report: the `sometimes` of this name was seen. */
  toReach(name: string): R
  /** Of a report: exactly so many states were stored, and all there are or not. */
  toHaveExplored(wanted: Explored): R
  /** Of a report: somebody waits for ever in some run. Of a run: in this one. */
  toDeadlock(): R
  /** Of an actor (`run.actor(id)`): it is in this state. */
  toBeIn(state: string): R
  /** Of what `conform()` answers: every case was looked at, and relock answers as they say. */
  toConform(): R
}

/** What a runner hands to a matcher as `this`. */
interface Asked {
  readonly isNot?: boolean
}

const called = (matcher: string): string => `expect(…).${matcher}()`

export const matchers = {
  toHold: (report: Report, name?: string): Judgement => holds(report, name, called('toHold')),
  toViolate(this: Asked, of: Report | Trace | Followed, name: string): Judgement {
    const judged = violates(of, name, called('toViolate'))
    return judged.isUnknown ? { ...judged, pass: this.isNot ?? false } : judged
  },
  toReach: (report: Report, name: string): Judgement => reaches(report, name, called('toReach')),
  toHaveExplored: (report: Report, wanted: Explored): Judgement => explored(report, wanted, called('toHaveExplored')),
  toDeadlock: (of: Report | Trace): Judgement => deadlocks(of, called('toDeadlock')),
  toBeIn: (actor: Shown, state: string): Judgement => isIn(actor, state, called('toBeIn')),
  toConform: (report: ConformReport): Judgement => conforms(report, called('toConform')),
}
