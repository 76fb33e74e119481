/** Explores threads that run steps, and says what was found. */
import { expect } from 'vitest'
import { explore } from '../../index.ts'
import { kernel, procedure, type Step } from '../../kernel/index.ts'

/** Titles of what a complete search of these threads finds, shortest first. Threads are `t0`, `t1` …, their procedures `p0`, `p1` …. */
export async function found(...threads: readonly (readonly Step[])[]): Promise<readonly string[]> {
  const run = threads.map((steps, n) => [`t${n}`, procedure(`p${n}`, steps)] as const)
  const { findings, exhaustive } = await explore(kernel({ threads: Object.fromEntries(run) }))
  expect(exhaustive).toBe(true)
  return findings.map(({ title }) => title)
}
