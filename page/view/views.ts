/** What can be looked at, in the order of the keys 1, 2, 3 and so on, and what of it there is. */
import type { Run } from '../walk/run.ts'
import type { ViewName } from '../walk/view.ts'
import { run } from './state.ts'

export interface Offered {
  readonly view: ViewName
  readonly title: string
  readonly key: string
}

const titles: readonly (readonly [view: ViewName, title: string])[] = [
  ['verdicts', 'Verdicts'],
  ['run', 'Run'],
  ['two', 'Two runs'],
  ['locks', 'Locks'],
  ['machine', 'Machine'],
]

const views: readonly Offered[] = titles.map(([view, title], at) => ({ view, title, key: String(at + 1) }))

/** Actors of XState know of none. */
const hasLocks = ({ data }: Run): boolean => data.heard === undefined

const isOffered = (view: ViewName): boolean =>
  view === 'verdicts' || (run.value !== undefined && (view !== 'locks' || hasLocks(run.value)))

export const offered = (): readonly Offered[] => views.filter(({ view }) => isOffered(view))
