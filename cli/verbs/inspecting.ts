/** What `--inspect` does: a run is run again, live, and told as it goes. */
import { defer, from, fromEvent, interval, lastValueFrom, map, repeat, takeUntil, tap, zip } from 'rxjs'
import type { Observable } from 'rxjs'
import { live } from '../../actors/running/live.ts'
import type { World } from '../../actors/world/world.ts'
import { choicesOf, type Trace } from '../../explore/runs/trace.ts'
import { lineTo } from '../../inspect/line.ts'
import * as errors from '../../report/errors.ts'
import { counted, visible } from '../../report/words.ts'
import { interactive, replay, type Strategy } from '../../streams/strategies.ts'
import type { Desk } from '../desk.ts'
import { isOfActors, tellActors } from './inspecting-actors.ts'

/** Milliseconds between two steps, or a step for each line that is typed. */
export type Pace = number | 'step'

/** Tells it, and returns when all is told. */
export const toldToInspector = async (
  url: string,
  pace: Pace | undefined,
  world: World,
  trace: Trace,
  desk: Desk,
): Promise<void> => {
  const line = lineTo(url)
  try {
    await line.opened
  } catch (error) {
    throw errors.noInspector(url, (error as Error).message)
  }
  const all = trace.steps.length
  desk.err.write(`Inspect  ${visible(url)}   ${counted(all, 'step')}\n`)
  if (isOfActors(world)) {
    await tellActors(line.send, pace, world, trace, desk)
    await line.ended()
    return
  }
  const run = live(world, strategyOf(trace, pace, desk), { inspect: line.send })
  const told = run.pipe(
    takeUntil(fromEvent(desk.stop, 'abort')),
    tap(({ number, possible, choice }) => {
      if (pace === 'step') desk.err.write(visible(`  ${number} of ${all}   ${possible[choice]!}`) + '\n')
    }),
  )
  const over = lastValueFrom(told, { defaultValue: undefined })
  const connection = run.connect()
  await over
  connection.unsubscribe()
  await line.ended()
}

/** What was recorded, each choice when it is time for it. */
const strategyOf = (trace: Trace, pace: Pace | undefined, desk: Desk): Strategy => {
  const schedule = choicesOf(trace)
  if (pace === undefined) return replay(schedule)
  const turns: Observable<unknown> = pace === 'step' ? typed(desk) : interval(pace)
  return interactive(zip(schedule, turns).pipe(map(([choice]) => choice)))
}

/** A turn for each line; when there will be no more of them, the rest comes at once. */
const typed = (desk: Desk): Observable<unknown> => defer(() => from(desk.line())).pipe(repeat())
