/** A world run live: real XState actors, every message on an RxJS lane, a strategy that decides which arrives next. */
import { Controller } from '../streams/controller.ts'
import { drive, type Pace } from '../streams/drive.ts'
import type { Strategy } from '../streams/strategies.ts'
import { liveEnds } from './ends.ts'
import { lockWitness } from './lock-witness.ts'
import { toSystem } from './system.ts'
import type { World } from './world.ts'

/**
 * One stream of steps for every consumer: subscribe them, then `connect()`. Each step says exactly what replaying its schedule says. The
 * run ends when nothing is possible any more, after a fatal finding, or when the strategy has no more to say.
 *
 *     const run = live(world, random(42))
 *     run.subscribe((step) => console.log(traceLine(step)))
 *     run.connect()
 */
export const live = (world: World<any>, strategy: Strategy, pace?: Pace): ReturnType<typeof drive> =>
  drive(() => new Controller(liveEnds(world), world.start, lockWitness(toSystem(world))), strategy, pace)
