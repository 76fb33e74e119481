/** The ways to say what must be true, of what procedures do. */
import * as said from '../explore/claims/properties.ts'
import type { Property } from '../explore/system.ts'
import type { KernelView } from './view.ts'

/** True in every reachable state. `when` limits where it applies; `finding` is the kernel word a violation is reported under. */
export const always: <View = KernelView>(...claim: Parameters<typeof said.always<View>>) => Property<View> = said.always

/** True in at least one reachable state: the witness that an `always` was put to the test. */
export const sometimes: <View = KernelView>(...claim: Parameters<typeof said.sometimes<View>>) => Property<View> =
  said.sometimes

/** True at some point of every maximal run. No fairness is assumed: a run that goes round for ever without it is a violation. */
export const eventually: <View = KernelView>(...claim: Parameters<typeof said.eventually<View>>) => Property<View> =
  said.eventually

/** True of every step that changes something which the claim looks at: what was before, what is after, and which step it was. */
export const alwaysStep: <View = KernelView>(...claim: Parameters<typeof said.alwaysStep<View>>) => Property<View> =
  said.alwaysStep
