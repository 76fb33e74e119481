/** A run: a controller whose lanes a strategy takes, as a stream of steps. */
import { concat, connectable, EMPTY, Observable, observeOn, queueScheduler, Subject, tap } from 'rxjs'
import type { Connectable, MonoTypeOperatorFunction } from 'rxjs'
import type { TraceStep } from '../explore/runs/trace.ts'
import type { Controller } from './controller.ts'
import type { Offer } from './offers.ts'
import type { Strategy } from './strategies.ts'
import { inTurns } from './turns.ts'

export interface Pace {
  /** `turns` (default) lets the event loop turn now and then, so that a run can be watched and stopped; `at once` runs inside `connect()`. */
  readonly pace?: 'turns' | 'at once'
}

interface Driving extends Pace {
  /** What has to be over, too, before a run is. */
  readonly ending?: Observable<never>
}

/**
 * One stream for every consumer. Subscribe them all, then `connect()`: the run begins, and unsubscribing what `connect()` returned stops
 * it. It completes when nothing more is possible or the strategy has no more to say.
 */
export function drive(
  stage: () => Controller,
  strategy: Strategy,
  { pace = 'turns', ending = EMPTY }: Driving = {},
): Connectable<TraceStep> {
  const paced = pace === 'turns' ? inTurns<number>() : observeOn<number>(queueScheduler)
  return connectable(concat(running(stage, strategy, paced), ending), {
    connector: () => new Subject(),
    resetOnDisconnect: false,
  })
}

const running = (
  stage: () => Controller,
  strategy: Strategy,
  paced: MonoTypeOperatorFunction<number>,
): Observable<TraceStep> =>
  new Observable((consumer) => {
    const controller = stage()
    const offered = new Subject<readonly Offer[]>()
    const offer = (): void => {
      const offers = controller.offers()
      if (offers.length === 0) consumer.complete()
      else offered.next(offers)
    }
    const step = (choice: number): void => {
      if (consumer.closed) return
      controller.take(choice)
      offer()
    }
    consumer.add(() => controller.stop())
    consumer.add(controller.trace.subscribe((taken) => consumer.next(taken)))
    // `paced` also breaks the recursion: an offer is answered by a choice, and a choice by the next offer.
    consumer.add(
      offered.pipe(strategy, paced, tap(step)).subscribe({
        error: (cause: unknown) => consumer.error(cause),
        complete: () => consumer.complete(),
      }),
    )
    offer()
  })
