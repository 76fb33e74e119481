/** What an answer means in a procedure's chart: whether it applies, what it keeps, and what becomes of the context of the thread. */
import { assign } from 'xstate'
import { calling, changingOf, contextIn, type Now } from './actions.ts'
import type { ChartParts } from './chart-parts.ts'
import type { Transition } from './fragments.ts'
import type { Asking, Then } from './step.ts'

interface Answered {
  /** The procedure. */
  readonly site: string
  readonly asking: Asking
  /** The type of the answer, and which of its meanings this is. */
  readonly answer: string
  readonly nth: number
  readonly means: Then
  /** It comes from a call that may have changed the context. */
  readonly comesBack: boolean
}

/** Of a transition, what is not where it leads. */
export function onAnswer(parts: ChartParts, answered: Answered): Partial<Transition> {
  const { site, asking, answer, nth, means, comesBack } = answered
  const { says: name, to } = asking
  const { if: applies, says, into, value = ({ value }) => value, effect } = means
  const keeping = assign(({ context, event }: Now) => ({
    locals: Object.freeze({ ...context.locals, [into!]: calling(site, name, () => value(event, context.locals)) }),
  }))
  const back = assign(({ event }: Now) => ({ in: contextIn(event) }))
  const actions = [
    ...(into === undefined ? [] : [parts.action(`keep ${into}`, keeping)]),
    ...(effect === undefined ? [] : [parts.action('context', changingOf(site, name, effect, to))]),
    ...(comesBack ? [parts.action('context', back)] : []),
  ]
  return {
    ...(applies && {
      guard: parts.guard(says ?? `${answer} ${nth + 1}`, ({ context, event }) => applies(event, context.locals)),
    }),
    ...(actions.length > 0 && { actions }),
  }
}
