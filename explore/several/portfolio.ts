/**
 * Several searches take turns, each from one look at the clock to the next, until one of them has found something or has seen everything. Turns are
 * counted in steps, so the same searches give the same report again, unless the clock ends them.
 */
import type { Member, Progress, PropertyReport, Report, StrategyName } from '../outcome/report.ts'
import { violationsIn } from '../claims/violations.ts'

/** A search, and how it goes about it. */
export interface Racer {
  readonly strategy: StrategyName
  readonly search: Generator<Progress, Report>
}

/** How far one has come. */
interface Place {
  readonly racer: Racer
  progress: Progress | undefined
  report: Report | undefined
}

export function* portfolio(racers: readonly Racer[]): Generator<Progress, Report> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  const places = racers.map((racer): Place => ({ racer, progress: undefined, report: undefined }))
  const told = (report: Report): Report => ({
    ...report,
    members: places.flatMap(memberOf),
    seconds: seconds(),
  })
  while (places.some(({ report }) => report === undefined))
    for (const place of places) {
      if (place.report) continue
      const turn = place.racer.search.next()
      if (turn.done) {
        place.report = turn.value
        if (decides(turn.value)) return told(turn.value)
      } else {
        place.progress = turn.value
        yield { ...turn.value, seconds: seconds() }
      }
    }
  return told(undecided(places.map(({ report }) => report!)))
}

const decides = (report: Report): boolean =>
  report.exhaustive ||
  report.stopped?.by === 'you' ||
  violationsIn(report).length > 0 ||
  report.properties.some(({ verdict }) => verdict === 'violated')

/** Nobody has found anything that is wrong: what the first one says, and what others have seen happen. */
function undecided([first, ...others]: readonly Report[]): Report {
  const seen = (property: PropertyReport, index: number): PropertyReport =>
    others.map(({ properties }) => properties[index]!).find(({ verdict }) => verdict === 'seen') ?? property
  return {
    ...first!,
    properties: first!.properties.map((each, index) => (each.verdict === 'seen' ? each : seen(each, index))),
  }
}

const memberOf = ({ racer: { strategy }, report, progress }: Place): readonly Member[] => {
  const at = report ?? progress
  if (!at) return []
  const runs = report ? report.sampled?.runs : progress?.runs
  return [{ strategy, states: at.states, steps: at.steps, ...(runs !== undefined && { runs }) }]
}
