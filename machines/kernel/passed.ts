/** A structure that a program passes to an ioctl which says how long it is (copy_struct_from_user). Pure. */
import type { Check } from './checks.ts'

/** Its size, and so many bytes behind what is known of it a byte that is not zero. */
export interface Passed {
  readonly argsz: number
  readonly tail?: number
}

/** What it is refused for before it is looked at: it is shorter than the least, or holds what the kernel does not know. */
export const misfits = (
  [least, known]: readonly [least: number, known: number],
  { argsz, tail }: Passed,
): readonly Check[] => [
  [argsz < least, '-EINVAL'],
  [tail !== undefined && tail < argsz - known, '-E2BIG'],
]
