/** What counts once in a search, however often it is met. */
import type { IgnoredReport } from './report.ts'
import type { Finding } from './system.ts'

export const findingKey = ({ kind, title }: Pick<Finding, 'kind' | 'title'>): string => `${kind} ${title}`

export const ignoredKey = ({ component, state, type }: IgnoredReport): string => `${component} ${state} ${type}`
