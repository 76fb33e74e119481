/** What threads do to the interrupts of a world, which are named in `kernel({ interrupts })`. */
import { asking, type Step } from '../step.ts'

const telling =
  (word: string, type: string, waits: 'sleeps' | 'not') =>
  (irq: string): Step =>
    asking(
      {
        says: `${word}(${irq})`,
        to: (_, __, processors) => processors[irq]!,
        whom: irq,
        type,
        waits,
        with: () => ({ irq }),
        answers: { ANSWER: {} },
      },
      { interrupts: [irq] },
    )

/** Nothing of it comes until it is enabled as often; waits until its handler is through. Leads to: deadlock of a handler that asks for it. */
export const disable_irq = telling('disable_irq', 'DISABLE', 'sleeps')
/** The same without waiting: its handler may still run. */
export const disable_irq_nosync = telling('disable_irq_nosync', 'DISABLE_NOSYNC', 'not')
/** It comes again; what has come meanwhile comes now. */
export const enable_irq = telling('enable_irq', 'ENABLE', 'not')
/** Waits until its handler, and the thread that does the rest, are through. */
export const synchronize_irq = telling('synchronize_irq', 'SYNCHRONIZE', 'sleeps')
/** Nothing of it comes any more; waits until its handler, and the thread that does the rest, are through. */
export const free_irq = telling('free_irq', 'FREE', 'sleeps')
