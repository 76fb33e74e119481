/** A world run live: real XState actors, every message on an RxJS lane, a strategy that decides which arrives next. */
import { defer, from, ignoreElements } from 'rxjs'
import { listenerAt, inspectShape, type Inspect, type Listener } from '../../inspect/listener.ts'
import { Telling } from '../../inspect/protocol.ts'
import { insist } from '../../shapes/insist.ts'
import { callable, oneOf, optional, record } from '../../shapes/shape.ts'
import { Controller, type End } from '../../streams/controller.ts'
import { drive, type Pace } from '../../streams/drive.ts'
import type { Strategy } from '../../streams/strategies.ts'
import { liveEnds } from './ends.ts'
import { inspectedEnds, root, standing } from './inspected.ts'
import { runWitness } from './run-witness.ts'
import { toSystem } from './system.ts'
import type { World } from '../world/world.ts'
import { worldShape } from '../world/world-shape.ts'

export interface Live extends Pace {
  /** Told of the run in the words of Stately's inspector (docs/EXPORTS.md). */
  readonly inspect?: Inspect
}

/**
 * One stream of steps for every consumer: subscribe them, then `connect()`. Each step says exactly what replaying its schedule says. The
 * run ends when nothing is possible any more, after a fatal finding, or when the strategy has no more to say. Throws a ModelError when what it
 * is given does not fit.
 *
 *     const run = live(world, random(42))
 *     run.subscribe((step) => console.log(traceLine(step)))
 *     run.connect()
 */
export function live(world: World<any>, strategy: Strategy, how: Live = {}): ReturnType<typeof drive> {
  insist(liveShape, { world, strategy, how }, 'live()')
  const { inspect, ...pace } = how
  const staged = (ends: readonly End[]) => new Controller(ends, world.start, runWitness(toSystem(world)))
  if (inspect === undefined) return drive(() => staged(liveEnds(world)), strategy, pace)
  let listener: Listener | undefined
  const stage = (): Controller => {
    listener = listenerAt(inspect)
    const telling = new Telling(listener.send, root)
    const controller = staged(inspectedEnds(world, telling))
    // What is wrong belongs to no single actor.
    controller.trace.subscribe({
      next: ({ number: step, message, findings }) => {
        if (findings.length > 0)
          telling.snapshot(root, standing({ step, findings: findings.map(({ title }) => title) }), message)
      },
      // Also when nobody wants to see the rest of the run.
      complete: () => void listener!.ended().catch(() => {}),
    })
    return controller
  }
  const ending = defer(() => from(listener!.ended()).pipe(ignoreElements()))
  return drive(stage, strategy, { ...pace, ending })
}

const liveShape = record<{ readonly world: World<any>; readonly strategy: Strategy; readonly how: Live }>({
  world: worldShape,
  strategy: callable('a strategy, as random(seed) makes it'),
  how: record<Live>({ pace: optional(oneOf(['turns', 'at once'])), inspect: optional(inspectShape) }),
})
