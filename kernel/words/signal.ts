/** Signals, which end waits that may be ended: a fatal one those that are killable, any those that are interruptible. */
import { signalsName } from '../names.ts'
import { asking, type Step } from '../step.ts'
import type { Into } from '../place.ts'

/** Sends a thread a signal: SIGKILL ends it, any other it may catch. */
export const send_sig = (signal: 'SIGKILL' | 'SIGUSR1', thread: string): Step =>
  asking(
    {
      says: `send_sig(${signal}, ${thread})`,
      to: () => signalsName(thread),
      whom: thread,
      type: 'SIGNAL',
      with: () => ({ fatal: signal === 'SIGKILL' }),
      answers: { ANSWER: {} },
      waits: 'not',
    },
    { signals: [thread] },
  )

const pending =
  (word: string, is: (state: unknown) => boolean) =>
  <L>(into: Into<L, boolean>): Step<L> =>
    asking(
      {
        says: `${into} = ${word}(current)`,
        to: (_, task) => signalsName(task),
        whom: 'current',
        type: 'PENDING',
        answers: { ANSWER: { into, value: ({ value }) => is(value) } },
        waits: 'not',
      },
      { signals: [''] },
    )

/** Has the thread itself a signal? */
export const signal_pending = pending('signal_pending', (state) => state !== 'none')
/** Has it one that ends it? */
export const fatal_signal_pending = pending('fatal_signal_pending', (state) => state === 'fatal')
