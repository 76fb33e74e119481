/** What counts once in a search, however often it is met. */
import type { Edge } from '../locks/lock-order.ts'
import type { IgnoredReport } from './report.ts'
import type { Finding } from '../system.ts'

/** An edge of the order of locks. */
export const edgeKey = ({ from, to }: Edge): string => `${from}\n${to}`

export const findingKey = ({ kind, title }: Pick<Finding, 'kind' | 'title'>): string => `${kind} ${title}`

export const ignoredKey = ({ component, state, type }: IgnoredReport): string => `${component} ${state} ${type}`
