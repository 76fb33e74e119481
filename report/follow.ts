/** Follows a recorded run on the model of today: by its choices when the model is the same, by the names of its steps when not. */
import type { Trace } from '../explore/trace.ts'
import { printSchedule, type Address } from './address.ts'
import { otherModel, UserError } from './errors.ts'
import { stepNames } from './formats/json.ts'
import type { Kept } from './save.ts'

type Replay = (schedule: readonly number[] | readonly string[]) => Trace

/** The longest beginning that can still be taken by name. */
export const fittingTrace = (names: readonly string[], replay: Replay): Trace => {
  // The checker throws at the first step that does not fit, so the border is found by halving.
  let [fits, fails] = [0, names.length + 1]
  let longest = replay([])
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2)
    try {
      longest = replay(names.slice(0, middle))
      fits = middle
    } catch {
      fails = middle
    }
  }
  return longest
}

/** What could be done after a run, in the order choices count. */
const possibleAfter = (trace: Trace, replay: Replay): readonly string[] => {
  try {
    return replay([...trace.steps.map(({ choice }) => choice), 0]).steps.at(-1)?.possible ?? []
  } catch {
    return []
  }
}

/** The complaint about an address whose fingerprint is not the model's, with as much as the saved names can tell. */
export const recordedElsewhere = (address: Address, now: string, kept: Kept | undefined, replay: Replay) => {
  const { fingerprint } = address
  if (kept === undefined || printSchedule(kept.run.schedule) !== printSchedule(address.schedule)) {
    return otherModel({ recorded: fingerprint, now, fits: 0 })
  }
  const trace = fittingTrace(kept.run.names, replay)
  const fits = trace.steps.length
  const was = kept.run.names[fits]
  return otherModel({
    recorded: fingerprint,
    now,
    fits,
    saved: kept.path,
    ...(was === undefined ? {} : { was, possible: possibleAfter(trace, replay) }),
  })
}

/** On the same model the names of a saved run are those of its steps. Throws a UserError where they are not. */
export const checkNames = (names: readonly string[], trace: Trace, path: string): void => {
  const steps = stepNames(trace)
  const at = names.findIndex((name, index) => name !== steps[index])
  if (at < 0) return
  throw new UserError(
    `${path} contradicts itself: names[${at}] is not what happens at step ${at + 1} of its schedule.`,
    {
      evidence: [`named     ${names[at]}`, `happens   ${steps[at] ?? 'nothing'}`],
      attempt: 'replay the address that it holds, or explore again',
    },
  )
}
