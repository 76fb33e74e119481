/**
 * Which properties a run violates. A trace does not say: it holds what actors show, and properties look at what actors know. So the run is
 * taken once more, step by step.
 */
import { Judge } from './judge.ts'
import type { Property, System } from '../system.ts'
import { tablesOf } from '../states/tables.ts'
import type { Trace } from '../runs/trace.ts'

export interface BrokenClaim {
  readonly kind: Property['kind']
  readonly name: string
  /** Kind of the finding that it is reported as. */
  readonly finding?: string
  readonly at: number
  /** It is about steps, and this one breaks it. */
  readonly ofStep?: true
  /** It is a promise, and the run goes round for ever from this step on. */
  readonly loopsFrom?: number
}

/** Each property that the run breaks, where it does so for the first time; what is promised comes last, because it is missed at the end only. */
export const claimsIn = (
  system: System<any>,
  properties: readonly Property[],
  trace: Trace,
): readonly BrokenClaim[] => {
  const tables = tablesOf(system)
  const judge = new Judge(tables, properties, new Set())
  const state = tables.initial()
  // To go round for ever breaks a promise, and nothing else.
  const promises = properties.some(({ kind }) => kind === 'eventually')
  const seen = new Map<string, number>()
  const decided = new Set<Property>()
  const told: BrokenClaim[] = []
  const breaks = (property: Property, at: number, loopsFrom?: number): void =>
    void told.push({
      kind: property.kind,
      name: property.name,
      at,
      ...(property.step && { ofStep: true }),
      ...(property.finding === undefined ? {} : { finding: property.finding }),
      ...(loopsFrom === undefined ? {} : { loopsFrom }),
    })
  let loopsFrom: number | undefined
  for (let at = 0; ; at++) {
    const { applies, holds } = judge.judge(state)
    for (const [index, property] of properties.entries()) {
      const isClaim = property.kind === 'always'
      if (decided.has(property) || !applies[index] || holds[index] === isClaim) continue
      decided.add(property)
      if (isClaim) breaks(property, at)
    }
    if (promises) {
      const key = state.join()
      const before = seen.get(key)
      if (before === undefined) seen.set(key, at)
      // The round that it ends with, if it ends with one; else the first.
      else if (loopsFrom === undefined || at === trace.steps.length) loopsFrom = before + 1
    }
    const step = trace.steps[at]
    if (step === undefined) break
    const lane = tables.choices(state)[step.choice]!
    const entry = tables.entryOf(state, lane)!
    for (const index of judge.judgeStep(state, entry)?.broken ?? []) {
      const property = properties[index]!
      if (decided.has(property)) continue
      decided.add(property)
      breaks(property, at + 1)
    }
    tables.apply(state, lane, entry)
  }
  const isOver = trace.end !== 'open'
  if (isOver || loopsFrom !== undefined)
    for (const property of properties)
      if (property.kind === 'eventually' && !decided.has(property))
        breaks(property, trace.steps.length, isOver ? undefined : loopsFrom)
  return told
}
