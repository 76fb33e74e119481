/** How a thread that shares its processor asks for it: before each step, unless nothing could come there. */
import { letsIn, type Context, type Effect, type Lets } from './context.ts'
import type { Asking } from './step.ts'

export type Waits = Exclude<Asking['waits'], undefined | 'unseen'> | 'leaves'

/** `lets`: what may come in between. `waits`: it is about to wait, and does not keep it. */
interface AsksToRun {
  readonly lets: Lets
  readonly waits: boolean
  readonly softirq?: true
}

/** How a thread asks for its processor before a step; undefined: it need not. `isOutermost`: whoever called is the thread itself. */
export function asksToRun(context: Context, waits: Waits, isOutermost: boolean): AsksToRun | undefined {
  const softirq = context.runs === 'softirq' && { softirq: true as const }
  if (waits === 'leaves') return isOutermost ? { lets: 'all', waits: true, ...softirq } : undefined
  if (waits === 'sleeps') return { lets: 'all', waits: true, ...softirq }
  const lets = letsIn(context)
  const spins = waits === 'spins' && lets !== 'nothing'
  const { has } = context
  const needed = spins || has === undefined || has.lets !== lets || (has.used && lets !== 'nothing')
  return needed ? { lets, waits: spins, ...softirq } : undefined
}

/** When it goes on. */
export function hasNow(context: Context, waits: boolean): Context {
  const { has: _, ...rest } = context
  return waits ? rest : { ...rest, has: { lets: letsIn(context), used: false } }
}

/** It does something. */
export const uses: Effect = ({ context }) => ({
  context:
    context.has === undefined || context.has.used ? context : { ...context, has: { ...context.has, used: true } },
})
