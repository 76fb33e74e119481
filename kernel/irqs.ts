/**
 * The interrupt flag of a processor as its thread switches it. Whoever switches interrupts off counts on it until he switches them on again, and
 * a flag has no memory: so it is kept here who does.
 */
import { complain } from '../machines/say.ts'
import type { Context, Effect, Section } from './context.ts'

/** What a local keeps: as much of the flags as matters. */
export const [saved, savedOff] = [1, 0]

/** local_irq_disable, or a lock that is taken so. */
export const irqsOff: Effect = ({ context, site, on }) => ({
  context: { ...context, irqs: 'off', sections: [...context.sections, { lock: on, site }] },
})

/** The same, and the local keeps how it was before. */
export const irqsSaved =
  (into: string): Effect =>
  (now) => ({
    ...irqsOff(now),
    locals: { [into]: now.context.irqs === 'on' ? saved : savedOff },
  })

/**
 * local_irq_enable, or a lock that is let go of so: whatever it was before. Where somebody else had switched interrupts off and does not know,
 * that is the slip.
 */
export const irqsOn: Effect = ({ context, site, says, on }) => {
  const left = without(context, on)
  const others = context.irqs === 'off' ? left : []
  const who = others.at(-1)
  return {
    context: { ...context, irqs: 'on', sections: left },
    said: who
      ? [
          complain('warn', `interrupts enabled unexpectedly in ${site}: ${says}`, {
            detail: `${who.site} has switched them off${who.lock === '' ? '' : ` with ${who.lock}`} and counts on it`,
          }),
        ]
      : [],
  }
}

/** local_irq_restore, or a lock that is let go of so: as the local has it. That they are off until then is what the kernel checks. */
export const irqsRestored =
  (from: string): Effect =>
  ({ context, locals, site, on }) => {
    const wrong = complain('warn', `raw_local_irq_restore() called with IRQs enabled in ${site}`)
    return {
      context: {
        ...context,
        irqs: locals[from] === savedOff ? 'off' : 'on',
        sections: without(context, on),
      },
      said: context.irqs === 'on' ? [wrong] : [],
    }
  }

/** Ends the section of a lock, or without one the last of none; else that of a lock which was let go of alone. */
function without({ sections, held }: Context, lock: string): readonly Section[] {
  const isOrphan = (each: Section): boolean => each.lock !== '' && !held.some((one) => one.lock === each.lock)
  const own = sections.findLastIndex((each) => each.lock === lock)
  const at = own >= 0 ? own : sections.findLastIndex(isOrphan)
  return sections.filter((_, index) => index !== at)
}
