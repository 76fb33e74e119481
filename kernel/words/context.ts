/** What may come in between: preemption, softirqs and interrupts switched off and on, and claims about it. */
import { complain } from '../../machines/say.ts'
import { mightSleep, type Effect } from '../context.ts'
import { irqsOff, irqsOn, irqsRestored, irqsSaved } from '../irqs.ts'
import type { Into } from '../place.ts'
import { bhOff, bhOn, preemptOff, preemptOn } from '../spinning.ts'
import { changing, type Step } from '../step.ts'

/** No other thread comes onto the processor, until it is enabled as often as it was disabled. */
export const preempt_disable = (): Step => changing('preempt_disable()', preemptOff)
export const preempt_enable = (): Step => changing('preempt_enable()', preemptOn)

/** No softirq comes there. */
export const local_bh_disable = (): Step => changing('local_bh_disable()', bhOff)
export const local_bh_enable = (): Step => changing('local_bh_enable()', bhOn)

/** No interrupt comes there. */
export const local_irq_disable = (): Step => changing('local_irq_disable()', irqsOff)
/** Interrupts come again, whatever was before. Leads to: interrupts enabled unexpectedly. */
export const local_irq_enable = (): Step => changing('local_irq_enable()', irqsOn)

/** No interrupt comes there; the local keeps whether one could before. */
export const local_irq_save = <L>(flags: Into<L, number>): Step<L> =>
  changing(`local_irq_save(${flags})`, irqsSaved(flags))
/** As the local has it. Leads to: raw_local_irq_restore() called with IRQs enabled. */
export const local_irq_restore = <L>(flags: Into<L, number>): Step<L> =>
  changing(`local_irq_restore(${flags})`, irqsRestored(flags))

const claiming = (word: string, wrong: (now: Parameters<Effect>[0]) => ReturnType<typeof complain> | undefined) => {
  const effect: Effect = (now) => {
    const complaint = wrong(now)
    return { context: now.context, said: complaint ? [complaint] : [] }
  }
  return (): Step => changing(`${word}()`, effect)
}

/** Says that what follows may sleep, whether it will or not. Leads to: sleeping function called from invalid context. */
export const might_sleep = claiming('might_sleep', mightSleep)

/** Claims that no interrupt can come. */
export const lockdep_assert_irqs_disabled = claiming('lockdep_assert_irqs_disabled', ({ context, site }) =>
  context.irqs === 'off' ? undefined : complain('warn', `WARNING in ${site}: IRQs not disabled as expected`),
)
/** Claims that interrupts can come. */
export const lockdep_assert_irqs_enabled = claiming('lockdep_assert_irqs_enabled', ({ context, site }) =>
  context.irqs === 'on' ? undefined : complain('warn', `WARNING in ${site}: IRQs not enabled as expected`),
)
