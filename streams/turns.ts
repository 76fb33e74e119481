/** Lets the event loop turn during long work, so that a key press, a timer or an unsubscription gets its chance. */
import { Observable } from 'rxjs'
import type { MonoTypeOperatorFunction } from 'rxjs'

/** Passes values on one after the other, never one inside another, `most` of them in one turn of the event loop. */
export const inTurns =
  <T>(most = 256): MonoTypeOperatorFunction<T> =>
  (source) =>
    new Observable<T>((consumer) => {
      const waiting: T[] = []
      let ended = false
      let turn: NodeJS.Immediate | undefined
      const serve = (): void => {
        for (let served = 0; served < most && waiting.length > 0 && !consumer.closed; served++)
          consumer.next(waiting.shift()!)
        turn = waiting.length > 0 && !consumer.closed ? setImmediate(serve) : undefined
        if (ended && !turn) consumer.complete()
      }
      // Only saves a turn: it would find its consumer gone.
      consumer.add(() => clearImmediate(turn))
      consumer.add(
        source.subscribe({
          next: (value) => {
            waiting.push(value)
            turn ??= setImmediate(serve)
          },
          error: (cause: unknown) => consumer.error(cause),
          complete: () => {
            ended = true
            if (!turn) consumer.complete()
          },
        }),
      )
    })
