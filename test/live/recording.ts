/** Runs recorded as text, to compare the live system with the checker byte for byte. */
import { take } from 'rxjs'
import { live } from '../../actors/running/live.ts'
import type { World } from '../../actors/world/world.ts'
import type { Trace, TraceStep } from '../../explore/runs/trace.ts'
import { random, replay, type Strategy } from '../../streams/strategies.ts'
import { traceLine } from '../../streams/trace-lines.ts'

/** A random run of real actors, at most `most` steps long. */
export function recordLive(world: World<any>, seed: number, most = 1000): { schedule: number[]; lines: string[] } {
  const steps = runLive(world, (offered) => random(seed)(offered).pipe(take(most)))
  return { schedule: steps.map(({ choice }) => choice), lines: steps.map(traceLine) }
}

/** The same run again, on new actors. */
export const replayLive = (world: World<any>, schedule: readonly (number | string)[]): string[] =>
  runLive(world, replay(schedule)).map(traceLine)

export const linesOf = (trace: Trace): string[] => trace.steps.map(traceLine)

/** From beginning to end, before it returns. */
export function runLive(world: World<any>, strategy: Strategy): TraceStep[] {
  const steps: TraceStep[] = []
  const failures: unknown[] = []
  const run = live(world, strategy, { pace: 'at once' })
  run.subscribe({ next: (step) => steps.push(step), error: (error: unknown) => failures.push(error) })
  run.connect()
  if (failures.length > 0) throw failures[0]
  return steps
}
