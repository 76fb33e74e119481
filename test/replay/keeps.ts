/** Does a run really keep the order of a recorded one? Looked at anew, by what the two runs themselves say. */
import { nameOf, type Recorded } from '../../explore/runs/causes.ts'
import type { System } from '../../explore/system.ts'
import { Tables } from '../../explore/states/tables.ts'
import type { Trace, TraceStep } from '../../explore/runs/trace.ts'
import type { Followed } from '../../explore/runs/follow.ts'

type Steps = readonly TraceStep[]

/** What was heard before by whoever hears this. */
const heardBefore = (steps: Steps, index: number): number =>
  steps.slice(0, index).findLastIndex(({ to }) => to === steps[index]!.to)

/** What is wrong with the claim; undefined: nothing. */
export const complaintOf = (
  { steps: recorded }: Trace,
  { trace, added, gone, renamed }: Followed,
): string | undefined => {
  const called = (name: string): string => renamed[name] ?? name
  const isGone = (index: number): boolean => gone.some(({ step }) => step === index + 1)
  const left = recorded.flatMap((_, index) => (isGone(index) ? [] : [index]))
  /** By recorded step: where it is in the run. */
  const places = new Map<number, number>()
  for (const [at, { from, to, message }] of trace.steps.entries()) {
    if (added.includes(at + 1)) continue
    const is = left.find((index) => {
      const step = recorded[index]!
      return (
        !places.has(index) && called(step.from) === from && called(step.to) === to && step.message.type === message.type
      )
    })
    if (is === undefined) return `step ${at + 1} of the run is not recorded`
    places.set(is, at)
  }
  if (places.size < left.length) return 'a step is neither in the run nor gone'
  for (const [index, at] of places)
    for (const before of [recorded[index]!.sentAt - 1, heardBefore(recorded, index)])
      if (before >= 0 && !isGone(before) && places.get(before)! > at)
        return `step ${index + 1} comes before step ${before + 1}, which it followed from`
  return undefined
}

/** What is on its way: by whom it was sent, as the index of a recorded step; -1: at the start; undefined: in a step that was not recorded. */
type OnItsWay = Readonly<Record<string, readonly (number | undefined)[]>>

/** Goes through every run of a model, and says whether one of them has all recorded steps in the order of their causes. */
export const someRunKeeps = (system: System<any>, { steps }: Recorded): boolean => {
  const tables = new Tables(system)
  const seen = new Set<string>()
  const goes = (state: Int32Array, done: readonly number[], onItsWay: OnItsWay): boolean => {
    if (done.length === steps.length) return true
    const key = `${state.join()} ${done.toSorted((a, b) => a - b).join()} ${JSON.stringify(onItsWay)}`
    if (seen.has(key)) return false
    seen.add(key)
    return tables.enabled(state).some((lane) => {
      const { from, to } = tables.lanes[lane]!
      const name = nameOf({ from, to, type: tables.message(lane, tables.head(state, lane)).type })
      const [sentBy, ...behind] = onItsWay[`${from} ${to}`] ?? [-1]
      const fits = steps.flatMap((step, index) =>
        !done.includes(index) &&
        nameOf(step) === name &&
        (sentBy === undefined || sentBy === step.sentBy) &&
        [step.sentBy, step.after].every((before) => before < 0 || done.includes(before))
          ? [index]
          : [],
      )
      return [...fits, undefined].some((is) => {
        const entry = tables.entryOf(state, lane)!
        const next = state.slice()
        tables.apply(next, lane, entry)
        const now: Record<string, readonly (number | undefined)[]> = { ...onItsWay, [`${from} ${to}`]: behind }
        for (const target of entry.lanes) {
          const { from: by, to: whom } = tables.lanes[target]!
          now[`${by} ${whom}`] = [...(now[`${by} ${whom}`] ?? []), is]
        }
        return goes(next, is === undefined ? done : [...done, is], now)
      })
    })
  }
  return goes(tables.initial(), [], {})
}
