/** What stands behind promises, callbacks and observables: in a search nothing, beside it something that a test answers by hand. */
import { fromCallback, fromEventObservable, fromObservable, fromPromise, type AnyEventObject } from 'xstate'
import type { Live } from '../../process/inside.ts'

export interface Hand {
  readonly self: Live
  answer(verb: string, value: unknown): void
}

export type Bodies = ReturnType<typeof bodies>

/** `hold` is given a hand for each body that has begun. */
export const bodies = (hold: (hand: Hand) => void = () => {}) => {
  const observed = (self: unknown) => ({
    subscribe(observer: { next(value: any): void; error(error: unknown): void; complete(): void }) {
      const said: Readonly<Record<string, (value: unknown) => void>> = {
        ...{ emits: (value) => observer.next(value), sends: (value) => observer.next(value) },
        ...{ fails: (value) => observer.error(value), completes: () => observer.complete() },
      }
      hold({ self: self as Live, answer: (verb, value) => said[verb]!(value) })
      return { unsubscribe: () => {} }
    },
  })
  return {
    promise: fromPromise<unknown>(
      ({ self }) =>
        new Promise((resolve, reject) =>
          hold({
            self: self as unknown as Live,
            answer: (verb, value) => (verb === 'resolves' ? resolve(value) : reject(value)),
          }),
        ),
    ),
    callback: fromCallback<AnyEventObject>(({ self, sendBack }) => {
      hold({ self: self as unknown as Live, answer: (_, value) => sendBack(value as AnyEventObject) })
    }),
    observable: fromObservable<unknown, undefined>(({ self }) => observed(self) as never),
    events: fromEventObservable<AnyEventObject, undefined>(({ self }) => observed(self) as never),
  }
}
