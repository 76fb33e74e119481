/** What the code says itself: WARN, BUG, lines in the log. */
import { complain, crash, printk } from '../../machines/say.ts'
import { saying, type Locals, type Step } from '../step.ts'
import { conditionWords, holdsIn, type Condition } from './control.ts'

/** Warns when the condition holds, and goes on. */
export const WARN_ON = <L>(condition: Condition<L>): Step<L> => {
  const [holds, words] = [holdsIn(condition), conditionWords(condition)]
  return saying(`WARN_ON(${words})`, (v: Locals, site) =>
    holds(v) ? complain('warn', `WARNING in ${site}: ${words}`) : undefined,
  )
}

/** Ends the run when the condition holds: the kernel would stop here. */
export const BUG_ON = <L>(condition: Condition<L>): Step<L> => {
  const [holds, words] = [holdsIn(condition), conditionWords(condition)]
  return saying(`BUG_ON(${words})`, (v: Locals, site) =>
    holds(v) ? crash('bug', `kernel BUG in ${site}: ${words}`) : undefined,
  )
}

/** Warns. */
export const WARN = (text: string): Step =>
  saying(`WARN(${text})`, (_, site) => complain('warn', `WARNING in ${site}: ${text}`))

export const BUG = (): Step => saying('BUG()', (_, site) => crash('bug', `kernel BUG in ${site}`))

/** A line in the log. It is no part of the state: no property sees it, and no other thread. */
export const pr_info = (text: string): Step => saying(`pr_info("${text}")`, () => printk(6, text))
