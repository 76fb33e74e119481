/** The ways to say what must be true. */
import type { Property, StepView } from '../system.ts'

/** True in every reachable state. `when` limits where it applies; `finding` is the kernel word a violation is reported under. */
export const always = <View = any>(
  name: string,
  holds: (view: View) => boolean,
  options: { readonly when?: (view: View) => boolean; readonly finding?: string } = {},
): Property<View> => ({ kind: 'always', name, holds, ...options })

/**
 * True of every step: of each that changes something which the claim looks at, with what was before and what is after. Where it also asks which step
 * it was (`step`), a search tries all orders.
 */
export const alwaysStep = <View = any>(
  name: string,
  holds: (before: View, after: View, step: StepView) => boolean,
  options: { readonly finding?: string } = {},
): Property<View> => ({ kind: 'always', name, step: holds, holds: () => true, ...options })

/** True in at least one reachable state: the witness that an `always` was put to the test. */
export const sometimes = <View = any>(name: string, holds: (view: View) => boolean): Property<View> => ({
  kind: 'sometimes',
  name,
  holds,
})

/** True at some point of every maximal run. No fairness is assumed: a run that goes round for ever without it is a violation. */
export const eventually = <View = any>(name: string, holds: (view: View) => boolean): Property<View> => ({
  kind: 'eventually',
  name,
  holds,
})
