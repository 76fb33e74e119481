/** How a thread that shares its processor asks for it: before each step, unless nothing could come there. */
import { sectionsWhere, type Section } from '../machines/kernel/processor/processor.ts'
import { letsIn, type Context, type Effect, type Lets } from './context.ts'
import type { Asking } from './step.ts'

export type Waits = Exclude<Asking['waits'], undefined | 'unseen'> | 'leaves'

/** `lets`: what may come in between. `waits`: it is about to wait, and does not keep it. */
interface AsksToRun {
  readonly lets: Lets
  readonly waits: boolean
  readonly softirq?: true
  /** What was off, and is on now. */
  readonly leaves?: readonly Section[]
}

/** How a thread asks for its processor before a step; undefined: it need not. `isOutermost`: whoever called is the thread itself. */
export function asksToRun(context: Context, waits: Waits, isOutermost: boolean): AsksToRun | undefined {
  const { has } = context
  const asks = (lets: Lets, isWaiting: boolean): AsksToRun => {
    const isSoftirq = context.runs === 'softirq'
    const stays = sectionsWhere(lets, isSoftirq)
    const left = sectionsWhere(has?.lets ?? 'all', isSoftirq).filter((section) => !stays.includes(section))
    return { lets, waits: isWaiting, ...(isSoftirq && { softirq: true }), ...(left.length > 0 && { leaves: left }) }
  }
  if (waits === 'leaves') return isOutermost ? asks('all', true) : undefined
  if (waits === 'sleeps') return asks('all', true)
  const lets = letsIn(context)
  const spins = waits === 'spins' && lets !== 'nothing'
  const needed = spins || has === undefined || has.waits || has.lets !== lets || (has.used && lets !== 'nothing')
  return needed ? asks(lets, spins) : undefined
}

/** When it goes on. */
export function hasNow(context: Context, { lets, waits }: AsksToRun): Context {
  const { has: _, ...rest } = context
  if (!waits) return { ...rest, has: { lets, used: false } }
  return lets === 'all' ? rest : { ...rest, has: { lets, used: false, waits } }
}

/** It does something. */
export const uses: Effect = ({ context }) => ({
  context:
    context.has === undefined || context.has.used || context.has.waits
      ? context
      : { ...context, has: { ...context.has, used: true } },
})
