import type { RunData } from '../data.ts'

/** `1 step`, `3 steps`. */
export const stepWords = (many: number): string => `${many} ${many === 1 ? 'step' : 'steps'}`

/** So many: those of people, where a run is told by them. */
export const lengthOf = ({ heard, lanes }: Pick<RunData, 'heard' | 'lanes'>): number => heard?.length ?? lanes.length

/** A run among others. */
export const runLabel = (run: RunData): string => `${run.bad ? '✗' : '✓'} ${run.title} (${stepWords(lengthOf(run))})`
