/** The searches of a check: an answer each, also of those that fail. */
import type { Report } from '../../explore/report.ts'
import type { Choices } from '../../scenarios/choices.ts'
import { elsewhere, searching } from '../elsewhere.ts'
import type { Flags } from '../flags.ts'
import { outcomeOf } from '../together.ts'
import type { Budget } from './config.ts'

export interface Task {
  readonly name: string
  readonly choices: Choices
  readonly budget: Budget
}

export type Answer = { readonly report: Report } | { readonly failed: string }

const thorough: Flags = {
  ...{ strategy: 'breadth', seed: 0, runs: 0, preemptions: 0 },
  ...{ reduction: true, ignored: 'show' },
}

const firstLine = (error: unknown): string => String(error instanceof Error ? error.message : error).split('\n')[0]!

/** The answers in the order of the tasks; `told` hears of each as it comes. */
export const searchAll = async (
  tasks: readonly Task[],
  parallel: number,
  signal: AbortSignal,
  told: (done: number) => void,
): Promise<readonly Answer[]> => {
  const threads = elsewhere(searching(), parallel)
  let done = 0
  const answer = async ({ name, choices, budget }: Task): Promise<Answer> => {
    const search = { name, choices, flags: { ...thorough, ...budget }, taken: false }
    const found = await threads.search(search, signal, () => {})
    if (!found) return { failed: 'stopped by you before it began' }
    const { report, missing } = outcomeOf(found)
    return report ? { report } : { failed: missing! }
  }
  const all = tasks.map((task) =>
    answer(task)
      .catch((error: unknown): Answer => ({ failed: firstLine(error) }))
      .finally(() => told(++done)),
  )
  return Promise.all(all).finally(() => threads.end())
}
