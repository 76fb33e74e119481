/** How what is wrong with a run is called by itself. */
import { shownBy } from '../explore/claims/shows.ts'
import type { Trace } from '../explore/runs/trace.ts'
import type { Wrong } from './sides.ts'

export const nameOfWrong = (wrong: Wrong, trace: Trace): string => {
  if (wrong.what !== 'deadlock') return wrong.what === 'finding' ? wrong.finding.title : wrong.name
  return shownBy(trace).find(({ kind }) => kind === 'deadlock')!.title
}
