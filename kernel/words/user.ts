/**
 * User memory: each access may fault. Then it takes mmap_lock for reading and may sleep, and there may be nothing there: both is looked at.
 * Leads to: sleeping function called from invalid context; lock order with mmap_lock, which whoever maps memory holds (`mmap_lock`).
 */
import { mightSleep } from '../context.ts'
import type { Into } from '../place.ts'
import { changing, inOrder, keeping, type Step } from '../step.ts'
import { choose } from './choose.ts'
import { down_read, up_read, type RwSemaphore } from './rwsem.ts'

export interface UserOptions {
  /** The lock that a page fault takes; without one, that it does is not looked at. */
  readonly mmap_lock?: RwSemaphore
}

const EFAULT = 14

const mayFault = (says: string, { mmap_lock }: UserOptions): readonly Step<any>[] => [
  changing(says, (now) => {
    const complaint = mightSleep(now)
    return { context: now.context, said: complaint ? [complaint] : [] }
  }),
  ...(mmap_lock ? [choose<any>([down_read(mmap_lock), up_read(mmap_lock)], [])] : []),
]

const accessing =
  (word: string, wrong: number) =>
  <L>(into: Into<L, number>, options: UserOptions = {}): Step<L> => {
    const says = `${into} = ${word}()`
    const gives = (value: number) => [keeping(`${into} = ${value}`, () => ({ [into]: value }))]
    return inOrder([...mayFault(says, options), choose<any>(gives(0), gives(wrong))])
  }

/** `into`: how much was not copied, 0 or 1; the caller makes -EFAULT of it. */
export const copy_from_user = accessing('copy_from_user', 1)
export const copy_to_user = accessing('copy_to_user', 1)
/** `into`: 0 or -EFAULT (-14). */
export const get_user = accessing('get_user', -EFAULT)
export const put_user = accessing('put_user', -EFAULT)
