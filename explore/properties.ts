/** The three ways to say what must be true. */
import type { Property } from './system.ts'

/** True in every reachable state. `when` limits where it applies; `finding` is the kernel word a violation is reported under. */
export const always = <View = any>(
  name: string,
  holds: (view: View) => boolean,
  options: { readonly when?: (view: View) => boolean; readonly finding?: string } = {},
): Property<View> => ({ kind: 'always', name, holds, ...options })

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
